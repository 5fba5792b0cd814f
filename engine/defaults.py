"""Filling in the blanks: what nanoBragg chooses for whatever was not given (spec 5)."""

import math
from dataclasses import dataclass

from engine.errors import PhysicsError
from engine.geometry import Sensor
from engine.replaceable import Replaceable
from engine.scalars import adopt_tensors
from engine.steps import LARGEST_COUNT, SINGLE, Steps
from engine.vectors import Vec3

DEFAULT_MOSAIC_DOMAINS = 10


@dataclass(frozen=True, slots=True)
class PhiScan(Replaceable):
    """Spindle positions: each step is sampled at its start (spec 5.3).

    Parameters
    ----------
    start_rad, range_rad, step_rad
        First angle, total range, step.
    steps
        Number of positions.
    """

    start_rad: float = 0.0
    range_rad: float = 0.0
    step_rad: float = 0.0
    steps: int = 1

    def __post_init__(self) -> None:
        adopt_tensors(self, "start_rad", "step_rad")
        self.demand_finite()
        if not 1 <= self.steps <= LARGEST_COUNT:
            raise PhysicsError(
                f"the spindle scan has {self.steps} steps; from 1 to {LARGEST_COUNT} are possible",
                where="-osc, -phistep, -phisteps",
            )

    @property
    def angles_rad(self) -> tuple[float, ...]:
        """The positions φ_j = φ₀ + step·j."""
        return tuple(self.start_rad + self.step_rad * j for j in range(self.steps))


def phi_scan(start: float, range_: float, step: float, steps: int) -> PhiScan:
    """Resolve the scan from what was given; negative means "not given" (table 5.3)."""
    given, ranged, stepped = steps >= 0, range_ >= 0.0, step > 0.0
    count = max(steps, 1)
    if not ranged:
        if stepped:
            return PhiScan(start, step, step, 2)
        if not given:
            return PhiScan(start)
        one_degree = math.radians(1.0)
        return PhiScan(start, one_degree, one_degree / count, count)
    if not given:
        if stepped:
            return PhiScan(start, range_, step, _quotient(range_, step))
        return PhiScan(start, range_, range_ / 2.0, 2)
    return PhiScan(start, range_, range_ / count if step < 0.0 else step, count)


def spread_steps(count: int, range_: float, step: float) -> Steps:
    """Resolve a divergence or a dispersion; negative means "not given" (table 5.4).

    Parameters
    ----------
    count, range_, step
        As given on the command line, in radians or as a fraction of the wavelength.
    """
    given, ranged, stepped = count > 0, range_ >= 0.0, step > 0.0
    if not ranged:
        if stepped:
            count, range_ = 2, step
        elif given:
            # The original's default range is 1.0 of whatever unit: a radian, or 100 %.
            range_, step = 1.0, 1.0 / count
    elif not given:
        count, step = (_quotient(range_, step), step) if stepped else (2, range_)
    elif not stepped:
        count = max(count, 2)
        step = range_ / (count - 1)
    if range_ <= 0.0 or step <= 0.0 or count <= 0:
        return SINGLE
    return Steps(count, range_, step)


def _quotient(range_: float, step: float) -> int:
    quotient = range_ / step
    if not quotient <= LARGEST_COUNT:
        raise PhysicsError(f"a range of {range_:g} holds too many steps of {step:g}")
    return math.ceil(quotient)


def sensor(layers: int, thickness_m: float, attenuation_per_m: float) -> tuple[Sensor, str]:
    """Resolve the sensor's layers (table 5.5).

    Parameters
    ----------
    layers
        As given; no layers means "not given".
    thickness_m
        As given, 0 by default.
    attenuation_per_m
        As given; negative means "not given".

    Returns
    -------
    tuple
        The sensor, and a warning or nothing.
    """
    given = layers > 0
    if thickness_m < 0.0:
        layers, thickness_m = (layers, 0.5e-6) if given else (1, 0.0)
        step = thickness_m / layers
    else:
        layers = max(layers, 2)
        step = thickness_m / (layers - 1) if given else thickness_m / 2.0
    warning = ""
    if thickness_m > 0.0 and attenuation_per_m < 0.0:
        attenuation_per_m = 1.0 / thickness_m
        warning = f"no -detector_abs: the attenuation depth is the thickness, {thickness_m:g} m"
    if thickness_m <= 0.0 or step <= 0.0:
        layers, thickness_m, step = 1, 0.0, 0.0
    return Sensor(layers, thickness_m, step, attenuation_per_m), warning


@dataclass(frozen=True, slots=True)
class Mosaicity:
    """Resolved mosaic domains (table 5.6): spread in radians, count, warnings."""

    spread_rad: float
    domains: int
    warnings: tuple[str, ...] = ()


def mosaicity(spread: float, domains: int) -> Mosaicity:
    """Resolve mosaic spread and domains; a negative spread or no domains means "not given"."""
    if domains <= 0:
        if spread > 0.0:
            note = f"no number of mosaic domains given: using {DEFAULT_MOSAIC_DOMAINS}"
            return Mosaicity(spread, DEFAULT_MOSAIC_DOMAINS, (note,))
        return Mosaicity(0.0, 1)
    if spread > 0.0:
        return Mosaicity(spread, domains)
    return Mosaicity(0.0, 1, ("mosaic domains without a mosaic spread: using one domain",))


def detector_axis(pixels: int, size_m: float, pixel_m: float) -> tuple[int, float]:
    """Resolve pixel count and size of one axis (spec 5.1): a count wins over a size."""
    if not pixel_m > 0.0:
        raise PhysicsError("the pixel size must be positive", where="-pixel")
    if pixels != 0:
        size_m = pixel_m * pixels
    return math.ceil(size_m / pixel_m - 0.5), size_m


def fluence(given: float, flux: float, exposure_s: float, beamsize_m: float) -> float:
    """Return photons/m²; a non-zero flux wins over a fluence (spec 5.2)."""
    if flux != 0.0 and exposure_s > 0.0 and beamsize_m >= 0.0:
        if beamsize_m == 0.0:
            raise PhysicsError("a flux through a beam of no size is infinite", where="-beamsize")
        return flux * exposure_s / beamsize_m / beamsize_m
    return given


def cell_counts(counts: Vec3, sizes_m: Vec3, edges_m: Vec3) -> Vec3:
    """Return Na, Nb, Nc; a crystal size wins over a count (spec 5.8)."""

    def one(count: float, size: float, edge: float) -> float:
        if size > 0.0:
            count = float(math.ceil(size / edge))
        return max(count, 1.0)

    return (
        one(counts[0], sizes_m[0], edges_m[0]),
        one(counts[1], sizes_m[1], edges_m[1]),
        one(counts[2], sizes_m[2], edges_m[2]),
    )


def recommended_oversample(
    cells: Vec3, edges_m: Vec3, wavelength_m: float, distance_m: float, pixel_m: float
) -> int:
    """Return the sub-pixels per axis that resolve the spots of this crystal (spec 5.9).

    Parameters
    ----------
    distance_m
        The recomputed distance of spec 7.5, which tilts and two-theta change.
    """
    longest = max(edge * count for edge, count in zip(edges_m, cells, strict=True))
    reciprocal_pixel = wavelength_m * distance_m / pixel_m
    if reciprocal_pixel == 0.0:
        raise PhysicsError("the detector passes through the sample", where="-distance")
    return max(1, math.ceil(3.0 * longest / reciprocal_pixel))
