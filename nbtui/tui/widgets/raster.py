"""Colour indices as terminal lines: two dots in each cell, drawn with the half block."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from nbtui.images.scale import COLOURS, Indices, Table
from nbtui.tui.graphics.picture import EMPTY, SHADE

Cells = NDArray[np.int64]


class Painter:
    """Draws rows of dots with one colour table.

    Parameters
    ----------
    table
        Colours by index; the last one is for what is not a number.
    outside
        Red, green and blue around the image.
    """

    def __init__(self, table: Table, outside: tuple[int, int, int]) -> None:
        self._rgb = [tuple(int(n) for n in row) for row in table] + [outside]
        self._inks = [Color.from_rgb(*rgb) for rgb in self._rgb]
        self._cell = lru_cache(maxsize=8192)(self._of_cell)

    def colour(self, index: int) -> tuple[int, int, int]:
        """Return the colour of an index."""
        red, green, blue = self._rgb[index]
        return red, green, blue

    def ink(self, index: int) -> str:
        """Return black or white, whichever is legible on the colour of an index."""
        red, green, blue = self.colour(index)
        return "#000000" if 0.3 * red + 0.59 * green + 0.11 * blue > 110 else "#ffffff"

    def _of_cell(self, code: int) -> Segment:
        top, bottom = divmod(code, EMPTY + 1)
        return Segment("▀", Style(color=self._inks[top], bgcolor=self._inks[bottom]))

    def strip(self, codes: Cells, marks: Mapping[int, tuple[str, bool]]) -> Strip:
        """Return one line of cells.

        Parameters
        ----------
        codes
            What :func:`cells` says of the line.
        marks
            Column to a character drawn over the dots, and whether it stands out.
        """
        if not len(codes):
            return Strip([])
        ends = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist(), len(codes)]
        if marks:
            around = {n for column in marks for n in (column, column + 1)}
            ends = sorted({*ends, *(n for n in around if 0 <= n <= len(codes))})
        pairs = codes.tolist()
        segments = []
        for start, end in pairwise(ends):
            cell = self._cell(pairs[start])
            if end != start + 1:
                cell = Segment(cell.text * (end - start), cell.style)
            elif start in marks:
                cell = self._mark(pairs[start] // (EMPTY + 1), *marks[start])
            segments.append(cell)
        return Strip(segments, len(pairs))

    def _mark(self, index: int, char: str, strong: bool) -> Segment:
        style = Style(color=self.ink(index), bgcolor=self._inks[index], bold=strong, reverse=strong)
        return Segment(char, style)


def cells(dots: Indices) -> Cells:
    """Return the pair of colours of every cell, as one number, from two rows of dots each."""
    joined = shades(dots).astype(np.int64)
    pairs: Cells = joined[0::2] * (EMPTY + 1) + joined[1::2]
    return pairs


def shades(indices: Indices) -> Indices:
    """Return the indices with neighbouring colours joined; special ones stay."""
    joined = np.minimum(indices // SHADE * SHADE + SHADE // 2, COLOURS - 1)
    return np.where(indices < COLOURS, joined, indices).astype(np.int16)
