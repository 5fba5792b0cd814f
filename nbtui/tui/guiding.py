"""What screens and palette may ask of the app: they know this, not the app itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from textual.worker import Worker

from nbtui.memo.plan import Plan
from nbtui.tui.guide import Mode
from nbtui.tui.model import Model
from nbtui.tui.services import Services

if TYPE_CHECKING:
    from nbtui.memo.lint import Remedy


class Guiding(Protocol):
    """The app as its screens see it."""

    model: Model
    services: Services
    keymap: Mapping[str, tuple[str, ...]]

    @property
    def mode(self) -> Mode:
        """The mode on screen."""

    def go(self, mode: Mode) -> None:
        """Show a mode."""

    def action_next(self) -> None:
        """Do the next sensible thing."""

    def load_plan(self) -> object:
        """Read, compile and lint the memo."""

    def accept_fixes(self) -> object:
        """Accept lint's mechanical fixes and read the plan again."""

    def accept_fix(self, plan: Plan, fix: "Remedy") -> object:
        """Accept one fix of lint and read the plan again."""

    def take_back_fix(self, plan: Plan, fix: "Remedy") -> object:
        """Take back an accepted fix and read the plan again."""

    def run_checks(self) -> object:
        """Run every check again."""

    def run_check(self, check_id: str) -> object:
        """Run one check again."""

    def ask_lead(self) -> None:
        """Ask before a run is led through the whole list."""

    def ask_cancel(self) -> None:
        """Ask before a run is cancelled."""

    def expect_images(self) -> object:
        """Import what pictures need, in the background."""

    def open_run(self, bundle: Path) -> None:
        """Show a run, live or long over."""

    def ask_diagnosis(self) -> None:
        """Ask whether programs may run, then search for the cause."""

    def show_images(self) -> None:
        """Show the images of the run on show."""

    def show_verification(self, bundle: Path) -> None:
        """Verify a bundle and show what was checked."""

    def new_attempt(self) -> None:
        """Put the ended run aside and go back to preflight."""

    def copy(self, text: str, what: str) -> None:
        """Copy text through the terminal and show it."""

    def copy_report_path(self) -> None:
        """Copy the path of blockers.md, or of the bundle of any other run."""

    def view_file(self, path: Path, *, edit: bool, line: int = 0) -> None:
        """Show a file in pager or editor, at a line (from 1), while the app waits."""

    def tell_of(self, worker: Worker[Any]) -> None:
        """Tell of a worker's unexpected error, if it had one."""

    def use_theme(self, name: str) -> None:
        """Change the colours."""
