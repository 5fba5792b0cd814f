"""How the gates of a run stood in earlier runs of the same experiment."""

from collections.abc import Mapping

from nbtui.history.index import Index
from nbtui.history.trends import Point, trend
from nbtui.store import RunState

SHOWN = 8
"""Earlier runs that are looked at, the newest ones."""

Earlier = Mapping[tuple[str, str], tuple[float, ...]]
"""By step and gate: the figures that earlier runs measured, the oldest first."""


def earlier(index: Index, run: RunState) -> Earlier:
    """Return what earlier runs measured for each gate that a run has held.

    Only stages count that ran the same parameters in the same role, by hash: figures of
    another experiment say nothing about this one. A run's figures are those of before it.
    """
    found: dict[tuple[str, str], tuple[float, ...]] = {}
    known: dict[tuple[str, str], tuple[Point, ...]] = {}
    for stage in run.stages:
        digest = stage.collected.parameter_hash if stage.collected else None
        for result in stage.gates if digest else ():
            role = result.gate.role
            key = (digest or "", role.value)
            if key not in known:
                points = trend(index, digest or "", role).points
                known[key] = tuple(p for p in points if p.stamp < run.bundle.name)
            values = _figures(known[key], stage.step_id, result.gate.metric)
            found[stage.step_id, result.gate.id] = values[:SHOWN][::-1]
    return found


def _figures(points: tuple[Point, ...], step_id: str, metric: str) -> tuple[float, ...]:
    """Return one figure of each run: of the same step, where two ran the experiment."""
    runs: dict[str, Point] = {}
    for point in points:
        if metric in point.values and (point.bundle not in runs or point.step_id == step_id):
            runs[point.bundle] = point
    return tuple(point.values[metric] for point in runs.values())
