"""The views of a pair: C, port, signed difference, ratio, and correlation tile by tile."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.parity.metrics import Moments, correlation
from nbtui.images.pairs import Pair
from nbtui.images.pyramid import Plane, Pyramid, Rows, largest, most_extreme

TILES = 64
"""Tiles along the longer side of the correlation map."""
SMALLEST_TILE = 8
"""Pixels; fewer values correlate by chance."""


class View(StrEnum):
    """What is shown; the value is its name on screen."""

    C = "C"
    PORT = "port"
    DIFFERENCE = "difference"
    RATIO = "ratio"
    TILES = "correlation"

    @property
    def signed(self) -> bool:
        """Whether zero is the middle and both signs matter."""
        return self in {View.DIFFERENCE, View.RATIO}


MEANING = {
    View.C: "the C program's image, brightest pixel of each block",
    View.PORT: "the port's image, brightest pixel of each block",
    View.DIFFERENCE: "port − C, the largest of each block with its sign",
    View.RATIO: "log2(port / C), the farthest from 0 of each block; ±1 is a factor of two",
    View.TILES: "1 − correlation of each tile: bright is bad",
}


@dataclass(frozen=True, slots=True)
class Values:
    """Both images at one pixel; ``ratio`` is undefined where C is zero."""

    c: float
    port: float

    @property
    def difference(self) -> float:
        """Port minus C."""
        return self.port - self.c

    @property
    def ratio(self) -> float | None:
        """Port over C."""
        return self.port / self.c if self.c else None


class Pictures:
    """A pair of images, mapped into memory; each view is reduced when first asked for.

    :meth:`prepare` takes tens of milliseconds for 4096 x 4096 pixels and belongs into a thread;
    what it has prepared is only read afterwards.

    Parameters
    ----------
    pair
        The images; they must have no trouble.
    """

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self._c = np.memmap(pair.c, "<f4", mode="r", shape=pair.shape)
        self._port = np.memmap(pair.port, "<f4", mode="r", shape=pair.shape)
        self._made: dict[View, Pyramid] = {}
        self._lock = Lock()

    @property
    def c(self) -> Plane:
        """The C image at full size."""
        return self._c

    @property
    def port(self) -> Plane:
        """The port's image at full size."""
        return self._port

    @cached_property
    def tile(self) -> int:
        """Edge of a tile of the correlation map, pixels."""
        return max(-(-max(self.pair.shape) // TILES), SMALLEST_TILE)

    def ready(self, view: View) -> Pyramid | None:
        """Return a view that was prepared."""
        return self._made.get(view)

    def prepare(self, view: View) -> Pyramid:
        """Reduce a view, once."""
        with self._lock:
            if view not in self._made:
                self._made[view] = self._make(view)
            return self._made[view]

    def _make(self, view: View) -> Pyramid:
        if view is View.TILES:
            loss = np.repeat(np.repeat(self._losses(), self.tile, 0), self.tile, 1)
            whole = loss[: self.pair.shape[0], : self.pair.shape[1]]
            return Pyramid(self.pair.shape, lambda a, b: whole[a:b], largest)
        rows: dict[View, Rows] = {
            View.C: lambda a, b: self._c[a:b],
            View.PORT: lambda a, b: self._port[a:b],
            View.DIFFERENCE: lambda a, b: self._port[a:b] - self._c[a:b],
            View.RATIO: self._log_ratio,
        }
        return Pyramid(self.pair.shape, rows[view], most_extreme if view.signed else largest)

    def _log_ratio(self, first: int, last: int) -> Plane:
        c, port = self._c[first:last], self._port[first:last]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.log2(port / c)
        # Nothing over nothing is agreement, not a number that does not exist.
        return np.where((c == 0) & (port == 0), np.float32(0), ratio)

    def _losses(self) -> Plane:
        """Return ``1 - correlation`` of each tile; NaN where a tile has none (it is constant)."""
        slow, fast = self.pair.shape
        count = (-(-slow // self.tile), -(-fast // self.tile))
        out = np.full(count, np.nan, np.float32)
        for i in range(count[0]):
            rows = slice(i * self.tile, (i + 1) * self.tile)
            x = self._c[rows].astype(np.float64)
            y = self._port[rows].astype(np.float64)
            for j in range(count[1]):
                inside = slice(j * self.tile, (j + 1) * self.tile)
                out[i, j] = _loss(x[:, inside], y[:, inside])
        return out

    def values(self, slow: int, fast: int) -> Values:
        """Return both images at a pixel."""
        return Values(float(self._c[slow, fast]), float(self._port[slow, fast]))

    def brightest(self, view: View, cell: tuple[int, int], block: int) -> tuple[int, int]:
        """Return the pixel ``(slow, fast)`` that a cell of a view shows."""
        rows = slice(cell[0] * block, (cell[0] + 1) * block)
        columns = slice(cell[1] * block, (cell[1] + 1) * block)
        c, port = self._c[rows, columns], self._port[rows, columns]
        match view:
            case View.PORT:
                values: NDArray[Any] = port
            case View.DIFFERENCE | View.TILES:
                values = np.abs(port - c)
            case View.RATIO:
                block_rows = self._log_ratio(rows.start, min(rows.stop, self.pair.shape[0]))
                values = np.abs(block_rows[:, columns])
            case _:
                values = c
        at = int(np.argmax(values))
        return rows.start + at // values.shape[1], columns.start + at % values.shape[1]


def _loss(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    if x.min() == x.max() or y.min() == y.max():
        return 0.0 if np.array_equal(x, y) else float("nan")
    moments = Moments.of(x, y)
    if not (moments.xx > 0 and moments.yy > 0):
        return float("nan")
    return 1.0 - correlation(moments)
