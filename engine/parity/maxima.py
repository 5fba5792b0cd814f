"""Local maxima of an image that arrives in bands; NumPy only.

What peaks need is kept with each maximum: its place and the 3 x 3 pixels about it. So an
image of any size can be searched in one pass, and nothing has to be looked up again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import BAND_ROWS, Pixels

Indices = NDArray[np.int64]
REACH = 3
"""A dominant maximum is the highest of the 7 x 7 pixels about it."""
_SPAN = range(-REACH, REACH + 1)
_RING = np.array([(i, j) for i in _SPAN for j in _SPAN if max(abs(i), abs(j)) > 1]).T


@dataclass(frozen=True, slots=True)
class Maxima:
    """Pixels that none of their eight neighbours exceeds, in scan order.

    Attributes
    ----------
    slow, fast
        Their coordinates.
    patches
        ``[n, 3, 3]`` the pixel and its neighbours.
    dominant
        Whether no pixel of the 7 x 7 about it is higher (as far as the image reaches).
    """

    slow: Indices
    fast: Indices
    patches: NDArray[np.float64]
    dominant: NDArray[np.bool_]


class MaximaFinder:
    """Finds the maxima of one image, fed band by band.

    Parameters
    ----------
    least
        Lower pixels are not looked at.
    most
        With more maxima than this the image is flat or noise: :attr:`overflown` turns true,
        and nothing more is kept.
    """

    def __init__(self, least: float, most: int) -> None:
        self.overflown = False
        self._least = least
        self._most = most
        self._count = 0
        self._found: list[Maxima] = []
        self._kept: Pixels = np.empty((0, 0), np.float32)
        self._waiting: list[Pixels] = []
        self._first = 0
        """Row of the first kept one."""
        self._done = 1
        """The next row whose maxima are to be found; those on the edge are none."""

    def add(self, band: Pixels) -> None:
        """Take the next rows."""
        self._waiting.append(np.array(band))
        if sum(len(rows) for rows in self._waiting) >= BAND_ROWS:
            self._take()
            self._search(self._first + len(self._kept) - REACH)

    def result(self) -> Maxima:
        """Return all maxima, once every row was given."""
        self._take()
        self._search(self._first + len(self._kept) - 1)
        if not self._found:
            none = np.empty(0, np.int64)
            return Maxima(none, none, np.empty((0, 3, 3)), np.empty(0, bool))
        parts = self._found
        return Maxima(
            np.concatenate([p.slow for p in parts]),
            np.concatenate([p.fast for p in parts]),
            np.concatenate([p.patches for p in parts]),
            np.concatenate([p.dominant for p in parts]),
        )

    def _take(self) -> None:
        parts = [self._kept, *self._waiting] if len(self._kept) else self._waiting
        if parts:
            self._kept = np.concatenate(parts)
        self._waiting = []

    def _search(self, last: int) -> None:
        """Find the maxima of the rows up to ``last``, and forget what is no longer needed."""
        if last <= self._done:
            return
        if not self.overflown:
            found = find(self._kept, self._done - self._first, last - self._first, self._least)
            self._count += found.slow.size
            self.overflown = self._count > self._most
            if self.overflown:
                self._found.clear()
            else:
                moved = Maxima(found.slow + self._first, found.fast, found.patches, found.dominant)
                self._found.append(moved)
        self._done = last
        cut = max(0, last - REACH - self._first)
        self._kept = self._kept[cut:].copy()
        self._first += cut


def find(image: Pixels, first: int, last: int, least: float = 0.0) -> Maxima:
    """Return the maxima in the rows ``first`` up to without ``last`` of an image.

    Pixels on the edge are neighbours but never maxima; what is not positive, not finite or
    below ``least`` is none. NaN neighbours are passed over.
    """
    centre = image[first:last, 1:-1]
    # Few pixels are high enough: look at those, instead of at every pixel eight times.
    high = (centre >= least) & (centre > 0) & (centre < np.inf)
    high &= ~((image[first:last, 2:] > centre) | (image[first:last, :-2] > centre))
    # Far faster than a search in two dimensions.
    slow, fast = np.divmod(np.flatnonzero(high), max(high.shape[1], 1))
    slow, fast = slow + first, fast + 1
    height = image[slow, fast]
    for up in (-1, 1):
        for side in (-1, 0, 1):
            lower = ~(image[slow + up, fast + side] > height)
            slow, fast, height = slow[lower], fast[lower], height[lower]
    patches = np.stack(
        [[image[slow + i, fast + j] for j in (-1, 0, 1)] for i in (-1, 0, 1)]
    ).astype(np.float64)
    return Maxima(slow, fast, np.moveaxis(patches, 2, 0), _dominant(image, slow, fast))


def _dominant(image: Pixels, slow: Indices, fast: Indices) -> NDArray[np.bool_]:
    around = np.clip(slow[:, None] + _RING[0], 0, image.shape[0] - 1)
    beside = np.clip(fast[:, None] + _RING[1], 0, image.shape[1] - 1)
    higher = image[around, beside] > image[slow, fast][:, None]
    out: NDArray[np.bool_] = ~higher.any(axis=1)
    return out
