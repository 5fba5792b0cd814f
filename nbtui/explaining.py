"""The command ``nbtui diagnose``: any two sides, or what blocked a run."""

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbtui.diagnose.known import known_issues
from nbtui.diagnose.model import Diagnosis, Line, Say, StepReport, say_nothing
from nbtui.diagnose.text import diagnosis_record, step_text, verdict_text
from nbtui.durable import dump_json
from nbtui.errors import NbtuiError
from nbtui.exit_codes import ExitCode
from nbtui.history.index import Index
from nbtui.history.recall import RunRecall, recall_run
from nbtui.project import Project

if TYPE_CHECKING:
    from nbtui.diagnose.options import Asked


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
    say: Say = say_nothing,
) -> Explanation:
    """Explain what blocked a run.

    Parameters
    ----------
    project, bundle, env
        The project, the run's folder, and the operator's environment.
    run_programs
        Whether the two programs may be run; without, only what is stored is read.
    say
        Told of each step as it ends.

    Raises
    ------
    BundleError
        The run cannot be read.
    NothingComparedError
        No stage of it compared two sides.
    """
    from nbtui.diagnose.sources import case_of_bundle  # noqa: PLC0415  (it imports numpy)

    case = case_of_bundle(bundle, project.root)
    from nbtui.diagnose.examine import diagnose  # noqa: PLC0415  (it imports scipy)

    found = diagnose(case, run_programs=run_programs, say=say)
    past = _earlier(project, bundle, env)
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


def show_bundle(
    project: Project, bundle: Path, env: Mapping[str, str], *, run_programs: bool, as_json: bool
) -> int:
    """Explain a run and print it; return the exit code."""
    _end_on_signals()
    say = _Printer(as_json)
    return _end(explain_bundle(project, bundle, env, run_programs=run_programs, say=say), as_json)


def show_sides(project: Project, asked: "Asked", here: Path, *, as_json: bool) -> int:
    """Explain two sides and print it; return the exit code."""
    _end_on_signals()
    return _end(explain_sides(project, asked, here, _Printer(as_json)), as_json)


def explanation_record(found: Explanation) -> dict[str, object]:
    """Return an explanation as plain data."""
    known = [{"text": line.text, "source": line.source} for line in found.known]
    return {
        **diagnosis_record(found.diagnosis),
        "earlier_runs": found.earlier,
        "same_figures": found.figures,
        "known_issues": known,
    }


def _end_on_signals() -> None:
    """Make TERM and HUP end this process as an exception does: its simulators go first."""

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


class _Printer:
    """Prints each step as it ends, unless the whole is printed as JSON."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._number = 0

    def __call__(self, step: StepReport) -> None:
        self._number += 1
        if not self._quiet:
            sys.stdout.write(f"{step_text(step, self._number)}\n")
            sys.stdout.flush()


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


def _end(found: Explanation, as_json: bool) -> int:
    if as_json:
        sys.stdout.write(dump_json(explanation_record(found)).decode())
    else:
        for line in found.known:
            sys.stdout.write(f"known issue: {line.text}  [{line.source}]\n")
        for text in found.earlier:
            sys.stdout.write(f"earlier runs: {text}\n")
        sys.stdout.write(f"{verdict_text(found.diagnosis)}\n")
    diagnosis = found.diagnosis
    return int(ExitCode.CLEARED if diagnosis.explained or diagnosis.agree else ExitCode.BLOCKED)
