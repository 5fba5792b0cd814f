"""How long a stage and the rest of its plan will take, from what earlier runs took."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from nbtui.memo.plan import Plan
from nbtui.run.forecast import Forecast
from nbtui.store import RunState, StageState, StageStatus


@dataclass(frozen=True, slots=True)
class StageTime:
    """Where a stage that runs is in time; what its journal says it took before."""

    elapsed_s: float
    limit_s: float
    forecast_s: float | None
    """Median of earlier runs of the same command; ``None`` when it never ran before."""
    longest_s: float | None
    """The longest of them."""

    @property
    def remaining_s(self) -> float | None:
        """Seconds left by the forecast; ``None`` without one, or once it has passed."""
        if self.forecast_s is None or self.overdue:
            return None
        return self.forecast_s - self.elapsed_s

    @property
    def overdue(self) -> bool:
        """Whether it runs longer than its forecast."""
        return self.forecast_s is not None and self.elapsed_s > self.forecast_s

    @property
    def longer_than_ever(self) -> bool:
        """Whether it runs longer than any run before it."""
        return self.overdue and self.elapsed_s > (self.longest_s or self.forecast_s or 0.0)

    @property
    def times_forecast(self) -> float | None:
        """How many forecasts have passed."""
        return self.elapsed_s / self.forecast_s if self.forecast_s else None

    @property
    def deadline_s(self) -> float:
        """Seconds until it is ended."""
        return max(self.limit_s - self.elapsed_s, 0.0)


@dataclass(frozen=True, slots=True)
class PlanTime:
    """Where a plan is in time."""

    elapsed_s: float
    remaining_s: float
    """Of what has a forecast."""
    unknown: int
    """Stages still to end that never ran before."""
    late: bool
    """The running stage is past its forecast: it counts for nothing in what remains."""
    position: int
    """Of the stage that runs or comes next, from 1."""
    total: int

    @property
    def certain(self) -> bool:
        """Whether all that remains has a forecast that still holds."""
        return not self.unknown and not self.late


def stage_time(stage: StageState, now: datetime | None) -> StageTime:
    """Return where a stage is in time; of one that has ended, its whole time."""
    elapsed = stage.samples[-1].elapsed_s if stage.samples else 0.0
    started = moment(stage.started_t)
    if stage.outcome is not None:
        elapsed = stage.outcome.wall_s
    elif stage.status is StageStatus.RUNNING and started and now:
        elapsed = max(elapsed, (now - started).total_seconds())
    return StageTime(elapsed, stage.timeout_s, stage.forecast_s, stage.forecast_longest_s)


def plan_time(
    plan: Plan, run: RunState | None, forecasts: Mapping[str, Forecast], now: datetime | None
) -> PlanTime:
    """Return where a plan is in time.

    Parameters
    ----------
    plan, run
        What runs, and how far its journal tells it is; ``None`` before there is a run.
    forecasts
        What earlier runs of its stages took, by step: for those that have not started.
    now
        The time; ``None`` where no clock is at hand.
    """
    remaining, unknown, late, ended = 0.0, 0, False, 0
    for step in plan.stages:
        stage = run.stage(step.id) if run else None
        if stage is not None and stage.outcome is not None:
            ended += 1
        elif stage is not None:
            time = stage_time(stage, now)
            remaining += time.remaining_s or 0.0
            late = late or time.overdue
            unknown += step.command is not None and time.forecast_s is None
        elif step.command is not None:
            before = forecasts.get(step.id)
            remaining += before.wall_s if before else 0.0
            unknown += before is None
    total = len(plan.stages)
    started = moment(run.started_t) if run else None
    elapsed = (now - started).total_seconds() if started and now else 0.0
    return PlanTime(max(elapsed, 0.0), remaining, unknown, late, min(ended + 1, total), total)


def moment(text: str) -> datetime | None:
    """Return a journal time (UTC, ISO 8601), or ``None`` when there is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
