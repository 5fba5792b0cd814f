"""Unit cell and orientation: from cell constants or angles to the vectors a, b, c (spec 6)."""

import math
import sys
from dataclasses import dataclass
from typing import Literal

from engine.errors import PhysicsError
from engine.random import ShuffleTable, Stream, mosaic_rotations, random_misset
from engine.replaceable import Replaceable
from engine.scalars import adopt_tensors, cos, is_zero, sin, sqrt
from engine.vectors import IDENTITY, Mat3, Vec3, cross, dot, norm, rotate_axis, rotate_xyz, scale

DEFAULT_MOSAIC_SEED = -12345678

Shape = Literal["square", "round", "gauss", "tophat"]


@dataclass(frozen=True, slots=True)
class UnitCell(Replaceable):
    """Cell constants as given.

    Edges stay in Å and angles in radians: the automatic choices of spec 5 hang on last bits
    that a conversion to metres and back would move.
    """

    a_A: float
    b_A: float
    c_A: float
    alpha_rad: float
    beta_rad: float
    gamma_rad: float

    def __post_init__(self) -> None:
        adopt_tensors(self, "a_A", "b_A", "c_A", "alpha_rad", "beta_rad", "gamma_rad")
        self.demand_finite()
        if min(self.a_A, self.b_A, self.c_A) <= 0.0:
            raise PhysicsError("cell edges must be positive", where="-cell")
        if not all(0.0 < angle < math.pi for angle in self.angles_rad):
            raise PhysicsError("cell angles must lie between 0 and 180 degrees", where="-cell")
        al, be, ga = self.angles_rad
        if al + be + ga >= 2.0 * math.pi or max(al - be - ga, be - ga - al, ga - al - be) >= 0.0:
            raise PhysicsError("no cell has these three angles", where="-cell")

    @property
    def angles_rad(self) -> Vec3:
        """α, β, γ."""
        return (self.alpha_rad, self.beta_rad, self.gamma_rad)

    @property
    def volume_A3(self) -> float:  # noqa: N802 - Å³
        """Volume from the half-angle formula, Å³ (spec 6.1)."""
        al, be, ga = self.angles_rad
        s = (al + be + ga) / 2.0
        product = sin(s) * sin(s - al) * sin(s - be) * sin(s - ga)
        return 2.0 * self.a_A * self.b_A * self.c_A * sqrt(abs(product))


@dataclass(frozen=True, slots=True)
class Crystal(Replaceable):
    """What diffracts.

    Parameters
    ----------
    cell
        Cell constants; None when a matrix says it all.
    cells
        Number of unit cells along a, b, c (whole numbers, at least 1).
    misset_rad
        Angles about lab X, Y, Z applied once to the default orientation; None for none.
    misset_seed
        The stored (negative) seed the angles were drawn from; None when they were given.
    mosaic_spread_rad, mosaic_domains, mosaic_seed
        Largest rotation of a domain, number of domains, stored (negative) seed.
    reciprocal
        a*, b*, c* of an orientation matrix, Å⁻¹; None for the default orientation. With a cell
        too, the matrix gives the directions and the cell the edges and the volume (spec 6.2).
    matrix_file
        The file they were read from.
    shape, fudge
        Which lattice factor, and what multiplies its squared radius (spec 9.5).
    exact_cell
        Whether c* of an oblique cell is the crystallographic one, not the original's (Q-CELL).
    """

    cell: UnitCell | None
    cells: Vec3 = (1.0, 1.0, 1.0)
    misset_rad: Vec3 | None = None
    misset_seed: int | None = None
    mosaic_spread_rad: float = 0.0
    mosaic_domains: int = 1
    mosaic_seed: int = DEFAULT_MOSAIC_SEED
    reciprocal: Mat3 | None = None
    matrix_file: str | None = None
    shape: Shape = "square"
    fudge: float = 1.0
    exact_cell: bool = False

    def __post_init__(self) -> None:
        adopt_tensors(self, "misset_rad", "mosaic_spread_rad")
        self.demand_finite()
        if self.cell is None and self.reciprocal is None:
            raise PhysicsError("neither a cell nor a matrix", where="-cell, -mat")
        if any(n < 1.0 or n != math.floor(n) for n in self.cells):
            raise PhysicsError("numbers of unit cells must be whole and at least 1", where="-N")
        if self.mosaic_domains < 1:
            raise PhysicsError("at least one mosaic domain is needed", where="-mosaic_domains")


@dataclass(frozen=True, slots=True)
class Lattice:
    """Vectors of an oriented crystal.

    Parameters
    ----------
    a_A, b_A, c_A
        Real-space vectors, Å.
    a_star, b_star, c_star
        Reciprocal vectors without 2π, Å⁻¹.
    volume_A3
        Cell volume, Å³.
    """

    a_A: Vec3
    b_A: Vec3
    c_A: Vec3
    a_star: Vec3
    b_star: Vec3
    c_star: Vec3
    volume_A3: float

    @property
    def axes_m(self) -> Mat3:
        """a, b, c in metres."""
        return (scale(self.a_A, 1e-10), scale(self.b_A, 1e-10), scale(self.c_A, 1e-10))

    @property
    def edges_m(self) -> Vec3:
        """|a|, |b|, |c| in metres."""
        a, b, c = self.axes_m
        return (norm(a), norm(b), norm(c))


def _clamp_cosine(value: float) -> float:
    # The original sets any cosine with a square above one to +1, whatever its sign.
    return 1.0 if value * value > 1.0 else value


def _clamp_sine(value: float) -> float:
    return max(-1.0, min(1.0, value))


def default_orientation(cell: UnitCell, *, exact: bool = False) -> tuple[Mat3, float]:
    """Return a*, b*, c* (Å⁻¹) of the default orientation and the volume in Å³ (spec 6.1).

    For a triclinic cell the z component of c* is not the crystallographic one; it is what the
    original computes, and every image made with it contains it. ``exact`` takes the
    crystallographic one.
    """
    volume = cell.volume_A3
    if volume <= 0.0:
        volume = sys.float_info.min
    v_star = 1.0 / volume
    al, be, ga = cell.angles_rad
    a_star = cell.b_A * cell.c_A * sin(al) * v_star
    b_star = cell.c_A * cell.a_A * sin(be) * v_star
    c_star = cell.a_A * cell.b_A * sin(ga) * v_star
    cos_al, cos_be, cos_ga = cos(al), cos(be), cos(ga)
    sin_al, sin_be, sin_ga = sin(al), sin(be), sin(ga)
    sin_ga_star = _clamp_sine(cell.c_A * v_star / a_star / b_star)
    cos_al_star = _clamp_cosine((cos_be * cos_ga - cos_al) / (sin_be * sin_ga))
    cos_be_star = _clamp_cosine((cos_ga * cos_al - cos_be) / (sin_ga * sin_al))
    cos_ga_star = _clamp_cosine((cos_al * cos_be - cos_ga) / (sin_al * sin_be))
    if exact:
        # c is perpendicular to a* and b*, so it lies along z, and c·c* = 1.
        c_star_z = 1.0 / cell.c_A
    else:
        c_star_z = c_star * volume / (cell.a_A * cell.b_A * cell.c_A * sin_ga_star)
    vectors: Mat3 = (
        (a_star, 0.0, 0.0),
        (b_star * cos_ga_star, b_star * sin_ga_star, 0.0),
        (
            c_star * cos_be_star,
            c_star * (cos_al_star - cos_be_star * cos_ga_star) / sin_ga_star,
            c_star_z,
        ),
    )
    return vectors, volume


def lattice(crystal: Crystal) -> Lattice:
    """Orient the crystal: reciprocal vectors, missetting, real-space vectors (spec 6.1, 6.4, 6.5).

    Raises
    ------
    PhysicsError
        When the reciprocal vectors span no volume.
    """
    (a_star, b_star, c_star), cell_volume = _reciprocal(crystal)
    if crystal.misset_rad is not None:
        a_star, b_star, c_star = (
            rotate_xyz(v, crystal.misset_rad) for v in (a_star, b_star, c_star)
        )
    b_x_c, c_x_a, a_x_b = (
        cross(b_star, c_star),
        cross(c_star, a_star),
        cross(a_star, b_star),
    )
    v_star = dot(a_star, b_x_c)
    if v_star == 0.0 or 0.0 in (norm(b_x_c), norm(c_x_a), norm(a_x_b)):
        raise PhysicsError("the cell vectors span no volume", where="-cell, -mat")
    cell = crystal.cell
    if cell is not None:
        b_x_c = scale(b_x_c, cell.a_A / cell_volume / norm(b_x_c))
        c_x_a = scale(c_x_a, cell.b_A / cell_volume / norm(c_x_a))
        a_x_b = scale(a_x_b, cell.c_A / cell_volume / norm(a_x_b))
        v_star = 1.0 / cell_volume
    volume = 1.0 / v_star
    a, b, c = scale(b_x_c, volume), scale(c_x_a, volume), scale(a_x_b, volume)
    if not math.isfinite(sum(a) + sum(b) + sum(c)):
        raise PhysicsError("the cell vectors are not finite", where="-cell, -mat, -misset")
    return Lattice(
        a_A=a,
        b_A=b,
        c_A=c,
        a_star=scale(cross(b, c), v_star),
        b_star=scale(cross(c, a), v_star),
        c_star=scale(cross(a, b), v_star),
        volume_A3=volume,
    )


def _reciprocal(crystal: Crystal) -> tuple[Mat3, float]:
    """Return a*, b*, c* before missetting, and the cell's volume (0 without a cell)."""
    if crystal.cell is None:
        return crystal.reciprocal or IDENTITY, 0.0
    vectors, volume = default_orientation(crystal.cell, exact=crystal.exact_cell)
    return crystal.reciprocal or vectors, volume


def angles_deg(v1: Vec3, v2: Vec3, v3: Vec3) -> Vec3:
    """Return the angles (v2,v3), (v3,v1), (v1,v2) in degrees, for printing (spec 6.5)."""

    def between(v: Vec3, w: Vec3) -> float:
        return math.degrees(math.atan2(norm(cross(v, w)), dot(v, w)))

    return (between(v2, v3), between(v3, v1), between(v1, v2))


def phi_orientations(axes: Mat3, spindle: Vec3, angles_rad: tuple[float, ...]) -> tuple[Mat3, ...]:
    """Return a, b, c for each spindle angle, as the original has them after its first path.

    A step at exactly φ = 0 keeps the vectors of the last step before it that was not zero; with
    none before it in the list, those of the last non-zero step of the previous pass
    (spec 9.5, Q-PHI). Only the very first path of a run sees the unrotated crystal there:
    `first_path_differs`.
    """
    moves = any(phi != 0.0 for phi in angles_rad)
    rotated = [
        None if (phi == 0.0 if moves else is_zero(phi)) else rotate_axes(axes, spindle, phi)
        for phi in angles_rad
    ]
    current = next((entry for entry in reversed(rotated) if entry is not None), axes)
    result: list[Mat3] = []
    for entry in rotated:
        current = entry if entry is not None else current
        result.append(current)
    return tuple(result)


def rotate_axes(axes: Mat3, spindle: Vec3, phi: float) -> Mat3:
    """Return a, b, c turned about the spindle."""
    a, b, c = axes
    return (
        rotate_axis(a, spindle, phi),
        rotate_axis(b, spindle, phi),
        rotate_axis(c, spindle, phi),
    )


def first_path_differs(angles_rad: tuple[float, ...]) -> bool:
    """Whether the first path of the run sees another orientation than all later ones (Q-PHI)."""
    return angles_rad[0] == 0.0 and any(phi != 0.0 for phi in angles_rad)


def mosaic_matrices(crystal: Crystal, table: ShuffleTable | None = None) -> tuple[Mat3, ...]:
    """Draw the rotations of the mosaic domains from the crystal's seed (spec 6.6).

    The streams share one shuffle table, so a random missetting is drawn again first: a positive
    stored seed continues the table it left (spec 11.2).

    Parameters
    ----------
    table
        An empty shuffle table, for those who go on drawing from where this leaves it.
    """
    table = ShuffleTable() if table is None else table
    if crystal.misset_seed is not None:
        random_misset(Stream(crystal.misset_seed, table))
    stream = Stream(crystal.mosaic_seed, table)
    return mosaic_rotations(stream, crystal.mosaic_spread_rad, crystal.mosaic_domains)
