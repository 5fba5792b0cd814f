"""The difference in units in the last place of float32: the class of precision at a glance."""

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import Pixels
from engine.parity.metrics.model import About, Band, Outcome, Scene

_EXPONENT_BITS = 52
_BIAS = 1022
BINS = 34
"""Bin 0 holds equal pixels, bin ``b`` those 2**(b-1) to 2**b - 1 units apart."""


class Ulps:
    """Histogram of the distance in units in the last place."""

    key: ClassVar[str] = "ulp"
    about: ClassVar[About] = About(
        formula="u = |i(x) - i(y)| with i the float32's bits as an ordered integer; "
        "histogram over bit_length(u), quantiles as upper ends of their bins",
        sees="the class of precision: 0 to 1 float64, 1e3 float32 geometry, 1e5 half precision, "
        "1e8 something else",
        blind_to="whether the pixels matter: a background of 1e-17 counts like a spot",
    )
    names: ClassVar[tuple[str, ...]] = ("ulp_median", "ulp_p99", "ulp_max", "equal_fraction")

    def __init__(self, scene: Scene) -> None:
        self._negative = scene.c_min < 0 or scene.py_min < 0
        self._counts: NDArray[np.int64] = np.zeros(BINS, np.int64)
        self._largest = 0

    def add(self, band: Band) -> None:
        """Take some rows."""
        apart = np.abs(self._ordered(band.raw_x) - self._ordered(band.raw_y)).ravel()
        self._largest = max(self._largest, int(apart.max()))
        # The exponent of the distance as a float64 is its bit length: exact below 2**53.
        exponent = apart.astype(np.float64).view(np.int64) >> _EXPONENT_BITS
        counts = np.bincount(exponent, minlength=_BIAS + BINS)
        self._counts[0] += counts[0]
        self._counts[1:] += counts[_BIAS + 1 : _BIAS + BINS]

    def _ordered(self, pixels: Pixels) -> NDArray[np.int32] | NDArray[np.int64]:
        """Return integers in the order of the floats; float64 pixels are rounded first."""
        bits = np.ascontiguousarray(pixels, np.float32).view(np.int32)
        # -0.0 has a sign bit without being negative.
        if not self._negative and not (bits < 0).any():
            return bits
        wide = bits.astype(np.int64)
        return np.where(wide < 0, -(wide & 0x7FFFFFFF), wide)

    def outcome(self) -> Outcome:
        """Return the figures."""
        total = int(self._counts.sum())
        used = int(np.flatnonzero(self._counts)[-1]) + 1
        return Outcome(
            {
                "ulp_median": self._quantile(0.5, total),
                "ulp_p99": self._quantile(0.99, total),
                "ulp_max": self._largest,
                "equal_fraction": int(self._counts[0]) / total,
            },
            details={
                "ulp_histogram": {
                    "from": [0, *(2 ** (b - 1) for b in range(1, used))],
                    "pixels": self._counts[:used].tolist(),
                }
            },
        )

    def _quantile(self, share: float, total: int) -> int:
        """Return the upper end of the bin that the quantile falls into, at most the largest."""
        at = int(np.searchsorted(np.cumsum(self._counts), share * total))
        top: int = 2**at - 1
        return min(top, self._largest)
