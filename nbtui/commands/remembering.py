"""``nbtui history``, ``compare`` and ``coverage``: what they print."""

import sys
from collections.abc import Mapping

from nbtui.durable import dump_json
from nbtui.exit_codes import ExitCode
from nbtui.history.compare import as_record, compare
from nbtui.history.coverage import coverage
from nbtui.history.index import Index
from nbtui.history.of_project import open_index, record_of
from nbtui.history.query import Query, find
from nbtui.history.records import RunRecord
from nbtui.history.sources import PATTERN
from nbtui.history.text import comparison_text, coverage_text, runs_text, trends_text
from nbtui.history.trends import trends
from nbtui.project import Project


def show_history(
    project: Project,
    env: Mapping[str, str],
    query: Query,
    *,
    by_experiment: bool,
    as_json: bool,
) -> int:
    """Print the runs a query asks for, or the trend of each experiment."""
    with open_index(project, env) as index:
        if by_experiment:
            known = trends(index)
            _out(_trend_records(index) if as_json else trends_text(known), as_json=as_json)
        else:
            runs = find(index, query)
            _out([_run_record(r) for r in runs] if as_json else runs_text(runs), as_json=as_json)
    return int(ExitCode.CLEARED)


def show_comparison(
    project: Project,
    env: Mapping[str, str],
    stamps: tuple[str, str],
    *,
    everything: bool,
    as_json: bool,
) -> int:
    """Print two runs beside each other."""
    with open_index(project, env) as index:
        a, b = (record_of(index, project, stamp) for stamp in stamps)
        found = compare(index, a, b)
    _out(
        as_record(found) if as_json else comparison_text(found, everything=everything),
        as_json=as_json,
    )
    return int(ExitCode.CLEARED)


def show_coverage(
    project: Project, env: Mapping[str, str], pattern: str | None, *, as_json: bool
) -> int:
    """Print the state of every acceptance test."""
    with open_index(project, env) as index:
        found = coverage(index, project.root, pattern or PATTERN)
    _out(found if as_json else coverage_text(found, project.root), as_json=as_json)
    return int(ExitCode.CLEARED)


def _run_record(run: RunRecord) -> dict[str, object]:
    return {
        "stamp": run.stamp,
        "bundle": run.bundle,
        "verdict": run.verdict,
        "sealed": run.sealed,
        "damage": run.damage,
        "started": run.started,
        "wall_s": run.wall_s,
        "plan_sha256": run.plan_sha256,
        "memo_sha256": run.memo_sha256,
        "commit": run.commit,
        "parameter_hash": run.parameter_hash,
        "reason": run.blocker.reason if run.blocker else "",
        "stages": run.stages,
    }


def _trend_records(index: Index) -> list[dict[str, object]]:
    return [
        {
            "parameter_hash": t.parameter_hash,
            "role": t.role.value,
            "last_pass": t.last_pass,
            "last_fail": t.last_fail,
            "identical_failures": t.identical_failures,
            "points": t.points,
        }
        for t in trends(index)
    ]


def _out(value: object, *, as_json: bool) -> None:
    sys.stdout.write(dump_json(value).decode() if as_json else f"{value}\n")
