"""How far two images agree: float64, one pass, bounded memory.

Every measure is defined with ``x`` = C image (the reference) and ``y`` = the port's image.
The pass reads both in bands of rows, centres each band on its own mean and merges the
centred moments (Chan, Golub & LeVeque, *Am. Stat.* 37 (1983) 242), so that neither the
number of pixels nor a large offset costs digits: the textbook form ``n Sxy - Sx Sy`` gives
correlations above 1 on images with a pedestal, and float32 sums lose 2 % at 4096 x 4096.

A measure that has no value (constant image, NaN pixel) is ``None`` with a reason in
:attr:`Metrics.undefined`; nothing here returns NaN, and no comparison can pass by it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import (
    BAND_ROWS,
    ArrayImage,
    Image,
    Pixels,
    RawImage,
    Roi,
    Shape,
    checked_roi,
    same_shape,
)


@dataclass(frozen=True, slots=True)
class Moments:
    """Centred second moments of paired values, mergeable without loss.

    Attributes
    ----------
    n
        Number of pairs.
    mean_x, mean_y
        Means.
    xx, yy, xy
        ``sum (x - mean_x)**2``, ``sum (y - mean_y)**2``, ``sum (x - mean_x)(y - mean_y)``.
    """

    n: int = 0
    mean_x: float = 0.0
    mean_y: float = 0.0
    xx: float = 0.0
    yy: float = 0.0
    xy: float = 0.0

    @classmethod
    def of(cls, x: NDArray[np.float64], y: NDArray[np.float64]) -> "Moments":
        """Return the moments of two bands ``[rows, columns]`` of equal shape."""
        mean_x, mean_y = float(x.mean()), float(y.mean())
        u, v = x - mean_x, y - mean_y
        return cls(x.size, mean_x, mean_y, dot(u, u), dot(v, v), dot(u, v))

    def merge(self, other: "Moments") -> "Moments":
        """Return the moments of both sets together (Chan, Golub & LeVeque)."""
        if not self.n or not other.n:
            return self if self.n else other
        n = self.n + other.n
        dx, dy = other.mean_x - self.mean_x, other.mean_y - self.mean_y
        weight = self.n * other.n / n
        return Moments(
            n,
            self.mean_x + dx * other.n / n,
            self.mean_y + dy * other.n / n,
            self.xx + other.xx + dx * dx * weight,
            self.yy + other.yy + dy * dy * weight,
            self.xy + other.xy + dx * dy * weight,
        )


def dot(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return ``sum a*b`` of two bands: row by row, and the rows exactly.

    Not by BLAS, whose threads wait for each other twenty times longer than the sum takes as
    soon as other programs use the cores.
    """
    return math.fsum(np.einsum("ij,ij->i", a, b).tolist())


def correlation(m: Moments) -> float:
    """Return Pearson's ``r = Mxy / (sqrt(Mxx) sqrt(Myy))``; both variances must be > 0.

    Blind to scale and offset (``y = 2x - mean`` has r = 1), to weak peaks and background
    (the brightest 0.1 % of the pixels carry a quarter of the variance), and to swapped axes
    when the image is its own transpose. ``1 - r`` is about half the squared RMS error in
    units of the image's standard deviation.
    """
    return max(-1.0, min(1.0, m.xy / (math.sqrt(m.xx) * math.sqrt(m.yy))))


def slope(m: Moments) -> float:
    """Return the least-squares slope ``Mxy / Mxx`` of the port's image over C's.

    A wrong scale (fluence, number of steps) shows here; local faults do not.
    """
    return m.xy / m.xx


def intercept(m: Moments) -> float:
    """Return ``mean_y - slope * mean_x``: a constant background present on one side only."""
    return m.mean_y - slope(m) * m.mean_x


def rmse(square_diff: float, n: int) -> float:
    """Return ``sqrt(sum (y - x)**2 / n)`` in the image's unit.

    Sees every difference, but without the image's scale beside it says little.
    """
    return math.sqrt(square_diff / n)


def relative_l2(square_diff: float, square_x: float) -> float:
    """Return ``||y - x|| / ||x||``, the one number to lead with.

    Sees scale, offset, shifts and missing parts in proportion to their energy; blind to
    what happens where the image is weak.
    """
    return math.sqrt(square_diff / square_x)


def sum_ratio(x_sum: float, y_sum: float) -> float:
    """Return ``sum y / sum x``: total flux of the port over C's; blind to where it falls."""
    return y_sum / x_sum


@dataclass(frozen=True, slots=True)
class Metrics:
    """What one comparison measured. Names are those of ``summary.json``.

    Coordinates are ``(slow, fast)`` in the full image, also when a region was compared.
    Values are in the image's unit (photons per pixel) where they have one.
    """

    pixels: int
    nonfinite_c: int
    nonfinite_py: int
    correlation: float | None = None
    relative_l2: float | None = None
    rmse: float | None = None
    rmse_relative: float | None = None
    """RMSE over the maximum of the C image."""
    max_abs_diff: float | None = None
    max_abs_diff_at: tuple[int, int] | None = None
    max_abs_diff_relative: float | None = None
    """Largest difference over the maximum of the C image."""
    c_sum: float | None = None
    py_sum: float | None = None
    sum_ratio: float | None = None
    sum_ratio_deviation: float | None = None
    """``|sum_ratio - 1|``."""
    slope: float | None = None
    intercept: float | None = None
    c_min: float | None = None
    c_max: float | None = None
    py_min: float | None = None
    py_max: float | None = None
    nonfinite: int = 0
    """NaN and infinite pixels of both images together."""
    nonfinite_at: tuple[int, int] | None = None
    """The first of them in scan order."""
    undefined: Mapping[str, str] = field(default_factory=dict)
    """Measure without a value -> why."""


def compare_arrays(
    c: Pixels, py: Pixels, roi: Roi | None = None, *, band_rows: int = BAND_ROWS
) -> Metrics:
    """Compare two images in memory.

    Parameters
    ----------
    c, py
        Two-dimensional arrays ``[slow, fast]`` of equal shape.
    roi
        ``(slow0, slow1, fast0, fast1)``, half-open; the whole image when ``None``.
    band_rows
        Rows handled at a time.

    Raises
    ------
    ShapesDifferError
        The shapes differ.
    UsageError
        The region is empty or outside.
    """
    return _compare(ArrayImage(c), ArrayImage(py), roi, band_rows)


def compare_files(
    c_path: Path, py_path: Path, shape: Shape, roi: Roi | None = None, *, band_rows: int = BAND_ROWS
) -> Metrics:
    """Compare two raw float images on disk; see :func:`compare_arrays`.

    Raises
    ------
    ImageError
        A file is missing or does not have the length of ``shape``.
    """
    return _compare(RawImage(c_path, shape), RawImage(py_path, shape), roi, band_rows)


def compare_images(c: Image, py: Image, roi: Roi | None = None) -> Metrics:
    """Compare two image sources of either kind; see :func:`compare_arrays`."""
    return _compare(c, py, roi, BAND_ROWS)


def _compare(c: Image, py: Image, roi: Roi | None, band_rows: int) -> Metrics:
    region = checked_roi(roi, same_shape(c, py))
    running = _Running(region)
    for x, y in zip(c.bands(region, band_rows), py.bands(region, band_rows), strict=True):
        running.add(x, y)
    return running.result()


class _Running:
    """The state of the pass: everything is updated band by band, nothing is kept."""

    def __init__(self, region: Roi) -> None:
        self.row, self.column = region[0], region[2]
        self.moments = Moments()
        self.square_diff: list[float] = []
        self.square_x: list[float] = []
        self.x_sums: list[float] = []
        self.y_sums: list[float] = []
        self.worst = -1.0
        self.worst_at = (region[0], region[2])
        self.x_range = _Range()
        self.y_range = _Range()
        self.nonfinite = [0, 0]
        self.nonfinite_at: tuple[int, int] | None = None
        self.pixels = 0

    def add(self, x: Pixels, y: Pixels) -> None:
        """Take one band of each image."""
        finite_x, finite_y = np.isfinite(x), np.isfinite(y)
        bad_x, bad_y = x.size - int(finite_x.sum()), y.size - int(finite_y.sum())
        if bad_x or bad_y:
            self._note_nonfinite(finite_x & finite_y, bad_x, bad_y)
        self.x_range.add(x if not bad_x else x[finite_x])
        self.y_range.add(y if not bad_y else y[finite_y])
        if not (bad_x or bad_y):
            self._accumulate(x.astype(np.float64), y.astype(np.float64))
        self.pixels += x.size
        self.row += x.shape[0]

    def _note_nonfinite(self, finite: NDArray[np.bool_], bad_x: int, bad_y: int) -> None:
        self.nonfinite[0] += bad_x
        self.nonfinite[1] += bad_y
        if self.nonfinite_at is None:
            self.nonfinite_at = self._place(int(finite.argmin()), finite.shape[1])

    def _accumulate(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        self.x_sums.extend(x.sum(axis=1).tolist())
        self.y_sums.extend(y.sum(axis=1).tolist())
        self.moments = self.moments.merge(Moments.of(x, y))
        self.square_x.append(dot(x, x))
        difference = y - x
        self.square_diff.append(dot(difference, difference))
        np.abs(difference, out=difference)
        at = int(difference.argmax())
        if difference.flat[at] > self.worst:
            self.worst = float(difference.flat[at])
            self.worst_at = self._place(at, x.shape[1])

    def _place(self, index: int, fast: int) -> tuple[int, int]:
        return self.row + index // fast, self.column + index % fast

    def result(self) -> Metrics:
        """Return the finished measures."""
        why: dict[str, str] = {}
        extremes = {
            "c_min": self.x_range.low,
            "c_max": self.x_range.high,
            "py_min": self.y_range.low,
            "py_max": self.y_range.high,
        }
        nonfinite = sum(self.nonfinite)
        if nonfinite:
            reason = f"{nonfinite} pixels are NaN or infinite"
            why = dict.fromkeys(_NEED_FINITE, reason)
            values: dict[str, float | None] = {}
        else:
            values = self._values(why)
        return Metrics(
            pixels=self.pixels,
            nonfinite_c=self.nonfinite[0],
            nonfinite_py=self.nonfinite[1],
            nonfinite=nonfinite,
            nonfinite_at=self.nonfinite_at,
            max_abs_diff_at=None if nonfinite else self.worst_at,
            undefined=why,
            **values,
            **extremes,
        )

    def _values(self, why: dict[str, str]) -> dict[str, float | None]:
        m, high = self.moments, self.x_range.high or 0.0
        c_sum, py_sum = math.fsum(self.x_sums), math.fsum(self.y_sums)
        diff2, x2 = math.fsum(self.square_diff), math.fsum(self.square_x)
        error = rmse(diff2, m.n)
        out: dict[str, float | None] = {
            "c_sum": c_sum,
            "py_sum": py_sum,
            "rmse": error,
            "max_abs_diff": self.worst,
        }
        # Constancy is read from the extremes: a mean rounded in its last bit leaves a
        # constant image a variance of 1e-30 and would let noise pose as a correlation.
        constant_x = self.x_range.constant or not m.xx
        constant_y = self.y_range.constant or not m.yy
        if constant_x or constant_y:
            side = "the C image" if constant_x else "the port's image"
            why["correlation"] = f"{side} is constant"
        else:
            out["correlation"] = correlation(m)
        if constant_x:
            why["slope"] = why["intercept"] = "the C image is constant"
        else:
            out |= {"slope": slope(m), "intercept": intercept(m)}
        if c_sum:
            ratio = sum_ratio(c_sum, py_sum)
            out |= {"sum_ratio": ratio, "sum_ratio_deviation": abs(ratio - 1.0)}
        else:
            why["sum_ratio"] = why["sum_ratio_deviation"] = "the C image sums to zero"
        if x2:
            out["relative_l2"] = relative_l2(diff2, x2)
        else:
            why["relative_l2"] = "the C image is zero"
        if high > 0:
            out |= {"rmse_relative": error / high, "max_abs_diff_relative": self.worst / high}
        else:
            reason = "the maximum of the C image is not positive"
            why["rmse_relative"] = why["max_abs_diff_relative"] = reason
        return out


class _Range:
    """Smallest and largest value seen."""

    def __init__(self) -> None:
        self.low: float | None = None
        self.high: float | None = None

    def add(self, values: Pixels) -> None:
        if values.size:
            low, high = float(values.min()), float(values.max())
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)

    @property
    def constant(self) -> bool:
        """Whether all values were equal."""
        return self.low == self.high


_NEED_FINITE = (
    "correlation",
    "relative_l2",
    "rmse",
    "rmse_relative",
    "max_abs_diff",
    "max_abs_diff_relative",
    "c_sum",
    "py_sum",
    "sum_ratio",
    "sum_ratio_deviation",
    "slope",
    "intercept",
)
