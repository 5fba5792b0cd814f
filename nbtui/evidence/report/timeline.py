"""The time line: what ran when, for how long, with how much memory."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.records import StageOutcome
from nbtui.evidence.report.markup import badge, code, table, text
from nbtui.evidence.text import size

_WIDTH, _ROW, _LABEL = 900.0, 26, 190


def render(facts: RunFacts, _bundle: Path) -> Iterator[str]:
    """Yield the picture of the stages in time, and the table that says the same."""
    ran = [(s, s.outcome) for s in facts.stages if s.outcome is not None]
    if not ran:
        return
    yield from _drawing(facts, ran)
    heads = ("stage", "begins after", "wall", "CPU", "peak RSS", "exit", "verdict", "log")
    yield from table("Stages", heads, (_row(facts, s, o) for s, o in ran))


def _row(facts: RunFacts, stage: StageFacts, outcome: StageOutcome) -> tuple[object, ...]:
    own = not outcome.argv
    return (
        stage.step.id,
        f"{_seconds(facts.started, outcome.started):.1f} s",
        f"{outcome.wall_s:.2f} s",
        "" if own else f"{outcome.cpu_s:.2f} s",
        "" if own else size(outcome.peak_rss_bytes),
        "" if own else str(outcome.signal or outcome.exit_code),
        badge("pass", "good") if stage.passed else badge("FAIL", "bad"),
        code(outcome.log),
    )


def _drawing(facts: RunFacts, ran: list[tuple[StageFacts, StageOutcome]]) -> Iterator[str]:
    starts = [_seconds(facts.started, o.started) for _, o in ran]
    ends = [begin + o.wall_s for begin, (_, o) in zip(starts, ran, strict=True)]
    total = max(facts.wall_s, *ends, 0.001)
    height = _ROW * len(ran) + 24
    scale = (_WIDTH - _LABEL - 70) / total
    spoken = "; ".join(
        f"{s.step.id} from {begin:.1f} s to {end:.1f} s"
        for (s, _), begin, end in zip(ran, starts, ends, strict=True)
    )
    yield f'<svg class="timeline" viewBox="0 0 {_WIDTH:g} {height}" role="img" '
    yield f'aria-label="{text(f"Stages in time: {spoken}")}">'
    for tick in _ticks(total):
        x = _LABEL + tick * scale
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - 20}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{height - 5}">{tick:g} s</text>'
    for row, ((stage, outcome), begin) in enumerate(zip(ran, starts, strict=True)):
        y = row * _ROW + 4
        kind = "good" if stage.passed else "bad"
        x, width = _LABEL + begin * scale, max(outcome.wall_s * scale, 2.0)
        yield f'<text class="name" x="0" y="{y + 14}">{text(stage.step.id)}</text>'
        yield f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="18" rx="3"/>'
        yield f'<text class="length" x="{x + width + 5:.1f}" y="{y + 14}">'
        yield f"{outcome.wall_s:.2f} s</text>"
    yield "</svg>"


def _ticks(total: float) -> list[float]:
    """Return round times from 0 to the end, five to ten of them."""
    unit = next(
        step * 10.0**power
        for power in range(-3, 9)
        for step in (1, 2, 5)
        if total / (step * 10.0**power) <= 8
    )
    return [round(n * unit, 6) for n in range(int(total / unit) + 1)]


def _seconds(begin: str, end: str) -> float:
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    except ValueError:
        return 0.0
