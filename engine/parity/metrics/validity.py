"""The first look at both images: whether there is anything to compare."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from engine.parity.images import Image, Pixels, Roi
from engine.parity.metrics.model import About, Outcome, Scene, Value


@dataclass
class Side:
    """What the scan of one image found."""

    low: float | None = None
    high: float | None = None
    nonfinite: int = 0
    negative: int = 0
    zeros: int = 0

    def add(self, pixels: Pixels) -> None:
        """Take some rows."""
        low, high = float(pixels.min()), float(pixels.max())
        if not (np.isfinite(low) and np.isfinite(high)):
            finite = np.isfinite(pixels)
            self.nonfinite += pixels.size - int(finite.sum())
            pixels = pixels[finite]
            if not pixels.size:
                return
            low, high = float(pixels.min()), float(pixels.max())
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)
        if low <= 0:
            self.zeros += pixels.size - int(np.count_nonzero(pixels))
        if low < 0:
            self.negative += int(np.count_nonzero(pixels < 0))


@dataclass
class Validity:
    """Counts of pixels that are no number, negative or zero, and the extremes of the rest.

    Unlike the other families it is fed the raw pixels, in a scan of its own: nothing else can
    be measured before it is known that every pixel is finite and how large the largest is.
    """

    key: ClassVar[str] = "validity"
    about: ClassVar[About] = About(
        formula="counts of NaN and infinite, negative and zero pixels; extremes of the finite ones",
        sees="overflow, dead images, a cut at zero",
        blind_to="everything about the agreement of the two images",
    )
    names: ClassVar[tuple[str, ...]] = (
        "pixels", "nonfinite", "nonfinite_c", "nonfinite_py", "nonfinite_at", "c_min", "c_max",
        "py_min", "py_max", "c_negative", "py_negative", "c_zeros", "py_zeros",
    )  # fmt: skip
    region: Roi
    c: Side = field(default_factory=Side)
    py: Side = field(default_factory=Side)
    pixels: int = 0
    first: tuple[int, int] | None = None

    @classmethod
    def scan(cls, c: Image, py: Image, region: Roi, rows: int) -> "Validity":
        """Look at every pixel once."""
        found = cls(region)
        row = region[0]
        for x, y in zip(c.bands(region, rows), py.bands(region, rows), strict=True):
            before = found.nonfinite
            found.c.add(x)
            found.py.add(y)
            found.pixels += x.size
            if found.first is None and found.nonfinite > before:
                at = int((np.isfinite(x) & np.isfinite(y)).argmin())
                found.first = row + at // x.shape[1], region[2] + at % x.shape[1]
            row += x.shape[0]
        return found

    @property
    def nonfinite(self) -> int:
        """NaN and infinite pixels of both images together."""
        return self.c.nonfinite + self.py.nonfinite

    def scene(self, shape: tuple[int, int], beam: tuple[float, float]) -> Scene | None:
        """Return what the other families start from; ``None`` unless every pixel is finite."""
        low, high = (self.c.low, self.py.low), (self.c.high, self.py.high)
        if self.nonfinite or None in low or None in high:
            return None
        c_min, py_min = (float(v) for v in low if v is not None)
        c_max, py_max = (float(v) for v in high if v is not None)
        return Scene(shape, self.region, c_min, c_max, py_min, py_max, beam)

    def outcome(self) -> Outcome:
        """Return the counts; an image without a finite pixel has no extremes."""
        values: dict[str, Value] = {
            "pixels": self.pixels,
            "nonfinite": self.nonfinite,
            "nonfinite_c": self.c.nonfinite,
            "nonfinite_py": self.py.nonfinite,
            "nonfinite_at": self.first,
            "c_min": self.c.low,
            "c_max": self.c.high,
            "py_min": self.py.low,
            "py_max": self.py.high,
            "c_negative": self.c.negative,
            "py_negative": self.py.negative,
            "c_zeros": self.c.zeros,
            "py_zeros": self.py.zeros,
        }
        why = {
            f"{side}_{end}": "no pixel is finite"
            for side, found in (("c", self.c), ("py", self.py))
            for end in ("min", "max")
            if found.low is None
        }
        return Outcome(values, why)
