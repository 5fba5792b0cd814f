"""The memo as it was written, with line numbers; the lines of the selected step stand out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nbtui.memo.plan import LineSpan
from nbtui.tui.document import edge, visible

_GUTTER = 5
_GAP = 1
"""Free cells before the scroll bar."""


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    text: str
    first: bool


class MemoView(ScrollView, can_focus=True):
    """Wrapped lines with a gutter; drawn line by line, so its length does not matter."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "memo--gutter",
        "memo--text",
        "memo--lit",
        "memo--lit-gutter",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, classes="pane")
        self.border_title = edge("Memo")
        self._lines: tuple[str, ...] = ()
        self._rows: list[_Row] = []
        self._lit: frozenset[int] = frozenset()

    def show(self, name: str, text: str) -> None:
        """Show a memo."""
        self.border_title = edge(f"Memo · {visible(name)}")
        lines = tuple(visible(line) for line in text.splitlines())
        if lines != self._lines:
            self._lines = lines
            self._wrap()

    def light(self, spans: Sequence[LineSpan]) -> None:
        """Let the lines of these spans stand out and bring the first one into view."""
        lit = frozenset(n for s in spans for n in range(s.first, s.last + 1))
        if lit == self._lit:
            return
        self._lit = lit
        self.refresh()
        rows = [y for y, row in enumerate(self._rows) if row.number in lit]
        if rows:
            height = min(len(rows), self.scrollable_content_region.height or 1)
            region = Region(0, rows[0], 1, height)
            self.scroll_to_region(region, animate=False, force=True)

    @property
    def lit(self) -> frozenset[int]:
        """The numbers of the lines that stand out."""
        return self._lit

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self._wrap()

    def _wrap(self) -> None:
        width = max(self.scrollable_content_region.width - _GUTTER - _GAP, 10)
        self._rows = [
            _Row(number, part.plain.rstrip(), part_no == 0)
            for number, line in enumerate(self._lines, 1)
            for part_no, part in enumerate(Content(line).wrap(width) or [Content("")])
        ]
        self.virtual_size = Size(width + _GUTTER, len(self._rows))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the pane."""
        width = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        base = self.get_component_rich_style("memo--text")
        if index >= len(self._rows):
            return Strip.blank(width, base)
        row = self._rows[index]
        lit = row.number in self._lit
        gutter = self.get_component_rich_style("memo--lit-gutter" if lit else "memo--gutter")
        style = self.get_component_rich_style("memo--lit") if lit else base
        number = f"{row.number:>3}" if row.first else "   "
        mark = "▌" if lit else " "
        segments = [Segment(f"{number} {mark}", gutter), Segment(row.text, style)]
        return Strip(segments).adjust_cell_length(width, style)
