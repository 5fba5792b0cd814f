"""What a run leaves as facts: stage outcomes, metrics, gate results, the verdict."""

from enum import StrEnum

import msgspec

from nbtui.memo.plan import GateSpec, Role, Step


class Verdict(StrEnum):
    """How a run ended."""

    CLEARED = "cleared"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One measured figure with the place it was read from."""

    name: str
    value: float | None
    """``None`` when undefined (constant image, nothing ran); never NaN."""
    unit: str = ""
    source: str
    """``file#json.path`` inside the bundle, or ``file:line``."""
    note: str = ""
    low: float | None = None
    high: float | None = None
    """The interval that holds the true figure, where one is known; a gate is held against the
    end that is worse for it."""


class StageOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """How one stage's process ended and what it used."""

    step_id: str
    role: Role
    title: str
    argv: tuple[str, ...]
    cwd: str
    log: str
    """Relative to the bundle."""
    log_sha256: str = ""
    """Of the log when the stage had ended, so that the journal's chain vouches for it."""
    started: str
    """UTC, ISO 8601 with milliseconds."""
    wall_s: float
    exit_code: int | None
    """``None`` when a signal ended it."""
    signal: str | None = None
    timed_out: bool = False
    peak_rss_bytes: int = 0
    """``ru_maxrss`` of ``wait4``: the largest process of the stage."""
    cpu_s: float = 0.0
    sampling_s: float = 0.0
    """Time that this tool took from one core to sample the stage."""
    leftovers: tuple[str, ...] = ()
    """Processes of the stage that outlived it and were ended."""
    missing: tuple[str, ...] = ()
    """Artifacts promised and absent or empty."""
    failure: str | None = None
    """Why the stage failed, in one line; ``None`` when it did what it promised."""


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What a collector read from a stage's own result files."""

    step_id: str
    metrics: tuple[Metric, ...] = ()
    parameter_hash: str | None = None
    """Hash of the effective physics parameters the stage really ran with."""
    parameters: dict[str, str] = msgspec.field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """Reasons why these results cannot be believed; any of them blocks."""
    result_sha256: str = ""
    """Hash of the result file as it was read; it names the hashes of its images."""


class GateResult(msgspec.Struct, frozen=True, kw_only=True):
    """A gate held against a measured value."""

    gate: GateSpec
    step_id: str
    value: float | None
    passed: bool
    margin: float | None
    """Distance to the threshold, positive when passed; ``None`` when undefined."""
    measured_from: str
    note: str = ""
    judged: float | None = None
    """The end of the figure's interval that decided; ``None`` when the figure itself did."""
    waived_by: str = ""
    """Who signed that the run goes on although the gate does not hold."""
    before: tuple[float, ...] = ()
    """Margins in earlier runs of the same experiment, the newest first."""
    noise: float | None = None
    """How far the figure differs between runs of the same code; ``None`` without a repeat."""


class Attestation(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says about a step; the journal's line says when."""

    step_id: str
    title: str
    by: str
    """The operator's name."""
    done: bool
    note: str
    """What was done and seen, in the operator's words."""
    initials: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a person answered to a step's question."""

    step_id: str
    question: str
    answer: str
    """A command line; ``skip`` where a person does the step, or leaves it out."""
    by: str
    step: Step | None = None
    """What the answer made of the step; it replaces the plan's."""
    gates: tuple[GateSpec, ...] = ()
    """All gates of the plan from then on."""


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a sign-off waives."""

    kind: str
    """``gate``, ``check`` (of preflight), ``console`` or ``unmoved``."""
    id: str
    """The metric, the check's id, or the reading's name."""
    step_id: str = ""
    threshold: float | None = None
    """To what a gate's threshold is lowered."""
    value: str = ""
    """The reading that is accepted."""
    was: str
    """What blocked, in words."""


class SignOff(msgspec.Struct, frozen=True, kw_only=True):
    """A named person's decision to go on, with its reason."""

    schema: int = 1
    by: str
    reason: str
    at: str
    """UTC, ISO 8601."""
    stamp: str
    """The blocked run it is about."""
    seal_sha256: str
    """SHA-256 of that run's ``SHA256SUMS``."""
    plan_sha256: str
    """It holds for runs of exactly this plan."""
    waives: tuple[Waiver, ...]


def verdict_words(verdict: Verdict, *, waived: bool) -> str:
    """Return a verdict as it is told: a waiver is never left out."""
    return "cleared with waiver" if waived and verdict is Verdict.CLEARED else verdict.value


def excused(outcome: StageOutcome, gates: tuple[GateResult, ...]) -> bool:
    """Return whether a stage failed by nothing but the exit code of a gate that was waived."""
    own = outcome.exit_code not in {None, 0} and not outcome.timed_out
    return own and not outcome.leftovers and any(g.waived_by for g in gates)


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a run stopped, as far as what is stored explains it."""

    sentence: str = ""
    """The diagnosis in one sentence; empty when no two images were compared."""
    explained: bool = False
    """Whether the cause is proven, not only likely."""
    command: str = ""
    """A command that shows it."""
    earlier: tuple[str, ...] = ()
    """Which earlier runs had the very same figures, and which side moved since the last pass."""
    known: tuple[str, ...] = ()
    """Lines of the project's bug pages that match, with their place."""


class Blocker(msgspec.Struct, frozen=True, kw_only=True):
    """Why a run stopped."""

    kind: str
    """``preflight``, ``stage``, ``gate``, ``guard``, ``result``, ``recording``, ``sanity``,
    ``unmoved``."""
    where: str
    """Step id or check id."""
    reason: str
    expected: str = ""
    found: str = ""
    source: str = ""
    fix: str = ""
