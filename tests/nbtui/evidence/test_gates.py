"""A gate passes only for a true comparison; what is undefined never does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtui.evidence.gates import failed, finite_metric, hold, hold_all, sentence
from nbtui.evidence.records import Collected, Metric
from nbtui.memo.plan import Comparison, GateSpec, LineSpan, Role, Step, StepKind

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def gate(comparison: Comparison, threshold: float, **more: object) -> GateSpec:
    fields: dict[str, object] = {
        "id": "g", "metric": "m", "role": Role.COMPARE, "comparison": comparison,
        "threshold": threshold, "source": "doc.md:3",
    }  # fmt: skip
    return GateSpec(**(fields | more))  # type: ignore[arg-type]  # fields by name


def measured(value: float | None) -> Collected:
    return Collected(step_id="s", metrics=(Metric(name="m", value=value, source="f#m"),))


@given(value=FINITE, threshold=FINITE, comparison=st.sampled_from(Comparison))
def test_a_finite_value_is_compared(value: float, threshold: float, comparison: Comparison) -> None:
    result = hold(gate(comparison, threshold), measured(value))
    expected = {
        Comparison.AT_LEAST: value >= threshold,
        Comparison.AT_MOST: value <= threshold,
        Comparison.EQUAL: value == threshold,
    }[comparison]
    assert result.passed is expected
    assert result.margin is not None
    assert (result.margin >= 0) is expected or math.isinf(result.margin)
    assert result.measured_from == "f#m"


@pytest.mark.parametrize("comparison", list(Comparison))
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
def test_an_undefined_value_never_passes(comparison: Comparison, value: float | None) -> None:
    result = hold(gate(comparison, -1e300 if comparison is Comparison.AT_LEAST else 1e300),
                  measured(value))  # fmt: skip
    assert not result.passed
    assert result.value is None
    assert result.margin is None
    assert "undefined" in sentence(result)


def timed(value: float, low: float, high: float) -> Collected:
    metric = Metric(name="m", value=value, source="f#m", low=low, high=high, note="5 rounds")
    return Collected(step_id="s", metrics=(metric,))


@pytest.mark.parametrize(
    ("comparison", "threshold", "passed", "words"),
    [
        (Comparison.AT_LEAST, 1.0, True, "m 1.3, lower end of its interval 1.1 >= 1"),
        (
            Comparison.AT_LEAST,
            1.2,
            False,
            "inconclusive: m 1.3, lower end of its interval 1.1 < 1.2",
        ),
        (Comparison.AT_LEAST, 1.6, False, "m 1.3, lower end of its interval 1.1 < 1.6"),
        (Comparison.AT_MOST, 1.5, True, "m 1.3, upper end of its interval 1.5 <= 1.5"),
        (
            Comparison.AT_MOST,
            1.4,
            False,
            "inconclusive: m 1.3, upper end of its interval 1.5 > 1.4",
        ),
    ],
)
def test_a_figure_with_an_interval_is_held_by_its_worse_end(
    comparison: Comparison, threshold: float, passed: bool, words: str
) -> None:
    result = hold(gate(comparison, threshold), timed(1.3, 1.1, 1.5))
    assert result.passed is passed
    assert sentence(result) == words
    assert result.margin is not None
    assert (result.margin >= 0) is passed


def test_a_missing_figure_fails_and_says_so() -> None:
    result = hold(gate(Comparison.AT_MOST, 1.0), Collected(step_id="s"))
    assert not result.passed
    assert "hold no m" in result.note


def test_a_gate_is_held_where_it_applies_only() -> None:
    step = Step(id="s", title="", kind=StepKind.RUNNABLE, role=Role.COMPARE,
                lines=LineSpan(1, 1), memo_text="")  # fmt: skip
    gates = (
        gate(Comparison.AT_LEAST, 0.5),
        gate(Comparison.AT_LEAST, 0.6, steps=("s",)),
        gate(Comparison.AT_LEAST, 0.7, steps=("other",)),
        gate(Comparison.AT_LEAST, 0.8, role=Role.PYTEST),
    )
    held = hold_all(gates, step, measured(0.55))
    assert [g.gate.threshold for g in held] == [0.5, 0.6]
    assert [g.gate.threshold for g in failed(held)] == [0.6]


def test_a_gate_that_is_not_binding_does_not_fail() -> None:
    held = hold(gate(Comparison.AT_LEAST, 2.0, binding=False), measured(1.0))
    assert not held.passed
    assert failed([held]) == ()


def test_the_sentence_shows_digits_that_decide() -> None:
    result = hold(gate(Comparison.AT_LEAST, 1.0), measured(0.99999999999988))
    assert sentence(result) == "m 0.99999999999988 < 1"


@pytest.mark.parametrize("value", [math.nan, math.inf, None, "0.99", True, [1.0]])
def test_only_finite_numbers_are_figures(value: object) -> None:
    metric = finite_metric("m", value, "f")
    assert metric.value is None
    assert metric.note
