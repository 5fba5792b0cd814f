"""Journal to state: one immutable :class:`RunState`, whoever looks and whenever.

A live run, a run attached to later and a run of last year are the same code: read the
lines of ``events.jsonl``, fold them, show the result.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import msgspec

from nbtui.errors import BundleError
from nbtui.evidence.gates import failed
from nbtui.evidence.records import (
    Answer,
    Attestation,
    Blocker,
    Collected,
    Explanation,
    GateResult,
    StageOutcome,
    Verdict,
    excused,
    verdict_words,
)
from nbtui.evidence.streams import Told
from nbtui.memo.plan import Deviation, Plan
from nbtui.narration import describe
from nbtui.preflight.model import CheckResult
from nbtui.run import events as ev

JOURNAL = "events.jsonl"
MAX_SAMPLES = 600
"""Samples kept per stage for the picture; the journal keeps them all."""


class Phase(StrEnum):
    """Where a run is."""

    PLANNED = "planned"
    PREFLIGHT = "preflight"
    RUNNING = "running"
    BLOCKED = "blocked"
    CLEARED = "cleared"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


class StageStatus(StrEnum):
    """Where a stage is."""

    WAITING = "waiting"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class StageState:
    """One stage as the journal tells it so far."""

    step_id: str
    title: str
    status: StageStatus = StageStatus.WAITING
    started_t: str = ""
    pid: int | None = None
    argv: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = ""
    log: str = ""
    timeout_s: float = 0.0
    pid_started: float = 0.0
    forecast_s: float | None = None
    forecast_longest_s: float | None = None
    samples: tuple[ev.Sampled, ...] = ()
    outcome: StageOutcome | None = None
    collected: Collected | None = None
    gates: tuple[GateResult, ...] = ()
    console: tuple[ev.ConsoleRead, ...] = ()
    """What its programs said of themselves."""
    env_sha256: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    reused_from: str = ""
    """STAMP of the run in which it really ran."""
    information_only: bool = False
    streams: Told = field(default_factory=Told)
    """What of its log came through stdout, what through stderr."""


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything the journal says, folded."""

    bundle: Path
    phase: Phase = Phase.PLANNED
    started: ev.RunStarted | None = None
    started_t: str = ""
    last_t: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    """Provenance: commit, hashes, versions, host."""
    checks: tuple[CheckResult, ...] = ()
    stages: tuple[StageState, ...] = ()
    guards: tuple[ev.GuardChecked, ...] = ()
    deviations: tuple[tuple[str, Deviation], ...] = ()
    attestations: tuple[tuple[str, Attestation], ...] = ()
    """What persons attested, each with its time (UTC)."""
    answers: tuple[tuple[str, Answer], ...] = ()
    waiting: ev.Asked | None = None
    """What the run waits for a person to say, if it does."""
    notes: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    blocker: Blocker | None = None
    explanation: Explanation | None = None
    recalled: tuple[str, ...] = ()
    """What earlier runs say about the blocker."""
    sign_offs: tuple[ev.SignedOff, ...] = ()
    waived: tuple[ev.Waived, ...] = ()
    """What the run went on over, because somebody signed."""
    verdict: Verdict | None = None
    exit_code: int | None = None
    reason: str = ""
    wall_s: float = 0.0
    events: int = 0
    last_event: str = ""
    """The last event that says more than that all goes on as it should, in words."""

    @property
    def ended(self) -> bool:
        """Whether the journal holds its last event."""
        return self.verdict is not None

    @property
    def verdict_words(self) -> str:
        """The verdict as it is told; where the run is while there is none."""
        if self.verdict is None:
            return self.phase.value
        return verdict_words(self.verdict, waived=bool(self.waived))

    def stage(self, step_id: str) -> StageState | None:
        """Return the stage of that id, if it has started."""
        return next((s for s in self.stages if s.step_id == step_id), None)

    def gates(self) -> tuple[GateResult, ...]:
        """Return all gate results, in the order they were held."""
        return tuple(g for s in self.stages for g in s.gates)


@dataclass
class _Tail:
    """What has been read of a journal: the byte offset of the next whole line."""

    offset: int = 0
    partial: bytes = field(default=b"")


class JournalFollower:
    """Reads a growing journal; each :meth:`poll` returns only what is new.

    Parameters
    ----------
    bundle
        The run's folder. It may not hold a journal yet.
    """

    def __init__(self, bundle: Path) -> None:
        self.path = bundle / JOURNAL
        self.state = RunState(bundle=bundle)
        self._tail = _Tail()
        self._decoder = msgspec.json.Decoder(ev.Line)

    def poll(self) -> list[ev.Line]:
        """Return the whole lines written since the last call and fold them into ``state``.

        Raises
        ------
        BundleError
            When a line is not a journal line: damage, or a journal of another version.
        """
        return [line for _, line in self.poll_raw()]

    def poll_raw(self) -> list[tuple[bytes, ev.Line]]:
        """Like :meth:`poll`; each line with its very bytes (without newline)."""
        try:
            with self.path.open("rb") as stream:
                stream.seek(self._tail.offset)
                data = stream.read()
        except FileNotFoundError:
            return []
        end = data.rfind(b"\n") + 1
        self._tail.offset += end
        whole = [raw for raw in data[:end].split(b"\n") if raw]
        try:
            lines = [self._decoder.decode(raw) for raw in whole]
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BundleError(
                f"a line of the journal cannot be read: {error}",
                where=str(self.path),
                fix="treat this bundle as no evidence",
            ) from error
        self.state = fold_all(self.state, lines)
        return list(zip(whole, lines, strict=True))


def read(bundle: Path) -> RunState:
    """Return the state of a bundle as its journal tells it now."""
    follower = JournalFollower(bundle)
    follower.poll()
    return follower.state


def plan_now(plan: Plan, state: RunState) -> Plan:
    """Return a run's plan with the answers that were given while it ran.

    The bundle's ``plan.json`` is the plan that was started; answers stand in the journal.
    """
    said = [answer for _, answer in state.answers if answer.step is not None]
    if not said:
        return plan
    steps = {a.step_id: a.step for a in said if a.step is not None}
    return msgspec.structs.replace(
        plan, steps=tuple(steps.get(s.id, s) for s in plan.steps), gates=said[-1].gates
    )


def _expected(event: ev.AnyEvent) -> bool:
    """Return whether an event only says that all is as it should be, while something else runs."""
    match event:
        case ev.Sampled() | ev.StreamsTold():
            return True
        case ev.GuardChecked(ok=ok):
            return ok
        case ev.ConsoleRead(problem=problem):
            return not problem
        case _:
            return False


def fold_all(state: RunState, lines: Iterable[ev.Line]) -> RunState:
    """Fold several journal lines."""
    for line in lines:
        state = fold(state, line)
    return state


_PHASE_OF_VERDICT = {
    Verdict.CLEARED: Phase.CLEARED,
    Verdict.BLOCKED: Phase.BLOCKED,
    Verdict.CANCELLED: Phase.CANCELLED,
    Verdict.INTERRUPTED: Phase.INTERRUPTED,
}


_ENDS = frozenset({Phase.BLOCKED, Phase.CANCELLED, Phase.INTERRUPTED})
TRANSITIONS: Mapping[Phase, frozenset[Phase]] = {
    Phase.PLANNED: frozenset({Phase.PREFLIGHT}),
    Phase.PREFLIGHT: _ENDS | {Phase.RUNNING, Phase.CLEARED},
    Phase.RUNNING: _ENDS | {Phase.RUNNING, Phase.CLEARED},
    Phase.BLOCKED: _ENDS,
    Phase.CLEARED: frozenset(),
    Phase.CANCELLED: frozenset(),
    Phase.INTERRUPTED: frozenset(),
}
"""Where a run can go from where it is: what has blocked is never cleared."""


def phase_after(state: RunState, event: ev.AnyEvent) -> Phase:
    """Return where a run is after one more event."""
    match event:
        case ev.RunStarted():
            return Phase.PREFLIGHT
        case ev.StageStarted():
            # After a block stages run for information only; they change no verdict.
            return Phase.RUNNING if state.blocker is None else Phase.BLOCKED
        case ev.Blocked():
            return Phase.BLOCKED
        case ev.RunEnded(verdict=verdict):
            return _PHASE_OF_VERDICT[verdict]
        case _:
            return state.phase


def may_follow(state: RunState, event: ev.AnyEvent) -> bool:
    """Return whether a run can hear of this event where it is: after its end of none."""
    after = phase_after(state, event)
    moved = after is not state.phase or isinstance(event, ev.RunStarted | ev.RunEnded)
    return not state.ended and (not moved or after in TRANSITIONS[state.phase])


def fold(state: RunState, line: ev.Line) -> RunState:
    """Return the state after one more line. Pure: the same journal gives the same state."""
    event = line.event
    phase = phase_after(state, event)
    state = replace(state, events=state.events + 1, last_t=line.t, phase=phase)
    if not _expected(event):
        state = replace(state, last_event=describe(event))
    match event:
        case ev.RunStarted():
            return replace(
                state,
                started=event,
                started_t=line.t,
                facts=state.facts | event.facts,
            )
        case ev.ProvenanceTaken(facts=facts):
            return replace(state, facts=state.facts | facts)
        case ev.DeviationNoted(step_id=step_id, deviation=deviation):
            return replace(state, deviations=(*state.deviations, (step_id, deviation)))
        case ev.CheckDone(result=result):
            return replace(state, checks=(*state.checks, result))
        case ev.GuardChecked():
            return replace(state, guards=(*state.guards, event))
        case ev.Noted(text=text):
            return replace(state, notes=(*state.notes, text))
        case ev.FileWritten(path=path, what=what):
            return replace(state, files=(*state.files, (path, what)))
        case ev.Blocked(blocker=blocker):
            return replace(state, blocker=blocker, waiting=None)
        case ev.PreflightEnded() | ev.CancelRequested() | ev.StageSignalled():
            return state
        case ev.RunEnded():
            return replace(
                state,
                verdict=event.verdict,
                exit_code=event.exit_code,
                reason=event.reason,
                wall_s=event.wall_s,
            )
        case _:
            return _fold_stage(state, line)


def _fold_stage(state: RunState, line: ev.Line) -> RunState:
    event = line.event
    match event:
        case ev.Asked():
            return replace(state, waiting=event)
        case ev.Attested(attestation=said):
            attestations = (*state.attestations, (line.t, said))
            return replace(state, attestations=attestations, waiting=None)
        case ev.Answered(answer=answer):
            return replace(state, answers=(*state.answers, (line.t, answer)), waiting=None)
        case ev.StageStarted():
            stages = (*state.stages, _stage_of(event, line.t))
            return replace(state, stages=stages)
        case ev.Sampled(step_id=step_id):
            return _update(
                state, step_id, lambda s: replace(s, samples=(*s.samples, event)[-MAX_SAMPLES:])
            )
        case ev.StreamsTold(step_id=step_id):
            return _update(state, step_id, lambda s: replace(s, streams=_told(s.streams, event)))
        case ev.StageEnded(outcome=outcome):
            status = StageStatus.FAILED if outcome.failure else StageStatus.PASSED
            return _update(
                state, outcome.step_id, lambda s: replace(s, status=status, outcome=outcome)
            )
        case ev.ConsoleRead(step_id=step_id):
            return _update(state, step_id, lambda s: replace(s, console=(*s.console, event)))
        case ev.ResultsCollected(collected=collected):
            return _update(
                state,
                collected.step_id,
                lambda s: replace(
                    s,
                    collected=collected,
                    status=StageStatus.FAILED if collected.problems else s.status,
                ),
            )
        case ev.GateHeld(result=result):
            return _update(state, result.step_id, lambda s: _held(s, result))
        case _:
            return _fold_decision(state, line)


def _fold_decision(state: RunState, line: ev.Line) -> RunState:
    match line.event:
        case ev.SignedOff() as event:
            return replace(state, sign_offs=(*state.sign_offs, event))
        case ev.Waived() as event:
            return replace(state, waived=(*state.waived, event))
        case ev.Recalled(lines=lines):
            return replace(state, recalled=lines)
        case ev.Explained(explanation=explanation):
            return replace(state, explanation=explanation)
        case _:
            return state


def _held(stage: StageState, result: GateResult) -> StageState:
    gates = (*stage.gates, result)
    status = stage.status
    if failed((result,)):
        status = StageStatus.FAILED
    elif result.waived_by and stage.outcome and excused(stage.outcome, gates):
        sound = not failed(gates) and not (stage.collected and stage.collected.problems)
        status = StageStatus.PASSED if sound else status
    return replace(stage, gates=gates, status=status)


def _told(before: Told, event: ev.StreamsTold) -> Told:
    if event.why_not:
        return Told(why_not=event.why_not)
    return before if before.why_not else before.plus(event.spans)


def _stage_of(event: ev.StageStarted, t: str) -> StageState:
    return StageState(
        step_id=event.step_id,
        title=event.title,
        status=StageStatus.RUNNING,
        started_t=t,
        pid=event.pid,
        pid_started=event.pid_started,
        argv=event.argv,
        env=event.env,
        cwd=event.cwd,
        log=event.log,
        timeout_s=event.timeout_s,
        forecast_s=event.forecast_s,
        forecast_longest_s=event.forecast_longest_s,
        env_sha256=event.env_sha256,
        inputs=event.inputs,
        reused_from=event.reused_from,
        information_only=event.information_only,
    )


def _update(state: RunState, step_id: str, change: Callable[[StageState], StageState]) -> RunState:
    stages = tuple(change(s) if s.step_id == step_id else s for s in state.stages)
    return replace(state, stages=stages)
