"""What the kernel knows of an experiment: constants as tensors, on one device."""

from dataclasses import dataclass

from torch import Tensor

from engine.crystal import Shape

Limit = int | Tensor
"""A Miller index; a tensor where a compiled kernel takes it as an argument."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of pixels, half-open."""

    slow0: int
    slow1: int
    fast0: int
    fast1: int

    @property
    def shape(self) -> tuple[int, int]:
        """Slow and fast pixels."""
        return (self.slow1 - self.slow0, self.fast1 - self.fast0)

    @property
    def pixels(self) -> int:
        """Number of pixels."""
        return self.shape[0] * self.shape[1]

    @property
    def fast(self) -> slice:
        """The tile's part of the fast axis."""
        return slice(self.fast0, self.fast1)

    @property
    def slow(self) -> slice:
        """The tile's part of the slow axis."""
        return slice(self.slow0, self.slow1)


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """Where the pixels are. Vectors are float64, shape ``[3]``; lengths in metres.

    Parameters
    ----------
    shape
        Slow and fast pixels.
    pixel_m, oversample
        Pixel edge, sub-pixels per axis.
    pix0, fdet, sdet, odet, beam
        P₀ (metres), and unit vectors.
    gram
        Products of P₀, f, s, o with each other, shape ``[4, 4]``.
    distance_m
        Radius of a curved detector, shape ``[]``.
    curved, corrected
        Whether the detector is curved, and whether so without Q-CURVED.
    layers, layer_step_m
        Sensor layers and their spacing.
    """

    shape: tuple[int, int]
    pixel_m: float
    oversample: int
    pix0: Tensor
    fdet: Tensor
    sdet: Tensor
    odet: Tensor
    beam: Tensor
    gram: Tensor
    distance_m: Tensor
    curved: bool
    corrected: bool
    layers: int
    layer_step_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Every source with every spindle step and mosaic domain, in nanoBragg's order.

    Vectors stand as coefficients on the camera's basis (`place.basis`): what a position is
    multiplied with to give the vector's component along it.

    Parameters
    ----------
    indices
        a/λ, b/λ, c/λ: float64, shape ``[3, basis, terms, 1, 1]``.
    offsets
        -(a·i)/λ for a, b, c: float64, shape ``[3, terms, 1, 1]``.
    """

    indices: Tensor
    offsets: Tensor

    @property
    def count(self) -> int:
        """Number of terms."""
        return int(self.offsets.shape[1])

    def part(self, start: int, stop: int) -> "Terms":
        """Return the terms from ``start`` to before ``stop``."""
        return Terms(self.indices[:, :, start:stop], self.offsets[:, start:stop])


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """What the corrections need of each source.

    Parameters
    ----------
    incident, polar_b, polar_e
        i, B, E (spec 8.4) on the camera's basis: float64, shape ``[sources, basis]``.
    incident_sq
        i·i, float64, shape ``[sources]``.
    wavelength_m
        float64, shape ``[sources]``.
    """

    incident: Tensor
    polar_b: Tensor
    polar_e: Tensor
    incident_sq: Tensor
    wavelength_m: Tensor

    @property
    def count(self) -> int:
        """Number of sources."""
        return int(self.wavelength_m.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class CrystalShape:
    """What the lattice factor needs (spec 9.5).

    Parameters
    ----------
    shape
        Which factor.
    cells
        Na, Nb, Nc, shape ``[3]``, float64.
    fudge
        Multiplies the squared radius.
    metric
        a*·a*, b*·b*, c*·c*, 2a*·b*, 2b*·c*, 2c*·a* of the unrotated crystal, times
        (NaNbNc)²: float64, shape ``[6]``.
    """

    shape: Shape
    cells: Tensor
    fudge: float | Tensor
    metric: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Structure factors of a box of Miller indices.

    Parameters
    ----------
    amplitudes
        F in the kernel's dtype, flattened ``[h, k, l]``, with one default plane on each side.
    limits
        h_min, h_max, k_min, k_max, l_min, l_max of the box without the default planes.
    windows
        The 4 x 4 amplitudes along k and l from each position on, shape ``[positions, 16]``
        (`factors.windows`); None where interpolation reads them one by one.
    """

    amplitudes: Tensor
    limits: tuple[Limit, Limit, Limit, Limit, Limit, Limit]
    windows: Tensor | None = None

    @property
    def strides(self) -> tuple[Limit, Limit]:
        """Distance in ``amplitudes`` between neighbours along h and along k."""
        size_k, size_l = (self.limits[j + 1] - self.limits[j] + 3 for j in (2, 4))
        return (size_k * size_l, size_l)

    @property
    def can_interpolate(self) -> bool:
        """Whether any index has the four neighbours on each axis that interpolation needs."""
        return all(self.limits[j + 1] - self.limits[j] >= 4 for j in (0, 2, 4))


@dataclass(frozen=True, slots=True, eq=False)
class Corrections:
    """Solid angle, polarisation, absorption and what follows from them (spec 8.4, 9.3, 9.6).

    Parameters
    ----------
    kahn_factor, polarised
        K; and whether there is a polarisation factor at all, or it is one.
    omega_scale, omega_power
        The solid angle of a pixel is omega_scale·R^-omega_power; the scale has shape ``[]``.
    normal
        o on the camera's basis: float64, shape ``[basis]``.
    depth_attenuation
        Δ·µ; None without a sensor.
    each_thick, each_polar, each_omega
        Whether the factor is computed for every sub-pixel.
    dmin_m
        Resolution cut-off; 0 for none.
    corrected
        Whether the class F mistakes of spec section 15 are put right.
    """

    kahn_factor: float | Tensor
    polarised: bool
    omega_scale: Tensor
    omega_power: int
    normal: Tensor
    depth_attenuation: float | Tensor | None
    each_thick: bool
    each_polar: bool
    each_omega: bool
    dmin_m: float
    corrected: bool

    @property
    def any_each(self) -> bool:
        """Whether any factor is computed for every sub-pixel."""
        return self.each_thick or self.each_polar or self.each_omega


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything the kernel needs, on one device.

    Parameters
    ----------
    terms, first_terms
        The terms; and as the first path of a run sees them (Q-PHI), None when it sees the same.
    table, default_F
        Structure factors; without a table every reflection has the default one (shape ``[]``).
    interpolate
        Tricubic interpolation is on at the start.
    background
        I_bg (spec 9.9).
    scale
        r_e²·fluence/steps, shape ``[]``.
    mask
        bool, shape ``[slow, fast]``: True where a pixel is rendered; None for everywhere.
    """

    camera: Camera
    terms: Terms
    first_terms: Terms | None
    sources: Sources
    crystal: CrystalShape
    table: Table | None
    default_F: Tensor
    interpolate: bool
    corrections: Corrections
    background: Tensor
    has_background: bool
    scale: Tensor
    mask: Tensor | None

    @property
    def paths(self) -> int:
        """Terms times sub-pixels times layers: what one pixel sums over."""
        return self.terms.count * self.camera.oversample**2 * self.camera.layers

    @property
    def terms_per_source(self) -> int:
        """Spindle steps times mosaic domains."""
        return self.terms.count // self.sources.count
