"""Diagnosis: why C and port differ, asked in order of cost until it is explained."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from nbtui.diagnose.model import StepReport
from nbtui.errors import NbtuiError
from nbtui.explaining import Explanation
from nbtui.tui.actions import DIAGNOSIS, bindings_for
from nbtui.tui.document import Block, Code, Gap, Para
from nbtui.tui.guide import Go, Mode, Next
from nbtui.tui.model import Model
from nbtui.tui.pages import diagnosis_pages
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.widgets.page import Page


class Stepped(Message):
    """A step of the search has ended."""

    def __init__(self, step: StepReport) -> None:
        super().__init__()
        self.step = step


class Explained(Message):
    """The search has ended; or it could not be made, and ``trouble`` says why."""

    def __init__(self, found: Explanation | None, trouble: str = "") -> None:
        super().__init__()
        self.found = found
        self.trouble = trouble


class DiagnosisScreen(ModeScreen):
    """One page that grows while the search goes on."""

    MODE = Mode.RESULTS
    PLACE = DIAGNOSIS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(DIAGNOSIS)]
    AUTO_FOCUS = "#diagnosis"

    def __init__(self, bundle: Path, *, run_programs: bool) -> None:
        super().__init__()
        self._bundle = bundle
        self._run_programs = run_programs
        self._steps: tuple[StepReport, ...] = ()
        self._found: Explanation | None = None
        self._trouble = ""

    def body(self) -> Iterable[Widget]:
        """Return the page."""
        yield Page(f"Diagnosis · {self._bundle.name}", id="diagnosis")

    def on_mount(self) -> None:
        """Begin to search."""
        super().on_mount()
        self._search()

    @work(thread=True, exclusive=True, group="diagnosis", exit_on_error=False)
    def _search(self) -> None:
        try:
            found = self.guide_app.services.explain(self._bundle, self._run_programs, self._hear)
        except (NbtuiError, OSError) as error:
            self.post_message(Explained(None, str(error)))
            return
        self.post_message(Explained(found))

    def _hear(self, step: StepReport) -> None:
        self.post_message(Stepped(step))

    def on_stepped(self, event: Stepped) -> None:
        """Show the step."""
        self._steps = (*self._steps, event.step)
        self.show_again()

    def on_explained(self, event: Explained) -> None:
        """Show the result."""
        self._found, self._trouble = event.found, event.trouble
        self.show_again()
        self.query_one(Page).scroll_home(animate=False)

    def announce(self, model: Model) -> Next:  # noqa: ARG002 - the base's signature
        """Return what ``enter`` does here."""
        return Next(Go.HERE, "back to the verdict (esc)")

    def do_next(self) -> None:
        """Go back to the verdict; a search that is under way ends unheard."""
        self.dismiss()

    def action_back(self) -> None:
        """Go back to the verdict."""
        self.dismiss()

    def show_body(self, model: Model) -> None:  # noqa: ARG002 - the search is its own model
        """Show the search, or what came of it."""
        page = self.query_one(Page)
        if self._trouble:
            trouble: list[Block] = [
                Para("This run cannot be diagnosed.", "bold $warning"),
                Gap(),
                Code(self._trouble),
            ]
            page.show(trouble)
        elif self._found is not None:
            page.show(diagnosis_pages.result(self._found))
        else:
            page.show(diagnosis_pages.searching(self._steps))

    def action_copy_confirmation(self) -> None:
        """Copy the command that shows the cause."""
        if self._found is not None:
            self.guide_app.copy(self._found.diagnosis.command, "the command")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the command once there is one."""
        if action == "copy_confirmation":
            return self._found is not None and bool(self._found.diagnosis.command)
        return super().check_action(action, parameters)
