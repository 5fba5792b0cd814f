"""What the difference looks like: smooth, white or striped. A diagnosis, never a gate."""

from typing import ClassVar

import numpy as np

from engine.parity.metrics.model import About, Band, Outcome, Real, Scene, Value
from engine.parity.metrics.moments import dot

SMOOTH = 0.3
STRIPED = 0.3


class Residual:
    """Autocorrelation at lag 1, sign bias, and the share that lies in whole rows or columns."""

    key: ClassVar[str] = "residual"
    about: ClassVar[About] = About(
        formula="lag 1: sum d[i] d[i+1] / sum d^2 along rows (fast) and columns (slow); sign bias: "
        "(positive - negative) / (positive + negative); row share: sum over rows of "
        "(row sum)^2 / columns over sum d^2, column share likewise",
        sees="the kind of fault: smooth is geometry, white is rounding, striped is indexing",
        blind_to="its size: geometry kept in float32 is smooth too, at a harmless height",
    )
    names: ClassVar[tuple[str, ...]] = (
        "residual_lag1_fast", "residual_lag1_slow", "residual_sign_bias", "residual_row_share",
        "residual_column_share",
    )  # fmt: skip

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._square = self._lag_fast = self._lag_slow = self._rows = 0.0
        self._positive = self._negative = 0
        self._columns: Real = np.zeros(scene.size[1])
        self._last: Real | None = None

    def add(self, band: Band) -> None:
        """Take some rows."""
        d = band.difference
        self._square += dot(d, d)
        self._lag_fast += dot(d[:, :-1], d[:, 1:])
        self._lag_slow += dot(d[:-1], d[1:])
        if self._last is not None:
            self._lag_slow += float(np.einsum("i,i->", self._last, d[0]))
        self._last = d[-1].copy()
        self._positive += int(np.count_nonzero(d > 0))
        self._negative += int(np.count_nonzero(d < 0))
        rows = d.sum(axis=1)
        self._rows += float(np.einsum("i,i->", rows, rows))
        self._columns += d.sum(axis=0)

    def outcome(self) -> Outcome:
        """Return the figures and the kind in words; equal images have no residual."""
        if not self._square:
            names = dict.fromkeys(self.names)
            why = dict.fromkeys(self.names, "the images are equal: there is no residual")
            return Outcome(names, why, {"kind": "none"})
        slow, fast = self._scene.size
        columns = float(np.einsum("i,i->", self._columns, self._columns))
        values: dict[str, Value] = {
            "residual_lag1_fast": self._lag_fast / self._square,
            "residual_lag1_slow": self._lag_slow / self._square,
            "residual_sign_bias": (self._positive - self._negative)
            / (self._positive + self._negative),
            "residual_row_share": self._rows / fast / self._square,
            "residual_column_share": columns / slow / self._square,
        }
        return Outcome(values, details={"kind": self._kind(values)})

    @staticmethod
    def _kind(values: dict[str, Value]) -> str:
        lags = [float(values[f"residual_lag1_{a}"] or 0.0) for a in ("fast", "slow")]  # type: ignore[arg-type]  # never a place
        if max(lags) > STRIPED and min(lags) < STRIPED / 3:
            return "striped (indexing: whole rows or columns)"
        if min(lags) > SMOOTH:
            return "smooth (geometry, scale or a spot)"
        return "white (rounding or noise)"
