"""Whose every line of a memo is: a step's, else its section's."""

from collections.abc import Iterator

from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan, Role, StepKind


def owners(memo: Memo, plan: Plan) -> tuple[str, ...]:
    """Return, for each line of the memo, the one step or section that it belongs to.

    A step is named by its id; where several stand on one line, by the first of them. A
    section is named by its label, the text before the first label by ``preamble``.
    """
    return tuple(_owners(memo, plan))


def _owners(memo: Memo, plan: Plan) -> Iterator[str]:
    steps: dict[int, str] = {}
    for step in plan.steps:
        if step.memo_text:  # the summary that nobody asked for stands on no line
            for line in range(step.lines.first, step.lines.last + 1):
                steps.setdefault(line, step.id)
    for section in memo.sections:
        for line in range(section.lines.first, section.lines.last + 1):
            yield steps.get(line, section.label or "preamble")


def coverage_line(memo: Memo, plan: Plan) -> str:
    """Return in one line how much of the memo was understood as what."""
    found = owners(memo, plan)
    ids = {s.id for s in plan.steps}
    by_step = sum(name in ids for name in found)
    kinds = [s for s in plan.steps if s.role not in {Role.SETTING, Role.SUMMARY}]
    count = {k: sum(s.kind is k for s in kinds) for k in StepKind}
    return (
        f"Memo: {len(found)} of {len(memo.lines)} lines owned, {by_step} by steps, "
        f"{len(found) - by_step} by {len(memo.sections)} sections; "
        f"{count[StepKind.RUNNABLE]} runnable, {count[StepKind.NEEDS_ANSWER]} need an answer, "
        f"{count[StepKind.MANUAL]} by hand"
    )
