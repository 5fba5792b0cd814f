"""A chart of two curves in braille dots; where they differ, each has its own colour."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from textual.content import Content

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The dot of each row and column of a braille cell."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A document block: two curves over the same bins, the height logarithmic.

    ``span`` holds the ends of the horizontal axis; values that are not positive are not drawn.
    """

    title: str
    first: tuple[float, ...]
    second: tuple[float, ...]
    x_name: str
    span: tuple[float, float]
    height: int = 7

    def lines(self, width: int) -> list[Content]:
        """Return title, curves and horizontal axis."""
        head = Content.styled(self.title, "bold $primary").truncate(width, ellipsis=True)
        low, high = limits((*self.first, *self.second))
        if not high > low:
            return [head, Content.styled("nothing to draw", "$muted")]
        first = _dots(self.first, width, self.height, low, high)
        second = _dots(self.second, width, self.height, low, high)
        rows = [_row(a, b) for a, b in zip(first, second, strict=True)]
        left, right = (f"{n:.3g}" for n in self.span)
        name = self.x_name if len(left) + len(right) + len(self.x_name) + 2 <= width else ""
        room = max(width - len(left) - len(right), 1)
        axis = Content.styled(left + name.center(room) + right, "$muted")
        scale = Content.styled(f"{10**low:.2g} to {10**high:.2g}, log", "$muted")
        legend = Content.assemble(
            ("⠿ ", "$foreground"), ("both  ", "$muted"), ("⠿ ", "bold $accent"),
            ("C only  ", "$muted"), ("⠿ ", "bold $error"), ("port only", "$muted"),
        )  # fmt: skip
        return [head, scale, *rows, axis.truncate(width), legend.truncate(width)]


def limits(values: Sequence[float]) -> tuple[float, float]:
    """Return the decimal logarithms of the smallest and largest positive value."""
    logs = [math.log10(v) for v in values if math.isfinite(v) and v > 0]
    return (min(logs), max(logs)) if logs else (0.0, 0.0)


def _dots(
    values: Sequence[float], width: int, height: int, low: float, high: float
) -> list[list[int]]:
    """Return the braille bits of a curve, row by row."""
    cells = [[0] * width for _ in range(height)]
    before: int | None = None
    for x in range(width * 2):
        value = values[min(x * len(values) // (width * 2), len(values) - 1)]
        if not (math.isfinite(value) and value > 0):
            before = None
            continue
        level = (math.log10(value) - low) / (high - low)
        y = round((1 - min(max(level, 0.0), 1.0)) * (height * 4 - 1))
        start, end = sorted((y, y if before is None else before))
        for dot in range(start, end + 1):
            cells[dot // 4][x // 2] |= _BITS[dot % 4][x % 2]
        before = y
    return cells


def _row(first: Sequence[int], second: Sequence[int]) -> Content:
    """Return one line of both curves; neighbours of one colour are one run."""
    styled = [
        (
            "$foreground" if a == b else ("bold $accent" if a else "bold $error"),
            chr(0x2800 + (a | b)),
        )
        for a, b in zip(first, second, strict=True)
    ]
    runs = groupby(styled, key=lambda pair: pair[0])
    return Content.assemble(*(("".join(c for _, c in run), style) for style, run in runs))
