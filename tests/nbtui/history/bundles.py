"""Bundles of runs that never ran: a plan and a journal, written in milliseconds."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from nbtui.evidence.manifest import MANIFEST
from nbtui.evidence.records import Blocker, Collected, GateResult, Metric, StageOutcome, Verdict
from nbtui.memo.plan import Plan, Role, encode
from nbtui.run import events as ev
from nbtui.run.catalog import PLAN
from nbtui.store import JOURNAL
from tests.nbtui.run.lab import GATE, plan_of, step

HASH = "a" * 64
JUNIT = """<testsuites><testsuite name="pytest"><testcase classname="{classname}" name="{name}">
{inside}</testcase></testsuite></testsuites>"""


@dataclass
class Bundle:
    """What the run is to have been."""

    stamp: str
    correlation: float = 0.99999
    commit: str = "c" * 40
    parameter_hash: str = HASH
    sums: tuple[float, float] = (100.0, 100.0)
    wall_s: float = 2.0
    host: str = "here"
    facts: dict[str, str] = field(default_factory=dict)
    test: str = "passed"
    node: tuple[str, str] = ("tests.test_at_x.TestX", "test_y")
    sealed: bool = True
    ended: bool = True
    parameters: dict[str, str] = field(default_factory=lambda: {"N": "5 5 5"})
    plan: Plan = field(
        default_factory=lambda: plan_of(
            step(1, "compare", "--outdir", "$OUTDIR/full", role=Role.COMPARE),
            step(2, "pytest", role=Role.PYTEST),
        )
    )

    @property
    def passed(self) -> bool:
        """Whether its comparison holds its gate."""
        return self.correlation >= GATE.threshold

    def write(self, root: Path, place: str = "reports/test/phase_a") -> Path:
        """Write the bundle below ``root`` and return its folder."""
        bundle = root / place / self.stamp
        junit = bundle / "stages" / "02-pytest" / "junit.xml"
        junit.parent.mkdir(parents=True)
        inside = "" if self.test == "passed" else '<failure message="no"/>'
        classname, name = self.node
        junit.write_text(JUNIT.format(classname=classname, name=name, inside=inside))
        (bundle / PLAN).write_bytes(encode(self.plan))
        lines = [
            ev.Line(seq=n, t=f"2026-01-01T00:00:{n:02}.000Z", mono_ns=n, prev="", event=event)
            for n, event in enumerate(self._events(bundle, root))
        ]
        encoded = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        (bundle / JOURNAL).write_bytes(encoded)
        if self.sealed:
            (bundle / MANIFEST).write_text("")
        return bundle

    def _events(self, bundle: Path, root: Path) -> list[ev.AnyEvent]:
        first, second = self.plan.stages
        facts = {"git_sha": self.commit, "git_dirty": "", "host": self.host, **self.facts}
        started = ev.RunStarted(
            stamp=self.stamp, root=str(root), bundle=str(bundle), plan_sha256=self.plan.digest(),
            memo_name="input.md", supervisor_pid=0, host=self.host, operator="op", boot_id="",
            version="0", facts=facts,
        )  # fmt: skip
        events: list[ev.AnyEvent] = [started, *self._compared(first.id)]
        if not self.passed:
            reason = f"correlation {self.correlation} is below 0.999"
            events.append(ev.Blocked(blocker=Blocker(kind="gate", where=first.id, reason=reason)))
        elif self.test:
            events += _stage(second.id, Role.PYTEST, self.wall_s)
        if self.ended:
            verdict = Verdict.CLEARED if self.passed else Verdict.BLOCKED
            events.append(ev.RunEnded(verdict=verdict, exit_code=0, wall_s=self.wall_s))
        return events

    def _compared(self, step_id: str) -> list[ev.AnyEvent]:
        figures = {
            "correlation": self.correlation, "c_sum": self.sums[0], "py_sum": self.sums[1],
        }  # fmt: skip
        metrics = tuple(Metric(name=n, value=v, source="s") for n, v in figures.items())
        collected = Collected(
            step_id=step_id, metrics=metrics, parameter_hash=self.parameter_hash,
            parameters=self.parameters,
        )  # fmt: skip
        gate = GateResult(
            gate=GATE, step_id=step_id, value=self.correlation, passed=self.passed,
            margin=self.correlation - GATE.threshold, measured_from="s",
        )  # fmt: skip
        return [
            *_stage(step_id, Role.COMPARE, self.wall_s),
            ev.ResultsCollected(collected=collected),
            ev.GateHeld(result=gate),
        ]


def _stage(step_id: str, role: Role, wall_s: float) -> list[ev.AnyEvent]:
    outcome: dict[str, Any] = {"step_id": step_id, "role": role, "title": "t", "argv": ("x",)}
    outcome |= {"cwd": "/", "log": "l", "started": "", "wall_s": wall_s, "exit_code": 0}
    return [
        ev.StageStarted(step_id=step_id, title="t", pid=1, argv=("x",)),
        ev.StageEnded(outcome=StageOutcome(**outcome)),
    ]
