"""What a terminal sends: the name of every key that is pressed, as key files call it."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.widgets import Static

KEPT = 10


class PressedApp(App[None]):
    """Lists the last keys; escape twice ends."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+q", "none", "", show=False)]
    ENABLE_COMMAND_PALETTE = False

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def compose(self) -> ComposeResult:
        """Say how it is used."""
        yield Static("press any key; escape twice ends\n", markup=False)

    def on_key(self, event: Key) -> None:
        """Show the key's name; what arrives as something else was taken by the terminal."""
        event.stop()
        if event.key == "escape" and self.names[-1:] == ["escape"]:
            self.exit()
            return
        self.names = [*self.names, event.key][-KEPT:]
        self.query_one(Static).update("press any key; escape twice ends\n" + "\n".join(self.names))

    def action_none(self) -> None:
        """Do nothing: Textual's own way out would hide this key, which is listed like any other."""
