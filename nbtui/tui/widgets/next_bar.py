"""The line above the keys: what ``enter`` does now, and the last thing that happened."""

from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from nbtui.tui.document import visible
from nbtui.tui.guide import Go, Next


class NextBar(Widget):
    """Announces the next sensible thing; a click does it."""

    ALLOW_SELECT = False

    class Pressed(Message):
        """The bar was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._next = Next(Go.WAIT, "")
        self._last = ""

    def show(self, step: Next, last: str) -> None:
        """Announce ``step``; ``last`` is the last event in words."""
        if (step, last) != (self._next, self._last):
            self._next, self._last = step, last
            self.refresh()

    @property
    def words(self) -> str:
        """What is announced."""
        return self._next.words

    def render(self) -> Content:
        """Draw the line."""
        width = self.size.width
        if self._next.go in {Go.WAIT, Go.FOLLOW}:
            key = Content.styled(" ● ", "bold $primary")
        else:
            key = Content.styled(" enter ▸ ", "bold $background on $accent") + " "
        words = Content.styled(self._next.words, "bold")
        left = (key + words).truncate(width, ellipsis=True)
        room = width - left.cell_length - 3
        if room < 24 or not self._last:
            return left
        last = Content.styled(visible(self._last), "$muted").truncate(room, ellipsis=True)
        return left + Content(" " * (width - left.cell_length - last.cell_length - 1)) + last

    def on_click(self, event: Click) -> None:
        """Do it."""
        event.stop()
        self.post_message(self.Pressed())
