"""The gates: measured, threshold, margin, and how much of the allowance was used."""

import re
from collections.abc import Iterator
from pathlib import Path

from nbtui.evidence.facts import RunFacts
from nbtui.evidence.records import GateResult
from nbtui.evidence.report.markup import Html, badge, paragraph, table, text
from nbtui.evidence.text import figure
from nbtui.memo.plan import Comparison, Role

_HEADS = ("stage", "metric", "measured", "threshold", "margin", "allowance used", "verdict")
_BAR = 100


def render(facts: RunFacts, _bundle: Path) -> Iterator[str]:
    """Yield the table of gates, and of mapped tests."""
    rows = [_row(result) for stage in facts.stages for result in stage.gates]
    if rows:
        yield from table("Every threshold, and what was measured", _HEADS, rows, "gates")
        yield paragraph(
            "Allowance used: the measured distance from a perfect value, as a share of the "
            "distance that the threshold permits."
        )
    else:
        yield paragraph("No gate was held: the run ended before a stage had figures.")
    tests = [
        (
            s.step.id,
            "all executed and passed",
            f"{s.value('tests_passed') or 0:.0f} passed",
            badge("pass", "good") if s.passed else badge("FAIL", "bad"),
        )
        for s in facts.stages
        if s.step.role is Role.PYTEST and s.collected is not None
    ]
    if tests:
        yield from table("Mapped tests", ("stage", "wanted", "found", "verdict"), tests)


def _row(result: GateResult) -> tuple[object, ...]:
    gate = result.gate
    word = "pass" if result.passed else ("FAIL" if gate.binding else "below, not binding")
    kind = "good" if result.passed else ("bad" if gate.binding else "open")
    if result.waived_by:
        word, kind = f"FAIL, waived by {result.waived_by}", "open"
    margin = "undefined" if result.margin is None else f"{result.margin + 0.0:.4g}"
    return (
        result.step_id,
        gate.metric,
        _with_place(figure(result.value), result.measured_from),
        _with_place(f"{gate.comparison.value} {gate.threshold:.10g}", gate.source),
        margin,
        _allowance(used(result)),
        badge(word, kind),
    )


def _with_place(value: str, place: str) -> Html:
    broken = re.sub(r"([/#.])", r"\1<wbr>", text(place))
    number = f'<span class="number">{text(value)}</span>'
    return Html(f'{number} <span class="from"><code>{broken}</code></span>')


def used(result: GateResult) -> float | None:
    """Return the share of the permitted distance from perfect that was used.

    For ``<= t`` perfect is 0, for ``>= t`` with t below 1 it is 1 (correlations, fractions);
    otherwise there is no such thing as perfect and the share is ``None``.
    """
    value, threshold = result.value, result.gate.threshold
    if value is None:
        return None
    if result.gate.comparison is Comparison.AT_MOST and threshold > 0 and value >= 0:
        return value / threshold
    if result.gate.comparison is Comparison.AT_LEAST and threshold < 1 and value <= 1:
        return (1 - value) / (1 - threshold)
    return None


def _allowance(share: float | None) -> Html:
    if share is None:
        return Html("")
    width, kind = min(share, 1.0) * _BAR, "good" if share <= 1 else "bad"
    return Html(
        f'<svg class="bar" viewBox="0 0 {_BAR} 8" width="{_BAR}" height="8" aria-hidden="true">'
        f'<rect class="track" width="{_BAR}" height="8" rx="2"/>'
        f'<rect class="{kind}" width="{max(width, 1.0):.1f}" height="8" rx="2"/></svg> '
        f"{_percent(share)}"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %" if share < 100 else f"{share:.3g} times"
