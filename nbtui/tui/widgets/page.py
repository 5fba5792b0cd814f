"""A scrolling pane of document blocks."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from nbtui.tui.document import Block, alike, edge, render


class Page(VerticalScroll, can_focus=True):
    """Shows blocks, wrapped to its width; keeps its place when the same text comes again.

    Parameters
    ----------
    title
        Stands in the pane's upper edge.
    """

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self, title: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id, classes="pane")
        self.border_title = edge(title)
        self._blocks: tuple[Block, ...] = ()
        self._drawn_for = 0
        self._body = Static("", markup=False)
        self._lines = -1

    def compose(self) -> ComposeResult:
        """Hold one text."""
        yield self._body

    def show(self, blocks: Sequence[Block], *, top: bool = False) -> None:
        """Show other blocks; ``top`` goes back to their beginning."""
        new = tuple(blocks)
        if alike(new, self._blocks):
            return
        self._blocks = new
        self._draw()
        self.call_after_refresh(self._draw_if_resized)
        if top:
            self.scroll_home(animate=False)

    def go_to(self, line: int) -> None:
        """Bring a line to the top, as far as there is text below it."""
        self.scroll_to(y=line, animate=False)

    @property
    def text_width(self) -> int:
        """Cells a line of text may fill: one is left free before the scroll bar."""
        return max(self.scrollable_content_region.width - 1, 0)

    def on_resize(self) -> None:
        """Wrap again for the new width."""
        self._draw()
        self.call_after_refresh(self._draw_if_resized)

    def _draw_if_resized(self) -> None:
        # A screen gets its class for narrow terminals, and with it another layout, after its panes
        # were shown for the first time.
        if self.text_width != self._drawn_for:
            self._draw()

    def _draw(self) -> None:
        if not self.text_width:
            return
        self._drawn_for = self.text_width
        text = render(self._blocks, self.text_width)
        # The text is wrapped and as wide as the pane: only another height needs a new layout.
        lines = text.plain.count("\n")
        self._body.update(text, layout=lines != self._lines)
        self._lines = lines
