"""Why two sides differ, or what blocked a run: the diagnosis, with what else is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbtui.diagnose.known import known_issues
from nbtui.diagnose.model import Diagnosis, Line, Say, say_nothing
from nbtui.errors import NbtuiError, PlanError
from nbtui.history.index import Index
from nbtui.history.recall import RunRecall, recall_run
from nbtui.project import Project

if TYPE_CHECKING:
    from nbtui.diagnose.options import Asked


LAST_AGREED = "pass"
"""Search the commits since the same parameters last passed."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A diagnosis, with what is known from elsewhere."""

    diagnosis: Diagnosis
    earlier: tuple[str, ...] = ()
    """What earlier runs say about a run's failure."""
    figures: tuple[str, ...] = ()
    """Of these, what the figures say: the very same ones before, and which side moved."""
    known: tuple[Line, ...] = ()
    """Lines of the project's bug pages that match."""


def explain_bundle(
    project: Project,
    bundle: Path,
    env: Mapping[str, str],
    *,
    run_programs: bool = True,
    since: str = "",
    say: Say = say_nothing,
) -> Explanation:
    """Explain what blocked a run.

    Parameters
    ----------
    project, bundle, env
        The project, the run's folder, and the operator's environment.
    run_programs
        Whether the two programs may be run; without, only what is stored is read.
    since
        A commit at which the two sides agreed, or :data:`LAST_AGREED`; empty for no search through
        commits.
    say
        Told of each step as it ends.

    Raises
    ------
    BundleError
        The run cannot be read.
    NothingComparedError
        No stage of it compared two sides.
    PlanError
        There is no last pass to search from.
    """
    from nbtui.diagnose.sources import case_of_bundle  # noqa: PLC0415  (it imports numpy)

    case = case_of_bundle(bundle, project.root)
    from nbtui.diagnose.examine import diagnose  # noqa: PLC0415  (it imports scipy)

    past = _earlier(project, bundle, env)
    case = replace(case, since=_commit(since, past))
    found = diagnose(case, run_programs=run_programs, say=say)
    said, figures = (past.lines(), past.figures()) if past else ((), ())
    return Explanation(found, said, figures, known_issues(project.root, found))


def explain_sides(project: Project, asked: "Asked", here: Path, say: Say) -> Explanation:
    """Explain why two sides differ that somebody named.

    Raises
    ------
    PlanError
        A side is neither image nor program, or an input file is missing.
    """
    from nbtui.diagnose.examine import diagnose  # noqa: PLC0415  (it imports scipy)
    from nbtui.diagnose.options import case_of  # noqa: PLC0415

    found = diagnose(case_of(asked, here, project.root), say=say)
    return Explanation(found, known=known_issues(project.root, found))


def _commit(since: str, past: RunRecall | None) -> str:
    if since != LAST_AGREED:
        return since
    if past is None or not past.last_pass_commit:
        raise PlanError(
            "no earlier run passed with these parameters",
            where=f"--since {LAST_AGREED}",
            fix="name a commit at which the two agreed: --since COMMIT",
        )
    return past.last_pass_commit


def _earlier(project: Project, bundle: Path, env: Mapping[str, str]) -> RunRecall | None:
    root = project.root.resolve()
    if not bundle.resolve().is_relative_to(root):
        return None
    name = bundle.resolve().relative_to(root).as_posix()
    try:
        with Index(root, project.settings.reports, env=env) as index:
            run = next(index.records("bundle = ?", (name,)), None)
            return recall_run(index, run) if run is not None and run.blocker else None
    except (NbtuiError, OSError):
        # A history that cannot be read keeps nobody from a diagnosis; nbtui history says why.
        return None
