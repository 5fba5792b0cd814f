"""A plane of values at every size a screen may ask for, reduced without losing a peak.

Sampling or averaging erases Bragg peaks and single wrong pixels, so blocks are *pooled*: the
largest value of an intensity, the value of largest magnitude of a signed quantity. Blocks
always begin at multiples of their size; panning therefore never changes a picture's cells.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Plane: TypeAlias = NDArray[np.float32]
Rows: TypeAlias = Callable[[int, int], Plane]
"""Returns rows ``first`` to ``last`` - 1 of the plane at full size."""
Pool: TypeAlias = Callable[[Sequence[Plane]], Plane]
"""Joins planes of equal shape cell by cell."""

STEP = 4
"""From one stored level to the next."""
BAND_ROWS = 256


def largest(planes: Sequence[Plane]) -> Plane:
    """Return the largest value of each cell; NaN wins."""
    out = planes[0]
    for plane in planes[1:]:
        out = np.maximum(out, plane)
    return out


def most_extreme(planes: Sequence[Plane]) -> Plane:
    """Return the value of largest magnitude of each cell, with its sign; NaN wins."""
    high = low = planes[0]
    for plane in planes[1:]:
        high, low = np.maximum(high, plane), np.minimum(low, plane)
    return np.where(-low > high, low, high)


class Pyramid:
    """A plane and its reductions.

    Parameters
    ----------
    shape
        ``(slow, fast)`` pixels at full size.
    rows
        Where the values at full size come from.
    pool
        :func:`largest` or :func:`most_extreme`.
    """

    def __init__(self, shape: tuple[int, int], rows: Rows, pool: Pool) -> None:
        self.shape = shape
        self._rows = rows
        self._pool = pool
        first = [
            shrunk(rows(start, min(start + BAND_ROWS, shape[0])), STEP, pool)
            for start in range(0, shape[0], BAND_ROWS)
        ]
        self._levels: dict[int, Plane] = {STEP: np.concatenate(first)}
        size = STEP
        while min(self._levels[size].shape) > STEP and size < 256:
            self._levels[size * STEP] = shrunk(self._levels[size], STEP, pool)
            size *= STEP

    @property
    def first(self) -> Plane:
        """The largest stored level: blocks of :data:`STEP` pixels."""
        return self._levels[STEP]

    def region(self, block: int, first: tuple[int, int], size: tuple[int, int]) -> Plane:
        """Return cells of ``block`` x ``block`` pixels.

        Parameters
        ----------
        block
            Pixels a cell is high and wide.
        first
            Row and column of the first cell, counted in cells.
        size
            Rows and columns; fewer come back where the image ends.
        """
        level = max((s for s in self._levels if block % s == 0), default=1)
        factor = block // level
        rows = slice(first[0] * factor, (first[0] + size[0]) * factor)
        columns = slice(first[1] * factor, (first[1] + size[1]) * factor)
        if level == 1:
            stop = min(rows.stop, self.shape[0])
            if rows.start >= stop:
                return np.empty((0, 0), np.float32)
            return shrunk(self._rows(rows.start, stop)[:, columns], factor, self._pool)
        return shrunk(self._levels[level][rows, columns], factor, self._pool)


def shrunk(plane: Plane, factor: int, pool: Pool) -> Plane:
    """Return blocks of ``factor`` x ``factor`` cells pooled; blocks at the end may be smaller."""
    if factor == 1 or not plane.size:
        return plane
    for axis in (0, 1):
        plane = _pad(plane, factor, axis)
        cut: list[Any] = [slice(None), slice(None)]
        parts = []
        for offset in range(factor):
            cut[axis] = slice(offset, None, factor)
            parts.append(plane[tuple(cut)])
        plane = pool(parts)
    return plane


def _pad(plane: Plane, factor: int, axis: int) -> Plane:
    """Repeat the last line until the length is a multiple: repeating changes no extreme."""
    missing = -plane.shape[axis] % factor
    if not missing:
        return plane
    width = [(0, 0), (0, 0)]
    width[axis] = (0, missing)
    return np.pad(plane, width, mode="edge")


def fitting_block(shape: tuple[int, int], room: tuple[int, int]) -> int:
    """Return the smallest block of :func:`ladder` with which the whole image has room."""
    needed = max(-(-shape[0] // max(room[0], 1)), -(-shape[1] // max(room[1], 1)), 1)
    return next((block for block in ladder() if block >= needed), needed)


def ladder() -> tuple[int, ...]:
    """Return the block sizes one zooms through, each cheap to make from a stored level."""
    return (
        1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 36, 40, 44, 48, 56, 64, 80,
        96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 768, 1024,
    )  # fmt: skip
