"""``nbtui diagnose``: the steps as they end, then the verdict."""

import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nbtui.diagnose.model import StepReport
from nbtui.diagnose.text import diagnosis_record, step_text, verdict_text
from nbtui.durable import dump_json
from nbtui.exit_codes import ExitCode
from nbtui.explaining import Explanation, explain_bundle, explain_sides
from nbtui.project import Project

if TYPE_CHECKING:
    from nbtui.diagnose.options import Asked


def show_bundle(
    project: Project,
    bundle: Path,
    env: Mapping[str, str],
    *,
    run_programs: bool,
    since: str,
    as_json: bool,
) -> int:
    """Explain a run and print it; return the exit code."""
    say = _Printer(as_json)
    with _signals_end_it():
        found = explain_bundle(
            project, bundle, env, run_programs=run_programs, since=since, say=say
        )
    return _end(found, as_json)


def show_sides(project: Project, asked: "Asked", here: Path, *, as_json: bool) -> int:
    """Explain two sides and print it; return the exit code."""
    with _signals_end_it():
        found = explain_sides(project, asked, here, _Printer(as_json))
    return _end(found, as_json)


def explanation_record(found: Explanation) -> dict[str, object]:
    """Return an explanation as plain data."""
    known = [{"text": line.text, "source": line.source} for line in found.known]
    return {
        **diagnosis_record(found.diagnosis),
        "earlier_runs": found.earlier,
        "same_figures": found.figures,
        "known_issues": known,
    }


@contextmanager
def _signals_end_it() -> Iterator[None]:
    """Let TERM and HUP end the block as an exception does: its simulators go first."""

    def leave(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    before = {n: signal.signal(n, leave) for n in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
