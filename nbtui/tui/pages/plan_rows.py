"""The list of the plan: its pages, lint's findings one by one, and every step."""

from textual.content import Content

from nbtui.memo.plan import Step
from nbtui.tui.document import visible
from nbtui.tui.model import PlanView
from nbtui.tui.pages import fix_pages, plan_pages, welcome
from nbtui.tui.widgets.rows import Row, columns
from nbtui.tui.words import KINDS


def step_rows(view: PlanView, width: int, *, first_time: bool = False) -> list[Row]:
    """Return the rows of the step list: the plan's four pages, then every step.

    Below the page of lint stands each finding that blocks or can be fixed here, and each fix
    that was accepted. Where nothing has been run yet, a page for newcomers comes first.
    """
    plan = view.plan
    blocking = len(view.blocking)
    count = len(view.wrong)
    style = "bold $error" if blocking else ("$warning" if count else "$success")
    glyph = "✗" if blocking else ("!" if count else "✓")
    found = f"{count} {'warning' if count == 1 else 'warnings'}" if count else "nothing found"
    if blocking:
        blocks = "blocks" if blocking == 1 else "block"
        others = f", {count - blocking} {'warns' if count - blocking == 1 else 'warn'}"
        found = f"{blocking} {blocks} the run{others if count > blocking else ''}"
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
    rows: list[Row] = []
    for row_id, mark, look, name, words in pages:
        text = columns(
            (Content.styled(mark, look), 2), (name, 11), (Content.styled(words, "$muted"), 0)
        )
        rows.append(Row(row_id, text.truncate(width, ellipsis=True)))
        if row_id == plan_pages.FINDINGS:
            rows += fix_pages.rows(view, width)
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
