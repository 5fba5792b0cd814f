"""Plan: the memo beside the steps it compiles to."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import OptionList

from nbtui.tui.actions import bindings_for
from nbtui.tui.document import Block, Code, Gap, Para
from nbtui.tui.guide import Go, Mode, Next
from nbtui.tui.model import Model
from nbtui.tui.pages import fix_pages, plan_pages, welcome
from nbtui.tui.pages.plan_rows import step_rows
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.widgets.memo_view import MemoView
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows

if TYPE_CHECKING:
    from nbtui.memo.lint import Remedy


class PlanScreen(ModeScreen):
    """Memo left, steps and details right; moving through the steps lights the memo's lines."""

    MODE = Mode.PLAN
    CSS_PATH = "plan.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("plan")]
    AUTO_FOCUS = "#steps"

    def __init__(self) -> None:
        super().__init__()
        self._welcomed = False

    def body(self) -> Iterable[Widget]:
        """Return memo, steps and details."""
        yield MemoView(id="memo")
        yield Vertical(Rows("Plan", id="steps"), Page("Details", id="detail"), id="derived")

    def show_body(self, model: Model) -> None:
        """Show memo and steps, or why there are none."""
        view = model.view
        if view is None:
            self._show_trouble(model.trouble)
            return
        self.query_one(MemoView).show(view.plan.memo_name, view.memo_text)
        rows = self.query_one("#steps", Rows)
        before = rows.selected
        shown = step_rows(view, rows.row_width, first_time=model.ground.first_time)
        rows.show(shown)
        if before and fix_pages.of_lint(before) and before not in {r.id for r in shown}:
            rows.select(plan_pages.FINDINGS)  # the last of its kind is gone; what is left is there
        if model.ground.first_time and not self._welcomed:
            self._welcomed = True
            rows.select(welcome.START)
        self._show_detail(model, rows.selected)

    def _show_trouble(self, trouble: str) -> None:
        self.query_one("#steps", Rows).show([])
        blocks: list[Block] = [Para("The memo is being read…", "$muted")]
        if trouble:
            blocks = [
                Para("There is no plan, because the memo could not be used:", "bold $error"),
                Gap(),
                Code(trouble),
                Gap(),
                Para("Mend it, then enter reads it again.", "$muted"),
            ]
        self.query_one("#detail", Page).show(blocks)

    def _show_detail(self, model: Model, row: str | None, *, top: bool = False) -> None:
        if model.view is None or row is None:
            return
        if row == welcome.START:
            blocks = welcome.page(model.ground)
        else:
            blocks = plan_pages.page(model.view, row, model.commands)
        self.query_one("#detail", Page).show(blocks, top=top)
        self.query_one(MemoView).light(plan_pages.spans(model.view, row))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the details of the step under the cursor and light its lines."""
        self._show_detail(self.guide_app.model, event.option_id, top=True)
        self.show_announcement()
        self.refresh_keys()

    @property
    def selected(self) -> str | None:
        """The row under the cursor."""
        return self.query_one("#steps", Rows).selected

    def select(self, row: str) -> None:
        """Put the cursor on a row."""
        self.query_one("#steps", Rows).select(row)

    def action_reload(self) -> None:
        """Read the memo again."""
        self.guide_app.load_plan()

    def announce(self, model: Model) -> Next:
        """Return what ``enter`` does here."""
        if self._fix is not None:
            return Next(Go.HERE, "accept this fix, as shown; u takes it back")
        if self._first_fix is not None:
            return Next(Go.HERE, "look at the first fix, before and after")
        return super().announce(model)

    def do_next(self) -> None:
        """Accept the fix under the cursor, or go to the first one."""
        row = self._first_fix
        if row is not None:
            self.select(row)
        else:
            self.action_accept_fix()

    @property
    def _first_fix(self) -> str | None:
        """The row of the first fix, for whoever reads lint's page of a plan that is blocked."""
        model = self.guide_app.model
        if not self._mendable(model) or model.view is None or not model.view.blocking:
            return None
        return fix_pages.first_fix(model.view) if self.selected == plan_pages.FINDINGS else None

    def _mendable(self, model: Model) -> bool:
        """Whether fixes may be accepted now: neither while a run nor while the memo is read."""
        return self.is_mounted and not (model.active or model.reading)

    @property
    def _fix(self) -> "Remedy | None":
        """The fix of the finding under the cursor, where it may be accepted now."""
        model = self.guide_app.model
        if not self._mendable(model) or model.view is None:
            return None
        found = fix_pages.finding_of(model.view, self.selected)
        return found.remedy if found else None

    @property
    def _undoable(self) -> "Remedy | None":
        """The accepted fix under the cursor, or the last that was accepted."""
        model = self.guide_app.model
        if not self._mendable(model) or model.view is None or not model.view.accepted:
            return None
        return fix_pages.accepted_of(model.view, self.selected) or model.view.accepted[-1]

    def action_accept_fix(self) -> None:
        """Accept the fix of the finding under the cursor."""
        view, fix = self.guide_app.model.view, self._fix
        if view is not None and fix is not None:
            self.guide_app.accept_fix(view.plan, fix)

    def action_undo_fix(self) -> None:
        """Take back an accepted fix."""
        view, fix = self.guide_app.model.view, self._undoable
        if view is not None and fix is not None:
            self.guide_app.take_back_fix(view.plan, fix)

    def action_accept_fixes(self) -> None:
        """Accept every mechanical fix of lint and read the plan again."""
        self.guide_app.accept_fixes()

    def action_toggle_memo(self) -> None:
        """On a narrow screen: memo or details."""
        self.toggle_class("-memo")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer fixes where there are any, the toggle where both panes do not fit."""
        model = self.guide_app.model
        if action == "accept_fix":
            return self._fix is not None
        if action == "undo_fix":
            return self._undoable is not None
        if action == "accept_fixes":
            return self._mendable(model) and model.view is not None and model.view.fixable > 0
        if action == "toggle_memo":
            return self.narrow
        return super().check_action(action, parameters)
