"""Are the pixels right and only in the wrong places? Transposed, mirrored, moved by whole pixels.

Or are their bytes? Nothing but a mistake in writing or reading rearranges either,
so the test is exact: the rearranged sample must agree as two renderings of one experiment
do, and as it stands must not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.parity.diagnosis.survey import Survey
from engine.parity.images import Pixels

SAME = 1e-5
"""Relative L2 up to which two samples show one experiment (float32 geometry is at 3e-5)."""
REACH = 4
"""Whole pixels that an image may be off by, along each axis."""
OTHER_BYTE_ORDER = "in the other byte order"
_POINTS = 20_000

_Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the second image's pixels lie in the first.

    Attributes
    ----------
    name
        ``transposed``, ``mirrored in slow``, ``turned by 180 degrees``, ``moved``, ...;
        :data:`OTHER_BYTE_ORDER` for pixels in their places.
    slow, fast
        Whole pixels by which the second image lies further on, for ``moved``.
    relative_l2
        Left after undoing it.
    """

    name: str
    slow: int = 0
    fast: int = 0
    relative_l2: float = 0.0


def in_other_byte_order(x: Pixels, y: Pixels) -> Arrangement | None:
    """Return that the bytes of ``y``'s pixels are turned round; ``None`` when they are not.

    Asked first of all: turned round, many a pixel is no number.

    Parameters
    ----------
    x, y
        ``[slow, fast]`` pixels of equal shape.
    """
    flat, other = x.reshape(-1), y.reshape(-1)
    every = max(1, flat.size // _POINTS)
    here = flat[::every].astype(np.float64)
    with np.errstate(invalid="ignore"):  # turned round, a pixel may be a signalling NaN
        there = other[::every].astype(np.float32).byteswap().astype(np.float64)
    norm = float(np.linalg.norm(here))
    if norm == 0.0 or not np.isfinite(norm) or not np.all(np.isfinite(there)):
        return None
    left = float(np.linalg.norm(there - here)) / norm
    return Arrangement(OTHER_BYTE_ORDER, relative_l2=left) if left < SAME else None


def rearranged(survey: Survey, y: Pixels) -> Arrangement | None:
    """Return how ``y`` is rearranged; ``None`` when it is not, or its symmetry hides it.

    Parameters
    ----------
    survey
        Of the two images.
    y
        ``[slow, fast]`` pixels of the second image.
    """
    every = max(1, survey.x.size // _POINTS)
    slow, fast, x = survey.slow[::every], survey.fast[::every], survey.x[::every]
    if x.size == 0 or not np.any(x):
        return None
    for name, s, f in _rearrangements(slow, fast, survey.shape):
        left = _left(x, y, s, f)
        if left is not None and left < SAME:
            return Arrangement(name, relative_l2=left)
    return _moved(slow, fast, x, y)


def _rearrangements(
    slow: _Indices, fast: _Indices, shape: tuple[int, int]
) -> Iterator[tuple[str, _Indices, _Indices]]:
    last_slow, last_fast = shape[0] - 1, shape[1] - 1
    yield "mirrored in slow", last_slow - slow, fast
    yield "mirrored in fast", slow, last_fast - fast
    yield "turned by 180 degrees", last_slow - slow, last_fast - fast
    if shape[0] == shape[1]:
        yield "transposed", fast, slow
        yield "turned by 90 degrees", fast, last_fast - slow
        yield "turned by 270 degrees", last_slow - fast, slow
        yield "transposed along the other diagonal", last_slow - fast, last_fast - slow


def _moved(slow: _Indices, fast: _Indices, x: NDArray[np.float64], y: Pixels) -> Arrangement | None:
    best: Arrangement | None = None
    for ds in range(-REACH, REACH + 1):
        for df in range(-REACH, REACH + 1):
            if (ds, df) == (0, 0):
                continue
            left = _left(x, y, slow + ds, fast + df)
            if left is not None and left < SAME and (best is None or left < best.relative_l2):
                best = Arrangement("moved", ds, df, left)
    return best


def _left(x: NDArray[np.float64], y: Pixels, slow: _Indices, fast: _Indices) -> float | None:
    """Return the relative L2 of x and y taken at other places; ``None`` when most are outside."""
    inside = (slow >= 0) & (slow < y.shape[0]) & (fast >= 0) & (fast < y.shape[1])
    if np.count_nonzero(inside) < max(1, x.size // 2):
        return None
    there = y[slow[inside], fast[inside]].astype(np.float64)
    here = x[inside]
    if not np.all(np.isfinite(there)):
        return None
    norm = float(np.linalg.norm(here))
    return float(np.linalg.norm(there - here)) / norm if norm > 0.0 else None
