"""Everything the written records of a run are made from: one immutable value.

It is assembled from the journal (:mod:`nbtui.run.facts`), so a summary or a blocker
report can be written again from the bundle alone.
"""

from dataclasses import dataclass, field
from pathlib import Path

from nbtui.evidence.gates import failed
from nbtui.evidence.records import (
    Attestation,
    Blocker,
    Collected,
    Explanation,
    GateResult,
    SignOff,
    StageOutcome,
    Verdict,
    excused,
)
from nbtui.evidence.streams import Told
from nbtui.memo.plan import Deviation, Plan, Role, Step
from nbtui.preflight.model import CheckResult, CheckStatus


@dataclass(frozen=True, slots=True)
class GuardFact:
    """A guard as it was found once."""

    guard: str
    ok: bool
    found: str
    expected: str
    when: str


@dataclass(frozen=True, slots=True)
class ConsoleFact:
    """A value that a program of a stage printed."""

    side: str
    name: str
    value: str
    source: str
    problem: str


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One planned stage and what is known of it; all ``None`` when it never started."""

    step: Step
    started: bool = False
    argv: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = ""
    log: str = ""
    timeout_s: float = 0.0
    outcome: StageOutcome | None = None
    collected: Collected | None = None
    gates: tuple[GateResult, ...] = ()
    console: tuple[ConsoleFact, ...] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    reused_from: str = ""
    information_only: bool = False
    streams: Told = field(default_factory=Told)
    """What of its log came through stdout, what through stderr."""

    @property
    def passed(self) -> bool:
        """Whether it ended well, its results are believed and its binding gates hold."""
        if self.outcome is None:
            return False
        if self.outcome.failure and not excused(self.outcome, self.gates):
            return False
        if self.collected is not None and self.collected.problems:
            return False
        return not failed(self.gates)

    def value(self, metric: str) -> float | None:
        """Return a collected figure by name, ``None`` when there is none."""
        if self.collected is None:
            return None
        return next((m.value for m in self.collected.metrics if m.name == metric), None)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run, as far as it went."""

    plan: Plan
    stamp: str
    bundle: Path
    root: Path
    started: str
    at: str
    """When these facts were put together, UTC."""
    wall_s: float
    provenance: dict[str, str]
    """Commit, hashes, versions, host: see :mod:`nbtui.evidence.provenance`."""
    checks: tuple[CheckResult, ...]
    stages: tuple[StageFacts, ...]
    guards: tuple[GuardFact, ...]
    deviations: tuple[tuple[str, Deviation], ...]
    notes: tuple[str, ...]
    blocker: Blocker | None
    verdict: Verdict | None = None
    explanation: Explanation | None = None
    attestations: tuple[tuple[str, Attestation], ...] = ()
    """What persons attested, each with its time (UTC)."""
    version: str = ""
    """Of nbtui, as the run's first event has it."""
    operator: str = ""
    plan_sha256: str = ""
    """Of the plan that was started; answers given while it ran are in ``plan`` only."""
    attempt: str = ""
    """Which attempt it is and which one it follows, in words."""
    recalled: tuple[str, ...] = ()
    """What earlier runs say about the blocker."""
    sign_offs: tuple[tuple[SignOff, str], ...] = ()
    """The sign-offs that hold for this plan, each with what is known of its signature."""
    waived: tuple[str, ...] = ()
    """What the run went on over, in words."""

    @property
    def failing(self) -> StageFacts | None:
        """Return the stage the blocker names, else the one that started last."""
        if self.blocker is not None:
            named = [s for s in self.stages if s.step.id == self.blocker.where and s.started]
            if named:
                return named[0]
        started = [
            s for s in self.stages
            if s.started and s.step.role is not Role.SUMMARY and not s.information_only
        ]  # fmt: skip
        return started[-1] if started else None

    @property
    def nothing_ran(self) -> bool:
        """Whether no stage was ever started."""
        return not any(s.started for s in self.stages)

    def first(self, role: Role) -> StageFacts | None:
        """Return the first stage of a role: the one that speaks for the plan's experiment."""
        return next((s for s in self.stages if s.step.role is role), None)

    def blocking_checks(self) -> tuple[CheckResult, ...]:
        """Return the preflight results that stop the run."""
        return tuple(c for c in self.checks if c.status is CheckStatus.BLOCK)
