"""What earlier runs have to say: before a plan starts, and when a run is blocked."""

from collections.abc import Iterator
from dataclasses import dataclass

from nbtui.history.index import Index
from nbtui.history.records import RunRecord, StageRecord, Status
from nbtui.history.trends import Change, Trend, change, identical, trend
from nbtui.memo.plan import Plan, Step
from nbtui.run.forecast import work_of


@dataclass(frozen=True, slots=True)
class StageRecall:
    """What is known of one planned stage."""

    step_id: str
    trend: Trend


@dataclass(frozen=True, slots=True)
class PlanRecall:
    """What is known of a plan before it starts."""

    plan_runs: int
    """Runs of exactly this plan."""
    last_pass: str
    """STAMP of its last cleared run, empty when there is none."""
    last_fail: str
    last_reason: str
    """Why the last blocked run of it stopped."""
    stages: tuple[StageRecall, ...]

    def lines(self) -> tuple[str, ...]:
        """Return it as plain lines; none when nothing is known."""
        return tuple(_plan_lines(self))


@dataclass(frozen=True, slots=True)
class RunRecall:
    """What earlier runs have to say about a failure."""

    seen_before: tuple[str, ...]
    """STAMPs of runs that stopped for the same reason, the newest first."""
    last_pass: str
    """STAMP of the last pass with the same parameters, empty when there was none."""
    last_pass_commit: str
    change: Change | None

    def lines(self) -> tuple[str, ...]:
        """Return it as plain lines; one says so when nothing is known."""
        return tuple(_run_lines(self))

    def figures(self) -> tuple[str, ...]:
        """Return what the figures say: seen before to ten digits, and which side moved."""
        seen = self.seen_before
        runs = "run" if len(seen) == 1 else "runs"
        said = [f"the very same failure, to ten digits, in {len(seen)} earlier {runs}"] * bool(seen)
        return (*said, *_moved(self.change))


def recall_plan(index: Index, plan: Plan) -> PlanRecall:
    """Return what earlier runs say about a plan that is about to start."""
    runs = tuple(index.records("plan_sha256 = ?", (plan.digest(),)))
    passed = next((r for r in runs if r.cleared), None)
    failed = next((r for r in runs if r.verdict == "blocked"), None)
    wanted = {work_of(s): s for s in plan.stages if s.command}
    return PlanRecall(
        plan_runs=len(runs),
        last_pass=passed.stamp if passed else "",
        last_fail=failed.stamp if failed else "",
        last_reason=failed.blocker.reason if failed and failed.blocker else "",
        stages=tuple(_stages(index, wanted)),
    )


def recall_run(index: Index, run: RunRecord) -> RunRecall:
    """Return what earlier runs say about the reason a run stopped for."""
    stage = run.stage(run.blocker.where) if run.blocker else None
    earlier = tuple(r.stamp for r in identical(index, run) if r.stamp < run.stamp)
    passed = _last_pass(index, run, stage) if stage else None
    return RunRecall(
        seen_before=earlier,
        last_pass=passed[0] if passed else "",
        last_pass_commit=passed[1] if passed else "",
        change=change(index, run, stage) if stage else None,
    )


def _stages(index: Index, wanted: dict[tuple[str, ...], Step]) -> Iterator[StageRecall]:
    """Yield the trend of each planned stage whose command ran before, by its newest experiment."""
    open_steps = dict(wanted)
    for run in index.records():
        if not open_steps:
            return
        for stage in run.stages:
            if stage.what in open_steps and stage.parameter_hash:
                step = open_steps.pop(stage.what)
                yield StageRecall(step.id, trend(index, stage.parameter_hash, stage.role))


def _last_pass(index: Index, run: RunRecord, stage: StageRecord) -> tuple[str, str] | None:
    if not stage.parameter_hash:
        return None
    points = trend(index, stage.parameter_hash, stage.role).points
    return next(
        ((p.stamp, p.commit) for p in points if p.status is Status.PASSED and p.stamp < run.stamp),
        None,
    )


def _plan_lines(known: PlanRecall) -> Iterator[str]:
    if known.plan_runs:
        yield (
            f"this very plan ran {known.plan_runs} times; "
            f"last cleared {known.last_pass or 'never'}, last blocked {known.last_fail or 'never'}"
            + (f": {known.last_reason}" if known.last_reason else "")
        )
    for stage in known.stages:
        yield f"{stage.step_id}: {trend_sentence(stage.trend)}"


def trend_sentence(known: Trend) -> str:
    """Return a trend in one sentence."""
    passed, failed = known.last_pass, known.last_fail
    parts = [
        f"parameters {known.parameter_hash[:12]} ran {len(known.points)} times",
        f"last pass {passed.stamp}" if passed else "never passed",
    ]
    if failed is None:
        return "; ".join([*parts, "never failed"])
    count = known.identical_failures
    again = f", the same failure {count} times" if count > 1 else ""
    return "; ".join([*parts, f"last failure {failed.stamp} ({failed.failure}{again})"])


def _run_lines(known: RunRecall) -> Iterator[str]:
    if known.seen_before:
        first, count = known.seen_before[-1], len(known.seen_before)
        yield (
            f"this failure was seen {count} times before, first {first}, "
            f"last {known.seen_before[0]}: running again measures it again"
        )
    else:
        yield "this failure was not seen before in these reports"
    if known.last_pass:
        at = f" at commit {known.last_pass_commit[:12]}" if known.last_pass_commit else ""
        yield f"the same parameters last passed in {known.last_pass}{at}"
    yield from _moved(known.change)


def _moved(change: Change | None) -> Iterator[str]:
    said = (*change.moved, *change.stayed) if change else ()
    if change is not None and said:
        yield f"since the last pass ({change.since}): {'; '.join(said)}"
