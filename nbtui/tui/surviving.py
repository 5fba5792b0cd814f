"""An error in a screen is shown and survived: the run, and the way to its verdict, are not lost.

Textual ends the app when a widget raises. The widget and its screen are indeed past help: their
message loop has ended. But the app's own has not, so that a fresh screen can say what happened,
and the mode can be built anew beside the broken one.
"""

import tempfile
import traceback
from pathlib import Path

from textual._context import active_message_pump
from textual.app import App

from nbtui.tui import compat
from nbtui.tui.guide import Mode
from nbtui.tui.screens.broken import BrokenScreen

TRANSITION_S = 0.005
LIMIT = 5
"""Errors that are survived; with more of them the app ends as Textual would end it."""


class SurvivingApp(App[int]):
    """Keeps modes apart from the screens that show them, so that a screen can be replaced."""

    survives = False
    """Whether errors of screens are survived; tests want to see them."""

    def __init__(self) -> None:
        compat.fire_every_timer()
        super().__init__()
        self.stylesheet = compat.ParsedOnce(self.get_css_variables())
        self._shown_as: dict[Mode, str] = {}
        self._errors = 0

    @property
    def mode(self) -> Mode:
        """The mode on screen."""
        return Mode(self.current_mode.partition("~")[0])

    def show_mode(self, mode: Mode) -> None:
        """Switch to a mode's screen."""
        name = self._shown_as.get(mode, mode.value)
        if self.current_mode != name:
            self.switch_mode(name)

    def delay_update(self, delay: float = TRANSITION_S) -> None:
        """Hide a change of screens until the new one has been brought up to date.

        Textual takes 50 ms for that, as much as a key may take altogether. The screen that comes
        has been told already when the time begins.
        """
        super().delay_update(min(delay, TRANSITION_S))

    def _handle_exception(self, error: Exception) -> None:
        """Show what failed, unless the app itself did or too much has failed already."""
        self._errors += 1
        of_a_screen = active_message_pump.get(None) not in {None, self}
        if not self.survives or not of_a_screen or self._errors > LIMIT:
            super()._handle_exception(error)
            return
        report = _write_report(error)
        broken = self.mode
        self.call_later(self._show_broken, broken, f"{type(error).__name__}: {error}", report)

    def _show_broken(self, mode: Mode, error: str, report: Path | None) -> None:
        if isinstance(self.screen, BrokenScreen):
            return  # one panel says it; what follows is of the same screen
        self._shown_as[mode] = f"{mode.value}~{self._errors}"
        self.add_mode(self._shown_as[mode], self.MODES[mode.value])
        name = f"{mode.value}~broken{self._errors}"
        self.add_mode(name, lambda: BrokenScreen(mode, error, report))
        self.switch_mode(name)


def _write_report(error: Exception) -> Path | None:
    """Keep the traceback in a file; ``None`` where none can be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="nbtui-bug-", suffix=".txt", delete=False, encoding="utf-8"
        ) as report:
            report.write("".join(traceback.format_exception(error)))
    except OSError:
        return None
    return Path(report.name)
