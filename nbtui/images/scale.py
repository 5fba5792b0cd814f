"""Values to colours: linear, logarithmic or cut at percentiles; every map rises in lightness.

The maps tell the same story to the colour-blind and on a grey screen: intensities get lighter
as they grow; differences go from one hue over white to another, or from black over grey to
white.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.parity.figures import (
    DIFFERENCE_DECADES,
    INTENSITY_DECADES,
    NOT_A_NUMBER,
    difference_table,
    intensity_table,
)
from nbtui.images.pyramid import Plane
from nbtui.images.views import View

COLOURS = 256
HIDDEN = COLOURS
"""Index of the colour for what is not a number."""
PERCENTILE = 99.0

Indices = NDArray[np.int16]
Table = NDArray[np.uint8]


class Scaling(StrEnum):
    """How values become lightness."""

    LOG = "log"
    LINEAR = "linear"
    PERCENTILE = "percentile"


@dataclass(frozen=True, slots=True)
class Scale:
    """The range of a view and how it is spread over the colours.

    Attributes
    ----------
    low, high
        The ends of the range; for a signed view ``low`` is ``-high``.
    scaling
        How it is spread.
    signed
        Whether zero is the middle.
    decades
        Of a logarithmic scale.
    """

    low: float
    high: float
    scaling: Scaling
    signed: bool
    decades: float = INTENSITY_DECADES

    @property
    def words(self) -> str:
        """The scaling as a legend tells it."""
        if self.scaling is Scaling.LOG:
            return f"log, {self.decades:g} decades"
        return f"cut at {PERCENTILE:g} %" if self.scaling is Scaling.PERCENTILE else "linear"

    def indices(self, plane: Plane) -> Indices:
        """Return the colour of each value, 0 to 255; :data:`HIDDEN` for what is no number."""
        missing = np.isnan(plane)
        values = np.where(missing, 0.0, plane).astype(np.float64)
        level = self._signed(values) if self.signed else self._plain(values)
        out = np.clip(np.rint(level * (COLOURS - 1)), 0, COLOURS - 1).astype(np.int16)
        out[missing] = HIDDEN
        return out

    def _plain(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.high > self.low:
            return np.zeros(values.shape)
        if self.scaling is not Scaling.LOG:
            return (values - self.low) / (self.high - self.low)
        return self._logarithmic(values)

    def _signed(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self.high > 0:
            return np.full(values.shape, 0.5)
        if self.scaling is not Scaling.LOG:
            return 0.5 + 0.5 * np.clip(values / self.high, -1, 1)
        level: NDArray[np.float64] = np.sign(values) * self._logarithmic(np.abs(values))
        return 0.5 + 0.5 * level

    def _logarithmic(self, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        floor = self.high * 10.0**-self.decades
        out: NDArray[np.float64] = np.log10(np.clip(sizes, floor, self.high) / floor) / self.decades
        return out


def scale_of(plane: Plane, view: View, scaling: Scaling) -> Scale:
    """Return the scale for a view.

    Parameters
    ----------
    plane
        A reduced view of the whole image, so that the scale stays while one zooms and pans.
    view
        What it shows.
    scaling
        How to spread it.
    """
    finite = plane[np.isfinite(plane)]
    if not finite.size:
        return Scale(0.0, 0.0, scaling, view.signed)
    cut = PERCENTILE if scaling is Scaling.PERCENTILE else 100.0
    if view.signed:
        high = float(np.percentile(np.abs(finite), cut))
        return Scale(-high, high, scaling, signed=True, decades=DIFFERENCE_DECADES)
    high = float(np.percentile(finite, cut))
    if scaling is Scaling.LOG:
        return Scale(high * 10.0**-INTENSITY_DECADES, high, scaling, signed=False)
    low = float(np.percentile(finite, 100.0 - cut))
    return Scale(low, high, scaling, signed=False)


def table(view: View, *, grey: bool) -> Table:
    """Return the view's colours: 256 and, last, the one for what is not a number."""
    if grey:
        ramp = np.linspace(10, 245, COLOURS).astype(np.uint8)
        colours = np.repeat(ramp[:, None], 3, axis=1)
    else:
        colours = difference_table() if view.signed else intensity_table()
    return np.vstack([colours, np.array([NOT_A_NUMBER], np.uint8)])
