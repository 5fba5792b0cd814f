"""Pearson's correlation, the straight line through all pixels, and the total flux."""

import math
from typing import ClassVar

from engine.parity.metrics.model import About, Band, Outcome, Scene, Value
from engine.parity.metrics.moments import Moments, correlation, intercept, slope


class Agreement:
    """Correlation, slope and intercept, from merged centred moments."""

    key: ClassVar[str] = "agreement"
    about: ClassVar[About] = About(
        formula="r = Mxy / sqrt(Mxx Myy); slope = Mxy / Mxx; intercept = mean(y) - slope mean(x); "
        "the M are centred second moments",
        sees="another pattern; slope: one common scale; intercept: one common background",
        blind_to="r: any y = a x + b, weak spots and background (the brightest 0.1 % of the pixels "
        "carry a quarter of the variance), axes swapped on a pattern that is its own transpose; "
        "1 - r is half the squared RMS error in standard deviations: 0.999 lets 4.5 % through",
    )
    names: ClassVar[tuple[str, ...]] = (
        "correlation", "correlation_deviation", "slope", "slope_deviation", "intercept",
    )  # fmt: skip

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._moments = Moments()

    def add(self, band: Band) -> None:
        """Take some rows."""
        self._moments = self._moments.merge(Moments.of(band.x, band.y))

    def outcome(self) -> Outcome:
        """Return the figures; a constant image has no correlation, and C's no slope."""
        m, scene = self._moments, self._scene
        values: dict[str, Value] = dict.fromkeys(self.names)
        why: dict[str, str] = {}
        # Constancy is read from the extremes: a mean rounded in its last bit leaves a
        # constant image a variance of 1e-30 and would let noise pose as a correlation.
        constant_x = scene.c_min == scene.c_max or not m.xx
        constant_y = scene.py_min == scene.py_max or not m.yy
        if constant_x or constant_y:
            side = "the C image" if constant_x else "the port's image"
            why["correlation"] = why["correlation_deviation"] = f"{side} is constant"
        else:
            r = correlation(m)
            values |= {"correlation": r, "correlation_deviation": 1.0 - r}
        if constant_x:
            why |= dict.fromkeys(
                ("slope", "slope_deviation", "intercept"), "the C image is constant"
            )
        else:
            line = slope(m)
            values |= {"slope": line, "slope_deviation": abs(line - 1.0), "intercept": intercept(m)}
        return Outcome(values, why)


class Flux:
    """Total flux of both images."""

    key: ClassVar[str] = "flux"
    about: ClassVar[About] = About(
        formula="sum(y) / sum(x), rows added exactly",
        sees="fluence, normalisation, number of steps",
        blind_to="where the flux falls: any rearrangement of the pixels",
    )
    names: ClassVar[tuple[str, ...]] = ("c_sum", "py_sum", "sum_ratio", "sum_ratio_deviation")

    def __init__(self, scene: Scene) -> None:
        del scene  # every family is made for one; sums need nothing of it
        self._x: list[float] = []
        self._y: list[float] = []

    def add(self, band: Band) -> None:
        """Take some rows."""
        self._x.extend(band.x.sum(axis=1).tolist())
        self._y.extend(band.y.sum(axis=1).tolist())

    def outcome(self) -> Outcome:
        """Return the figures; a C image that sums to zero has no ratio."""
        c_sum, py_sum = math.fsum(self._x), math.fsum(self._y)
        values: dict[str, Value] = dict.fromkeys(self.names)
        values |= {"c_sum": c_sum, "py_sum": py_sum}
        if not c_sum:
            names = ("sum_ratio", "sum_ratio_deviation")
            return Outcome(values, dict.fromkeys(names, "the C image sums to zero"))
        ratio = py_sum / c_sum
        return Outcome(values | {"sum_ratio": ratio, "sum_ratio_deviation": abs(ratio - 1.0)})
