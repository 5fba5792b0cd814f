"""Do the spots lie at the same places? Strongest peaks, matched one to one.

Three traps of the obvious rule (take the N highest pixels of both images, find the nearest)
decide the form of this one:

* a symmetric pattern has groups of equally strong spots; one unit in the last place decides
  which of them is among the N highest. So a peak of one image may find its partner among
  *all* peaks of the other that are at least :data:`HYSTERESIS` times as strong as its N-th;
* a spot centred between pixels has two or four equal maxima, and noise picks one. Positions
  are therefore vertices of parabolas through the maximum and its neighbours, which agree
  whichever pixel was picked, and a plateau of equal pixels counts once, at its centroid;
* looking in one direction only misses peaks that one image has too many. Both directions
  are matched, and the worse one counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import BAND_ROWS, Pixels
from engine.parity.maxima import Maxima, MaximaFinder
from engine.parity.nearest import pairs_within

HYSTERESIS = 0.9
LOW = 0.01
"""Of the maximum: lower pixels are searched for peaks only when there are too few above."""
CAPTURE_PX = 5.0
"""Farther apart, two peaks are not the same one moved but two different ones."""
_NEIGHBOURS = tuple((dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0))

_Indices = NDArray[np.int64]
_Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Peaks:
    """Local maxima, strongest first (ties in scan order).

    Attributes
    ----------
    positions
        ``[n, 2]`` slow and fast coordinates in pixels, with fractions.
    heights
        ``[n]`` pixel values of the maxima.
    """

    positions: _Reals
    heights: _Reals

    def strongest(self, count: int) -> "Peaks":
        """Return the first ``count``."""
        return Peaks(self.positions[:count], self.heights[:count])

    def down_to(self, height: float) -> "Peaks":
        """Return those at least ``height`` high."""
        return self.strongest(int(np.count_nonzero(self.heights >= height)))


@dataclass(frozen=True, slots=True)
class PeakMatch:
    """How well the strongest peaks of two images agree in place.

    Attributes
    ----------
    requested
        How many peaks were to be compared.
    c, py
        How many each image has (at most ``requested``).
    matched
        Peaks with a partner within the limit, in the worse of the two directions.
    matched_fraction
        ``matched`` over the larger of ``c`` and ``py``; ``None`` when neither has a peak.
    missing, spurious
        Strong peaks of the C image without a partner within the limit, and of the port's.
    max_distance_px, mean_distance_px
        Over all pairs within :data:`CAPTURE_PX`, the ones beyond the limit included;
        ``None`` without any pair.
    limit_px
        Largest distance that counts as matched.
    """

    requested: int
    c: int
    py: int
    matched: int
    matched_fraction: float | None
    missing: int
    spurious: int
    max_distance_px: float | None
    mean_distance_px: float | None
    limit_px: float


def compare_peaks(c: Pixels, py: Pixels, *, count: int = 50, limit_px: float = 1.0) -> PeakMatch:
    """Match the ``count`` strongest peaks of two images of equal shape.

    Parameters
    ----------
    c, py
        Images ``[slow, fast]``; a region is compared by slicing it out of both.
    count
        How many of the strongest peaks to compare.
    limit_px
        Largest distance of a match, in pixels.

    Notes
    -----
    Blind to intensity (a spot of half the height still matches) and to everything weaker
    than the strongest ``count`` spots.
    """
    every_c, every_py = enough_peaks(c, count), enough_peaks(py, count)
    strong_c, strong_py = every_c.strongest(count), every_py.strongest(count)
    n_c, n_py = len(strong_c.heights), len(strong_py.heights)
    forward = _partner_distances(strong_c, _candidates(every_py, count))
    backward = _partner_distances(strong_py, _candidates(every_c, count))
    hits_c = int(np.count_nonzero(forward <= limit_px))
    hits_py = int(np.count_nonzero(backward <= limit_px))
    matched, largest = min(hits_c, hits_py), max(n_c, n_py)
    paired = np.concatenate([forward, backward])
    paired = paired[np.isfinite(paired)]
    return PeakMatch(
        requested=count,
        c=n_c,
        py=n_py,
        matched=matched,
        matched_fraction=matched / largest if largest else None,
        missing=n_c - hits_c,
        spurious=n_py - hits_py,
        max_distance_px=float(paired.max()) if paired.size else None,
        mean_distance_px=float(paired.mean()) if paired.size else None,
        limit_px=limit_px,
    )


def find_peaks(image: Pixels) -> Peaks:
    """Return the local maxima of an image (``[slow, fast]``).

    A maximum is a pixel, or a connected plateau of equal pixels, that is positive and higher
    than all its eight-connected neighbours. Pixels on the edge are neighbours but never
    maxima: what lies beyond the edge is not known. Pixels that are NaN are never maxima.
    """
    if min(image.shape) < 3:
        return Peaks(np.empty((0, 2)), np.empty(0))
    return assemble(_maxima(image, 0.0))


def enough_peaks(image: Pixels, count: int) -> Peaks:
    """Return all peaks down to :data:`HYSTERESIS` times the height of number ``count``.

    Parameters
    ----------
    image
        ``[slow, fast]``.
    count
        How many of the strongest peaks are wanted.

    Notes
    -----
    A large image has a hundred thousand maxima, and a few hundred decide: low ones are looked
    for only when the high ones are too few. Maxima that merge are equally high, so leaving out
    the lower ones changes nothing about the others.
    """
    if min(image.shape) < 3:
        return find_peaks(image)
    least = LOW * float(np.fmax.reduce(image, axis=None))
    if 0.0 < least < np.inf:
        found = assemble(_maxima(image, least))
        if len(found.heights) >= count and HYSTERESIS * found.heights[count - 1] >= least:
            return found
    return find_peaks(image)


def assemble(maxima: Maxima, *, dominant: bool = False) -> Peaks:
    """Return the peaks of the maxima of an image: vertices of parabolas, plateaus merged.

    Parameters
    ----------
    maxima
        All that the image has above some height.
    dominant
        Only the highest of the 7 x 7 pixels about them.
    """
    slow, fast, patches = maxima.slow, maxima.fast, maxima.patches
    if not slow.size:
        return Peaks(np.empty((0, 2)), np.empty(0))
    heights = patches[:, 1, 1]
    tied = (patches == heights[:, None, None]).sum(axis=(1, 2)) > 1
    vertices = _vertices(maxima)
    alone = ~tied & (maxima.dominant | (not dominant))
    centres, levels, highest = _plateaus(slow[tied], fast[tied], patches[tied], vertices[tied],
                                         maxima.dominant[tied])  # fmt: skip
    if dominant:
        centres, levels = centres[highest], levels[highest]
    positions = np.concatenate([vertices[alone], centres])
    heights = np.concatenate([heights[alone], levels])
    order = np.lexsort((positions[:, 1], positions[:, 0], -heights))
    return Peaks(positions[order], heights[order])


def match(a: _Reals, b: _Reals, capture_px: float = CAPTURE_PX) -> tuple[_Indices, _Indices]:
    """Assign points of ``a`` to points of ``b`` one to one, at the smallest total distance.

    A point left alone costs ``capture_px``, so that a chain of nearest neighbours is not
    shifted by one only to pair one more. Points farther apart than that cannot pair, which
    splits the problem into small independent ones (Hungarian method in each).

    Returns
    -------
    tuple
        Indices into ``a`` and into ``b`` of the pairs.
    """
    if not len(a) or not len(b):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    i, j, _ = pairs_within(a, b, capture_px)
    lone = (np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)
    pairs = [(i[lone], j[lone])]
    if not lone.all():
        label = _components(i[~lone], j[~lone] + len(a), len(a) + len(b))
        pairs += [_assign(a, b, *group, capture_px) for group in _groups(label, len(a))]
    rows = np.concatenate([p[0] for p in pairs])
    columns = np.concatenate([p[1] for p in pairs])
    return rows, columns


def _components(i: _Indices, j: _Indices, nodes: int) -> NDArray[Any]:
    """Return for each node the number of the connected component that it belongs to."""
    # SciPy takes longer to import than most images to search, and many need none of it.
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    links = coo_array((np.ones(i.size), (i, j)), shape=(nodes, nodes))
    label: NDArray[Any] = connected_components(links, directed=False)[1]
    return label


def _groups(label: NDArray[Any], size_a: int) -> Iterator[tuple[_Indices, _Indices]]:
    """Yield the indices of ``a`` and ``b`` of every component that holds both."""
    order = np.argsort(label, kind="stable")
    for nodes in np.split(order, np.flatnonzero(np.diff(label[order])) + 1):
        of_a, of_b = nodes[nodes < size_a], nodes[nodes >= size_a] - size_a
        if of_a.size and of_b.size:
            yield of_a, of_b


def _assign(
    a: _Reals, b: _Reals, of_a: _Indices, of_b: _Indices, capture_px: float
) -> tuple[_Indices, _Indices]:
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - as above

    distance = np.linalg.norm(a[of_a, None, :] - b[None, of_b, :], axis=2)
    rows, columns = linear_sum_assignment(np.minimum(distance, capture_px))
    real = distance[rows, columns] < capture_px
    return of_a[rows[real]], of_b[columns[real]]


def _candidates(peaks: Peaks, count: int) -> Peaks:
    """Return the peaks that may be a partner: the strongest, and those nearly as strong."""
    strongest = peaks.strongest(count)
    if not strongest.heights.size:
        return strongest
    return peaks.down_to(HYSTERESIS * float(strongest.heights[-1]))


def _partner_distances(strong: Peaks, candidates: Peaks) -> _Reals:
    """Return the distance of each strong peak to its partner, infinite without one."""
    distances = np.full(len(strong.heights), np.inf)
    mine, theirs = match(strong.positions, candidates.positions)
    apart = strong.positions[mine] - candidates.positions[theirs]
    distances[mine] = np.hypot(apart[:, 0], apart[:, 1])
    return distances


def _maxima(image: Pixels, least: float) -> Maxima:
    finder = MaximaFinder(least, image.size)
    for first in range(0, image.shape[0], BAND_ROWS):
        finder.add(image[first : first + BAND_ROWS])
    return finder.result()


def _vertices(maxima: Maxima) -> _Reals:
    """Return the vertex of a parabola through each maximum and its neighbours, per axis."""
    patches = np.nan_to_num(maxima.patches)
    centre = patches[:, 1, 1]
    out = np.empty((centre.size, 2))
    neighbours = ((patches[:, 0, 1], patches[:, 2, 1]), (patches[:, 1, 0], patches[:, 1, 2]))
    for axis, (before, after) in enumerate(neighbours):
        # No neighbour is higher, so |shift| <= 1/2: exactly 1/2 towards an equal neighbour,
        # and none inside a plateau, where the curvature is zero.
        curvature = 2 * centre - before - after
        shift = np.divide(after - before, 2 * curvature, where=curvature > 0, out=out[:, axis])
        shift[curvature <= 0] = 0.0
        shift += (maxima.slow, maxima.fast)[axis]
    return out


def _plateaus(
    slow: _Indices,
    fast: _Indices,
    patches: _Reals,
    vertices: _Reals,
    dominant: NDArray[np.bool_],
) -> tuple[_Reals, _Reals, NDArray[np.bool_]]:
    """Merge equal neighbouring maxima at the mean of their vertices; drop shelves.

    A shelf is a plateau that continues uphill somewhere: one of its pixels has an equal
    neighbour that is itself no maximum. Returned are positions, heights, and whether every
    pixel of the plateau is dominant.
    """
    if not slow.size:
        return np.empty((0, 2)), np.empty(0), np.empty(0, bool)
    width = int(fast.max()) + 2
    place = slow * width + fast
    level = patches[:, 1, 1]
    shelf = np.zeros(place.size, bool)
    left: list[_Indices] = []
    right: list[_Indices] = []
    for dy, dx in _NEIGHBOURS:
        equal = np.flatnonzero(patches[:, 1 + dy, 1 + dx] == level)
        target = place[equal] + dy * width + dx
        at = np.minimum(np.searchsorted(place, target), place.size - 1)
        known = place[at] == target
        shelf[equal[~known]] = True
        left.append(equal[known])
        right.append(at[known])
    label = _components(np.concatenate(left), np.concatenate(right), place.size)
    size = np.bincount(label)
    whole = np.bincount(label, weights=shelf) == 0
    highest = np.bincount(label, weights=dominant) == size
    centres = np.stack([np.bincount(label, weights=v) / size for v in vertices.T], axis=1)
    levels = np.zeros(size.size)
    levels[label] = level
    return centres[whole], levels[whole], highest[whole]
