"""Agreement of the logarithms: background and weak spots count like strong ones."""

import math
from typing import ClassVar

from engine.parity.metrics.model import LOG_FLOOR, About, Band, Outcome, Scene, Value
from engine.parity.metrics.moments import Moments, correlation, dot

DARK = "the C image has no positive pixel"


class Logarithm:
    """Pearson's correlation and the RMS difference of logarithms."""

    key: ClassVar[str] = "logarithm"
    about: ClassVar[About] = About(
        formula=f"r and RMS difference of log(max(x, 0) + {LOG_FLOOR:g} max(x)), both images with "
        "the same floor",
        sees="background, weak spots, clipped or truncated low values",
        blind_to="a common scale (r), and everything below a millionth of the maximum",
    )
    names: ClassVar[tuple[str, ...]] = ("log_correlation", "log_correlation_deviation", "log_rms")

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._moments = Moments()
        self._square: list[float] = []

    def add(self, band: Band) -> None:
        """Take some rows."""
        if self._scene.log_floor:
            self._moments = self._moments.merge(Moments.of(band.log_x, band.log_y))
            apart = band.log_y - band.log_x
            self._square.append(dot(apart, apart))

    def outcome(self) -> Outcome:
        """Return the figures; a dark or constant image has no correlation."""
        values: dict[str, Value] = dict.fromkeys(self.names)
        if not self._scene.log_floor:
            return Outcome(values, dict.fromkeys(self.names, DARK))
        m = self._moments
        values["log_rms"] = math.sqrt(math.fsum(self._square) / m.n)
        scene = self._scene
        flat_x = max(scene.c_min, 0.0) == scene.c_max or not m.xx
        flat_y = max(scene.py_min, 0.0) == max(scene.py_max, 0.0) or not m.yy
        if flat_x or flat_y:
            side = "the C image" if flat_x else "the port's image"
            return Outcome(values, dict.fromkeys(self.names[:2], f"{side} is constant"))
        r = correlation(m)
        return Outcome(values | {"log_correlation": r, "log_correlation_deviation": 1.0 - r})
