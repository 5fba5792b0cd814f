"""Tiles of 64 x 64 pixels: where the images differ."""

from typing import ClassVar

import numpy as np

from engine.parity.metrics.blocks import areas, by_column, grid, row_groups
from engine.parity.metrics.model import About, Band, Outcome, Real, Scene, Value

TILE = 64
ENERGY_FLOOR = 1e-6
"""Of the maximum: a tile whose mean is below it is background and not judged."""
MAP_SIDE = 64
"""A map has at most so many cells along each side; a cell shows the worst of its tiles."""
MAP_DIGITS = 4


class Tiles:
    """Relative L2, sum ratio and correlation of each tile; the worst of the lit ones."""

    key: ClassVar[str] = "tiles"
    about: ClassVar[About] = About(
        formula=f"relative L2, sum ratio and r in tiles of {TILE} x {TILE} pixels; worst over the "
        f"tiles with mean(x) >= {ENERGY_FLOOR:g} max(x)",
        sees="local defects: an edge, a stale row, one weak spot, a dead tile",
        blind_to="tiles darker than that, and faults spread evenly over everything",
    )
    names: ClassVar[tuple[str, ...]] = (
        "worst_tile_relative_l2", "worst_tile_at", "worst_tile_sum_deviation",
        "worst_tile_correlation_deviation", "tiles_judged",
    )  # fmt: skip

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        shape = grid(scene.size, TILE)
        # x, y, d^2 and the moments about pivots that no offset of the images can outweigh.
        self._pivot = (scene.c_min, scene.py_min)
        self._sums: dict[str, Real] = {
            n: np.zeros(shape) for n in ("x", "y", "dd", "uu", "vv", "uv")
        }

    def add(self, band: Band) -> None:
        """Take some rows."""
        u = band.x - self._pivot[0] if self._pivot[0] else band.x
        v = band.y - self._pivot[1] if self._pivot[1] else band.y
        for group, rows in row_groups(band.row, band.rows, TILE):
            x, y, d = band.x[rows], band.y[rows], band.difference[rows]
            sums = {
                "x": x.sum(axis=0),
                "y": y.sum(axis=0),
                "dd": np.einsum("ij,ij->j", d, d),
                "uu": np.einsum("ij,ij->j", u[rows], u[rows]),
                "vv": np.einsum("ij,ij->j", v[rows], v[rows]),
                "uv": np.einsum("ij,ij->j", u[rows], v[rows]),
            }
            for name, values in sums.items():
                self._sums[name][group] += by_column(values, TILE)

    def outcome(self) -> Outcome:
        """Return the figures and the maps."""
        n = areas(self._scene.size, TILE)
        sums = self._sums
        lit = (sums["x"] >= n * ENERGY_FLOOR * self._scene.c_max) & (self._scene.c_max > 0)
        values: dict[str, Value] = dict.fromkeys(self.names)
        values["tiles_judged"] = int(lit.sum())
        if not lit.any():
            reason = "no tile is brighter than the background"
            return Outcome(values, dict.fromkeys(self.names[:-1], reason))
        p = self._pivot[0]
        square = sums["uu"] + 2 * p * (sums["x"] - n * p) + n * p * p
        l2 = np.sqrt(_over(sums["dd"], square))
        flux = np.abs(_over(sums["y"], sums["x"]) - 1.0)
        away = self._correlation_deviation(n)
        worst = int(np.argmax(np.where(lit, l2, -1.0)))
        slow, fast = (int(i) for i in np.unravel_index(worst, l2.shape))
        values |= {
            "worst_tile_relative_l2": float(l2[slow, fast]),
            "worst_tile_at": (
                self._scene.origin[0] + slow * TILE,
                self._scene.origin[1] + fast * TILE,
            ),
            "worst_tile_sum_deviation": float(flux[lit].max()),
        }
        why: dict[str, str] = {}
        varied = lit & np.isfinite(away)
        if varied.any():
            values["worst_tile_correlation_deviation"] = float(away[varied].max())
        else:
            why["worst_tile_correlation_deviation"] = "every tile is constant in one of the images"
        maps = {
            "relative_l2": _map(np.where(lit, l2, np.nan)),
            "sum_deviation": _map(np.where(lit, flux, np.nan)),
            "correlation_deviation": _map(np.where(lit, away, np.nan)),
        }
        return Outcome(values, why, {"tile": TILE, "tiles": list(l2.shape), "maps": maps})

    def _correlation_deviation(self, n: Real) -> Real:
        """Return ``1 - r`` of each tile; NaN where one side is constant to rounding."""
        sums = self._sums
        x, y = (sums[k] - n * p for k, p in zip("xy", self._pivot, strict=True))
        xx, yy = sums["uu"] - x * x / n, sums["vv"] - y * y / n
        xy = sums["uv"] - x * y / n
        # What is left of a variance after this cancellation must stand above its rounding.
        real = (xx > 1e-12 * sums["uu"]) & (yy > 1e-12 * sums["vv"])
        out = np.full(n.shape, np.nan)
        r = xy[real] / np.sqrt(xx[real] * yy[real])
        out[real] = np.clip(1.0 - r, 0.0, 2.0)
        return out


def _over(a: Real, b: Real) -> Real:
    """Return ``a / b``, and 0 where ``b`` is 0 (such tiles are not lit)."""
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)


def _map(plane: Real) -> list[list[float | None]]:
    """Return a plane in at most :data:`MAP_SIDE` cells a side; a cell without a value is null."""
    block = -(-max(plane.shape) // MAP_SIDE)
    low = np.where(np.isnan(plane), -1.0, plane)
    rows = np.maximum.reduceat(low, np.arange(0, low.shape[0], block), axis=0)
    cells = np.maximum.reduceat(rows, np.arange(0, low.shape[1], block), axis=1)
    return [
        [None if v < 0 else float(f"{v:.{MAP_DIGITS}g}") for v in row] for row in cells.tolist()
    ]
