r"""The pixel kernel: the sum over sub-pixels, sources, spindle steps and mosaic domains.

Precision
---------
A pixel at **x** = P₀ + F·**f** + S·**s** scatters into **d** = **x**/R, and a crystal orientation
with real-space vectors **a**, **b**, **c** sees the fractional indices

    h = a·(d - i)/λ = (a·x)·R⁻¹/λ - (a·i)/λ                                             (1)

*Where float64 is needed.* The intensity near a spot varies as N·h, so that an error ε in h
changes I/I_max by about πNε: to reach 1e-6 with N of ten, h must be good to 3e-8, whatever its
size, and h itself is often near a hundred. float32 (6e-8 relative) cannot hold it; float64 leaves
1e-14. The subtraction in (1) cancels leading digits, but of two float64 terms of size |a|/λ, so
what it loses is again about 1e-14 absolute. No cancellation-free form of **d** - **i** is needed.

*Where it is not.* The lattice factor of a crystal of whole cells is periodic: with h₀ = round(h)
and δ = h - h₀ ∈ [-½, ½] (exact in float64: the two are within a factor of two, or h₀ = 0),

    sin(πNh)/sin(πh) = ± sin(πNδ)/sin(πδ),                                              (2)

and only its square counts. δ is small where the intensity is large: rounding it to float32 costs
6e-8·|δ|, that is 6e-8/N on the flank of a spot (δ about 1/N) and so about 2e-7 of I_max. From (2)
on, float32 does. Spec section 16 measures 4e-7 for this scheme and 4e-5 to 1.5e-4 for cheaper
ones. Between spots the phase πNδ grows to πN/2 and the relative error of a pixel with it, to
about 1e-7·N; only an image so coarse that it misses its spots has such pixels for a maximum.

*Near whole indices* (2) is 0/0 at δ = 0, where its value is N. Adding a tiny ε to πδ, far below
the spacing of any δ that can occur except 0 itself, moves the argument off the pole and leaves
sin(Nε)/sin(ε) = N to the last bit; the product of three ε stays a normal number.

Speed
-----
a·x is linear in F and in S, so (1) costs one broadcast sum, one multiply-add and no vector
components. |x|² is a parabola in F plus one in S (plus 2FS f·s for axes that are not
perpendicular). The image is cut into tiles whose buffers stay in the cache; every operation works
in place on preallocated buffers, and the three indices go through each operation together as one
``[3, slow, fast]`` buffer. Memory is the image plus one tile, whatever the number of terms.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Term:
    """One orientation seen with one source.

    Parameters
    ----------
    at_pix0, per_fast, per_slow
        a·P₀/λ, a·f/λ, a·s/λ for the vectors a, b, c: float64, shape ``[3, 1]``; the last two per
        metre.
    offset
        -(a·i)/λ, float64, shape ``[3, 1, 1]``.
    """

    at_pix0: Tensor
    per_fast: Tensor
    per_slow: Tensor
    offset: Tensor


@dataclass(frozen=True, slots=True)
class Linear:
    """A quantity v·x that is linear in the detector coordinates: v·P₀, v·f, v·s."""

    at_pix0: float
    per_fast: float
    per_slow: float


@dataclass(frozen=True, slots=True)
class Table:
    """Structure factors on the device.

    Parameters
    ----------
    amplitudes
        F, flattened ``[h, k, l]`` with one default plane on each side.
    low, high
        Limits of the padded box, shape ``[3, 1, 1]``, float64.
    strides
        Of the flattened box along h and k.
    """

    amplitudes: Tensor
    low: Tensor
    high: Tensor
    strides: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything the kernel needs to know of an experiment, on one device.

    Parameters
    ----------
    shape
        Slow and fast pixels.
    pixel_m, oversample
        Pixel edge and sub-pixels per axis.
    pix0_sq, pix0_fast, pix0_slow, fast_slow
        P₀·P₀, P₀·f, P₀·s (metres), f·s.
    terms
        Sources, outermost, times spindle steps times mosaic domains.
    cells
        Na, Nb, Nc as a tensor of shape ``[3, 1, 1]`` in the kernel's dtype.
    table
        Structure factors; None when every reflection has the default F.
    incident, polar_b, polar_e
        i·x, B·x, E·x of the first source (spec 8.4).
    kahn_factor
        Polarisation factor, or None for ``-nopolar``.
    omega_scale, omega_power
        Solid angle of a pixel is omega_scale·R^-omega_power.
    intensity_scale
        r_e²·fluence/steps, times F² when there is no table.
    """

    shape: tuple[int, int]
    pixel_m: float
    oversample: int
    pix0_sq: float
    pix0_fast: float
    pix0_slow: float
    fast_slow: float
    terms: tuple[Term, ...]
    cells: Tensor
    table: Table | None
    incident: Linear
    polar_b: Linear
    polar_e: Linear
    kahn_factor: float | None
    omega_scale: float
    omega_power: int
    intensity_scale: float


@dataclass(frozen=True, slots=True)
class Axis:
    """One detector axis at one sub-pixel position: all that does not depend on the other axis.

    Parameters
    ----------
    metres
        Coordinates from the outer edge of pixel 0, float64, shape ``[pixels]``.
    squared
        The part of |x|² that varies along this axis, float64.
    incident, polar_e, polar_b
        The parts of i·x, E·x, B·x, in the kernel's dtype.
    """

    metres: Tensor
    squared: Tensor
    incident: Tensor
    polar_e: Tensor
    polar_b: Tensor


def axes(
    setup: Setup, device: torch.device, dtype: torch.dtype
) -> tuple[tuple[Axis, ...], tuple[Axis, ...]]:
    """Return the fast and the slow axis for each sub-pixel index (spec 7.7).

    The constant parts, |P₀|² and v·P₀, are put on the fast axis.
    """
    step = setup.pixel_m / setup.oversample

    def axis(pixels: int, sub: int, *, is_fast: bool) -> Axis:
        index = torch.arange(pixels, dtype=torch.float64, device=device)
        metres = step * (index * setup.oversample + sub) + step / 2.0
        if is_fast:
            squared = (metres + 2.0 * setup.pix0_fast) * metres + setup.pix0_sq
        else:
            squared = (metres + 2.0 * setup.pix0_slow) * metres

        def part(v: Linear) -> Tensor:
            along = v.at_pix0 + v.per_fast * metres if is_fast else v.per_slow * metres
            return along.to(dtype)

        return Axis(metres, squared, part(setup.incident), part(setup.polar_e), part(setup.polar_b))

    slow_pixels, fast_pixels = setup.shape
    subs = range(setup.oversample)
    return (
        tuple(axis(fast_pixels, sub, is_fast=True) for sub in subs),
        tuple(axis(slow_pixels, sub, is_fast=False) for sub in subs),
    )


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


# Below float32's smallest normal number to the power 1/3, and far below any non-zero δ: the
# difference of two float64 numbers near one or more is 0 or at least 1e-16.
_OFF_THE_POLE = {torch.float32: 1e-12, torch.float64: 1e-30}


class Worker:
    """The kernel and its buffers.

    Parameters
    ----------
    setup
        What to compute.
    device, dtype
        Where, and in which precision the lattice factor and the weights are taken.
    capacity
        Pixels of the largest tile.
    """

    def __init__(
        self, setup: Setup, device: torch.device, dtype: torch.dtype, capacity: int
    ) -> None:
        self.setup = setup
        self.device = device
        self.dtype = dtype

        def buffer(size: int, kind: torch.dtype) -> Tensor:
            return torch.empty(size, dtype=kind, device=device)

        self._inverse_r = buffer(capacity, torch.float64)
        self._hkl = buffer(3 * capacity, torch.float64)
        self._nearest = buffer(3 * capacity, torch.float64)
        self._x = buffer(3 * capacity, dtype)
        self._y = buffer(3 * capacity, dtype)
        self._weight = buffer(capacity, dtype)
        self._scratch = buffer(capacity, dtype)
        self._inverse_r_low = buffer(capacity, dtype)
        self._index = buffer(capacity if setup.table is not None else 0, torch.int64)
        self._epsilon = torch.tensor(_OFF_THE_POLE[dtype], dtype=dtype, device=device)
        self._half = torch.tensor(0.5, dtype=dtype, device=device)
        self._fast, self._slow = axes(setup, device, dtype)

    def render(self, tile: Tile, image: Tensor, *, sub_pixels: int | None = None) -> float:
        """Write the photons of one tile into the image.

        Parameters
        ----------
        tile
            Which pixels.
        image
            Shape ``[slow, fast]``, in the worker's dtype.
        sub_pixels
            Only the first so many sub-pixels of each pixel; None for all.

        Returns
        -------
        float
            Sum of the tile's solid angles, steradian.
        """
        setup = self.setup
        omega_sum = 0.0
        out = image[tile.slow0 : tile.slow1, tile.fast0 : tile.fast1]
        first = True
        for number in range(setup.oversample**2 if sub_pixels is None else sub_pixels):
            slow, fast = divmod(number, setup.oversample)
            inverse_r = self._distances(tile, self._fast[fast], self._slow[slow])
            if first:
                # Solid angle and polarisation are those of the first sub-pixel and source
                # (spec 9.6, Q-FIRSTVALUE).
                omega_sum = self._weigh(tile, self._fast[fast], self._slow[slow], inverse_r)
            for term in setup.terms:
                amplitude = self._amplitude(
                    tile, term, self._fast[fast], self._slow[slow], inverse_r
                )
                if first:
                    torch.mul(amplitude, amplitude, out=out)
                    first = False
                else:
                    out.addcmul_(amplitude, amplitude)
        out.mul_(self._view(self._weight, tile))
        return omega_sum

    def _view(self, buffer: Tensor, tile: Tile) -> Tensor:
        slow, fast = tile.shape
        return buffer[: slow * fast].view(slow, fast)

    def _view3(self, buffer: Tensor, tile: Tile) -> Tensor:
        slow, fast = tile.shape
        return buffer[: 3 * slow * fast].view(3, slow, fast)

    def _distances(self, tile: Tile, fast: Axis, slow: Axis) -> Tensor:
        """Return 1/R, float64."""
        squared = torch.add(
            fast.squared[tile.fast], slow.squared[tile.slow, None],
            out=self._view(self._inverse_r, tile),
        )  # fmt: skip
        if self.setup.fast_slow != 0.0:
            squared.addcmul_(
                fast.metres[tile.fast], slow.metres[tile.slow, None],
                value=2.0 * self.setup.fast_slow,
            )  # fmt: skip
        return squared.rsqrt_()

    def _amplitude(
        self, tile: Tile, term: Term, fast: Axis, slow: Axis, inverse_r: Tensor
    ) -> Tensor:
        """Return F_latt (times F with a table) of one term for every pixel of the tile."""
        along_fast = torch.addcmul(term.at_pix0, term.per_fast, fast.metres[tile.fast])
        along_slow = torch.mul(term.per_slow, slow.metres[tile.slow])
        hkl = torch.add(
            along_fast[:, None, :], along_slow[:, :, None], out=self._view3(self._hkl, tile)
        )
        torch.addcmul(term.offset, hkl, inverse_r, out=hkl)
        nearest = self._view3(self._nearest, tile)
        if self.setup.table is None:
            torch.round(hkl, out=nearest)
        else:
            # Ties go down, as in the original; without a table both neighbours count the same.
            torch.sub(hkl, 0.5, out=nearest).ceil_()
        hkl.sub_(nearest)
        amplitude = self._lattice_factor(tile, hkl)
        if self.setup.table is not None:
            amplitude.mul_(self._structure_factor(tile, nearest, self.setup.table))
        return amplitude

    def _lattice_factor(self, tile: Tile, delta: Tensor) -> Tensor:
        """Return the product of sin(πNδ)/sin(πδ) over the three axes; see the module's notes."""
        x, y = self._view3(self._x, tile), self._view3(self._y, tile)
        x.copy_(delta)
        torch.add(self._epsilon, x, alpha=math.pi, out=x)
        torch.mul(x, self.setup.cells, out=y)
        x.sin_()
        y.sin_()
        numerator, denominator = y[0], x[0]
        numerator.mul_(y[1]).mul_(y[2])
        denominator.mul_(x[1]).mul_(x[2])
        return numerator.div_(denominator)

    def _structure_factor(self, tile: Tile, nearest: Tensor, table: Table) -> Tensor:
        """Return F of the nearest reflection (spec 9.7)."""
        torch.clamp(nearest, table.low, table.high, out=nearest)
        nearest.sub_(table.low)
        flat = nearest[0].mul_(table.strides[0])
        flat.add_(nearest[1], alpha=table.strides[1]).add_(nearest[2])
        index = self._view(self._index, tile)
        index.copy_(flat)
        found: Tensor = torch.take(table.amplitudes, index)
        return found

    def _weigh(self, tile: Tile, fast: Axis, slow: Axis, inverse_r: Tensor) -> float:
        """Set the weights: intensity scale, solid angle, polarisation (spec 8.4, 9.3).

        Returns the sum of the solid angles, steradian.
        """
        setup = self.setup
        weight, scratch = self._view(self._weight, tile), self._view(self._scratch, tile)
        low = self._view(self._inverse_r_low, tile)
        low.copy_(inverse_r)
        torch.mul(low, low, out=weight)
        if setup.omega_power == 3:
            weight.mul_(low)
        omega_sum = float(weight.sum(dtype=torch.float64)) * setup.omega_scale
        weight.mul_(setup.omega_scale * setup.intensity_scale)
        kahn = setup.kahn_factor
        if kahn is None:
            return omega_sum

        def component(along_fast: Tensor, along_slow: Tensor) -> Tensor:
            torch.add(along_fast[tile.fast], along_slow[tile.slow, None], out=scratch)
            return scratch.mul_(low)

        c = component(fast.incident, slow.incident)
        polarisation = self._x[: low.numel()].view(low.shape)
        torch.addcmul(self._half, c, c, value=0.5, out=polarisation)
        if kahn != 0.0:
            # K cos(2ψ)(1 - c²) = K((d·E)² - (d·B)²), because B, E and i are orthonormal: no
            # angle ψ, and no singularity in the direct beam.
            e = component(fast.polar_e, slow.polar_e)
            polarisation.addcmul_(e, e, value=-0.5 * kahn)
            b = component(fast.polar_b, slow.polar_b)
            polarisation.addcmul_(b, b, value=0.5 * kahn)
        weight.mul_(polarisation)
        return omega_sum
