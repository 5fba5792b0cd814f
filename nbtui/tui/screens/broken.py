"""What stands there when a screen has failed: it depends on nothing that may have failed too."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from nbtui.tui.document import visible
from nbtui.tui.guide import Mode

if TYPE_CHECKING:
    from nbtui.tui.guiding import Guiding


class BrokenScreen(Screen[None]):
    """Says what failed, that the run goes on, and what can be done.

    Parameters
    ----------
    mode
        Whose screen failed.
    error, report
        What was raised, and the file with its traceback.
    """

    CSS = "BrokenScreen { padding: 1 2; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,r", "rebuild", "Build the screen anew", show=False),
        Binding("y", "copy_report", "Copy the report's path", show=False),
    ]

    def __init__(self, mode: Mode, error: str, report: Path | None) -> None:
        super().__init__()
        self._mode = mode
        self._error = error
        self._report = report

    def compose(self) -> ComposeResult:
        """Say it in plain words."""
        kept = f"The traceback is in {self._report}." if self._report else ""
        text = (
            f"✗ The screen “{self._mode.label}” failed. This is a bug of nbtui.\n\n"
            f"{visible(self._error)}\n{kept}\n\n"
            "A run, if there is one, is not affected: its supervisor is another process.\n\n"
            "enter  build the screen anew\n"
            "1-6    go to another screen\n"
            "y      copy the path of the traceback\n"
            "d      leave; the run goes on"
        )
        yield Static(text, markup=False)

    def action_rebuild(self) -> None:
        """Go to the screen that was built in the failed one's place."""
        cast("Guiding", self.app).go(self._mode)

    def action_copy_report(self) -> None:
        """Copy the path of the traceback."""
        cast("Guiding", self.app).copy(str(self._report or ""), "the path")
