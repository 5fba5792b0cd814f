"""Closing runs whose supervisor is gone: nothing is lost, nothing is made up.

Leftover processes are ended, the journal gets its last events, the verdict is
interrupted, the blocker report and the seal are written.
"""

import contextlib
import fcntl
import os
import platform
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from nbtui.durable import unfinished
from nbtui.errors import BundleError, NbtuiError
from nbtui.evidence import attestation
from nbtui.evidence.records import Blocker, Verdict
from nbtui.evidence.secrets import Redactor
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, decode
from nbtui.run import closing, process
from nbtui.run.catalog import PLAN, bundles, is_sealed
from nbtui.run.clock import SYSTEM, Clock
from nbtui.run.events import Blocked, Noted, RunStarted, StageStarted
from nbtui.run.journal import JOURNAL, Journal, reopen, sound_lines
from nbtui.run.recorder import Recorder
from nbtui.store import RunState, StageStatus, fold_all, plan_now, read

SUPERVISOR_LOG = "supervisor.log"
INTERRUPTED = "interrupted"
"""Kind of the blocker of a run that was closed by recovery."""
GRACE_S = 2.0
"""Leftovers of a dead run get this long between TERM and KILL."""


def supervisor_alive(state: RunState) -> bool:
    """Return whether the very process that started this run still works on it.

    Before it has said who it is, whoever holds its log open is about to.
    """
    started = state.started
    if started is None:
        return _attended(state.bundle)
    if started.host != platform.node():
        # Another machine's processes cannot be seen; that run is not ours to close.
        return not state.ended
    return process.is_running(
        started.supervisor_pid, float(started.facts.get("supervisor_started", 0.0))
    )


def _attended(bundle: Path) -> bool:
    """Return whether somebody holds the lock on the supervisor's log."""
    try:
        with (bundle / SUPERVISOR_LOG).open("rb") as log:
            fcntl.flock(log, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def recover(bundle: Path, *, clock: Clock = SYSTEM) -> RunState:
    """Close a run whose supervisor is gone; return its final state.

    A run that is sealed, or whose supervisor works, is left alone.

    Raises
    ------
    BundleError
        When the journal is damaged or belongs to no plan: such a bundle is not sealed.
    RecordingError
        When it cannot be written, or another process is recovering it.
    """
    try:
        state = read(bundle) if (bundle / JOURNAL).exists() else RunState(bundle=bundle)
    except BundleError:
        _end_leftovers(_salvaged(bundle))
        raise
    if is_sealed(bundle) or supervisor_alive(state):
        return state
    plan = _plan(bundle)
    leftovers = _end_leftovers(state)
    recorder = _recorder(bundle, plan, clock)
    if recorder.state.ended:
        # It died between its last event and the seal.
        for path in _half_written(bundle):
            path.unlink()
        recorder.journal.close()
        closing.seal(bundle)
        return recorder.state
    last_word = recorder.state.last_event
    for event in _unrecorded_starts(recorder.state, plan):
        recorder.emit(event)
    recorder.emit(Noted(text="closed by recovery: the supervisor was gone"))
    for name in leftovers:
        recorder.emit(Noted(text=f"ended a process that the dead run had left: {name}"))
    for path in _half_written(bundle):
        which = path.relative_to(bundle)
        recorder.emit(Noted(text=f"removed a file that was never finished: {which}"))
        path.unlink()
    recorder.emit(Blocked(blocker=_blocker(recorder.state, last_word)))
    closing.close(
        recorder,
        plan_now(plan, recorder.state),
        clock,
        verdict=Verdict.INTERRUPTED,
        exit_code=ExitCode.INTERRUPTED,
        wall_s=_wall_s(recorder.state),
    )
    return recorder.state


def recover_dead(root: Path, reports: str = "reports") -> tuple[Path, ...]:
    """Close every dead run of a project; return those that were closed.

    A bundle that cannot be closed (damaged, written by somebody else) is left as it is.
    """
    closed: list[Path] = []
    for bundle in bundles(root, reports):
        if is_sealed(bundle):
            continue
        with contextlib.suppress(NbtuiError):
            if recover(bundle).ended:
                closed.append(bundle)
    return tuple(closed)


def _plan(bundle: Path) -> Plan:
    try:
        return decode((bundle / PLAN).read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise BundleError(f"the plan cannot be read: {error}", where=str(bundle / PLAN)) from error


def _salvaged(bundle: Path) -> RunState:
    """Return the state that the sound beginning of a damaged journal tells.

    It names the processes that the dead run may have left; nothing else is believed of it.
    """
    lines = sound_lines((bundle / JOURNAL).read_bytes())
    state = fold_all(RunState(bundle=bundle), lines)
    return RunState(bundle=bundle) if supervisor_alive(state) else state


def _end_leftovers(state: RunState) -> tuple[str, ...]:
    token = state.facts.get("token", "")
    names: list[str] = []
    if token:
        names += process.end_family(token, None, GRACE_S)
    for stage in state.stages:
        running = stage.status is StageStatus.RUNNING and stage.pid is not None
        if running and process.is_running(stage.pid or 0, stage.pid_started):
            names += process.end_family(token, stage.pid, GRACE_S)
    return tuple(names)


class _Command(msgspec.Struct, frozen=True):
    """What ``command.json`` says of a stage, published before the stage is started."""

    argv: tuple[str, ...]
    cwd: str
    log: str
    timeout_s: float
    environment_added: dict[str, str]


def _unrecorded_starts(state: RunState, plan: Plan) -> Iterator[StageStarted]:
    """Yield the starts that a killed supervisor had no time to record: their logs are there.

    Without them the report would say that nothing ran.
    """
    for step in plan.stages:
        if state.stage(step.id) is not None:
            continue
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            data = (state.bundle / "stages" / step.id / "command.json").read_bytes()
            told = msgspec.json.decode(data, type=_Command)
            if not (state.bundle / told.log).is_file():
                continue
            yield StageStarted(
                step_id=step.id,
                title=step.title,
                pid=None,
                argv=told.argv,
                env=told.environment_added,
                cwd=told.cwd,
                log=told.log,
                timeout_s=told.timeout_s,
            )


def _half_written(bundle: Path) -> tuple[Path, ...]:
    """Return what the dead supervisor had not published; files of the stages are not ours."""
    folders = (bundle, *(bundle / "stages").glob("*/"))
    return tuple(path for folder in folders for path in unfinished(folder))


def _recorder(bundle: Path, plan: Plan, clock: Clock) -> Recorder:
    if (bundle / JOURNAL).exists() and b"\n" in (bundle / JOURNAL).read_bytes():
        journal, chain = reopen(bundle, clock=clock)
        state = fold_all(RunState(bundle=bundle), chain.lines)
        return Recorder(bundle, journal, state, redactor=Redactor.of(os.environ))
    # It died before its first event; what a bundle needs is still known.
    (bundle / JOURNAL).unlink(missing_ok=True)
    recorder = Recorder(bundle, Journal(bundle / JOURNAL, clock=clock))
    recorder.emit(
        RunStarted(
            stamp=bundle.name,
            root=str(bundle.parents[len(Path(plan.artifacts_root).parts)]),
            bundle=str(bundle),
            plan_sha256=plan.digest(),
            memo_name=plan.memo_name,
            supervisor_pid=0,
            host=platform.node(),
            operator="",
            boot_id="",
            version="",
            attests=attestation.SCHEMA,
        )
    )
    return recorder


def _blocker(state: RunState, last_word: str) -> Blocker:
    if state.blocker is not None and state.blocker.kind == INTERRUPTED:
        return state.blocker  # an earlier recovery was cut off after it had found the reason
    if state.blocker is not None:
        why = f"{state.blocker.reason}; then the supervisor ended without closing the run"
        return msgspec.structs.replace(state.blocker, kind=INTERRUPTED, reason=why)
    running = [s for s in state.stages if s.status is StageStatus.RUNNING]
    where = running[-1].step_id if running else "supervisor"
    pid = state.started.supervisor_pid if state.started else 0
    reason = (
        f"the supervisor (process {pid}) ended without closing the run; its last word: {last_word}"
        if pid
        else "the supervisor ended before it recorded anything"
    )
    return Blocker(
        kind=INTERRUPTED,
        where=where,
        reason=reason,
        source=JOURNAL,
        fix="start a new run; with --resume and this STAMP it takes over completed stages",
    )


def _wall_s(state: RunState) -> float:
    try:
        first, last = (datetime.fromisoformat(t) for t in (state.started_t, state.last_t))
    except ValueError:
        return 0.0
    return max((last - first).total_seconds(), 0.0)
