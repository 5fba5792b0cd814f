"""Checklist: the operator's list; machine steps tick themselves, a person signs the others."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList

from nbtui.checklist.sheet import Entry, Sheet
from nbtui.errors import NbtuiError
from nbtui.memo.plan import Plan, Step
from nbtui.run.events import Asked
from nbtui.store import RunState, plan_now
from nbtui.tui.actions import bindings_for
from nbtui.tui.document import edge
from nbtui.tui.guide import Go, Mode, Next, next_step
from nbtui.tui.messages import Failed
from nbtui.tui.model import Model
from nbtui.tui.pages import checklist_pages
from nbtui.tui.screens import dialogs
from nbtui.tui.screens.asking import AskDialog, Told
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows


class Filled(Message):
    """The list, filled in from the run's journal."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet


class ChecklistScreen(ModeScreen):
    """The steps left, the one under the cursor right."""

    MODE = Mode.CHECKLIST
    CSS_PATH = "checklist.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("checklist")]
    AUTO_FOCUS = "#entries"

    def __init__(self) -> None:
        super().__init__()
        self._sheet: Sheet | None = None
        self._of: tuple[str, int] | None = None
        self._asked: Asked | None = None

    def body(self) -> Iterable[Widget]:
        """Return list and details."""
        yield Rows("Checklist", id="entries")
        yield Page("Step", id="entry")

    def announce(self, model: Model) -> Next:
        """Return what ``enter`` does here."""
        run = model.run
        if run is not None and model.active:
            if run.waiting is not None:
                return Next(Go.HERE, checklist_pages.wanted(run.waiting))
            return next_step(model, Mode.RUN)
        if run is not None:
            return next_step(model, Mode.RUN)
        if model.view is None or self._blocking(model):
            return next_step(model, Mode.PLAN)
        return Next(Go.HERE, "lead a run through this list (asks first)")

    @staticmethod
    def _blocking(model: Model) -> bool:
        """Whether lint blocks; open questions do not, a led run asks them."""
        return model.view is not None and not model.view.only_asks

    def do_next(self) -> None:
        """Answer what the run waits for, or start one."""
        model = self.guide_app.model
        run = model.run
        if run is not None and run.waiting is not None:
            self._ask(run, run.waiting)
        elif run is None:
            self.guide_app.ask_lead()

    def show_body(self, model: Model) -> None:
        """Show the list as the run's journal fills it in."""
        plan = model.shown_plan
        rows = self.query_one("#entries", Rows)
        if plan is None:
            rows.show([])
            self.query_one("#entry", Page).show(checklist_pages.nothing(model.trouble))
            return
        shown = plan_now(plan, model.run) if model.run else plan
        key = (shown.digest(), model.run.events if model.run else -1)
        if key != self._of:
            self._of = key
            self._fill(shown, model.run)
        if self._sheet is not None:
            waiting = model.run.waiting if model.run else None
            entries = checklist_pages.rows(shown, self._sheet, model.run, rows.row_width)
            rows.border_title = edge(f"Checklist · {checklist_pages.tally(self._sheet)}")
            rows.show(entries)
            if waiting is not None and waiting != self._asked:
                rows.select(waiting.step_id)
            self._asked = waiting
        self._show_detail(model)

    @work(thread=True, exclusive=True, group="sheet", exit_on_error=False)
    def _fill(self, plan: Plan, run: RunState | None) -> None:
        try:
            self.post_message(Filled(self.guide_app.services.sheet(plan, run)))
        except (NbtuiError, OSError) as error:
            self.app.post_message(Failed("The checklist cannot be made.", error))

    def on_filled(self, event: Filled) -> None:
        """Show the list."""
        self._sheet = event.sheet
        self.show_again()

    def _show_detail(self, model: Model, *, top: bool = False) -> None:
        page = self.query_one("#entry", Page)
        chosen = self._chosen(model)
        if chosen is None or self._sheet is None:
            blocks = checklist_pages.signature(model.run)
        else:
            entry, step = chosen
            blocks = checklist_pages.describe(entry, model.run, step.id)
        page.show(blocks, top=top)

    def _chosen(self, model: Model) -> tuple[Entry, Step] | None:
        plan, sheet = model.shown_plan, self._sheet
        wanted = self.query_one("#entries", Rows).selected
        if plan is None or sheet is None:
            return None
        pairs = zip(sheet.entries, plan.steps, strict=False)
        return next(((e, s) for e, s in pairs if s.id == wanted), None)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the step under the cursor."""
        del event
        self._show_detail(self.guide_app.model, top=True)
        self.refresh_keys()

    def _ask(self, run: RunState, asked: Asked) -> None:
        """Ask the operator what the run waits for, and pass it on."""
        services, bundle = self.guide_app.services, run.bundle

        def confirmed(value: str | None) -> None:
            if value in {"yes", "no"}:
                self._tell(lambda: services.confirm(bundle, asked.step_id, value == "yes"))

        def told(said: Told | None) -> None:
            if said is None:
                return
            if asked.what == "answer":
                self._tell(
                    lambda: services.answer(bundle, asked.step_id, said.text, said.how, said.by)
                )
            else:
                done = said.how == "done"
                self._tell(
                    lambda: services.attest(
                        bundle, asked.step_id, done, said.text, said.by, said.initials
                    )
                )

        if asked.what == "confirm":
            self.app.push_screen(dialogs.confirm_answer(asked), confirmed)
            return
        name = run.started.operator if run.started else ""
        step = next((s for s in self._steps() if s.id == asked.step_id), None)
        self.app.push_screen(AskDialog(asked, name, step.proposal if step else ""), told)

    def _steps(self) -> tuple[Step, ...]:
        plan = self.guide_app.model.shown_plan
        return plan.steps if plan else ()

    @work(thread=True, group="tell", exit_on_error=False)
    def _tell(self, say: Callable[[], None]) -> None:
        try:
            say()
        except (NbtuiError, OSError) as error:
            self.app.post_message(Failed("The run did not take it.", error))

    def action_open_evidence(self) -> None:
        """Show the log of the step under the cursor."""
        path = self._evidence()
        if path is not None:
            self.guide_app.view_file(path, edit=False)

    def _evidence(self) -> Path | None:
        model = self.guide_app.model
        chosen = self._chosen(model)
        if chosen is None or model.run is None:
            return None
        stage = model.run.stage(chosen[1].id)
        if stage is None or not stage.log:
            return None
        path = model.run.bundle / stage.log
        return path if path.is_file() else None

    def action_copy_command(self) -> None:
        """Copy the command of the step under the cursor, ready to paste."""
        chosen = self._chosen(self.guide_app.model)
        if chosen and chosen[0].command:
            self.guide_app.copy(chosen[0].command, "the command")

    def action_lead(self) -> None:
        """Lead a new run."""
        self.guide_app.ask_lead()

    def action_cancel_led(self) -> None:
        """Ask before the run is cancelled."""
        self.guide_app.ask_cancel()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the step has."""
        if not self.is_mounted:
            return super().check_action(action, parameters)
        match action:
            case "open_evidence":
                return self._evidence() is not None
            case "copy_command":
                chosen = self._chosen(self.guide_app.model)
                return chosen is not None and bool(chosen[0].command)
            case "cancel_led":
                return self.guide_app.model.active
            case "lead":
                model = self.guide_app.model
                return not model.active and model.view is not None and not self._blocking(model)
            case _:
                return super().check_action(action, parameters)
