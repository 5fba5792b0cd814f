"""Holds every gate against every planted fault, by the code that holds them in a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.parity.images import ArrayImage
from engine.parity.metrics import measure
from engine.parity.parameters import diff
from nbtui.evidence.gates import finite_metric, hold
from nbtui.evidence.records import Collected, GateResult
from nbtui.memo.advisory import LIMITS
from nbtui.memo.gates import ThresholdRow
from nbtui.memo.plan import Comparison, GateSpec, Role
from nbtui.selftest.controls import CONTROLS, Control
from nbtui.selftest.lab import Lab, Say, Shot

_USUAL: tuple[tuple[str, Comparison, float], ...] = (
    ("correlation", Comparison.AT_LEAST, 0.999),
    ("sum_ratio_deviation", Comparison.AT_MOST, 5e-3),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one control.

    Attributes
    ----------
    control
        Its id; ``none`` for the pair that has to agree.
    title
        What was wrong.
    failed
        Metrics whose gates failed.
    asleep
        Metrics whose gates should have failed and did not.
    problem
        What else is wrong with it, or empty.
    """

    control: str
    title: str
    failed: tuple[str, ...]
    asleep: tuple[str, ...]
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether it went as it should."""
        return not self.asleep and not self.problem


def gates(rows: Sequence[ThresholdRow], path: str) -> tuple[GateSpec, ...]:
    """Return the gates to be tested: of the strategy's comparison, else the usual ones."""
    own = [
        _gate(row.id, row.metric, Comparison(row.comparison), row.value, f"{path}:{row.line}")
        for row in rows
        if row.applies_to == Role.COMPARE.value
    ]
    if own:
        return tuple(own)
    return tuple(_gate(m, m, c, t, "nbtui, usual") for m, c, t in (*_USUAL, *LIMITS))


def _gate(
    gate_id: str, metric: str, comparison: Comparison, threshold: float, source: str
) -> GateSpec:
    return GateSpec(
        id=gate_id, metric=metric, role=Role.COMPARE, comparison=comparison, threshold=threshold,
        source=source,
    )  # fmt: skip


def examine(lab: Lab, held: Sequence[GateSpec], say: Say) -> Iterator[Finding]:
    """Yield what came of the pair that has to agree, of each control, and of each gate.

    Raises
    ------
    SelfTestError
        A program failed.
    """
    say("running the C program and the port on the small experiment ...")
    c, port = lab.shot("c"), lab.shot("py")
    alike = _names(_failing(c, port, held))
    differing = ", ".join(d.name for d in diff(c.parameters, port.parameters))
    problem = f"gates fail without a fault: {', '.join(alike)}" if alike else ""
    if differing:
        problem = f"the two programs simulate different experiments: {differing}"
    yield Finding("none", "no fault: the gates have to pass", alike, (), problem)
    seen: set[str] = set()
    for control in CONTROLS:
        spoilt = port if control.spoil is None else Shot(control.spoil(port.image), port.parameters)
        c = lab.shot("c", control.instead)
        failing = _failing(c, spoilt, held)
        # That a figure is undefined fails its gate too, and says nothing about the threshold.
        seen |= {r.gate.metric for r in failing if r.value is not None}
        told = {d.name for d in diff(c.parameters, spoilt.parameters)}
        yield _judge(control, _names(failing), told, held)
    never = sorted({g.metric for g in held} - seen)
    if never:
        yield Finding(
            "gates", "every gate has to fail somewhere", tuple(sorted(seen)), tuple(never),
            f"no control made these fail: {', '.join(never)}",
        )  # fmt: skip


def _judge(
    control: Control, failed: tuple[str, ...], told: set[str], held: Sequence[GateSpec]
) -> Finding:
    known = {gate.metric for gate in held}
    asleep = tuple(sorted((control.fails & known) - set(failed)))
    problem = ""
    if not failed:
        problem = "no gate sees it"
    elif control.named and control.named not in told:
        problem = f"the effective parameters do not tell {control.named} apart"
    return Finding(control.id, control.title, failed, asleep, problem)


def _failing(c: Shot, port: Shot, held: Sequence[GateSpec]) -> tuple[GateResult, ...]:
    found = measure(ArrayImage(c.image), ArrayImage(port.image), beam=c.parameters.beam_px)
    metrics = tuple(
        finite_metric(name, value, "self-test", note=found.undefined.get(name, ""))
        for name, value in found.values.items()
        if not isinstance(value, tuple)
    )
    collected = Collected(step_id="self-test", metrics=metrics)
    return tuple(r for r in (hold(gate, collected) for gate in held) if not r.passed)


def _names(results: Sequence[GateResult]) -> tuple[str, ...]:
    return tuple(sorted({r.gate.metric for r in results}))
