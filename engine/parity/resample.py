"""Bring an image onto another pixel grid over the same field of view."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from engine.parity.images import Pixels, Shape


def resampled(image: Pixels, shape: Shape) -> NDArray[np.float32]:
    """Return ``image`` on a grid of ``shape`` pixels, by area, keeping its sum.

    Both grids cover the same rectangle. Every pixel of the image gives each pixel of the new
    grid the share of its photons that falls into it, taken as spread evenly over the pixel.

    Parameters
    ----------
    image
        ``[slow, fast]``, photons per pixel.
    shape
        The new ``(slow, fast)``.
    """
    rows = _shares(image.shape[0], shape[0])
    columns = _shares(image.shape[1], shape[1])
    wide: NDArray[np.float64] = rows @ np.asarray(image, np.float64)
    out: NDArray[np.float64] = (columns @ wide.T).T
    return np.ascontiguousarray(out, dtype="<f4")


def _shares(old: int, new: int) -> csr_array:
    """Return the matrix ``[new, old]`` of the share of each old pixel inside each new one."""
    edges = np.union1d(np.arange(old + 1) * new, np.arange(new + 1) * old)
    middles = (edges[1:] + edges[:-1]) / 2
    share = np.diff(edges) / new
    place = ((middles // old).astype(np.int64), (middles // new).astype(np.int64))
    return csr_array((share, place), shape=(new, old))
