"""Limits that no memo and no table can widen, and what earlier runs say about a gate.

A correlation of 0.721177 came back eleven times while everybody believed that something had been
mended; a sum ratio of 126,451 was once accepted because no gate asked for it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from nbtui.evidence.records import Collected, GateResult
from nbtui.evidence.text import figure

SUM_RATIO = (0.5, 2.0)
DIGITS = 10
MOST_BEFORE = 5
_STEADY = 1e-3


@dataclass(frozen=True, slots=True)
class Earlier:
    """The same experiment in an earlier run.

    Attributes
    ----------
    stamp
        Its STAMP.
    code
        What was tested: commit, changed files, C program.
    gates
        Its gate results.
    """

    stamp: str
    code: tuple[str, ...]
    gates: tuple[GateResult, ...]


def absurd(collected: Collected) -> str:
    """Return why a stage's figures cannot be right whatever the gates say, or nothing."""
    for metric in collected.metrics:
        value = metric.value
        if metric.name == "sum_ratio" and value is not None:
            low, high = SUM_RATIO
            if not low <= value <= high:
                return (
                    f"sum_ratio {figure(value)} is outside {low:g} to {high:g}: the two programs "
                    "do not simulate the same exposure; no threshold widens this limit"
                )
    return ""


@dataclass(frozen=True, slots=True)
class Unmoved:
    """A figure that missed its gate before and has not moved since.

    Attributes
    ----------
    remark
        What is to be said of it.
    figure
        The metric and its value, to ten digits.
    blocks
        Whether it passes now, by its threshold alone.
    """

    remark: str
    figure: str
    blocks: bool


def unmoved(
    gates: Sequence[GateResult], code: tuple[str, ...], earlier: Sequence[Earlier]
) -> Unmoved | None:
    """Return the first figure that missed its gate before and is the same to ten digits.

    A miss of the same code is no surprise; one after a change means that the change did not
    reach the stage. One that passes now blocks until somebody signs for it.
    """
    for result in gates:
        for run in earlier:
            before = next((g for g in run.gates if g.gate.metric == result.gate.metric), None)
            if before is None or before.passed or not before.gate.binding:
                continue
            if result.value is None or not _same(before.value, result.value):
                continue
            same = (
                f"{result.gate.metric} {figure(result.value)} is the same to {DIGITS} digits as in "
                f"{run.stamp}, which missed {before.gate.comparison.value} "
                f"{before.gate.threshold:.10g}"
            )
            known = f"{result.gate.metric} {_digits(result.value)}"
            if result.passed:
                now = f"{result.gate.comparison.value} {result.gate.threshold:.10g}"
                return Unmoved(f"{same}; it passes {now} by the threshold alone", known, True)
            if run.code != code:
                text = f"{same}: whatever was changed since then did not reach this stage"
                return Unmoved(text, known, False)
    return None


def with_trend(
    gates: Sequence[GateResult], code: tuple[str, ...], earlier: Sequence[Earlier]
) -> tuple[GateResult, ...]:
    """Return the gate results with the margins of earlier runs, and how far repeats differ.

    Parameters
    ----------
    gates
        The results of this run.
    code
        What this run tests; earlier runs of the same are repeats.
    earlier
        The same experiment in earlier runs, the newest first.
    """
    return tuple(_with_trend(result, code, earlier) for result in gates)


def trend_sentences(gates: Sequence[GateResult]) -> tuple[str, ...]:
    """Return how the binding gates' margins moved; those that did not move share a sentence."""
    found, steady, runs = [], 0, 0
    for result in gates:
        if result.margin is None or not result.before or not result.gate.binding:
            continue
        doubtful = result.passed and result.noise is not None and 0 < result.noise > result.margin
        if not doubtful and all(
            math.isclose(m, result.margin, rel_tol=_STEADY) for m in result.before
        ):
            steady, runs = steady + 1, max(runs, len(result.before))
            continue
        earlier = ", ".join(f"{m:.4g}" for m in result.before)
        text = f"{result.gate.metric}: margin {result.margin:.4g}, before {earlier}"
        if result.noise is not None:
            text += f"; repeats of the same code differ by {result.noise:.2g}"
        if doubtful:
            text += ", more than the margin: it may fail the next time"
        found.append(text)
    if steady:
        count = f"{runs} earlier run{'s' if runs > 1 else ''}"
        found.append(f"{steady} margin{'s' if steady > 1 else ''} as in {count} of this experiment")
    return tuple(found)


def _with_trend(
    result: GateResult, code: tuple[str, ...], earlier: Sequence[Earlier]
) -> GateResult:
    same = [
        (run.code, gate)
        for run in earlier
        for gate in run.gates
        if (gate.gate.metric, gate.gate.comparison) == (result.gate.metric, result.gate.comparison)
        and gate.gate.threshold == result.gate.threshold
    ]
    before = tuple(g.margin for _, g in same if g.margin is not None)[:MOST_BEFORE]
    values = [g.value for its, g in same if its == code and g.value is not None]
    if result.value is not None:
        values.append(result.value)
    noise = max(values) - min(values) if len(values) > 1 else None
    return msgspec.structs.replace(result, before=before, noise=noise)


def _same(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return False
    return _digits(a) == _digits(b)


def _digits(value: float) -> str:
    return f"{value:.{DIGITS - 1}e}"


def code_of(facts: Mapping[str, str]) -> tuple[str, ...]:
    """Return what a run tests, by its provenance: commit, changed files, C program."""
    return tuple(facts.get(name, "") for name in ("git_sha", "git_dirty", "c_binary_sha256"))
