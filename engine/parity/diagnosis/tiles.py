"""Where on the image do the two sides differ? Correlation and sum ratio of every tile."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import Pixels

_Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TileMap:
    """The two images tile by tile.

    Attributes
    ----------
    correlation
        ``[slow, fast]`` Pearson's r of each tile; NaN where one side is constant.
    sum_ratio
        Sum of the second image over the first; NaN where the first sums to zero.
    relative_l2
        norm(y - x) / norm(x); NaN where x is zero.
    square
        Sum of (y - x)^2 of each tile.
    slow_edges, fast_edges
        First pixel of each tile, and the end of the last.
    """

    correlation: _Reals
    sum_ratio: _Reals
    relative_l2: _Reals
    square: _Reals
    slow_edges: tuple[int, ...]
    fast_edges: tuple[int, ...]

    def worst(self) -> tuple[int, int]:
        """Return slow and fast of the tile with the largest relative difference."""
        filled = np.where(np.isnan(self.relative_l2), -1.0, self.relative_l2)
        slow, fast = np.unravel_index(int(np.argmax(filled)), filled.shape)
        return int(slow), int(fast)

    def largest(self) -> float:
        """Return the largest relative difference of a tile; infinite where x is zero and y not."""
        if np.any(np.isnan(self.relative_l2) & (self.square > 0.0)):
            return float("inf")
        slow, fast = self.worst()
        return float(np.nan_to_num(self.relative_l2[slow, fast]))

    def concentration(self) -> float:
        """Return the largest share of a tile in the whole squared difference; 0 without one."""
        whole = float(self.square.sum())
        return float(self.square.max()) / whole if whole > 0.0 else 0.0

    def spread(self) -> tuple[float, float]:
        """Return the least and the largest sum ratio of a tile; NaN when none is defined."""
        known = self.sum_ratio[np.isfinite(self.sum_ratio)]
        return (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)


def tile_map(x: Pixels, y: Pixels, count: int = 16) -> TileMap:
    """Return the tile map of two images.

    Parameters
    ----------
    x, y
        ``[slow, fast]`` pixels of equal shape; pixels that are not finite on both sides do
        not count.
    count
        Tiles along each axis; fewer where an axis has fewer pixels.
    """
    slow_edges, fast_edges = _edges(x.shape[0], count), _edges(x.shape[1], count)
    rows = [_sums(x[a:b], y[a:b], fast_edges) for a, b in pairwise(slow_edges)]
    n, sx, sy, sxx, syy, sxy, sdd = np.stack(rows, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cov = sxy - sx * sy / n
        var = (sxx - sx * sx / n) * (syy - sy * sy / n)
        correlation = np.where(var > 0.0, cov / np.sqrt(np.abs(var)), np.nan)
        ratio = np.where(sx != 0.0, sy / sx, np.nan)
        relative = np.where(sxx > 0.0, np.sqrt(sdd / sxx), np.nan)
    return TileMap(correlation, ratio, relative, sdd, slow_edges, fast_edges)


def _edges(pixels: int, count: int) -> tuple[int, ...]:
    return tuple(int(e) for e in np.linspace(0, pixels, min(count, pixels) + 1).astype(int))


def _sums(x: Pixels, y: Pixels, edges: tuple[int, ...]) -> _Reals:
    """Return seven sums for each tile of a strip of rows."""
    a, b = x.astype(np.float64), y.astype(np.float64)
    valid = np.isfinite(a) & np.isfinite(b)
    if not valid.all():
        a, b = np.where(valid, a, 0.0), np.where(valid, b, 0.0)
    # Sums down the columns first: what is left to cut into tiles is one row.
    d = b - a
    columns = [
        valid.sum(axis=0, dtype=np.float64), a.sum(axis=0), b.sum(axis=0),
        np.einsum("ij,ij->j", a, a), np.einsum("ij,ij->j", b, b), np.einsum("ij,ij->j", a, b),
        np.einsum("ij,ij->j", d, d),
    ]  # fmt: skip
    return np.stack([np.add.reduceat(c, edges[:-1]) for c in columns])
