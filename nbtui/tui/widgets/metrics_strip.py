"""What the running stage takes and how long it and its plan still need: three lines.

They are drawn four times a second; figures stand in columns of their own, so that nothing
moves when a digit is added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from textual.content import Content
from textual.widget import Widget

from nbtui.memo.plan import Plan
from nbtui.run.forecast import Forecast
from nbtui.run.remaining import PlanTime, StageTime, moment, plan_time, stage_time
from nbtui.run.throughput import mean, rates
from nbtui.store import RunState, StageState
from nbtui.tui.words import duration, meter, rate, size, sparkline

_FIXED = 45
_FIXED_WITH_PEAK = 70
_PEAK_FROM = 100
_CURVES = 3
_BAR = (8, 30)
_LONG_S = 3600.0
_ALARM = 1.5
"""Times the forecast from which on a stage is marked as late by colour, too."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the strip shows at one moment."""

    stage: StageState | None = None
    """The stage under the cursor, once it has started."""
    run: RunState | None = None
    plan: Plan | None = None
    forecasts: Mapping[str, Forecast] | None = None
    """Of the stages that have not started, by step."""
    now: datetime | None = None


class MetricsStrip(Widget):
    """The curves are samples, for the eye; the evidence holds exact peaks."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._moment = Moment()

    def show(self, now: Moment) -> None:
        """Show another moment."""
        self._moment = now
        self.refresh()

    def render(self) -> Content:
        """Draw the three lines."""
        width = self.size.width
        lines = (
            usage_line(self._moment.stage, width),
            stage_line(self._moment, width),
            plan_line(self._moment, width),
        )
        return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines)


def usage_line(stage: StageState | None, width: int) -> Content:
    """Return CPU, memory and traffic, each as a figure and a curve."""
    samples = stage.samples if stage else ()
    cpu = [s.cpu_percent for s in samples]
    rss = [float(s.rss_bytes) for s in samples]
    told_peak = width >= _PEAK_FROM
    fixed = _FIXED_WITH_PEAK if told_peak else _FIXED
    curve = max(min((width - fixed) // _CURVES, 40), 4)
    line = Content.assemble(
        ("CPU ", "$muted"),
        (f"{_cpu(stage, cpu):>7} ", "bold"),
        (sparkline(cpu, curve, top=max([100.0, *cpu])), "$primary"),
        ("  memory ", "$muted"),
        (f"{_memory(stage, rss):>7} ", "bold"),
        (sparkline(rss, curve), "$secondary"),
        ("  I/O ", "$muted"),
        (f"{_traffic(stage):>9} ", "bold"),
        (sparkline(rates(samples), curve), "$accent"),
    )
    if told_peak:
        # Two different figures: the curve is the sum over the stage's processes, sampled;
        # the exact peak that the evidence holds is that of its largest process.
        ended = stage.outcome if stage else None
        peak = ended.peak_rss_bytes if ended else max(rss, default=0.0)
        kind = "largest process" if ended else "highest seen"
        line += Content.assemble((f"  {kind} ", "$muted"), size(peak) if peak else "–")
    return line


def _cpu(stage: StageState | None, samples: Sequence[float]) -> str:
    """Return the load now, or the mean of a stage that has ended."""
    outcome = stage.outcome if stage else None
    if outcome and outcome.wall_s > 0:
        return f"{100 * outcome.cpu_s / outcome.wall_s:.0f} %"
    return f"{samples[-1]:.0f} %" if samples else "–"


def _memory(stage: StageState | None, samples: Sequence[float]) -> str:
    """Return the memory now, or the most that was seen of a stage that has ended."""
    if not samples or stage is None:
        return "–"
    return size(max(samples) if stage.outcome else samples[-1])


def _traffic(stage: StageState | None) -> str:
    """Return what is read and written in a second now, or in the mean of an ended stage."""
    if stage is None:
        return "–"
    known = rates(stage.samples)
    value = mean(stage.samples) if stage.outcome else (known[-1] if known else None)
    return "–" if value is None else rate(value)


def stage_line(now: Moment, width: int) -> Content:
    """Return time and forecast of a stage, and what is left until its deadline."""
    stage = now.stage
    if stage is None:
        return _line("stage", "–", Content.styled("not started", "$muted"))
    time = stage_time(stage, now.now)
    limit = f" · limit {duration(time.limit_s)}"
    if stage.outcome:
        before = f", forecast {duration(time.forecast_s)}" if time.forecast_s else ""
        cpu = f"in all{before} · CPU time {duration(stage.outcome.cpu_s)}{limit}"
        return _line("stage", duration(time.elapsed_s), Content.styled(cpu, "$muted"))
    words, style = _stage_words(time, now.now)
    # A bar that is full, or of nothing, says nothing, and the words need its room.
    told_all = time.overdue or time.forecast_s is None
    bar = Content("") if told_all else _bar(time.elapsed_s, time.forecast_s, width)
    told = Content.assemble(bar, (words, style))
    line = _line("stage", duration(time.elapsed_s), told)
    room = width - line.cell_length
    return line + Content.styled(limit, "$muted") if room >= len(limit) else line


def _stage_words(time: StageTime, now: datetime | None) -> tuple[str, str]:
    deadline = f"deadline in {_clock(time.deadline_s)}"
    if time.forecast_s is None:
        return f"no forecast: no earlier run of it ended well; {deadline}", "$muted"
    left = time.remaining_s
    if left is not None:
        ends = _ends(left, now)
        about = "about " if time.forecast_s < _LONG_S else ""  # hours need the room
        return f"{duration(left):>6} to go of {about}{duration(time.forecast_s)}{ends}", "$muted"
    past = time.times_forecast or 0.0
    times = f"{past:.1f} x the forecast"
    # No two runs take the same time: a tenth of a second alarms nobody.
    alarm = past >= _ALARM
    if time.longer_than_ever:
        style = "bold $warning" if alarm else "$foreground"
        return f"longer than ever before: {times}; {deadline}", style
    most = duration(time.longest_s or 0.0)
    return f"{times}, up to {most} before; {deadline}", "$warning" if alarm else "$muted"


def plan_line(now: Moment, width: int) -> Content:
    """Return time, forecast and expected end of the whole plan."""
    run, plan = now.run, now.plan
    if run is not None and run.ended:
        ended = moment(run.last_t)
        at = f"ended {ended:%H:%M:%S} UTC" if ended else "ended"
        told = Content.styled(f"{at}, {run.verdict_words}", "$muted")
        return _line("plan", duration(run.wall_s), told)
    if plan is None:
        return _line("plan", "–", Content.styled("no plan yet", "$muted"))
    time = plan_time(plan, run, now.forecasts or {}, now.now)
    if run is None:
        return _line("plan", "–", Content.styled(_plan_forecast(time), "$muted"))
    place = f" · stage {time.position}/{time.total}"
    # After a block a stage may still run, for information only.
    if run.blocker is not None and all(s.outcome is not None for s in run.stages):
        sealed = Content.styled("blocked: what is known is written down and sealed", "bold $error")
        return _line("plan", duration(time.elapsed_s), sealed)
    if run.waiting is not None:
        asks = Content.styled(f"waits for you: nobody can tell how long{place}", "bold $warning")
        return _line("plan", duration(time.elapsed_s), asks)
    words = _plan_words(time, now.now)
    whole = time.elapsed_s + time.remaining_s if time.certain else None
    bar = _bar(time.elapsed_s, whole, width)
    return _line(
        "plan",
        duration(time.elapsed_s),
        Content.assemble(bar, (f"{words}{place}", "$muted")),
    )


def _plan_words(time: PlanTime, now: datetime | None) -> str:
    known = duration(time.remaining_s)
    if time.certain and not time.remaining_s:
        return f"{known:>6} to go: checks and seal remain"
    if time.certain:
        return f"{known:>6} to go{_ends(time.remaining_s, now)}"
    least = f"{known:>6} to go at least"
    if not time.late:
        return f"{least}: {time.unknown} without forecast"
    return f"{least}: late, {time.unknown} unknown" if time.unknown else f"{least}: late"


def _plan_forecast(time: PlanTime) -> str:
    if time.unknown and not time.remaining_s:
        return "no forecast: no earlier run of its stages ended well"
    unknown = f", and {time.unknown} without forecast" if time.unknown else ""
    return f"not started; about {duration(time.remaining_s)} as before{unknown}"


def _bar(elapsed_s: float, whole_s: float | None, width: int) -> Content:
    """Return how much of a forecast has passed; without one, an empty bar: no progress is known."""
    cells = max(min(width // 9, _BAR[1]), _BAR[0])
    share = elapsed_s / whole_s if whole_s else 0.0
    style = "$primary" if whole_s else "$rule"
    return Content.assemble((meter(share, cells), style), " ")


def _line(label: str, figure: str, told: Content) -> Content:
    return Content.assemble((f"{label:<6}", "$muted"), (f"{figure:>7}  ", "bold"), told)


def _ends(left_s: float, now: datetime | None) -> str:
    if now is None:
        return ""
    end = now + timedelta(seconds=left_s)
    today = end.date() == now.date()
    return f", ends {end:%H:%M:%S} UTC" if today else f", ends {end:%d %b %H:%M} UTC"


def _clock(seconds: float) -> str:
    """Return a time that runs down, always in minutes: ``4:10``, ``0:07``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
