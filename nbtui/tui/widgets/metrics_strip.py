"""CPU, memory and time of the running stage: two lines, four times a second."""

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content
from textual.widget import Widget

from nbtui.store import StageState, StageStatus
from nbtui.tui.words import duration, meter, parse_time, size, sparkline

_FIXED = 28
_FIXED_WITH_PEAK = 55
_PEAK_FROM = 67


class MetricsStrip(Widget):
    """The curves are samples, for the eye; the evidence holds exact peaks."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._stage: StageState | None = None
        self._now: datetime | None = None
        self._forecast: float | None = None

    def show(self, stage: StageState | None, now: datetime | None, forecast: float | None) -> None:
        """Show a stage at a moment; ``forecast`` is what it took before, in seconds."""
        self._stage, self._now, self._forecast = stage, now, forecast
        self.refresh()

    def render(self) -> Content:
        """Draw both lines."""
        width = self.size.width
        stage = self._stage
        if stage is None:
            return Content.styled("CPU –   memory –\nno stage has started", "$muted")
        return Content("\n").join([self._usage(stage, width), self._time(stage, width)])

    def _usage(self, stage: StageState, width: int) -> Content:
        cpu = [s.cpu_percent for s in stage.samples]
        rss = [float(s.rss_bytes) for s in stage.samples]
        told_peak = width >= _PEAK_FROM
        curve = max(min((width - (_FIXED_WITH_PEAK if told_peak else _FIXED)) // 2, 40), 4)
        line = Content.assemble(
            ("CPU ", "$muted"),
            (f"{_last_cpu(stage, cpu):>6} ", "bold"),
            (sparkline(cpu, curve, top=max([100.0, *cpu])), "$primary"),
            ("  memory ", "$muted"),
            (f"{_last_memory(stage, rss):>7} ", "bold"),
            (sparkline(rss, curve), "$secondary"),
        )
        if told_peak:
            # Two different figures: the curve is the sum over the stage's processes, sampled;
            # the exact peak that the evidence holds is that of its largest process.
            peak = stage.outcome.peak_rss_bytes if stage.outcome else max(rss, default=0.0)
            kind = "largest process" if stage.outcome else "highest seen"
            line += Content.assemble((f"  {kind} ", "$muted"), size(peak) if peak else "–")
        return line.truncate(width, ellipsis=True)

    def _time(self, stage: StageState, width: int) -> Content:
        elapsed = self._elapsed(stage)
        limit = f"limit {duration(stage.timeout_s)}"
        if stage.outcome:
            words = f"took {duration(elapsed)}"
            cpu = f"CPU time {duration(stage.outcome.cpu_s)}"
            return Content.assemble(
                ("    ", ""), (words, "bold"), (f" · {cpu} · {limit}", "$muted")
            ).truncate(width, ellipsis=True)
        expected = self._forecast or 0.0
        scale = expected or stage.timeout_s
        bar = meter(elapsed / scale, max(min(width // 4, 30), 8))
        late = bool(expected) and elapsed > 1.5 * expected
        about = f" of about {duration(expected)} as before" if expected else ""
        return Content.assemble(
            ("time", "$muted"),
            (f"{duration(elapsed):>7} ", "bold"),
            (bar, "$warning" if late else "$primary"),
            (about, "$warning" if late else "$muted"),
            (" · longer than before" if late else "", "$warning"),
            (f" · {limit}", "$muted"),
        ).truncate(width, ellipsis=True)

    def _elapsed(self, stage: StageState) -> float:
        if stage.outcome:
            return stage.outcome.wall_s
        sampled = stage.samples[-1].elapsed_s if stage.samples else 0.0
        started = parse_time(stage.started_t)
        if stage.status is StageStatus.RUNNING and started and self._now:
            return max(sampled, (self._now - started).total_seconds())
        return sampled


def _last_cpu(stage: StageState, samples: Sequence[float]) -> str:
    """Return the load now, or the mean of a stage that has ended."""
    outcome = stage.outcome
    if outcome and outcome.wall_s > 0:
        return f"{100 * outcome.cpu_s / outcome.wall_s:.0f} %"
    return f"{samples[-1]:.0f} %" if samples else "–"


def _last_memory(stage: StageState, samples: Sequence[float]) -> str:
    """Return the memory now, or the most that was seen of a stage that has ended."""
    if not samples:
        return "–"
    return size(max(samples) if stage.outcome else samples[-1])
