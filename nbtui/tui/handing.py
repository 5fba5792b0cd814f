"""What the app hands to the terminal: text to its clipboard, files to pager and editor."""

from pathlib import Path

from textual.app import SuspendNotSupported

from nbtui.tui.graphics.choice import Graphics
from nbtui.tui.model import Model
from nbtui.tui.screens import dialogs
from nbtui.tui.services import Services
from nbtui.tui.surviving import SurvivingApp


class HandingApp(SurvivingApp):
    """Copies texts and shows files; what cannot be handed over is said."""

    services: Services
    model: Model
    graphics: Graphics

    def tell_failure(self, what: str, detail: str) -> None:
        """Say what went wrong, and let it be copied."""

        def answer(value: str | None) -> None:
            if value == "copy":
                self.copy(f"{what}\n{detail}", "the message")

        self.push_screen(dialogs.failure(what, detail), answer)

    def copy(self, text: str, what: str) -> None:
        """Copy text through the terminal (OSC 52) and show it, for terminals that refuse."""
        self.copy_to_clipboard(text)
        self.notify(text, title=f"Copied {what}", markup=False)

    def copy_report_path(self) -> None:
        """Copy the path of blockers.md, or of the bundle of any other run."""
        bundle = self.model.bundle
        if bundle is None:
            return
        report = bundle / "blockers.md"
        self.copy(str(report if report.is_file() else bundle), "the path")

    def view_file(self, path: Path, *, edit: bool, line: int = 0) -> None:
        """Show a file in pager or editor, at a line (from 1), while the app waits."""
        try:
            with self.suspend():
                self.services.view_file(path, edit, line)
        except SuspendNotSupported:
            self.notify(str(path), title="No pager here; the file is", markup=False)
        except OSError as error:
            self.tell_failure("The file could not be shown.", str(error))
        self.refresh()

    def action_suspend_process(self) -> None:
        """Put the app aside for its shell; in a browser there is none, and that is said."""
        if self._driver is None or not self._driver.can_suspend:
            self.tell_failure("There is no shell here.", "The app was not started from one.")
            return
        super().action_suspend_process()
