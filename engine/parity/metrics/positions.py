"""Whether every spot of one image exists in the other, at the same place, equally strong."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.parity.maxima import MaximaFinder
from engine.parity.metrics.model import About, Band, Outcome, Real, Scene, Value
from engine.parity.nearest import nearest
from engine.parity.peaks import Peaks, assemble

STRONG = 0.02
"""Of the maximum of the C image: every peak at least so high must have a partner."""
PARTNER = 0.01
"""A partner may be weaker, so that a spot near the limit does not vanish by rounding."""
CAPTURE_PX = 5.0
MOST = 500_000


class Positions:
    """All peaks, matched by mutual nearest neighbours."""

    key: ClassVar[str] = "positions"
    about: ClassVar[About] = About(
        formula=f"peaks >= {STRONG:g} max(x) that are the highest of 7 x 7 pixels; partners are "
        f"mutual nearest peaks >= {PARTNER:g} max(x) within {CAPTURE_PX:g} px; displacement: the "
        "median vector over all pairs",
        sees="geometry down to a hundredth of a pixel, missing and spurious spots",
        blind_to="spots below that height, and the shape of spots",
    )
    names: ClassVar[tuple[str, ...]] = (
        "peaks_c", "peaks_py", "peaks_missing", "peaks_spurious", "peaks_unmatched",
        "peak_displacement_px", "peak_displacement_slow_px", "peak_displacement_fast_px",
        "peak_distance_p99_px", "peak_height_deviation",
    )  # fmt: skip

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        least = PARTNER * scene.c_max
        self._finders = tuple(MaximaFinder(least, MOST) for _ in range(2))

    def add(self, band: Band) -> None:
        """Take some rows."""
        if self._possible:
            for finder, pixels in zip(self._finders, (band.raw_x, band.raw_y), strict=True):
                finder.add(pixels)

    @property
    def _possible(self) -> bool:
        return self._scene.c_max > 0 and min(self._scene.size) > 2

    def outcome(self) -> Outcome:
        """Return the figures; without a single pair there is no displacement."""
        reason = None
        if not self._possible:
            reason = "the C image has no positive pixel, or no pixel inside its edge"
        elif any(f.overflown for f in self._finders):
            reason = f"more than {MOST} local maxima: an image is flat or noise"
        if reason is not None:
            return Outcome(dict.fromkeys(self.names), dict.fromkeys(self.names, reason))
        found = [f.result() for f in self._finders]
        strong = [assemble(m, dominant=True).down_to(STRONG * self._scene.c_max) for m in found]
        pool = [assemble(m) for m in found]
        return self._matched(strong, pool)

    def _matched(self, strong: list[Peaks], pool: list[Peaks]) -> Outcome:
        there = _partners(strong[0], pool[1], pool[0])
        back = _partners(strong[1], pool[0], pool[1])
        missing, spurious = (int(np.count_nonzero(p < 0)) for p in (there, back))
        values: dict[str, Value] = dict.fromkeys(self.names)
        values |= {
            "peaks_c": there.size,
            "peaks_py": back.size,
            "peaks_missing": missing,
            "peaks_spurious": spurious,
            "peaks_unmatched": missing + spurious,
        }
        details = {
            "missing_at": _places(strong[0].positions[there < 0], self._scene),
            "spurious_at": _places(strong[1].positions[back < 0], self._scene),
        }
        mine, theirs = np.flatnonzero(there >= 0), there[there >= 0]
        if not mine.size:
            names = self.names[5:]
            return Outcome(values, dict.fromkeys(names, "no peak has a partner"), details)
        apart = pool[1].positions[theirs] - strong[0].positions[mine]
        slow, fast = (float(np.median(a)) for a in apart.T)
        ratio = pool[1].heights[theirs] / strong[0].heights[mine]
        values |= {
            "peak_displacement_px": float(np.hypot(slow, fast)),
            "peak_displacement_slow_px": slow,
            "peak_displacement_fast_px": fast,
            "peak_distance_p99_px": float(np.percentile(np.hypot(*apart.T), 99)),
            "peak_height_deviation": float(np.abs(ratio - 1.0).max()),
        }
        return Outcome(values, details=details)


def _partners(peaks: Peaks, others: Peaks, own: Peaks) -> NDArray[np.int64]:
    """Return for each peak the index of its partner among ``others``, or -1.

    Two peaks are partners when each is the other's nearest; ``own`` is the image that
    ``peaks`` were taken from, with its weaker peaks.
    """
    found = nearest(peaks.positions, others.positions, CAPTURE_PX)
    near = np.flatnonzero(found >= 0)
    back = nearest(others.positions[found[near]], own.positions, CAPTURE_PX)
    near, back = near[back >= 0], back[back >= 0]
    same = (own.positions[back] == peaks.positions[near]).all(axis=1)
    partners = np.full(found.size, -1, np.int64)
    partners[near[same]] = found[near[same]]
    return partners


def _places(positions: Real, scene: Scene) -> list[list[float]]:
    """Return the first ten places in the full image, to a hundredth of a pixel."""
    moved = positions[:10] + np.asarray(scene.origin)
    return [[round(float(v), 2) for v in row] for row in moved]
