"""Results: the verdict, why, what it means and what to do next. Never a dead end."""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.events import ScreenResume
from textual.message import Message
from textual.widget import Widget

from nbtui.errors import NbtuiError
from nbtui.history.margins import Earlier
from nbtui.store import RunState
from nbtui.tui.actions import bindings_for
from nbtui.tui.document import Block, Gap
from nbtui.tui.guide import Mode, report_name
from nbtui.tui.logfile import LogFile
from nbtui.tui.model import Model
from nbtui.tui.pages.outcome_pages import Excerpt, evidence, outcome
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.stage_list import PREFLIGHT, current_stage

EXCERPT_LINES = 8


class Recalled(Message):
    """What earlier runs measured for the gates of a run."""

    def __init__(self, bundle: Path, found: Earlier) -> None:
        super().__init__()
        self.bundle = bundle
        self.found = found


class ResultsScreen(ModeScreen):
    """The outcome left, gates and figures right; one after the other when narrow."""

    MODE = Mode.RESULTS
    CSS_PATH = "results.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("results")]
    AUTO_FOCUS = "#outcome"

    def __init__(self) -> None:
        super().__init__()
        self._excerpt: Excerpt | None = None
        self._excerpt_of: tuple[Path, int] | None = None
        self._earlier: Earlier | None = None
        self._earlier_of: tuple[Path, int] | None = None

    def body(self) -> Iterable[Widget]:
        """Return outcome and evidence."""
        yield Page("Outcome", id="outcome")
        yield Page("Evidence", id="evidence")

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Catch up; whoever reads a verdict is likely to look at the images next."""
        super().on_screen_resume(event)
        if self.guide_app.model.run is not None:
            self.guide_app.expect_images()

    def show_body(self, model: Model) -> None:
        """Show how the run ended."""
        blocks = outcome(model, self._excerpt_for(model.run))
        self._look_back(model.run)
        proof = evidence(model, self._earlier)
        page = self.query_one("#outcome", Page)
        if self.narrow:
            rest: list[Block] = [*blocks, Gap(), *proof] if model.run else blocks
            page.show(rest)
        else:
            page.show(blocks)
        self.query_one("#evidence", Page).show(proof)

    def _look_back(self, run: RunState | None) -> None:
        """Ask for earlier figures once for each gate that was held."""
        key = (run.bundle, len(run.gates())) if run else None
        if run is None or key == self._earlier_of:
            return
        if self._earlier_of is None or self._earlier_of[0] != run.bundle:
            self._earlier = None
        self._earlier_of = key
        if run.gates():
            self._recall(run)

    @work(thread=True, exclusive=True, group="earlier", exit_on_error=False)
    def _recall(self, run: RunState) -> None:
        # A verdict is read without its past, where that cannot be read: History says why.
        with contextlib.suppress(NbtuiError, OSError):
            self.post_message(Recalled(run.bundle, self.guide_app.services.earlier(run)))

    def on_recalled(self, event: Recalled) -> None:
        """Show how the gates stood in earlier runs."""
        if self._earlier_of is not None and self._earlier_of[0] == event.bundle:
            self._earlier = event.found
            self.show_again()

    def _excerpt_for(self, run: RunState | None) -> Excerpt | None:
        path = log_of_interest(run)
        if run is None or path is None or run.blocker is None:
            return None
        key = (path, run.events)
        if key != self._excerpt_of:
            self._excerpt_of = key
            self._excerpt = excerpt(path, str(path.relative_to(run.bundle)))
        return self._excerpt

    def action_open_report(self) -> None:
        """Show the summary or blockers.md in the pager."""
        model = self.guide_app.model
        name = report_name(model)
        if model.run and name:
            self.guide_app.view_file(model.run.bundle / name, edit=False)

    def action_open_log(self) -> None:
        """Show the log of the stage that matters in the pager."""
        self._open_log(edit=False)

    def action_edit_log(self) -> None:
        """Open the log of the stage that matters in the editor."""
        self._open_log(edit=True)

    def _open_log(self, *, edit: bool) -> None:
        run = self.guide_app.model.run
        path = log_of_interest(run)
        if path:
            told = self._excerpt_for(run)
            self.guide_app.view_file(path, edit=edit, line=told.at if told else 0)

    def action_copy_path(self) -> None:
        """Copy the path of the report or the bundle."""
        self.guide_app.copy_report_path()

    def action_images(self) -> None:
        """Look at the images of the bundle."""
        self.guide_app.show_images()

    def action_diagnose(self) -> None:
        """Search for the cause."""
        self.guide_app.ask_diagnosis()

    def action_verify(self) -> None:
        """Verify the bundle."""
        run = self.guide_app.model.run
        if run is not None:
            self.guide_app.show_verification(run.bundle)

    def action_new_attempt(self) -> None:
        """Go back to preflight for a new run."""
        self.guide_app.new_attempt()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the outcome allows."""
        model = self.guide_app.model
        match action:
            case "open_report":
                return bool(report_name(model))
            case "open_log" | "edit_log":
                return log_of_interest(model.run) is not None
            case "copy_path" | "images":
                return model.run is not None
            case "verify":
                return model.run is not None and not model.active
            case "diagnose":
                return model.run is not None and model.run.ended
            case "new_attempt":
                return model.run is not None and not model.active
            case _:
                return super().check_action(action, parameters)


def excerpt(path: Path, name: str) -> Excerpt:
    """Return the lines around the last one that speaks of trouble, else the last lines."""
    log = LogFile(path)
    while log.poll():
        continue
    hit = log.last_trouble()
    last = log.count - 1 if hit is None else min(hit + EXCERPT_LINES // 2, log.count - 1)
    lines = log.excerpt(max(last - EXCERPT_LINES + 1, 0), last)
    log.close()
    return Excerpt(name, tuple(lines), at=0 if hit is None else hit + 1)


def log_of_interest(run: RunState | None) -> Path | None:
    """Return the log of the stage that blocked, or of the last one that wrote a log."""
    if run is None:
        return None
    where = run.blocker.where if run.blocker else ""
    stage = run.stage(where) or run.stage(current_stage(run))
    if current_stage(run) == PREFLIGHT or stage is None or not stage.log:
        return None
    path = run.bundle / stage.log
    return path if path.is_file() else None
