"""Correlation close to the beam, where most acceptance tests of this kind look."""

from typing import ClassVar

from engine.parity.images import Roi
from engine.parity.metrics.model import About, Band, Outcome, Scene, Value
from engine.parity.metrics.moments import Moments, correlation

SIDE = 512


class Centre:
    """Pearson's correlation in the 512 x 512 pixels about the beam."""

    key: ClassVar[str] = "centre"
    about: ClassVar[About] = About(
        formula=f"r in the {SIDE} x {SIDE} pixels about the beam, as far as they are compared",
        sees="the pattern near the beam",
        blind_to="everything outside, and whatever r is blind to",
    )
    names: ClassVar[tuple[str, ...]] = ("centre_correlation",)

    def __init__(self, scene: Scene) -> None:
        self.region = _about(scene)
        self._moments = Moments()
        self._low = [float("inf"), float("inf")]
        self._high = [float("-inf"), float("-inf")]

    def add(self, band: Band) -> None:
        """Take some rows."""
        if self.region is None:
            return
        slow, fast = band.scene.origin
        first, last = (max(s - slow - band.row, 0) for s in self.region[:2])
        if first >= min(last, band.rows):
            return
        inside = (slice(first, last), slice(self.region[2] - fast, self.region[3] - fast))
        x, y = band.x[inside], band.y[inside]
        self._moments = self._moments.merge(Moments.of(x, y))
        for side, values in enumerate((x, y)):
            self._low[side] = min(self._low[side], float(values.min()))
            self._high[side] = max(self._high[side], float(values.max()))

    def outcome(self) -> Outcome:
        """Return the figure."""
        values: dict[str, Value] = dict.fromkeys(self.names)
        if self.region is None:
            return Outcome(values, {self.names[0]: "the beam is outside of what is compared"})
        constant = [low == high for low, high in zip(self._low, self._high, strict=True)]
        if any(constant) or not (self._moments.xx and self._moments.yy):
            side = "the C image" if constant[0] or not self._moments.xx else "the port's image"
            return Outcome(values, {self.names[0]: f"{side} is constant there"})
        found = correlation(self._moments)
        return Outcome({self.names[0]: found}, details={"roi": list(self.region)})


def _about(scene: Scene) -> Roi | None:
    """Return the square about the beam, cut to the region; ``None`` when nothing is left."""
    slow0, slow1, fast0, fast1 = scene.region
    slow, fast = (round(b) for b in scene.beam)
    half = SIDE // 2
    square = (
        max(slow - half, slow0), min(slow + half, slow1),
        max(fast - half, fast0), min(fast + half, fast1),
    )  # fmt: skip
    return square if square[0] < square[1] and square[2] < square[3] else None
