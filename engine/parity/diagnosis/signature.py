"""What kind of mistake makes a difference that looks like this one.

| the difference | comes from |
|---|---|
| the bytes of every pixel turned round | writing or reading the image |
| only one side is infinite, where the other is brightest | a float32 overflow |
| the same pixels in other places | writing or reading the image |
| one ratio everywhere | scale: fluence, exposure, steps, cell count |
| one side exactly zero | range: reflections, resolution cut, region, mask |
| spots moved, all alike | beam centre, pivot, detector offset |
| spots moved outwards | distance, wavelength, pixel size |
| the ratio is smooth in angle | polarisation, solid angle, absorption |
| the ratio is constant inside a spot and differs between spots | structure factors |
| no neighbour resembles the next | random seeds, a race |
| nearly all of the difference lies in one tile | one place: a region, a mask, an edge, a pixel |
| only weak pixels differ | background, tails of spots, a resolution cut |
| spots have other shapes | crystal size, mosaicity, oversampling, spindle |
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from engine.parity.diagnosis.arrangement import Arrangement, in_other_byte_order, rearranged
from engine.parity.diagnosis.displacements import Displacements, displacements
from engine.parity.diagnosis.ratios import (
    Smoothness,
    SpotRatios,
    Spread,
    neighbour_correlation,
    smoothness,
    spot_ratios,
    spread,
)
from engine.parity.diagnosis.survey import Survey, survey
from engine.parity.diagnosis.tiles import tile_map
from engine.parity.images import Pixels

AGREE = 1e-5
"""Relative L2, and largest difference over the maximum, up to which two images show one
experiment."""
TILES_AGREE = 1e-3
"""Relative L2 of every tile up to which they do."""
_ONE_TILE = 0.99
"""Share of one tile in the squared difference from which on the difference is local."""
_CONSTANT = 1e-4
"""Width of the ratio's distribution up to which it is one ratio."""
_ONE_SIDED = 1e-3
"""Fraction of bright pixels that may be zero on one side by themselves."""
_MOVED_PX = 0.03
_EXPLAINED = 0.5
"""Part of the displacements that a regular motion may leave."""
_SMOOTH = 0.95
_WITHIN = 0.2
"""Scatter inside spots over that between them, up to which the ratio belongs to the spot."""
_NOISE = 0.2


class Kind(StrEnum):
    """The kinds of difference that images tell apart."""

    NONE = "none"
    NOT_FINITE = "not finite"
    OVERFLOW = "overflow"
    REARRANGED = "rearranged"
    SCALE = "scale"
    ONE_SIDED = "one side zero"
    SHIFTED = "shifted"
    MAGNIFIED = "magnified"
    ROTATED = "rotated"
    SMOOTH = "smooth in angle"
    BY_SPOT = "by spot"
    LOCAL = "local"
    WEAK = "weak pixels only"
    NOISE = "noise"
    SPOT_SHAPE = "spot shape"


MEANS = {
    Kind.NONE: "the images agree",
    Kind.NOT_FINITE: "NaN or infinite pixels on one side",
    Kind.OVERFLOW: "float32 overflow: only the brightest pixels are infinite",
    Kind.REARRANGED: "the image is written or read in another order",
    Kind.SCALE: "scale: fluence, exposure, number of steps or cells",
    Kind.ONE_SIDED: "range: reflections, resolution cut, region or mask",
    Kind.SHIFTED: "geometry: beam centre, pivot or detector offset",
    Kind.MAGNIFIED: "geometry: distance, wavelength or pixel size",
    Kind.ROTATED: "geometry: a rotation about the beam",
    Kind.SMOOTH: "a factor of angle: polarisation, solid angle or absorption",
    Kind.BY_SPOT: "structure factors",
    Kind.LOCAL: "one place: a region, a mask, an edge of a tile, a pixel",
    Kind.WEAK: "the weak pixels: background, tails of spots, a resolution cut",
    Kind.NOISE: "noise: random seeds or a race",
    Kind.SPOT_SHAPE: "the shape of spots: crystal size, orientation, mosaicity, oversampling",
}
"""What each kind comes from, in a few words."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The kind of a difference with the figures it was told by.

    Attributes
    ----------
    kind
        The first kind, in the order of the table above, that fits.
    survey
        The two images in figures.
    arrangement, displacements, smoothness, spots, spread, neighbours
        The figures that were looked at on the way; ``None`` for those that were not needed
        or that the images do not define.
    """

    kind: Kind
    survey: Survey
    arrangement: Arrangement | None = None
    displacements: Displacements | None = None
    smoothness: Smoothness | None = None
    spots: SpotRatios | None = None
    spread: Spread | None = None
    neighbours: float | None = None

    @property
    def exact(self) -> bool:
        """Whether the images alone prove the cause."""
        return self.kind in {Kind.NONE, Kind.OVERFLOW, Kind.REARRANGED}


def signature(x: Pixels, y: Pixels) -> Signature:
    """Return the signature of the difference of two images.

    Parameters
    ----------
    x, y
        ``[slow, fast]`` pixels of equal shape; photons, or anything proportional to them.
    """
    seen = survey(x, y)
    if turned := in_other_byte_order(x, y):
        return Signature(Kind.REARRANGED, seen, turned)
    if seen.nonfinite != (0, 0):
        overflow = overflowed(x, y) or overflowed(y, x)
        return Signature(Kind.OVERFLOW if overflow else Kind.NOT_FINITE, seen)
    tiles = tile_map(x, y)
    near = max(seen.relative_l2, _largest(seen)) <= AGREE
    if near and tiles.largest() <= TILES_AGREE:
        return Signature(Kind.NONE, seen)
    if _bright(seen) <= AGREE:
        return Signature(Kind.WEAK, seen)
    arrangement = rearranged(seen, y)
    if arrangement is not None:
        return Signature(Kind.REARRANGED, seen, arrangement)
    ratio = spread(seen)
    if ratio is None or ratio.one_sided > _ONE_SIDED:
        return Signature(Kind.ONE_SIDED, seen, spread=ratio)
    if abs(ratio.median - 1.0) > _CONSTANT and ratio.high / ratio.low - 1.0 < _CONSTANT:
        return Signature(Kind.SCALE, seen, spread=ratio)
    return _by_shape(x, y, seen, ratio, tiles.concentration())


def overflowed(x: Pixels, y: Pixels) -> bool:
    """Whether ``y`` is infinite where ``x`` is brightest, and nowhere else."""
    infinite = np.isposinf(y)
    if not infinite.any() or not np.isfinite(x).all() or np.isnan(y).any():
        return False
    rest = x[~infinite]
    # Rounding may decide for single pixels at the limit.
    return not rest.size or float(x[infinite].min()) >= 0.99 * float(rest.max())


def _largest(seen: Survey) -> float:
    """Return the largest difference over the maximum."""
    if not seen.worst:
        return 0.0
    _, _, x, y = seen.worst[0]
    top = max(seen.maximum)
    return abs(y - x) / top if top > 0.0 else float("inf")


def _bright(seen: Survey) -> float:
    """Return the relative L2 of the bright pixels alone; infinite without any."""
    norm = float(np.linalg.norm(seen.x))
    return float(np.linalg.norm(seen.y - seen.x)) / norm if norm > 0.0 else float("inf")


def _by_shape(x: Pixels, y: Pixels, seen: Survey, ratio: Spread, concentration: float) -> Signature:
    moved = displacements(x, y)
    smooth = smoothness(seen)
    spots = spot_ratios(x, y, seen)
    neighbours = neighbour_correlation(x, y, seen)
    kind = _kind(moved, smooth, spots, neighbours, seen)
    if kind in {Kind.NOISE, Kind.SPOT_SHAPE} and concentration >= _ONE_TILE:
        kind = Kind.LOCAL
    return Signature(
        kind,
        seen,
        displacements=moved,
        smoothness=smooth,
        spots=spots,
        spread=ratio,
        neighbours=neighbours,
    )


def _kind(
    moved: Displacements | None,
    smooth: Smoothness | None,
    spots: SpotRatios | None,
    neighbours: float | None,
    seen: Survey,
) -> Kind:
    if smooth is not None and smooth.explained > _SMOOTH:
        return Kind.SMOOTH
    if spots is not None and spots.differing and spots.within < _WITHIN * spots.between:
        return Kind.BY_SPOT
    if moved is not None and moved.scatter_px > max(_MOVED_PX, moved.explained_px / _EXPLAINED):
        return _motion(moved, seen)
    if neighbours is not None and abs(neighbours) < _NOISE:
        return Kind.NOISE
    return Kind.SPOT_SHAPE


def _motion(moved: Displacements, seen: Survey) -> Kind:
    """Return which part of a regular motion moves the spots most."""
    radius = min(seen.shape) / 4.0
    sizes = {
        Kind.SHIFTED: moved.length_px,
        Kind.MAGNIFIED: abs(moved.magnification) * radius,
        Kind.ROTATED: abs(moved.rotation_rad) * radius,
    }
    return max(sizes, key=lambda kind: sizes[kind])
