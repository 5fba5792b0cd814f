"""Colour indices as terminal lines: two dots in each cell, drawn with the half block."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from nbtui.images.scale import COLOURS, Indices, Table
from nbtui.tui.graphics.picture import EMPTY, SHADE


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
        self.style = lru_cache(maxsize=8192)(self._style)

    def colour(self, index: int) -> tuple[int, int, int]:
        """Return the colour of an index."""
        red, green, blue = self._rgb[index]
        return red, green, blue

    def ink(self, index: int) -> str:
        """Return black or white, whichever is legible on the colour of an index."""
        red, green, blue = self.colour(index)
        return "#000000" if 0.3 * red + 0.59 * green + 0.11 * blue > 110 else "#ffffff"

    def _style(self, top: int, bottom: int) -> Style:
        return Style(
            color=Color.from_rgb(*self.colour(top)), bgcolor=Color.from_rgb(*self.colour(bottom))
        )

    def strip(self, top: Indices, bottom: Indices, marks: Mapping[int, tuple[str, bool]]) -> Strip:
        """Return one line of cells.

        Parameters
        ----------
        top, bottom
            Indices of the dots of the upper and the lower row.
        marks
            Column to a character drawn over the dots, and whether it stands out.
        """
        codes = shades(top).astype(np.int64) * (EMPTY + 1) + shades(bottom)
        cuts = {0, len(codes), *(np.flatnonzero(np.diff(codes)) + 1).tolist()}
        for column in marks:
            cuts |= {column, column + 1}
        ends = sorted(c for c in cuts if 0 <= c <= len(codes))
        segments = []
        for start, end in pairwise(ends):
            upper, lower = divmod(int(codes[start]), EMPTY + 1)
            if start in marks and end == start + 1:
                segments.append(self._mark(upper, *marks[start]))
            else:
                segments.append(Segment("▀" * (end - start), self.style(upper, lower)))
        return Strip(segments, len(codes))

    def _mark(self, index: int, char: str, strong: bool) -> Segment:
        ground = Color.from_rgb(*self.colour(index))
        style = Style(color=self.ink(index), bgcolor=ground, bold=strong, reverse=strong)
        return Segment(char, style)


def shades(indices: Indices) -> Indices:
    """Return the indices with neighbouring colours joined; special ones stay."""
    joined = np.minimum(indices // SHADE * SHADE + SHADE // 2, COLOURS - 1)
    return np.where(indices < COLOURS, joined, indices).astype(np.int16)
