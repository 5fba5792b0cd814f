"""How an experiment fared over time: last pass, last failure, failures that are the same one.

Runs belong together when their stages ran the same parameters, by hash. Figures of
different hashes are never set beside each other.
"""

import re
from dataclasses import dataclass

from nbtui.history.index import Index
from nbtui.history.records import RunRecord, StageRecord, Status
from nbtui.memo.plan import Role

DIGITS = 10
"""Two failures with the same figure to so many digits are one failure seen twice."""
_SIDES = {"c_sum": "the C image", "py_sum": "the port's image"}
_SAME_SUM = 1e-9
_VOLATILE = re.compile(r"\d{8}T\d{6}Z|\b\d+(?:\.\d+)? s\b|/\S+/")


@dataclass(frozen=True, slots=True)
class Point:
    """One stage of one run."""

    stamp: str
    bundle: str
    commit: str
    step_id: str
    status: Status
    values: dict[str, float]
    """The defined figures."""
    failure: str = ""
    """What makes two failures the same; empty for a stage that passed."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The stages that ran one experiment in one role, the newest first."""

    parameter_hash: str
    role: Role
    points: tuple[Point, ...]

    @property
    def last_pass(self) -> Point | None:
        """The newest stage that passed."""
        return next((p for p in self.points if p.status is Status.PASSED), None)

    @property
    def last_fail(self) -> Point | None:
        """The newest stage that failed."""
        return next((p for p in self.points if p.status is Status.FAILED), None)

    @property
    def identical_failures(self) -> int:
        """How often the newest failure was seen, itself included; 0 when none failed."""
        last = self.last_fail
        return sum(p.failure == last.failure for p in self.points) if last else 0

    def series(self, metric: str) -> tuple[tuple[str, float], ...]:
        """Return STAMP and value of a figure, the oldest first."""
        pairs = ((p.stamp, p.values[metric]) for p in self.points if metric in p.values)
        return tuple(pairs)[::-1]


@dataclass(frozen=True, slots=True)
class Change:
    """Which side moved between the last pass and a failure with the same parameters."""

    since: str
    """STAMP of the last pass."""
    moved: tuple[str, ...]
    """One sentence for each side whose image changed."""
    stayed: tuple[str, ...]


def trend(index: Index, parameter_hash: str, role: Role) -> Trend:
    """Return how an experiment fared in one role."""
    condition = "bundle IN (SELECT bundle FROM stages WHERE parameter_hash = ? AND role = ?)"
    runs = index.records(condition, (parameter_hash, role.value))
    points = tuple(
        _point(run, stage)
        for run in runs
        for stage in run.stages
        if stage.role is role and stage.parameter_hash == parameter_hash
    )
    return Trend(parameter_hash, role, points)


def trends(index: Index) -> tuple[Trend, ...]:
    """Return every experiment's trend in every role, the one that ran last first."""
    found: dict[tuple[str, Role], list[Point]] = {}
    for run in index.records():
        for stage in run.stages:
            if stage.parameter_hash:
                found.setdefault((stage.parameter_hash, stage.role), []).append(_point(run, stage))
    return tuple(Trend(digest, role, tuple(points)) for (digest, role), points in found.items())


def failure_of(stage: StageRecord) -> str:
    """Return what makes a stage's failure the same as another: the gate and its figure, or why.

    A figure counts with ten digits: the same number to the last digit is the same failure,
    another number is another one, however near.
    """
    if stage.missed:
        return "; ".join(f"{g.gate.metric} {_digits(g.value)}" for g in stage.missed)
    if stage.status is not Status.FAILED:
        return ""
    reason = "; ".join(stage.problems) or stage.failure
    return " ".join(_VOLATILE.sub("", reason).split())


def identical(index: Index, run: RunRecord) -> tuple[RunRecord, ...]:
    """Return the other runs that stopped for the same reason as ``run``, the newest first."""
    key = _blocked_by(run)
    if not key:
        return ()
    found = index.records("verdict IS NOT NULL AND bundle <> ?", (run.bundle,))
    return tuple(other for other in found if _blocked_by(other) == key)


def change(index: Index, run: RunRecord, stage: StageRecord) -> Change | None:
    """Return which image moved since the last pass; ``None`` when there was no pass before."""
    if not stage.parameter_hash:
        return None
    earlier = [
        p for p in trend(index, stage.parameter_hash, stage.role).points if p.stamp < run.stamp
    ]
    passed = next((p for p in earlier if p.status is Status.PASSED), None)
    if passed is None:
        return None
    moved: list[str] = []
    stayed: list[str] = []
    for name, side in _SIDES.items():
        now, then = stage.value(name), passed.values.get(name)
        if now is None or then is None:
            continue
        same = abs(now - then) <= _SAME_SUM * abs(then)
        (stayed if same else moved).append(
            f"{side} is unchanged (sum {now:.10g})" if same
            else f"{side} moved (sum {then:.10g} to {now:.10g})"
        )  # fmt: skip
    return Change(passed.stamp, tuple(moved), tuple(stayed))


def _point(run: RunRecord, stage: StageRecord) -> Point:
    values = {m.name: m.value for m in stage.metrics if m.value is not None}
    return Point(
        run.stamp, run.bundle, run.commit, stage.step_id, stage.status, values, failure_of(stage)
    )


def _blocked_by(run: RunRecord) -> tuple[str, ...]:
    """Return the identity of what stopped a run; empty when nothing did."""
    # The run that asks has its blocker, and its verdict only when its report is written.
    if run.blocker is None or run.verdict not in {None, "blocked"}:
        return ()
    stage = run.stage(run.blocker.where)
    if stage is not None and (failure := failure_of(stage)):
        return (stage.role.value, stage.parameter_hash or "", failure)
    where = re.sub(r"^\d+-", "", run.blocker.where)
    reason = " ".join(_VOLATILE.sub("", run.blocker.reason).split())
    return (run.blocker.kind, where, reason)


def _digits(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.{DIGITS}g}"
