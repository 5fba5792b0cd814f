"""Preflight: every check as it is made, with what it found, expected, and the fix."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList

from nbtui.preflight.model import CheckResult, CheckStatus
from nbtui.tui.actions import bindings_for
from nbtui.tui.document import edge, visible
from nbtui.tui.guide import Mode
from nbtui.tui.model import Model
from nbtui.tui.pages.check_pages import describe_check, offered_fix
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Row, Rows, columns
from nbtui.tui.words import CHECKS, Mark

AGAIN = Mark("●", "again", "bold $primary")


class PreflightScreen(ModeScreen):
    """The list of checks and the details of the one under the cursor."""

    MODE = Mode.PREFLIGHT
    CSS_PATH = "preflight.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for("preflight")]
    AUTO_FOCUS = "#checks"

    def __init__(self) -> None:
        super().__init__()
        self._settled = False

    def body(self) -> Iterable[Widget]:
        """Return the list and the details."""
        yield Rows("Checks", id="checks")
        yield Page("Details", id="check")

    def show_body(self, model: Model) -> None:
        """Show the checks made so far."""
        rows = self.query_one("#checks", Rows)
        checks = shown_checks(model)
        whose = f" of run {model.run.bundle.name}" if model.run and not own_checks(model) else ""
        rows.border_title = edge(f"Checks{whose} · {tally(model, checks)}")
        width = rows.row_width
        rows.show([Row(c.id, check_row(c, width, again=c.id == model.rechecking)) for c in checks])
        if model.checking:
            self._settled = False
        elif model.checked and not self._settled:
            self._settled = True
            if model.blocked_checks:
                rows.select(model.blocked_checks[0].id)
        self._show_detail(rows.selected)

    def _show_detail(self, check_id: str | None, *, top: bool = False) -> None:
        checks = shown_checks(self.guide_app.model)
        chosen = next((c for c in checks if c.id == check_id), None)
        self.query_one("#check", Page).show(describe_check(chosen), top=top)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the details of the check under the cursor."""
        self._show_detail(event.option_id, top=True)
        self.refresh_keys()

    @property
    def selected(self) -> CheckResult | None:
        """The check under the cursor."""
        wanted = self.query_one("#checks", Rows).selected
        return next((c for c in shown_checks(self.guide_app.model) if c.id == wanted), None)

    def action_check_all(self) -> None:
        """Run every check again."""
        self.guide_app.run_checks()

    def action_check_one(self) -> None:
        """Run the selected check again."""
        if self.selected:
            self.guide_app.run_check(self.selected.id)

    def action_copy_fix(self) -> None:
        """Copy the selected check's fix."""
        if self.selected and (fix := offered_fix(self.selected)):
            self.guide_app.copy(fix, "the fix")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what makes sense for the check under the cursor."""
        model = self.guide_app.model
        if action == "check_all":
            return model.plan is not None and not model.checking
        if action == "check_one":
            idle = not (model.checking or model.rechecking)
            return self.is_mounted and self.selected is not None and bool(model.checks) and idle
        if action == "copy_fix":
            return (
                self.is_mounted and self.selected is not None and bool(offered_fix(self.selected))
            )
        return super().check_action(action, parameters)


def shown_checks(model: Model) -> tuple[CheckResult, ...]:
    """Return the app's own checks, or those of the run on show when there are none."""
    return model.checks if model.run is None or own_checks(model) else model.run.checks


def own_checks(model: Model) -> bool:
    """Return whether the app has made checks itself, or is making them."""
    return bool(model.checks) or model.checking or model.checked


def tally(model: Model, checks: Sequence[CheckResult]) -> str:
    """Return how many checks there are of each status, in words."""
    if not checks:
        return "running…" if model.checking else "not run yet"
    parts = [
        f"{count} {CHECKS[status].word}"
        for status in CheckStatus
        if (count := sum(c.status is status for c in checks))
    ]
    return " · ".join(parts) + (" · running…" if model.checking else "")


def check_row(check: CheckResult, width: int, *, again: bool = False) -> Content:
    """Return a check as one line: mark, title, what was found; ``again`` while it is repeated."""
    title = min(max(width // 3, 22), 44)
    mark = AGAIN if again else CHECKS[check.status]
    found = Content.styled(
        visible(check.found).replace("\n", " "),
        "$muted" if check.status is CheckStatus.OK else mark.style,
    )
    return columns((mark.content(), 8), (visible(check.title), title), (found, 0)).truncate(
        width, ellipsis=True
    )
