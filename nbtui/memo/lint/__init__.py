"""Lint: would the plan's commands start at all, and do they test the same thing.

``checks/`` holds one rule a file, ``registry.py`` lists them, ``asking/`` starts the few
children that may be started (``--help``, ``pytest --collect-only``), in a sandbox.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nbtui.memo.lint.asking.answers import Answers, Asked
from nbtui.memo.lint.asking.ask import ask_all
from nbtui.memo.lint.checks.stale import history
from nbtui.memo.lint.finding import Finding, Remedy, Severity
from nbtui.memo.lint.fixes import applied, apply, remedies
from nbtui.memo.lint.parameters import Table, experiments, table
from nbtui.memo.lint.registry import RULES
from nbtui.memo.lint.scope import Scope, Surroundings
from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan
from nbtui.project import Settings

__all__ = [
    "RULES", "Answers", "Asked", "Finding", "Remedy", "Report", "Severity", "Surroundings",
    "Table",
    "applied", "apply", "blocking", "lint", "mended", "remedies",
]  # fmt: skip

_ORDER = (Severity.BLOCK, Severity.WARN, Severity.INFO)
_ROUNDS = 50
"""A memo whose fixes ask for further fixes without end is a mistake of a rule."""


@dataclass(frozen=True, slots=True)
class Report:
    """What can be said before anything runs."""

    findings: tuple[Finding, ...]
    """Worst first, then by line."""
    table: Table
    """The stages' physics arguments side by side."""
    answers: Answers
    """What was asked to know it; ``answers.asked`` lists every child that ran."""
    history: tuple[str, ...] = ()
    """Earlier runs of the same memo: worth knowing, but nothing that is wrong with it."""


def lint(
    plan: Plan,
    memo: Memo,
    root: Path,
    *,
    settings: Settings | None = None,
    ask: bool = True,
    around: Surroundings | None = None,
    answers: Answers | None = None,
) -> Report:
    """Return what can be said before anything runs.

    Parameters
    ----------
    plan, memo
        The plan and the memo it was compiled from.
    root
        The project's root folder.
    settings
        The project's settings.
    ask
        Ask programs with ``--help`` which options they accept, and pytest which tests it
        collects; each child is sandboxed and listed in the report.
    around
        What git, earlier runs and the ledger say.
    answers
        Answers of an earlier look at the same memo; nothing is asked again.
    """
    around = around or Surroundings()
    if answers is None:
        missing = around.repository.uncommitted if around.repository else frozenset()
        answers = ask_all(plan, root, uncommitted=missing) if ask else Answers()
    scope = Scope(plan, memo, root, settings or Settings(), answers, around)
    found = [finding for rule in RULES for finding in rule(scope)]
    ordered = sorted(found, key=lambda f: (_ORDER.index(f.severity), f.line or 0))
    return Report(tuple(ordered), table(experiments(scope)), answers, history(scope))


def mended(
    plan: Plan, report: Report, memo: Memo, root: Path, *, settings: Settings, around: Surroundings
) -> tuple[Remedy, ...]:
    """Return every mechanical remedy, in the order in which they build on each other."""
    accepted: list[Remedy] = []
    for _ in range(_ROUNDS):
        found = remedies(report.findings)
        if not found:
            break
        accepted.append(found[0])
        plan = apply(plan, found[:1])
        report = lint(plan, memo, root, settings=settings, around=around, answers=report.answers)
    return tuple(accepted)


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that keep the plan from running."""
    return tuple(f for f in findings if f.severity is Severity.BLOCK)
