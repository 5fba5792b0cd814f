"""What a step will take, from the bundles of earlier runs of the same command."""

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from nbtui.evidence.records import StageOutcome
from nbtui.memo.plan import Plan, Step, decode
from nbtui.run.catalog import PLAN, bundles

if TYPE_CHECKING:
    from nbtui.run.prepare import Prepared

_NEWEST = 20
"""Bundles that are looked at."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What earlier runs of a step's command took."""

    wall_s: float
    """Median, in seconds."""
    longest_s: float
    peak_rss_bytes: int
    """The largest."""
    runs: int
    last: str
    """STAMP of the newest of them."""


def forecasts_of(prepared: "Prepared") -> dict[str, Forecast]:
    """Return the forecasts for a prepared plan; see :func:`forecasts`."""
    project = prepared.project
    return forecasts(prepared.plan, project.root, project.settings.reports)


def forecasts(plan: Plan, root: Path, reports: str = "reports") -> dict[str, Forecast]:
    """Return, by step id, what the newest earlier runs of the same commands took.

    Only stages that did what they promised count. Damaged bundles are passed over.
    """
    found: dict[str, list[tuple[str, StageOutcome]]] = {}
    wanted = {work_of(s): s.id for s in plan.stages if s.command}
    for bundle in bundles(root, reports)[:_NEWEST]:
        for step in _steps(bundle):
            step_id = wanted.get(work_of(step))
            outcome = _outcome(bundle, step) if step_id else None
            if step_id and outcome is not None and outcome.failure is None:
                found.setdefault(step_id, []).append((bundle.name, outcome))
    return {step_id: _forecast(runs) for step_id, runs in found.items()}


def _forecast(runs: list[tuple[str, StageOutcome]]) -> Forecast:
    return Forecast(
        wall_s=statistics.median(o.wall_s for _, o in runs),
        longest_s=max(o.wall_s for _, o in runs),
        peak_rss_bytes=max(o.peak_rss_bytes for _, o in runs),
        runs=len(runs),
        last=runs[0][0],
    )


def work_of(step: Step) -> tuple[str, ...]:
    """Return what makes two steps the same work, wherever they stand in their plans."""
    if step.command is None:
        return ()
    return (step.command.cwd, *(w.replace(step.id, "STEP") for w in step.command.argv))


def _steps(bundle: Path) -> tuple[Step, ...]:
    try:
        return decode((bundle / PLAN).read_bytes()).stages
    except (OSError, msgspec.MsgspecError):
        return ()


def _outcome(bundle: Path, step: Step) -> StageOutcome | None:
    try:
        data = (bundle / "stages" / step.id / "exit.json").read_bytes()
        return msgspec.json.decode(data, type=StageOutcome)
    except (OSError, msgspec.MsgspecError):
        return None
