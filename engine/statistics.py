"""Statistics of an image, as nanoBragg takes them (spec 12.1)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.experiment import Experiment
from engine.sampling import Roi

_Pixel = TypeVar("_Pixel", bound=np.generic)

# Rows treated at a time hold about this many pixels: few enough for the cache.
STRIP_PIXELS = 1 << 16


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of the rendered pixels, accumulated in float64.

    Parameters
    ----------
    max_I
        Largest pixel, 0 when none is positive.
    max_fast_m, max_slow_m
        Where, in metres: the last sub-pixel of the first pixel that has it.
    mean, rms
        Over the pixels inside the region of interest and not masked; rms divides by n - 1.
    rmsd
        Over all pixels of the region, masked ones included (Q-RMSD); divides by n - 1 too.
    """

    max_I: float
    max_fast_m: float
    max_slow_m: float
    mean: float
    rms: float
    rmsd: float


def statistics(
    experiment: Experiment, image: NDArray[np.float32], mask: NDArray[np.bool_] | None = None
) -> Statistics:
    """Return the statistics of an image.

    Parameters
    ----------
    image
        Photons per pixel, shape ``[slow, fast]``.
    mask
        True where a pixel is rendered, same shape; None when nothing is masked.
    """
    roi = experiment.sampling.roi
    part = region(image, roi)
    sums = _Sums()
    # A square beyond float32 is infinite in the original too, and printed as such.
    with np.errstate(over="ignore", invalid="ignore"):
        for start, strip in strips(part):
            sums.add(start, strip)
    rendered = part.size if mask is None else int(np.count_nonzero(region(mask, roi)))
    mean = sums.total / max(rendered, 1)
    deviations = sums.about(mean)
    max_I = fast_m = slow_m = 0.0
    if sums.max_I > 0.0:
        max_I, (slow, fast) = sums.max_I, sums.max_at
        n = experiment.sampling.oversample
        step = experiment.detector.pixel_m / n
        fast_m = step * ((fast + roi.fast_min) * n + n - 1) + step / 2.0
        slow_m = step * ((slow + roi.slow_min) * n + n - 1) + step / 2.0
    return Statistics(
        max_I, fast_m, slow_m, mean,
        rms=math.sqrt(sums.squares / max(rendered - 1, 1)),
        rmsd=math.sqrt(deviations / max(part.size - 1, 1)),
    )  # fmt: skip


class _Sums:
    """Sums over strips, taken in one pass.

    Squared deviations are kept about a centre c, the mean of the first strip, and moved to the
    true mean μ at the end: Σ(p - μ)² = Σ(p - c)² - 2(μ - c)(Σp - nc) + n(μ - c)². c lies within
    the spread of the image, so no digits that count are lost, and the image is read once.
    """

    def __init__(self) -> None:
        self.count = 0
        self.total = self.squares = self.max_I = 0.0
        self.max_at = (0, 0)
        self._centre = self._deviations = 0.0

    def add(self, start: int, strip: NDArray[np.float32]) -> None:
        """Add a strip of rows that begins at row ``start``."""
        doubles = strip.astype(np.float64)
        subtotal = float(doubles.sum())
        if self.count == 0:
            self._centre = subtotal / max(strip.size, 1)
        self.count += strip.size
        self.total += subtotal
        # The original squares in float32 before it adds in double.
        self.squares += float(np.square(strip).sum(dtype=np.float64))
        doubles -= self._centre
        np.square(doubles, out=doubles)
        self._deviations += float(doubles.sum())
        where = int(strip.argmax())
        largest = float(strip.flat[where])
        if largest > self.max_I:
            row, fast = divmod(where, strip.shape[1])
            self.max_I, self.max_at = largest, (start + row, fast)

    def about(self, mean: float) -> float:
        """Return the sum of the squared deviations from ``mean``."""
        shift = mean - self._centre
        about_mean = self._deviations - 2.0 * shift * (self.total - self.count * self._centre)
        return max(about_mean + self.count * shift * shift, 0.0)


def region(image: NDArray[_Pixel], roi: Roi) -> NDArray[_Pixel]:
    """Return the part of an image inside the region of interest, a view."""
    return image[roi.slow_min : roi.slow_max + 1, roi.fast_min : roi.fast_max + 1]


def strips(image: NDArray[np.float32]) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield first rows and strips of whole rows, small enough for the cache."""
    if not image.size:
        return
    rows = max(1, STRIP_PIXELS // image.shape[1])
    for start in range(0, image.shape[0], rows):
        yield start, image[start : start + rows]
