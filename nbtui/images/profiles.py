"""Two curves a person looks at first: intensity against resolution, and how often it occurs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.parity.sighting import Sighting
from nbtui.images.pyramid import Plane
from nbtui.images.views import Pictures

BINS = 120
_BAND_ROWS = 128
_DECADES = 8.0

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curves:
    """The same curve of both images.

    Attributes
    ----------
    x
        Middle of each bin.
    c, port
        One value a bin; NaN where a bin is empty.
    x_name, y_name
        With units.
    """

    x: Curve
    c: Curve
    port: Curve
    x_name: str
    y_name: str


def radial(pictures: Pictures, sighting: Sighting | None) -> Curves:
    """Return the mean intensity in rings around the beam.

    Parameters
    ----------
    pictures
        The images; every fourth row and column is read, the mean of a ring does not need more.
    sighting
        Where pixels look; rings of equal ``1/d``. Without it rings around the middle, in pixels.
    """
    slow, fast = pictures.pair.shape
    step = 4 if min(slow, fast) >= 512 else 1
    columns = np.arange(0, fast, step)
    rows = np.arange(0, slow, step)
    rings = np.empty((rows.size, columns.size))
    for start in range(0, rows.size, _BAND_ROWS):
        part = rows[start : start + _BAND_ROWS]
        rings[start : start + _BAND_ROWS] = _distance(part, columns, pictures, sighting)
    edges = np.linspace(float(rings.min()), float(rings.max()), BINS + 1)
    index = np.clip(np.digitize(rings.ravel(), edges) - 1, 0, BINS - 1)
    count = np.bincount(index, minlength=BINS)
    means = [_means(image[::step, ::step], index, count) for image in (pictures.c, pictures.port)]
    name = "1/d (1/Å)" if sighting else "distance from the middle (pixels)"
    middles = (edges[:-1] + edges[1:]) / 2
    return Curves(middles, means[0], means[1], name, "mean intensity (photons)")


def _distance(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    pictures: Pictures,
    sighting: Sighting | None,
) -> Curve:
    if sighting:
        slow, fast = np.meshgrid(rows + 0.5, columns + 0.5, indexing="ij")
        return sighting.inverse_resolution(slow, fast)
    middle = (pictures.pair.shape[0] / 2, pictures.pair.shape[1] / 2)
    out: Curve = np.hypot((rows + 0.5 - middle[0])[:, None], (columns + 0.5 - middle[1])[None, :])
    return out


def _means(image: Plane, index: NDArray[np.int64], count: NDArray[np.int64]) -> Curve:
    sums = np.bincount(index, weights=np.nan_to_num(image.ravel()), minlength=BINS)
    with np.errstate(invalid="ignore"):
        out: Curve = np.where(count > 0, sums / count, np.nan)
    return out


def histogram(pictures: Pictures) -> Curves:
    """Return how many pixels have which intensity, in bins of equal width of its logarithm."""
    top = max(_top(pictures.c), _top(pictures.port))
    if top <= 0:
        nothing = np.zeros(1)
        return Curves(nothing, nothing, nothing, "log10 intensity", "pixels")
    edges = np.linspace(np.log10(top) - _DECADES, np.log10(top), BINS + 1)
    counts = [_counts(image, edges) for image in (pictures.c, pictures.port)]
    middles = (edges[:-1] + edges[1:]) / 2
    return Curves(middles, counts[0], counts[1], "log10 intensity (photons)", "pixels")


def _top(image: Plane) -> float:
    return float(np.max(image, where=np.isfinite(image), initial=0.0))


def _counts(image: Plane, edges: Curve) -> Curve:
    out = np.zeros(BINS)
    for start in range(0, image.shape[0], _BAND_ROWS):
        band = image[start : start + _BAND_ROWS]
        positive = band[np.isfinite(band) & (band > 0)]
        out += np.histogram(np.log10(positive, dtype=np.float64), edges)[0]
    return out
