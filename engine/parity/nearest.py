"""Points of two images that lie near each other."""

import numpy as np
from numpy.typing import NDArray

MOST_PAIRS = 200_000
"""So many candidates are measured one by one; SciPy's tree takes longer to import than that."""

Indices = NDArray[np.int64]
Reals = NDArray[np.float64]


def pairs_within(a: Reals, b: Reals, limit_px: float) -> tuple[Indices, Indices, Reals]:
    """Return the indices of all points of ``a`` and ``b`` nearer than that, and how near.

    Parameters
    ----------
    a, b
        ``[n, 2]`` slow and fast coordinates in pixels.
    limit_px
        Nearer than this.
    """
    order, first, count = _bands(a, b, limit_px)
    i = np.repeat(np.arange(len(a)), count)
    before = np.cumsum(count) - count
    j = order[np.arange(i.size) - np.repeat(before - first, count)]
    apart = a[i] - b[j]
    distance = np.hypot(apart[:, 0], apart[:, 1])
    close = distance < limit_px
    return i[close], j[close], distance[close]


def nearest(a: Reals, b: Reals, limit_px: float) -> Indices:
    """Return for each point of ``a`` the index of the nearest one of ``b``, or -1.

    Parameters
    ----------
    a, b
        ``[n, 2]`` slow and fast coordinates in pixels.
    limit_px
        One that is not nearer than this is none.
    """
    found = np.full(len(a), -1, np.int64)
    if not len(a) or not len(b):
        return found
    if int(_bands(a, b, limit_px)[2].sum()) > MOST_PAIRS:
        return _nearest_by_tree(a, b, limit_px)
    i, j, distance = pairs_within(a, b, limit_px)
    order = np.lexsort((j, distance, i))
    starts = np.flatnonzero(np.diff(i[order], prepend=-1))
    found[i[order][starts]] = j[order][starts]
    return found


def _nearest_by_tree(a: Reals, b: Reals, limit_px: float) -> Indices:
    from scipy.spatial import cKDTree  # noqa: PLC0415  (most images do not need it)

    distance, index = cKDTree(b).query(a, distance_upper_bound=limit_px)
    return np.where(np.isfinite(distance), index, -1).astype(np.int64)


def _bands(a: Reals, b: Reals, limit_px: float) -> tuple[Indices, Indices, Indices]:
    """Return ``b`` in the order of its rows, and for each of ``a`` first and count in that band."""
    order = np.argsort(b[:, 0], kind="stable")
    first = np.searchsorted(b[order, 0], a[:, 0] - limit_px, "left")
    count = np.searchsorted(b[order, 0], a[:, 0] + limit_px, "right") - first
    return order, first, count
