"""A list of one-line rows that never takes ``enter`` from the guided way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from nbtui.tui.document import edge
from nbtui.tui.moving import navigation


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its id, and its text for a given width."""

    id: str
    text: Content
    divider: bool = False


class Rows(OptionList, inherit_bindings=False):
    """Rows with a cursor. Rows of the same ids are updated in place: nothing jumps.

    Parameters
    ----------
    title
        Stands in the upper edge.
    """

    class Resized(Message):
        """The rows have another width: they are to be made anew."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *navigation(
            nav_down="cursor_down", nav_up="cursor_up", nav_last="last", nav_first="first",
            nav_page_down="page_down", nav_page_up="page_up",
        )
    ]  # fmt: skip

    def __init__(self, title: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id, classes="pane", markup=False)
        self.border_title = edge(title)
        self._shown: tuple[Row, ...] = ()

    @property
    def selected(self) -> str | None:
        """The id of the row under the cursor."""
        option = self.highlighted_option
        return option.id if option else None

    def select(self, row_id: str) -> None:
        """Put the cursor on a row; unknown ids leave it where it is."""
        if any(row.id == row_id for row in self._shown):
            self.highlighted = self.get_option_index(row_id)

    def show(self, rows: Sequence[Row]) -> None:
        """Show these rows and keep the cursor on its row where that still exists."""
        new = tuple(rows)
        old, self._shown = self._shown, new
        if [(r.id, r.divider) for r in old] == [(r.id, r.divider) for r in new]:
            for index, (before, after) in enumerate(zip(old, new, strict=True)):
                if not before.text.is_same(after.text):
                    self.replace_option_prompt_at_index(index, after.text)
            return
        selected = self.selected
        content: list[Option | None] = []
        for row in new:
            if row.divider and content:
                content.append(None)
            content.append(Option(row.text, id=row.id))
        self.set_options(content)
        if new:
            ids = [row.id for row in new]
            self.highlighted = ids.index(selected) if selected in ids else 0

    def on_resize(self) -> None:
        """Ask for rows of the new width."""
        self.post_message(self.Resized())

    @property
    def row_width(self) -> int:
        """Cells a row may fill."""
        return max(self.scrollable_content_region.width, 20)


def columns(*cells: tuple[str | Content, int], gap: int = 1) -> Content:
    """Return cells side by side, each cut or padded to its width; width 0 takes what it needs."""
    parts: list[Content] = []
    for cell, width in cells:
        text = cell if isinstance(cell, Content) else Content(cell)
        if width:
            text = text.truncate(width, ellipsis=True, pad=True)
        parts.append(text)
    return Content(" " * gap).join(parts)
