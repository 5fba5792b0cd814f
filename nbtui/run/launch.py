"""Starting a run, stopping it, and knowing whether its supervisor is alive."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nbtui.durable import dump_json, write_bytes
from nbtui.errors import PlanError, RecordingError
from nbtui.memo.plan import Plan, encode, resolve
from nbtui.project import find
from nbtui.run import locks, recover, reuse, sign_offs, stamp
from nbtui.run.environment import inside, run_variables
from nbtui.run.interrupts import FORCE
from nbtui.run.journal import JOURNAL
from nbtui.run.kept import LINT
from nbtui.run.recover import SUPERVISOR_LOG
from nbtui.store import RunState, read

if TYPE_CHECKING:
    from nbtui.run.prepare import Prepared

START_TIMEOUT_S = 30.0
_POLL_S = 0.01
_started: dict[Path, subprocess.Popen[bytes]] = {}
"""Supervisors this process started: kept so that their exit status is collected."""


def start(
    prepared: "Prepared",
    env: Mapping[str, str],
    *,
    led_by: str = "",
    resume: Path | None = None,
) -> Path:
    """Start a run of a compiled memo; see :func:`start_plan`."""
    return start_plan(
        prepared.project.root,
        prepared.memo.data,
        prepared.plan,
        env,
        reports=prepared.project.settings.reports,
        led_by=led_by,
        lint=lint_record(prepared),
        resume=resume,
    )


def lint_record(prepared: "Prepared") -> bytes:
    """Return what lint said of the plan, as a bundle keeps it."""
    return dump_json({"schema": 1, "findings": prepared.findings, "asked": prepared.asked})


def start_plan(
    root: Path,
    memo: bytes,
    plan: Plan,
    env: Mapping[str, str],
    reports: str = "reports",
    *,
    led_by: str = "",
    lint: bytes = b"",
    resume: Path | None = None,
) -> Path:
    """Start the detached supervisor of a new run and return its bundle.

    Runs whose supervisor died are recovered first. Returns as soon as the journal holds
    its first line, well before the run ends.

    Parameters
    ----------
    root, reports
        The project's root (working folder of the stages) and its folder of bundles.
    memo, plan, env
        The memo's exact bytes, what to run, and the operator's environment.
    led_by
        The operator who answers, attests and signs while it runs (:mod:`nbtui.run.inbox`);
        empty for a run of the machine's steps alone.
    lint
        What lint said of it, for the bundle.
    resume
        An interrupted run of this plan whose completed stages may be taken over.

    Raises
    ------
    BundleError
        ``resume`` is no run that can be resumed.
    SignOffError
        A sign-off of this plan is not valid.
    LockHeldError
        When another run holds the machine.
    PlanError
        When the plan wants to write outside its bundle.
    RecordingError
        When the bundle cannot be created or the supervisor does not start.
    """
    root = root.resolve()
    check_paths(plan)
    settings = find(root).settings
    lock = locks.acquire(env)
    try:
        recover.recover_dead(root, reports)
        if resume is not None:
            reuse.read_earlier(resume, plan)
        # Asked before the bundle is made: what cannot be used leaves no bundle behind.
        sign_offs.load(root, reports, plan, settings.allowed_signers)
        allocation = stamp.allocate(root, plan.artifacts_root)
        bundle = allocation.bundle
        words = ["--note", allocation.warning] if allocation.warning else []
        words += ["--operator", led_by] if led_by else []
        words += ["--resume", str(resume)] if resume is not None else []
        with _attended_log(bundle) as log:
            sign_offs.bring(root, reports, plan, bundle, settings.allowed_signers)
            fill(bundle, memo, plan, lint)
            child = _spawn(root, bundle, env, words, lock_fd=lock.fd, log=log)
    finally:
        lock.close()
    _started[bundle] = child
    _await_journal(bundle, child)
    return bundle


def step_aside() -> None:
    """Let a timed stage go first: for a process that only watches, once it has started a run.

    Never before: the supervisor and its stages would inherit it.
    """
    with contextlib.suppress(OSError):
        os.nice(_ASIDE)


_ASIDE = 10


def cancel(bundle: Path, *, force: bool = False, number: signal.Signals = signal.SIGINT) -> bool:
    """Ask the supervisor of a run to stop it; return whether there was one to ask.

    The stage gets TERM, a grace period, then KILL; ``force``, also in a second call, skips
    the grace. The bundle is sealed either way.

    Parameters
    ----------
    bundle
        The run.
    force
        Do not wait for the stage to end by itself.
    number
        SIGINT for an operator's wish (verdict cancelled), SIGTERM for the system's
        (verdict interrupted).
    """
    state = read(bundle)
    if state.started is None or state.ended or not is_alive(state):
        return False
    try:
        for wish in (number, FORCE) if force else (number,):
            os.kill(state.started.supervisor_pid, wish)
    except ProcessLookupError:
        return False
    return True


def alive(bundle: Path) -> bool:
    """Return whether the supervisor of a run still works; a zombie does not."""
    return is_alive(read(bundle))


def is_alive(state: RunState) -> bool:
    """Like :func:`alive`, for a state that is known already."""
    own = _started.get(state.bundle)
    if own is not None:
        own.poll()
    return recover.supervisor_alive(state)


def check_paths(plan: Plan) -> None:
    """Refuse a plan that would write outside its bundle, before anything exists."""
    bundle = Path("/bundle")
    variables = run_variables(bundle)
    for step in plan.steps:
        names = [*step.artifacts, *([step.command.log] if step.command else [])]
        for name in names:
            inside(bundle, resolve(name, variables))
    for name in (*plan.folders, plan.summary_name):
        inside(bundle, name)
    logs = [s.command.log for s in plan.stages if s.command]
    if len(set(logs)) != len(logs):
        raise PlanError("two stages write the same log", where=", ".join(logs))


def fill(bundle: Path, memo: bytes, plan: Plan, lint: bytes = b"") -> None:
    """Put memo, lint, plan and empty folders into a new bundle."""
    write_bytes(bundle / "memo.md", memo)
    if lint:
        write_bytes(bundle / LINT, lint)
    try:
        for folder in ("logs", *plan.folders, *(f"stages/{s.id}" for s in plan.stages)):
            (bundle / folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(
            f"cannot create the folder: {error.strerror}", where=str(bundle)
        ) from error
    # The plan comes last: a folder that holds one is a bundle.
    write_bytes(bundle / "plan.json", encode(plan))


def _attended_log(bundle: Path) -> BinaryIO:
    """Return the supervisor's log, locked: who holds it open attends to the bundle.

    Launcher and supervisor share the lock, so that from before there is a plan until the
    supervisor ends nobody else takes the run for a dead one.
    """
    try:
        log = (bundle / SUPERVISOR_LOG).open("xb")
    except OSError as error:
        raise RecordingError(
            f"cannot create the file: {error.strerror}", where=str(bundle / SUPERVISOR_LOG)
        ) from error
    # Some network file systems cannot lock; the journal tells of the supervisor a little later.
    with contextlib.suppress(OSError):
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return log


def _spawn(
    root: Path,
    bundle: Path,
    env: Mapping[str, str],
    words: list[str],
    *,
    lock_fd: int,
    log: BinaryIO,
) -> subprocess.Popen[bytes]:
    module = "nbtui.run.led" if "--operator" in words else "nbtui.run.supervisor"
    # -P: a module of the project under test must not shadow one of ours.
    argv = [sys.executable, "-P", "-m", module, str(bundle), "--root", str(root)]
    return subprocess.Popen(
        [*argv, "--lock-fd", str(lock_fd), *words],
        cwd=root,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=(lock_fd,),
    )


def _await_journal(bundle: Path, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            if b"\n" in (bundle / JOURNAL).read_bytes():
                return
        if child.poll() is not None:
            break
        time.sleep(_POLL_S)
    # One that is only late must not run a plan of which its operator was told it did not start.
    child.kill()
    child.wait()
    said = (bundle / SUPERVISOR_LOG).read_text("utf-8", "backslashreplace").strip()
    raise RecordingError(
        f"the supervisor did not start: {said.splitlines()[-1] if said else 'it said nothing'}",
        where=str(bundle / SUPERVISOR_LOG),
        fix="free space or make the folder writable, then try again",
    )
