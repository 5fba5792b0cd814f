"""The journal's vocabulary: every fact of a run is one of these events.

An event is a frozen struct tagged with its ``type``. On disk it is wrapped in a
:class:`Line` (``events.jsonl``): sequence number, wall clock, monotonic clock and the
SHA-256 of the line before it. Views never learn anything that is not an event.
"""

import msgspec

from nbtui.evidence.records import (
    Answer,
    Attestation,
    Blocker,
    Collected,
    Explanation,
    GateResult,
    SignOff,
    StageOutcome,
    Verdict,
)
from nbtui.evidence.streams import Span
from nbtui.memo.plan import Deviation
from nbtui.preflight.model import CheckResult

JOURNAL_SCHEMA = 1


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of all events."""


class RunStarted(Event, frozen=True, kw_only=True, tag="run.started"):
    """The bundle exists and its supervisor is at work."""

    schema: int = JOURNAL_SCHEMA
    stamp: str
    root: str
    bundle: str
    plan_sha256: str
    memo_name: str
    supervisor_pid: int
    host: str
    operator: str
    boot_id: str
    version: str
    attempt: int = 1
    """1 for the first run of its phase."""
    follows: str = ""
    """STAMP of the attempt before it, and how that one ended."""
    follows_verdict: str = ""
    resumes: str = ""
    """STAMP of the interrupted run whose completed stages may be taken over."""
    attests: int = 0
    """Schema of the statement that the seal will bring; 0 where nobody said that there will be."""
    facts: dict[str, str] = msgspec.field(default_factory=dict)


class ProvenanceTaken(Event, frozen=True, kw_only=True, tag="run.provenance"):
    """Where this run's figures come from: commit, hashes, versions, host."""

    facts: dict[str, str]


class DeviationNoted(Event, frozen=True, kw_only=True, tag="deviation"):
    """What runs differs from what the memo says."""

    step_id: str
    deviation: Deviation


class CheckDone(Event, frozen=True, kw_only=True, tag="preflight.check"):
    """One preflight result."""

    result: CheckResult


class PreflightEnded(Event, frozen=True, kw_only=True, tag="preflight.ended"):
    """All checks were made."""

    blocked: int
    warned: int


class StageStarted(Event, frozen=True, kw_only=True, tag="stage.started"):
    """A stage's process runs."""

    step_id: str
    title: str
    pid: int | None
    """``None`` for stages the supervisor performs itself (the summary)."""
    pid_started: float = 0.0
    argv: tuple[str, ...] = ()
    env: dict[str, str] = msgspec.field(default_factory=dict)
    cwd: str = ""
    log: str = ""
    """Relative to the bundle."""
    timeout_s: float = 0.0
    forecast_s: float | None = None
    """What earlier runs of the same command took, in the median; ``None`` for the first run."""
    forecast_longest_s: float | None = None
    """The longest of them."""
    env_sha256: str = ""
    """Of the whole environment, whatever the STAMP."""
    inputs: dict[str, str] = msgspec.field(default_factory=dict)
    """Files named on the command line, and their SHA-256."""
    reused_from: str = ""
    """STAMP of the run in which it really ran; its results were taken over."""
    information_only: bool = False
    """It runs after a block, because the plan marks it independent; it decides nothing."""


class Sampled(Event, frozen=True, kw_only=True, tag="stage.sample"):
    """CPU, memory and traffic of the stage's process tree; the picture, not the evidence."""

    step_id: str
    elapsed_s: float
    cpu_percent: float
    rss_bytes: int
    threads: int = 0
    log_bytes: int = 0
    read_bytes: int | None = None
    """Since the stage began, through system calls; ``None`` where nothing tells it."""
    written_bytes: int | None = None


class StreamsTold(Event, frozen=True, kw_only=True, tag="stage.streams"):
    """Which bytes of the stage's log came through its stdout, which through its stderr.

    Journals of earlier versions have none: nothing is known of their logs.
    """

    step_id: str
    spans: tuple[Span, ...] = ()
    """They follow those of the event before: ``[start, end, stream]``, bytes of the log."""
    why_not: str = ""
    """Why nothing of this log is told apart; what was told of it before does not hold either."""


class StageSignalled(Event, frozen=True, kw_only=True, tag="stage.signalled"):
    """The supervisor sent a signal to the stage's process group."""

    step_id: str
    signal: str
    reason: str


class StageEnded(Event, frozen=True, kw_only=True, tag="stage.ended"):
    """The stage is over, well or not."""

    outcome: StageOutcome


class ConsoleRead(Event, frozen=True, kw_only=True, tag="stage.console"):
    """A program of the stage said what it runs with, or what it measured."""

    step_id: str
    side: str
    """``c``, ``py``, or ``log`` where one log holds both."""
    name: str
    value: str
    source: str
    """``file:line``, the file relative to the bundle."""
    problem: str = ""
    """Why this blocks: it was not asked for, or the other side says something else."""


class ResultsCollected(Event, frozen=True, kw_only=True, tag="stage.results"):
    """What the stage's result files say, or why they cannot be believed."""

    collected: Collected


class GateHeld(Event, frozen=True, kw_only=True, tag="gate"):
    """A gate was held against its value."""

    result: GateResult


class GuardChecked(Event, frozen=True, kw_only=True, tag="guard"):
    """A guard was looked at before, between or after stages."""

    guard: str
    ok: bool
    found: str
    expected: str
    when: str


class Attested(Event, frozen=True, kw_only=True, tag="step.attested"):
    """A person says that a step was done, or that it was not."""

    attestation: Attestation


class Answered(Event, frozen=True, kw_only=True, tag="step.answered"):
    """A person answered the question of a step."""

    answer: Answer


class Asked(Event, frozen=True, kw_only=True, tag="step.asked"):
    """The run waits for a person: to answer, to confirm, to attest, or to sign off."""

    step_id: str
    """The step, or ``sign-off``."""
    what: str
    """``answer``, ``confirm``, ``attest`` or ``sign-off``."""
    text: str
    """The question; of a confirmation, the command line."""
    details: tuple[str, ...] = ()
    """Deviations and findings of the command to confirm."""


class Noted(Event, frozen=True, kw_only=True, tag="note"):
    """Something worth keeping that is no failure."""

    text: str


class CancelRequested(Event, frozen=True, kw_only=True, tag="run.cancel"):
    """Somebody asked the run to stop."""

    by: str


class Blocked(Event, frozen=True, kw_only=True, tag="run.blocked"):
    """The reason the run stops here."""

    blocker: Blocker


class Explained(Event, frozen=True, kw_only=True, tag="run.explained"):
    """What is known of the reason for which the run stopped."""

    explanation: Explanation


class FileWritten(Event, frozen=True, kw_only=True, tag="file"):
    """The supervisor wrote a file of the bundle (path relative to it)."""

    path: str
    what: str
    sha256: str = ""
    """Of its content: the chain of the journal then vouches for it."""


class Recalled(Event, frozen=True, kw_only=True, tag="recalled"):
    """What earlier runs say about the reason this one stops for."""

    lines: tuple[str, ...]


class SignedOff(Event, frozen=True, kw_only=True, tag="sign-off"):
    """A sign-off that holds for this run's plan."""

    sign_off: SignOff
    signature: str


class Waived(Event, frozen=True, kw_only=True, tag="waived"):
    """The run goes on although something blocks: somebody signed for it."""

    kind: str
    id: str
    step_id: str
    by: str
    reason: str
    was: str
    now: str


class RunEnded(Event, frozen=True, kw_only=True, tag="run.ended"):
    """The last event of every sealed journal."""

    verdict: Verdict
    exit_code: int
    reason: str = ""
    wall_s: float
    waived: bool = False
    """Whether somebody's sign-off was needed for this verdict."""


AnyEvent = (
    RunStarted
    | ProvenanceTaken
    | DeviationNoted
    | CheckDone
    | PreflightEnded
    | StageStarted
    | Sampled
    | StreamsTold
    | StageSignalled
    | StageEnded
    | ConsoleRead
    | ResultsCollected
    | GateHeld
    | GuardChecked
    | Attested
    | Answered
    | Asked
    | Noted
    | CancelRequested
    | Blocked
    | Explained
    | FileWritten
    | Recalled
    | SignedOff
    | Waived
    | RunEnded
)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it stands in ``events.jsonl``."""

    seq: int
    t: str
    """Wall clock, UTC, milliseconds."""
    mono_ns: int
    prev: str
    """SHA-256 of the previous line without its newline; 64 zeros for the first."""
    event: AnyEvent
