"""A diagnosis as plain text and as plain data."""

from collections.abc import Iterator
from dataclasses import asdict

from nbtui.diagnose.model import Diagnosis, State, StepReport
from nbtui.evidence.text import printable

_MANY = 60


def step_text(step: StepReport, number: int) -> str:
    """Return one step: its question, how it ended, and what it saw with sources."""
    return printable("\n".join(_step_lines(step, number)))


def verdict_text(found: Diagnosis) -> str:
    """Return the end of the report: one sentence and one command."""
    lines = ["", found.sentence]
    if found.command:
        lines.append(f"confirm: {found.command}")
    lines.append(f"({len(found.steps)} steps, {found.wall_s:.1f} s)")
    return printable("\n".join(lines))


def diagnosis_text(found: Diagnosis) -> str:
    """Return the whole report."""
    steps = [step_text(s, n) for n, s in enumerate(found.steps, 1)]
    return "\n".join([f"Diagnosis of {found.title}", *steps, verdict_text(found)])


def diagnosis_record(found: Diagnosis) -> dict[str, object]:
    """Return a diagnosis as plain data, for ``--json`` and for bundles."""
    return {
        "schema": 1,
        "title": found.title,
        "explained": found.explained,
        "agree": found.agree,
        "cause": found.finding.cause if found.finding else None,
        "sentence": found.sentence,
        "command": found.command,
        "wall_s": round(found.wall_s, 3),
        "steps": [
            {**asdict(s), "state": s.state.value, "cost_s": round(s.cost_s, 3)} for s in found.steps
        ],
    }


def _step_lines(step: StepReport, number: int) -> Iterator[str]:
    word = {State.OK: "nothing found", State.FOUND: "FOUND", State.SKIPPED: "skipped"}[step.state]
    yield f"{number}. {step.title} [{word}, {step.cost_s:.2f} s]"
    if step.skipped:
        yield f"   {step.skipped}"
    for line in step.lines[:_MANY]:
        source = f"  [{line.source}]" if line.source else ""
        yield f"   {line.text}{source}"
    if len(step.lines) > _MANY:
        yield f"   ... {len(step.lines) - _MANY} more lines"
