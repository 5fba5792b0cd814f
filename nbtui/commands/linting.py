"""The command ``nbtui lint``: findings, the stages side by side, and what was asked to know it."""

import sys
from enum import Enum
from pathlib import Path

from nbtui.durable import dump_json
from nbtui.evidence.text import one_line, printable
from nbtui.exit_codes import ExitCode
from nbtui.listing import asked_text, findings_text, table_text
from nbtui.memo.lint import Remedy, Severity
from nbtui.run import accepted
from nbtui.run.prepare import Prepared, prepare


class Wish(Enum):
    """What the operator wants of the fixes."""

    LOOK = "look"
    FIX = "fix"
    UNFIX = "unfix"


def run(start: Path, memo: Path | None, wish: Wish, *, as_json: bool) -> int:
    """Lint a memo, print what was found, and return the exit code.

    stdout carries the findings, stderr the narration.
    """
    prepared = prepare(start, memo)
    done: tuple[Remedy, ...] = ()
    if wish is Wish.FIX:
        done = accept(prepared)
    elif wish is Wish.UNFIX:
        forget(prepared)
    if wish is not Wish.LOOK:
        for remedy in done:
            _say(f"accepted: {remedy_text(remedy)}")
        prepared = prepare(start, memo)
    if as_json:
        sys.stdout.write(dump_json(record(prepared)).decode())
    else:
        sys.stdout.write(f"{printable(text(prepared))}\n")
    blocked = len(prepared.blocking)
    remarks = sum(f.severity is Severity.INFO for f in prepared.findings)
    found = len(prepared.findings) - remarks
    _say(f"{_count(found, 'finding')}, {blocked} block, {_count(remarks, 'remark')}")
    return int(ExitCode.NOT_STARTED if blocked else ExitCode.CLEARED)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def accept(prepared: Prepared) -> tuple[Remedy, ...]:
    """Accept every mechanical fix of a memo; return them."""
    found = prepared.remedies
    if found:
        project = prepared.project
        accepted.accept(project.root, project.settings.reports, prepared.memo.sha256, found)
    return found


def forget(prepared: Prepared) -> None:
    """Take back what was accepted for a memo."""
    project = prepared.project
    accepted.forget(project.root, project.settings.reports, prepared.memo.sha256)


def text(prepared: Prepared) -> str:
    """Return the whole report as plain text."""
    parts = [
        findings_text(prepared.findings, prepared.plan.memo_name, prepared.history),
        table_text(prepared.report.table),
        asked_text(prepared.asked),
    ]
    if prepared.accepted:
        fixes = [f"  {remedy_text(r)}" for r in prepared.accepted]
        parts.insert(1, "\n".join(["Accepted fixes (nbtui lint --unfix takes them back):", *fixes]))
    return "\n\n".join(parts)


def record(prepared: Prepared) -> dict[str, object]:
    """Return the whole report as plain data."""
    return {
        "memo": prepared.plan.memo_name,
        "memo_sha256": prepared.memo.sha256,
        "digest": f"sha256:{prepared.plan.digest()}",
        "findings": prepared.findings,
        "history": prepared.history,
        "experiments": prepared.report.table,
        "accepted": prepared.accepted,
        "asked": prepared.asked,
    }


def remedy_text(remedy: Remedy) -> str:
    """Return a remedy in one line: step, the memo's words, what runs instead."""
    d = remedy.deviation
    return f"[{remedy.step_id}] {one_line(d.memo_says)} -> {one_line(d.runs)} ({one_line(d.why)})"


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
