"""Lint: would the plan's commands start at all, and do they test the same thing.

A new rule is one function and one line in :data:`RULES`.
"""

from collections.abc import Iterable
from pathlib import Path

from nbtui.memo.lint.artifacts import check_artifacts, check_captured_output
from nbtui.memo.lint.experiments import (
    check_device,
    check_full_frame,
    check_golden_outputs,
    check_port,
    check_same_experiment,
    check_symmetry,
)
from nbtui.memo.lint.finding import Finding, Rule, Scope, Severity
from nbtui.memo.lint.options import check_options
from nbtui.memo.lint.pointers import check_pointers
from nbtui.memo.lint.programs import check_nodes, check_programs, check_selectors
from nbtui.memo.lint.words import (
    check_characters,
    check_labels,
    check_mapped_tests,
    check_questions,
    check_thresholds,
    check_variables,
)
from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan
from nbtui.project import Settings

__all__ = ["RULES", "Finding", "Severity", "blocking", "lint"]

RULES: tuple[Rule, ...] = (
    check_characters,
    check_labels,
    check_variables,
    check_questions,
    check_programs,
    check_nodes,
    check_selectors,
    check_options,
    check_device,
    check_golden_outputs,
    check_port,
    check_same_experiment,
    check_full_frame,
    check_symmetry,
    check_artifacts,
    check_captured_output,
    check_thresholds,
    check_mapped_tests,
    check_pointers,
)

_ORDER = (Severity.BLOCK, Severity.WARN, Severity.INFO)


def lint(
    plan: Plan,
    memo: Memo,
    root: Path,
    *,
    settings: Settings | None = None,
    ask_help: bool = True,
) -> tuple[Finding, ...]:
    """Return what can be said before anything runs, worst first, then by line.

    Parameters
    ----------
    plan, memo
        The plan and the memo it was compiled from.
    root
        The project's root folder.
    settings
        The project's settings.
    ask_help
        Ask this project's own tools with ``--help`` which options they accept. The child has
        an empty working folder, a minimal environment and a deadline.
    """
    scope = Scope(plan, memo, root, settings or Settings(), ask_help)
    found = [finding for rule in RULES for finding in rule(scope)]
    return tuple(sorted(found, key=lambda f: (_ORDER.index(f.severity), f.line or 0)))


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that keep the plan from running."""
    return tuple(f for f in findings if f.severity is Severity.BLOCK)
