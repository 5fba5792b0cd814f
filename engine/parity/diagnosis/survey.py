"""First look at two images: how far apart they are, and the pixels that say most about it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import Pixels

BRIGHT = 1e-3
"""A pixel counts as bright from this fraction of its image's maximum on."""
SAMPLE = 200_000
WORST = 8
_CHUNK = 1 << 20

_Reals = NDArray[np.float64]
_Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Survey:
    """Two images in figures, and a sample of their bright pixels.

    Attributes
    ----------
    shape
        ``(slow, fast)``.
    nonfinite
        Pixels that are NaN or infinite, on the first side and on the second.
    relative_l2
        norm(y - x) / norm(x) over pixels that are finite on both sides; infinite when x is
        zero and y is not.
    sum_ratio
        Sum of y over sum of x; NaN when x sums to zero.
    worst
        Slow, fast, x and y of the pixels with the largest differences, the worst first.
    slow, fast, x, y
        The sample: positions and values of pixels that are bright on either side.
    bright
        How many pixels the sample was taken from.
    maximum
        Largest finite value of x and of y.
    """

    shape: tuple[int, int]
    nonfinite: tuple[int, int]
    relative_l2: float
    sum_ratio: float
    worst: tuple[tuple[int, int, float, float], ...]
    slow: _Indices
    fast: _Indices
    x: _Reals
    y: _Reals
    bright: int
    maximum: tuple[float, float]

    @property
    def log_ratio(self) -> _Reals:
        """Return log(y / x) of the sample where both are positive; NaN elsewhere."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where((self.x > 0) & (self.y > 0), np.log(self.y) - np.log(self.x), np.nan)


def survey(x: Pixels, y: Pixels) -> Survey:
    """Survey two images of equal shape (``[slow, fast]``, photons)."""
    flat_x, flat_y = x.reshape(-1), y.reshape(-1)
    tops = (_top(flat_x), _top(flat_y))
    square_x = square_d = sum_x = sum_y = 0.0
    bad = [0, 0]
    bright: list[_Indices] = []
    worst = np.empty(0, np.int64)
    for first in range(0, flat_x.size, _CHUNK):
        with np.errstate(invalid="ignore"):  # among bytes that are no image: signalling NaNs
            a = flat_x[first : first + _CHUNK].astype(np.float64)
            b = flat_y[first : first + _CHUNK].astype(np.float64)
        finite_a, finite_b = np.isfinite(a), np.isfinite(b)
        bad[0] += a.size - int(np.count_nonzero(finite_a))
        bad[1] += b.size - int(np.count_nonzero(finite_b))
        valid = finite_a & finite_b
        if not valid.all():
            a, b = np.where(valid, a, 0.0), np.where(valid, b, 0.0)
        d = b - a
        # Squares of values near the end of float32 are no doubles' problem, their sum is.
        square_x += float(np.dot(a, a))
        square_d += float(np.dot(d, d))
        sum_x += float(a.sum())
        sum_y += float(b.sum())
        bright.append(first + np.flatnonzero((a >= BRIGHT * tops[0]) | (b >= BRIGHT * tops[1])))
        size = np.abs(d)
        k = min(WORST, d.size)
        here = np.argpartition(size, d.size - k)[-k:]
        worst = np.concatenate([worst, first + here[size[here] > 0.0]])
    where = np.concatenate(bright) if tops != (0.0, 0.0) else np.empty(0, np.int64)
    taken = where if where.size <= SAMPLE else where[:: -(-where.size // SAMPLE)]
    shape = (int(x.shape[0]), int(x.shape[1]))
    return Survey(
        shape=shape,
        nonfinite=(bad[0], bad[1]),
        relative_l2=_relative(square_d, square_x),
        sum_ratio=sum_y / sum_x if sum_x else float("nan"),
        worst=_listed(worst, flat_x, flat_y, shape),
        slow=taken // shape[1],
        fast=taken % shape[1],
        x=flat_x[taken].astype(np.float64),
        y=flat_y[taken].astype(np.float64),
        bright=int(where.size),
        maximum=tops,
    )


def _relative(square_d: float, square_x: float) -> float:
    if square_x > 0.0:
        return float(np.sqrt(square_d / square_x))
    return 0.0 if square_d == 0.0 else float("inf")


def _top(values: Pixels) -> float:
    """Return the largest finite value; 0 when there is none above."""
    top = float(np.max(values, initial=0.0))
    if np.isfinite(top):
        return top
    finite = values[np.isfinite(values)]
    return float(np.max(finite, initial=0.0))


def _listed(
    indices: _Indices, x: Pixels, y: Pixels, shape: tuple[int, int]
) -> tuple[tuple[int, int, float, float], ...]:
    size = np.abs(y[indices].astype(np.float64) - x[indices].astype(np.float64))
    order = indices[np.argsort(size)[::-1][:WORST]]
    return tuple((int(i // shape[1]), int(i % shape[1]), float(x[i]), float(y[i])) for i in order)
