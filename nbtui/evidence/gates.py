"""Gates: a measured value held against a threshold; what is undefined never passes."""

import math
from collections.abc import Iterable

from nbtui.evidence.records import Collected, GateResult, Metric
from nbtui.evidence.text import figure
from nbtui.memo.plan import Comparison, GateSpec, Step


def hold(gate: GateSpec, collected: Collected) -> GateResult:
    """Hold one gate against what a stage measured.

    A figure that is missing, ``None``, NaN or infinite fails: every comparison is written
    so that only a true ``value >= threshold`` (``<=``, ``==``) passes.
    """
    metric = next((m for m in collected.metrics if m.name == gate.metric), None)
    if metric is None:
        return GateResult(
            gate=gate,
            step_id=collected.step_id,
            value=None,
            passed=False,
            margin=None,
            measured_from="",
            note=f"the stage's results hold no {gate.metric}",
        )
    value = metric.value if metric.value is not None and math.isfinite(metric.value) else None
    worse = _worse_end(metric, gate)
    decides = value if worse is None else worse
    passed = value is not None and decides is not None and _compare(decides, gate)
    note = metric.note if value is not None else (metric.note or "undefined")
    if value is not None and worse is not None and not passed and _compare(value, gate):
        note = f"{INCONCLUSIVE}: the interval holds the threshold, measure more rounds ({note})"
    return GateResult(
        gate=gate,
        step_id=collected.step_id,
        value=value,
        passed=passed,
        margin=None if value is None or decides is None else _margin(decides, gate),
        measured_from=metric.source,
        note=note,
        judged=worse if value is not None else None,
    )


INCONCLUSIVE = "inconclusive"
"""How the note of a result begins whose interval holds the threshold: not passed, not refuted."""


def _worse_end(metric: Metric, gate: GateSpec) -> float | None:
    """Return the end of a figure's interval that is worse for a gate, if it has one."""
    ends = {Comparison.AT_LEAST: metric.low, Comparison.AT_MOST: metric.high}
    end = ends.get(gate.comparison)
    return end if end is not None and math.isfinite(end) else None


def hold_all(gates: Iterable[GateSpec], step: Step, collected: Collected) -> tuple[GateResult, ...]:
    """Hold every gate that applies to a step, in the plan's order."""
    return tuple(hold(gate, collected) for gate in gates if gate.applies_to(step))


def failed(results: Iterable[GateResult]) -> tuple[GateResult, ...]:
    """Return the results that block: binding, not passed and not waived."""
    return tuple(r for r in results if r.gate.binding and not r.passed and not r.waived_by)


def sentence(result: GateResult) -> str:
    """Return ``correlation 0.72 < 0.999``: the measured value against the threshold."""
    gate = result.gate
    if result.value is None:
        return f"{gate.metric} is undefined ({result.note or 'no value'}), {_wanted(gate)}"
    sign = gate.comparison.value if result.passed else _OPPOSITE[gate.comparison]
    if result.judged is None:
        return f"{gate.metric} {figure(result.value)} {sign} {gate.threshold:.10g}"
    end = "lower" if gate.comparison is Comparison.AT_LEAST else "upper"
    verdict = f"{INCONCLUSIVE}: " if result.note.startswith(INCONCLUSIVE) else ""
    return (
        f"{verdict}{gate.metric} {figure(result.value)}, {end} end of its interval "
        f"{figure(result.judged)} {sign} {gate.threshold:.10g}"
    )


def finite_metric(
    name: str, value: object, source: str, *, unit: str = "", note: str = ""
) -> Metric:
    """Return a metric from a JSON value; anything but a finite number becomes ``None``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        missing = "null" if value is None else f"not a number: {value!r}"
        return Metric(name=name, value=None, unit=unit, source=source, note=note or missing)
    if not math.isfinite(value):
        return Metric(name=name, value=None, unit=unit, source=source, note=f"not finite: {value}")
    return Metric(name=name, value=float(value), unit=unit, source=source, note=note)


_OPPOSITE = {Comparison.AT_LEAST: "<", Comparison.AT_MOST: ">", Comparison.EQUAL: "!="}


def _wanted(gate: GateSpec) -> str:
    return f"{gate.comparison.value} {gate.threshold:.10g} is required"


def _compare(value: float, gate: GateSpec) -> bool:
    match gate.comparison:
        case Comparison.AT_LEAST:
            return value >= gate.threshold
        case Comparison.AT_MOST:
            return value <= gate.threshold
        case Comparison.EQUAL:
            return value == gate.threshold


def _margin(value: float, gate: GateSpec) -> float:
    match gate.comparison:
        case Comparison.AT_LEAST:
            return value - gate.threshold
        case Comparison.AT_MOST:
            return gate.threshold - value
        case Comparison.EQUAL:
            return 0.0 - abs(value - gate.threshold)  # never a negative zero
