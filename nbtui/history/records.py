"""What is kept of a run: its stages, figures, gates and tests as immutable records."""

from enum import StrEnum

import msgspec

from nbtui.evidence.records import Blocker, GateResult, Metric
from nbtui.memo.plan import Role


class Status(StrEnum):
    """How a stage or a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    OPEN = "open"
    """Its end was never recorded."""


class TestRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One test as the JUnit XML of its stage tells it."""

    __test__ = False  # the name of a test's record, not a test

    classname: str
    """Dotted, as pytest writes it: ``tests.test_at_parallel_001.TestX``."""
    name: str
    """With its parameters in brackets."""
    status: Status


class StageRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of a run."""

    step_id: str
    role: Role
    title: str
    what: tuple[str, ...] = ()
    """Working folder and words of the planned command, without its place in the plan."""
    status: Status
    wall_s: float | None = None
    cpu_s: float | None = None
    peak_rss_bytes: int | None = None
    exit_code: int | None = None
    failure: str = ""
    parameter_hash: str | None = None
    parameters: dict[str, str] = {}
    metrics: tuple[Metric, ...] = ()
    gates: tuple[GateResult, ...] = ()
    problems: tuple[str, ...] = ()
    image_sha256: dict[str, str] = {}
    """Side to hash of its image, where a comparison stored them."""
    tests: tuple[TestRecord, ...] = ()

    def value(self, metric: str) -> float | None:
        """Return a figure by name, ``None`` when it is missing or undefined."""
        return next((m.value for m in self.metrics if m.name == metric), None)

    @property
    def missed(self) -> tuple[GateResult, ...]:
        """The binding gates that do not hold."""
        return tuple(g for g in self.gates if g.gate.binding and not g.passed)


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One run, as its journal tells it."""

    stamp: str
    bundle: str
    """Its folder, relative to the project's root with ``/``."""
    initiative: str
    """``reports/<initiative>/<phase>`` without the first part."""
    verdict: str | None = None
    """``None`` while it runs, when it was never closed, or when its journal is damaged."""
    sealed: bool = False
    damage: str = ""
    """Why the journal cannot be read: such a bundle is no evidence."""
    started: str = ""
    """UTC, ISO 8601."""
    wall_s: float = 0.0
    operator: str = ""
    host: str = ""
    plan_sha256: str = ""
    memo_name: str = ""
    memo_sha256: str = ""
    focus: str = ""
    facts: dict[str, str] = {}
    """Provenance: commit, hashes, versions, machine."""
    blocker: Blocker | None = None
    stages: tuple[StageRecord, ...] = ()

    @property
    def commit(self) -> str:
        """The commit it ran at, empty when unknown."""
        return self.facts.get("git_sha", "")

    @property
    def parameter_hash(self) -> str | None:
        """The experiment of its first stage that names one."""
        return next((s.parameter_hash for s in self.stages if s.parameter_hash), None)

    @property
    def cleared(self) -> bool:
        """Whether it is evidence: cleared, sealed, undamaged."""
        return self.verdict == "cleared" and self.sealed and not self.damage

    def stage(self, step_id: str) -> StageRecord | None:
        """Return the stage of that id."""
        return next((s for s in self.stages if s.step_id == step_id), None)

    def first(self, role: Role) -> StageRecord | None:
        """Return the first stage of a role."""
        return next((s for s in self.stages if s.role is role), None)
