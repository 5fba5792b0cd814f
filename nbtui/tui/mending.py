"""What the app does with lint's fixes: accept all, accept one, take one back.

The memo stays as it is. What was accepted for it is kept beside the reports, and stands in
the plan as a deviation.
"""

from pathlib import Path

from nbtui.errors import NbtuiError
from nbtui.memo.lint import Remedy
from nbtui.memo.plan import Plan
from nbtui.project import Project
from nbtui.run import accepted
from nbtui.run.prepare import Prepared, prepare


def as_shown(project: Project, memo_path: Path | None, plan: Plan) -> Prepared:
    """Return the memo's plan as it is now, which must be the one that was shown.

    Raises
    ------
    NbtuiError
        Memo, project or accepted fixes have changed since.
    """
    prepared = prepare(project.root, memo_path, ask=False)
    if prepared.plan.digest() != plan.digest():
        raise NbtuiError(
            "the memo is no longer the one that was shown",
            where=prepared.plan.memo_name,
            fix="read it again (1, then r) and look at what changed",
        )
    return prepared


def accept_all(project: Project, memo_path: Path | None) -> int:
    """Accept every mechanical fix, those included that others ask for; return how many."""
    prepared = prepare(project.root, memo_path)
    found = prepared.remedies
    if found:
        reports = project.settings.reports
        accepted.accept(project.root, reports, prepared.memo.sha256, found)
    return len(found)


def accept_one(project: Project, memo_path: Path | None, plan: Plan, fix: Remedy) -> None:
    """Accept one fix of the plan that was shown.

    Raises
    ------
    NbtuiError
        The plan is no longer the one that was shown.
    """
    prepared = as_shown(project, memo_path, plan)
    accepted.accept(project.root, project.settings.reports, prepared.memo.sha256, (fix,))


def take_back(project: Project, memo_path: Path | None, plan: Plan, fix: Remedy) -> int:
    """Drop an accepted fix and those of its step that build on it; return how many.

    Raises
    ------
    NbtuiError
        The plan is no longer the one that was shown.
    """
    prepared = as_shown(project, memo_path, plan)
    reports = project.settings.reports
    return len(accepted.take_back(project.root, reports, prepared.memo.sha256, fix))
