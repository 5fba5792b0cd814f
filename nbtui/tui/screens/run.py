"""Run: stages, live log, metrics and gates of a run that others own."""

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, OptionList

from nbtui.store import RunState, StageState
from nbtui.tui.actions import bindings_for
from nbtui.tui.document import Block, Para, edge
from nbtui.tui.guide import Mode
from nbtui.tui.model import Model
from nbtui.tui.pages.outcome_pages import gate_lines
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.widgets.file_log import NOTHING_TOLD, FileLog
from nbtui.tui.widgets.gate_table import GateTable
from nbtui.tui.widgets.metrics_strip import MetricsStrip, Moment
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows
from nbtui.tui.widgets.stage_list import PREFLIGHT, current_stage, stage_rows

SUPERVISOR_LOG = "supervisor.log"
FIND = "find in the log, enter to search, esc to leave"
GO_TO = "line number, or a time of day such as 10:15:03"


class RunScreen(ModeScreen):
    """Follows the running stage until the operator chooses another one."""

    MODE = Mode.RUN
    CSS_PATH = "run.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("run")]
    AUTO_FOCUS = "#stages"

    def __init__(self) -> None:
        super().__init__()
        self._chosen: str | None = None
        self._shown = PREFLIGHT
        self._gates_of = ""

    def body(self) -> Iterable[Widget]:
        """Return stages, gates, log, search field and metrics."""
        search = Input(placeholder=FIND, id="search")
        search.display = False
        left = Vertical(Rows("Stages", id="stages"), Page("Gates", id="gates"), id="left")
        yield Horizontal(left, Vertical(FileLog(id="log"), search, id="right"), id="panes")
        yield MetricsStrip()

    @property
    def log_view(self) -> FileLog:
        """The log pane."""
        return self.query_one(FileLog)

    def show_body(self, model: Model) -> None:
        """Show the run as its journal tells it."""
        run = model.run
        rows = self.query_one("#stages", Rows)
        rows.show(stage_rows(model, rows.row_width))
        current = current_stage(run)
        if self._chosen is None and not self.log_view.following and self.log_view.log_file:
            # Whoever paused is reading: the next stage does not take the log away.
            self._chosen = self._shown
        if self._chosen is None:
            rows.select(current)
        self._show_stage(model, run, self._chosen or current)
        self._show_gates(model, run, self._chosen or current)

    def _show_gates(self, model: Model, run: RunState | None, stage_id: str) -> None:
        gates = gate_lines(run, model)
        table = GateTable(gates)
        blocks: list[Block] = [table] if gates else [Para("No gates yet", "$muted")]
        held = sum(g.result is not None for g in gates)
        page = self.query_one("#gates", Page)
        page.border_title = edge(f"Gates · {held} of {len(gates)} held" if gates else "Gates")
        page.show(blocks)
        if stage_id != self._gates_of:
            # Only a change of stage moves the gates: nothing jumps under the eye.
            self._gates_of = stage_id
            stage = run.stage(stage_id) if run else None
            line = table.line_of(stage.title, page.text_width) if stage else 0
            self.call_after_refresh(page.go_to, line)

    def _show_stage(self, model: Model, run: RunState | None, stage_id: str) -> None:
        self._shown = stage_id
        stage = run.stage(stage_id) if run else None
        path, name, hint = None, "", "The log appears here once a run has started."
        if run is not None and stage_id == PREFLIGHT:
            path, name = run.bundle / SUPERVISOR_LOG, SUPERVISOR_LOG
            hint = "The supervisor has written nothing: that is how it should be."
        elif run is not None and stage is not None and stage.log:
            path, name, hint = run.bundle / stage.log, stage.log, _empty_log(stage)
        elif run is not None:
            hint = "This stage writes no log." if stage else "This stage has not started."
        told = stage.streams if stage is not None else NOTHING_TOLD
        self.log_view.open(path, name, hint, told)
        self.query_one(MetricsStrip).show(
            Moment(stage, run, model.shown_plan, model.shown_forecast, model.now)
        )

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the stage under the cursor; on the current one, follow the run again."""
        model = self.guide_app.model
        if event.option_id is None or not event.option_list.has_focus:
            return
        current = current_stage(model.run)
        self._chosen = None if event.option_id == current else event.option_id
        self._show_stage(model, model.run, event.option_id)

    def do_next(self) -> None:
        """Follow the running stage."""
        self.follow()

    def follow(self) -> None:
        """Go back to the running stage and the end of its log."""
        self._chosen = None
        self.log_view.following = True
        self.show_again()

    def on_file_log_changed(self) -> None:
        """Offer the keys that the log now allows."""
        self.refresh_keys()

    def on_file_log_missed(self, event: FileLog.Missed) -> None:
        """Say that there is no such line."""
        self.notify(event.words, title="Not in this log", markup=False)

    def action_toggle_follow(self) -> None:
        """Pause the log or follow it."""
        if self.log_view.following:
            self.log_view.following = False
        else:
            self.follow()

    def action_log_start(self) -> None:
        """Go to the log's first line."""
        self.log_view.action_top()

    def action_log_end(self) -> None:
        """Go to the log's last line and follow."""
        self.log_view.action_bottom()

    def action_find(self) -> None:
        """Open the search field."""
        self._open_field(FIND)

    def action_go_to(self) -> None:
        """Open the field for a line or a time."""
        self._open_field(GO_TO)

    def _open_field(self, what: str) -> None:
        field = self.query_one("#search", Input)
        field.placeholder = what
        field.value = self.log_view.words if what == FIND else ""
        field.display = True
        field.focus()

    @on(Input.Submitted, "#search")
    def _search(self, event: Input.Submitted) -> None:
        if event.input.placeholder == FIND:
            self.log_view.find(event.value)
        elif event.value:
            self.log_view.go_to(event.value.strip())
        self._close_search()

    def _close_search(self) -> None:
        self.query_one("#search", Input).display = False
        self.log_view.focus()

    def key_escape(self) -> None:
        """Leave the search field; a second time, the search."""
        if self.query_one("#search", Input).display:
            self._close_search()
        elif self.log_view.words:
            self.log_view.find("")

    def action_find_next(self) -> None:
        """Go to the next match."""
        self.log_view.step_match(1)

    def action_find_previous(self) -> None:
        """Go to the previous match."""
        self.log_view.step_match(-1)

    def action_next_trouble(self) -> None:
        """Go to the next line that speaks of trouble."""
        self.log_view.step_trouble(1)

    def action_previous_trouble(self) -> None:
        """Go to the line before that speaks of trouble."""
        self.log_view.step_trouble(-1)

    def action_next_stderr(self) -> None:
        """Go to the next lines that came through stderr."""
        self.log_view.step_stderr(1)

    def action_previous_stderr(self) -> None:
        """Go to the lines before that came through stderr."""
        self.log_view.step_stderr(-1)

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.log_view.wrapped = not self.log_view.wrapped

    def action_copy_lines(self) -> None:
        """Copy the lines in view."""
        text = self.log_view.lines_in_view()
        self.app.copy_to_clipboard(text)
        self.notify(f"{len(text.splitlines())} lines", title="Copied the lines in view")

    def action_toggle_gates(self) -> None:
        """On a narrow screen: log or gates."""
        self.toggle_class("-gates")

    def action_cancel_run(self) -> None:
        """Ask, then cancel."""
        self.guide_app.ask_cancel()

    def action_open_log(self) -> None:
        """Show the log in the pager."""
        self._open(edit=False)

    def action_edit_log(self) -> None:
        """Open the log in the editor."""
        self._open(edit=True)

    def _open(self, *, edit: bool) -> None:
        log = self.log_view.log_file
        if log is not None:
            top = self.log_view.scroll_offset.y + 1
            line = 0 if self.log_view.following else top
            self.guide_app.view_file(log.path, edit=edit, line=line)

    def action_copy_path(self) -> None:
        """Copy the bundle's path."""
        self.guide_app.copy_report_path()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the run's state allows."""
        model = self.guide_app.model
        match action:
            case "cancel_run":
                return model.active
            case "toggle_gates":
                return self.narrow
            case "copy_path":
                return model.run is not None
            case "find_next" | "find_previous":
                return self.is_mounted and bool(self.log_view.words)
            case "open_log" | "edit_log" | "find" | "toggle_follow" | "go_to" | "copy_lines":
                return self.is_mounted and self.log_view.log_file is not None
            case _:
                return super().check_action(action, parameters)


def _empty_log(stage: StageState) -> str:
    if stage.outcome:
        return "The stage printed nothing."
    return "Nothing printed yet; a program that writes to a file often prints in lumps."
