"""Jump letters: one on every pane, and the one that is pressed gets the focus."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

LETTERS = "asdfghjklqwertyuiop"


class JumpScreen(ModalScreen[Widget | None]):
    """Letters over the panes of the screen below; any other key goes back.

    Parameters
    ----------
    panes
        What may be jumped to, in the order of ``tab``.
    """

    CSS = """
    JumpScreen { background: $background 40%; }
    JumpScreen Static {
        position: absolute; width: 5; height: 1; background: $accent; color: $background;
        text-style: bold; text-align: center;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "none", "Back", show=False)]

    def __init__(self, panes: Sequence[Widget]) -> None:
        super().__init__()
        self._panes = dict(zip(LETTERS, panes, strict=False))

    def compose(self) -> ComposeResult:
        """Lay a letter on each pane's upper left corner."""
        for letter, pane in self._panes.items():
            label = Static(f" {letter} ", markup=False)
            label.styles.offset = pane.region.offset + Offset(1, 0)
            yield label

    def on_key(self, event: Key) -> None:
        """Go to the pane of the letter."""
        event.stop()
        self.dismiss(self._panes.get(event.character or ""))

    def action_none(self) -> None:
        """Go back."""
        self.dismiss(None)
