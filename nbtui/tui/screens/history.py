"""History: every run of the project, how experiments fare, and two runs side by side."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from textual import on, work
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import ScreenResume
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList

from nbtui.errors import NbtuiError
from nbtui.history.compare import Comparison
from nbtui.history.query import Order, Query
from nbtui.history.records import RunRecord
from nbtui.tui.actions import bindings_for
from nbtui.tui.document import Block, Para, edge
from nbtui.tui.guide import Go, Mode, Next
from nbtui.tui.messages import Failed
from nbtui.tui.model import Model
from nbtui.tui.pages import history_pages
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.services import Past
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows

VERDICTS = (None, "cleared", "blocked", "cancelled", "interrupted", "open", "damaged")


class Recalled(Message):
    """The runs that a query asks for."""

    def __init__(self, past: Past) -> None:
        super().__init__()
        self.past = past


class Compared(Message):
    """Two runs were compared."""

    def __init__(self, found: Comparison) -> None:
        super().__init__()
        self.found = found


class HistoryScreen(ModeScreen):
    """The list of runs left, the one under the cursor right."""

    MODE = Mode.HISTORY
    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("history")]
    AUTO_FOCUS = "#runs"

    def __init__(self) -> None:
        super().__init__()
        self._query = Query()
        self._past: Past | None = None
        self._marked: tuple[str, ...] = ()
        self._compared: Comparison | None = None
        self._everything = False

    def body(self) -> Iterable[Widget]:
        """Return list, filter and details."""
        filter_line = Input(placeholder="words of the focus, memo or reason; esc ends", id="filter")
        filter_line.display = False
        yield Vertical(Rows("Runs", id="runs"), filter_line, id="list")
        yield Page("Run", id="past")

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Look again: a run may have ended meanwhile."""
        super().on_screen_resume(event)
        self._ask()

    def announce(self, model: Model) -> Next:
        """Return what ``enter`` does here."""
        run = self.selected
        if self._compared is not None:
            return Next(Go.HERE, "back to the list")
        if run is None:
            return Next(Go.WATCH, "back to the way") if model.active else super().announce(model)
        if model.active:
            return Next(Go.WATCH, "watch the run that is under way")
        return Next(Go.HERE, f"open {run.stamp} under Results")

    def do_next(self) -> None:
        """Leave the comparison, or open the run under the cursor."""
        if self._compared is not None:
            self.end_comparison()
        elif self.selected is not None and self._past is not None:
            self.guide_app.open_run(self._past.root / self.selected.bundle)

    @property
    def _under_way(self) -> bool:
        """Whether the run under the cursor is the one that is still being written."""
        model, run = self.guide_app.model, self.selected
        return (
            model.active
            and run is not None
            and model.run is not None
            and (model.run.bundle.name == run.stamp)
        )

    @property
    def selected(self) -> RunRecord | None:
        """The run under the cursor."""
        if not self.is_mounted or self._past is None:
            return None
        wanted = self.query_one("#runs", Rows).selected
        return next((r for r in self._past.runs if r.bundle == wanted), None)

    @work(thread=True, exclusive=True, group="history", exit_on_error=False)
    def _find(self, query: Query) -> None:
        try:
            self.post_message(Recalled(self.guide_app.services.past(query)))
        except (NbtuiError, OSError) as error:
            self.app.post_message(Failed("Earlier runs cannot be read.", error))

    @work(thread=True, exclusive=True, group="compare", exit_on_error=False)
    def _compare(self, a: str, b: str) -> None:
        try:
            self.post_message(Compared(self.guide_app.services.compare(a, b)))
        except (NbtuiError, OSError) as error:
            self.app.post_message(Failed("These runs cannot be compared.", error))

    def _ask(self) -> None:
        self._find(self._query)

    def on_recalled(self, event: Recalled) -> None:
        """Show the runs found."""
        self._past = event.past
        known = {r.bundle for r in event.past.runs}
        self._marked = tuple(b for b in self._marked if b in known)
        self.show_again()

    def on_compared(self, event: Compared) -> None:
        """Show two runs side by side."""
        self._compared = event.found
        self.add_class("-compare")
        self.show_again()
        self.query_one("#past").focus()

    def show_body(self, model: Model) -> None:  # noqa: ARG002 - the bundles are the truth here
        """Show the list and the run under the cursor."""
        rows = self.query_one("#runs", Rows)
        past = self._past
        runs = past.runs if past else ()
        rows.border_title = edge(f"Runs · {self._filter_words(len(runs))}")
        rows.show(
            [
                history_pages.run_row(r, rows.row_width, marked=r.bundle in self._marked)
                for r in runs
            ]
        )
        self._show_detail()

    def _filter_words(self, count: int) -> str:
        query = self._query
        words = [f"{count}"]
        words += [query.verdict] if query.verdict else []
        words += [f"“{query.text}”"] if query.text else []
        words.append(f"by {query.order.value}" + (", reversed" if query.reverse else ""))
        words += [f"{len(self._marked)} marked"] if self._marked else []
        return " · ".join(words)

    def _show_detail(self, *, top: bool = False) -> None:
        page = self.query_one("#past", Page)
        run, past = self.selected, self._past
        if self._compared is not None:
            page.border_title = edge("Comparison")
            blocks = history_pages.comparison(self._compared, everything=self._everything)
            page.show(blocks, top=top)
            return
        page.border_title = edge("Run")
        nothing: list[Block] = [Para("Reading the bundles…", "$muted")]
        if past is not None:
            nothing = [Para("No run here yet, or none that the filter lets through.", "$muted")]
        page.show(
            history_pages.describe_run(run, past.trends) if run and past else nothing, top=top
        )

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the run under the cursor."""
        del event
        self._show_detail(top=True)
        self.show_announcement()
        self.refresh_keys()

    def action_filter(self) -> None:
        """Open the filter line; it filters while one types."""
        line = self.query_one("#filter", Input)
        line.display = True
        line.focus()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        self._change(text=event.value)

    @on(Input.Submitted, "#filter")
    def _settled(self) -> None:
        self.query_one("#filter", Input).display = False
        self.query_one("#runs").focus()

    def key_escape(self) -> None:
        """Leave the comparison, else the filter line, else take the filters away."""
        line = self.query_one("#filter", Input)
        if self._compared is not None:
            self.end_comparison()
        elif line.display or self._query.text or self._query.verdict:
            line.value = ""
            self._settled()
            self._change(text="", verdict=None)

    def end_comparison(self) -> None:
        """Go back to the list."""
        self._compared = None
        self.remove_class("-compare")
        self.query_one("#runs").focus()
        self.show_again()

    def action_next_verdict(self) -> None:
        """Show only the runs of the next verdict."""
        at = VERDICTS.index(self._query.verdict)
        self._change(verdict=VERDICTS[(at + 1) % len(VERDICTS)])

    def action_next_order(self) -> None:
        """Sort by the next order."""
        orders = list(Order)
        at = orders.index(self._query.order)
        self._change(order=orders[(at + 1) % len(orders)])

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._change(reverse=not self._query.reverse)

    def _change(self, **changes: Any) -> None:
        self._query = replace(self._query, **changes)
        self._ask()
        self.show_again()

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away; two marks are enough."""
        run = self.selected
        if run is None:
            return
        if run.bundle in self._marked:
            self._marked = tuple(b for b in self._marked if b != run.bundle)
        else:
            self._marked = (*self._marked, run.bundle)[-2:]
        self.show_again()

    def action_compare(self) -> None:
        """Set the two marked runs side by side; with one mark, it and the one under the cursor."""
        run = self.selected
        wanted = self._marked
        if len(wanted) == 1 and run is not None and run.bundle not in wanted:
            wanted = (*wanted, run.bundle)
        if len(wanted) < 2:
            self.notify("Mark two runs with space, then c compares them.")
            return
        first, second = sorted(wanted, key=lambda b: b.rsplit("/", 1)[-1])
        self._compare(first, second)

    def action_verify(self) -> None:
        """Verify the run under the cursor."""
        if self.selected is not None and self._past is not None:
            self.guide_app.show_verification(self._past.root / self.selected.bundle)

    def action_everything(self) -> None:
        """Show what is the same too, or only what differs."""
        self._everything = not self._everything
        self._show_detail()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what makes sense now."""
        comparing = self._compared is not None
        match action:
            case "everything":
                return comparing
            case "verify":
                return not comparing and self.selected is not None and not self._under_way
            case "mark" | "compare" | "filter" | "next_verdict" | "next_order" | "reverse":
                return not comparing
            case _:
                return super().check_action(action, parameters)
