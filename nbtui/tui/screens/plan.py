"""Plan: the memo beside the steps it compiles to."""

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList

from nbtui.memo.plan import Step
from nbtui.tui.actions import bindings_for
from nbtui.tui.document import Block, Code, Gap, Para, visible
from nbtui.tui.guide import Mode
from nbtui.tui.model import Model, PlanView
from nbtui.tui.pages import plan_pages, welcome
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.widgets.memo_view import MemoView
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Row, Rows, columns
from nbtui.tui.words import KINDS


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
        rows.show(step_rows(view, rows.row_width, first_time=model.ground.first_time))
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

    def action_accept_fixes(self) -> None:
        """Accept lint's mechanical fixes and read the plan again."""
        self.guide_app.accept_fixes()

    def action_toggle_memo(self) -> None:
        """On a narrow screen: memo or details."""
        self.toggle_class("-memo")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer fixes where there are any, the toggle where both panes do not fit."""
        if action == "accept_fixes":
            view = self.guide_app.model.view
            return view is not None and view.fixable > 0
        if action == "toggle_memo":
            return self.narrow
        return super().check_action(action, parameters)


def step_rows(view: PlanView, width: int, *, first_time: bool = False) -> list[Row]:
    """Return the rows of the step list: the plan's four pages, then every step.

    Where nothing has been run yet, a page for newcomers comes first.
    """
    plan = view.plan
    blocking = len(view.blocking)
    count = len(view.wrong)
    style = "bold $error" if blocking else ("$warning" if count else "$success")
    glyph = "✗" if blocking else ("!" if count else "✓")
    found = f"{count} findings" if count else "nothing found"
    if blocking:
        found = f"{blocking} of {count} block"
    deviations = len(plan.all_deviations())
    start = (welcome.START, "▸", "$accent", "Start here", "what this is, what is there, what next")
    pages = (
        *((start,) if first_time else ()),
        (plan_pages.OVERVIEW, "◆", "$primary", "Overview", f"hash {plan.digest()[:12]}"),
        (plan_pages.FINDINGS, glyph, style, "Lint", found),
        (
            plan_pages.DEVIATIONS,
            "≠" if deviations else "✓",
            "$warning" if deviations else "$success",
            "Deviations",
            f"{deviations} from the memo's words" if deviations else "none",
        ),
        (plan_pages.GATES, "⊢", "$primary", "Gates", f"{len(plan.held())} to hold"),
    )
    rows = [
        Row(
            row_id,
            columns(
                (Content.styled(mark, look), 2), (name, 11), (Content.styled(words, "$muted"), 0)
            ).truncate(width, ellipsis=True),
        )
        for row_id, mark, look, name, words in pages
    ]
    rows += [
        Row(step.id, _step_row(step, width), divider=number == 0)
        for number, step in enumerate(plan.steps)
    ]
    return rows


def _step_row(step: Step, width: int) -> Content:
    mark = KINDS[step.kind]
    span = (
        f"{step.lines.first}"
        if step.lines.first == step.lines.last
        else (f"{step.lines.first}–{step.lines.last}")
    )
    notes = f"≠{len(step.deviations)}" if step.deviations else ""
    return columns(
        (Content.styled(mark.glyph, mark.style), 2),
        (visible(step.title), max(width - 25, 10)),
        (Content.styled(notes, "$warning"), 3),
        (Content.styled(mark.word, mark.style), 8),
        (Content.styled(f"L{span}", "$muted"), 7),
    )
