"""Sums over square blocks of an image that arrives in bands of any height."""

from collections.abc import Iterator

import numpy as np

from engine.parity.images import Shape
from engine.parity.metrics.model import Real


def row_groups(first: int, rows: int, block: int) -> Iterator[tuple[int, slice]]:
    """Yield the block row and the slice of a band's rows that falls into it."""
    row = first
    while row < first + rows:
        group = row // block
        last = min((group + 1) * block, first + rows)
        yield group, slice(row - first, last - first)
        row = last


def grid(shape: Shape, block: int) -> Shape:
    """Return how many blocks cover an image, those cut off by its edge included."""
    return -(-shape[0] // block), -(-shape[1] // block)


def by_column(sums: Real, block: int) -> Real:
    """Return a row of column sums added up block by block."""
    out: Real = np.add.reduceat(sums, np.arange(0, sums.size, block))
    return out


def areas(shape: Shape, block: int) -> Real:
    """Return the number of pixels of each block."""
    slow, fast = (np.minimum(block, n - np.arange(0, n, block)).astype(np.float64) for n in shape)
    return np.outer(slow, fast)
