"""The strongest spots of both images, each with its partner or without one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from nbtui.images.views import Pictures

if TYPE_CHECKING:
    from engine.parity.peaks import Peaks

COUNT = 50
LIMIT_PX = 1.0
"""Largest distance of two places that count as the same."""


class Found(StrEnum):
    """How a spot of one image is found in the other."""

    MATCHED = "matched"
    MOVED = "moved"
    MISSING = "missing"
    """A strong spot of the C image that the port does not have."""
    SPURIOUS = "spurious"
    """A strong spot of the port that the C image does not have."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A spot: where, how high, how it is found, and the distance to its partner in pixels."""

    slow: float
    fast: float
    height: float
    found: Found
    distance_px: float | None = None


def spots(pictures: Pictures, count: int = COUNT) -> tuple[Spot, ...]:
    """Return the strongest spots of the C image, and those of the port without a partner.

    Takes about a second for 4096 x 4096 pixels; belongs into a thread.
    """
    # SciPy takes a quarter of a second to import: not before somebody asks for spots.
    from engine.parity.peaks import find_peaks  # noqa: PLC0415

    every_c, every_port = find_peaks(pictures.c), find_peaks(pictures.port)
    out = _of(every_c.strongest(count), _candidates(every_port, count), Found.MISSING)
    others = _of(every_port.strongest(count), _candidates(every_c, count), Found.SPURIOUS)
    return (*out, *(spot for spot in others if spot.found is Found.SPURIOUS))


def _candidates(peaks: "Peaks", count: int) -> "Peaks":
    """Return what may be a partner: among equally strong spots chance decides who is first."""
    from engine.parity.peaks import HYSTERESIS  # noqa: PLC0415

    strongest = peaks.strongest(count)
    if not strongest.heights.size:
        return strongest
    return peaks.down_to(HYSTERESIS * float(strongest.heights[-1]))


def _of(strong: "Peaks", candidates: "Peaks", alone: Found) -> tuple[Spot, ...]:
    from engine.parity.peaks import match  # noqa: PLC0415

    mine, theirs = match(strong.positions, candidates.positions)
    apart = strong.positions[mine] - candidates.positions[theirs]
    distances = dict(zip(mine.tolist(), np.hypot(apart[:, 0], apart[:, 1]).tolist(), strict=True))
    out = []
    for index, (position, height) in enumerate(zip(strong.positions, strong.heights, strict=True)):
        distance = distances.get(index)
        found = alone
        if distance is not None:
            found = Found.MATCHED if distance <= LIMIT_PX else Found.MOVED
        out.append(Spot(float(position[0]), float(position[1]), float(height), found, distance))
    return tuple(out)
