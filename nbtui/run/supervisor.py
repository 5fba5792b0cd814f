"""The supervisor of one run: a detached process that does everything and records it.

``python -m nbtui.run.supervisor BUNDLE --root ROOT`` is started by
:mod:`nbtui.run.launch`. It outlives terminals and viewers; they read its journal.
"""

import argparse
import contextlib
import getpass
import os
import platform
import secrets
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui import __version__
from nbtui.errors import NbtuiError, RecordingError
from nbtui.evidence import attestation
from nbtui.evidence.records import Blocker, Verdict
from nbtui.evidence.secrets import Redactor
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, decode
from nbtui.project import find
from nbtui.run import closing, locks, process, reuse, sign_offs
from nbtui.run.attempts import attempt_of
from nbtui.run.clock import SYSTEM, iso_ms
from nbtui.run.conduct import Conductor
from nbtui.run.events import Blocked, Noted, RunStarted, SignedOff
from nbtui.run.interrupts import Interrupts
from nbtui.run.journal import JOURNAL, Journal
from nbtui.run.recorder import Recorder
from nbtui.run.waiving import Waivers

GRACE_VARIABLE = "NBTUI_GRACE_S"
GRACE_S = 5.0
"""Seconds between TERM and KILL; ``NBTUI_GRACE_S`` sets another number."""


@dataclass(frozen=True, slots=True)
class Options:
    """The command line of the supervisor."""

    bundle: Path
    root: Path
    lock_fd: int | None = None
    notes: tuple[str, ...] = ()
    operator: str = ""
    """Who runs it, where somebody said so; else the system's user."""
    resume: Path | None = None
    """An interrupted run whose completed stages may be taken over."""


Maker = Callable[[Options, Interrupts], Callable[..., Conductor]]
"""Chooses what conducts a run, once its options and signals are known."""


def main(argv: Sequence[str], choose: Maker = lambda *_: Conductor) -> int:
    """Conduct the run of a prepared bundle; return its exit code."""
    options = _parse(argv)
    with Interrupts() as interrupts:
        lock = locks.adopt(options.lock_fd) if options.lock_fd is not None else None
        process.adopt_orphans()
        try:
            exit_code = conduct(options, interrupts, lock, choose(options, interrupts))
        except NbtuiError as error:
            _say(f"nbtui: {error}")
            exit_code = int(error.exit_code)
        _fall_silent()
        if lock is not None:
            # Threads of a process that ends may keep its files a moment longer than itself.
            lock.close()
        return exit_code


def conduct(
    options: Options,
    interrupts: Interrupts,
    lock: locks.MachineLock | None,
    make: Callable[..., Conductor] = Conductor,
) -> int:
    """Conduct the run of a prepared bundle to its seal; return its exit code.

    Parameters
    ----------
    options
        Bundle and root.
    interrupts
        The signals that may stop it.
    lock
        The machine lock, to be marked with this process.
    make
        What conducts it.
    """
    plan = decode((options.bundle / "plan.json").read_bytes())
    recorder = Recorder(
        options.bundle, Journal(options.bundle / JOURNAL), redactor=Redactor.of(os.environ)
    )
    if lock is not None:
        lock.name_holder(
            locks.Holder(pid=os.getpid(), bundle=str(options.bundle), since=iso_ms(SYSTEM.now()))
        )
    begin = SYSTEM.mono_ns()
    try:
        conductor = _conductor(options, plan, recorder, interrupts, lock, make)
        return int(conductor.run())
    except (RecordingError, OSError) as error:
        closing.release(options.bundle)
        _say(f"nbtui: the evidence could not be recorded: {error}")
        reason = Blocker(
            kind="recording", where="bundle", reason=f"the evidence could not be recorded: {error}"
        )
        return _give_up(recorder, plan, reason, begin, ExitCode.INTERRUPTED)
    except Exception as error:
        _say(traceback.format_exc())
        reason = Blocker(
            kind="bug",
            where="supervisor",
            reason=f"a bug in nbtui: {type(error).__name__}: {error}",
            source="supervisor.log",
            fix="report it with supervisor.log",
        )
        return _give_up(recorder, plan, reason, begin, ExitCode.BUG)


def _conductor(  # noqa: PLR0917  (one run's own things, each once)
    options: Options,
    plan: Plan,
    recorder: Recorder,
    interrupts: Interrupts,
    lock: locks.MachineLock | None,
    make: Callable[..., Conductor],
) -> Conductor:
    """Record who conducts, and make the conductor of the run."""
    token = secrets.token_hex(16)
    recorder.emit(_started(options, plan, token))
    for note in options.notes:
        recorder.emit(Noted(text=note))
    closing.reserve(options.bundle)
    settings = find(options.root).settings
    return make(
        root=options.root,
        plan=plan,
        settings=settings,
        env=dict(os.environ),
        recorder=recorder,
        interrupts=interrupts,
        clock=SYSTEM,
        token=token,
        lock_fd=lock.fd if lock is not None else None,
        grace_s=float(os.environ.get(GRACE_VARIABLE, GRACE_S)),
        waivers=_waivers(options, plan, recorder, settings.allowed_signers),
        earlier=reuse.read_earlier(options.resume, plan) if options.resume else None,
    )


def _waivers(options: Options, plan: Plan, recorder: Recorder, allowed_signers: str) -> Waivers:
    """Record the sign-offs that were brought into the bundle; return what they allow."""
    folder = options.bundle / sign_offs.IN_BUNDLE
    signed = sign_offs.of_folder(folder, plan, options.root, allowed_signers)
    for one in signed:
        recorder.emit(SignedOff(sign_off=one.sign_off, signature=one.signature))
    return Waivers(tuple(one.sign_off for one in signed))


def _started(options: Options, plan: Plan, token: str) -> RunStarted:
    pid = os.getpid()
    attempt = attempt_of(options.bundle)
    return RunStarted(
        stamp=options.bundle.name,
        root=str(options.root),
        bundle=str(options.bundle),
        plan_sha256=plan.digest(),
        memo_name=plan.memo_name,
        supervisor_pid=pid,
        host=platform.node(),
        operator=options.operator or _operator(),
        boot_id=boot_id(),
        version=__version__,
        attempt=attempt.number,
        follows=attempt.follows,
        follows_verdict=attempt.verdict,
        resumes=options.resume.name if options.resume else "",
        attests=attestation.SCHEMA,
        facts={"token": token, "supervisor_started": repr(process.start_time(pid))},
    )


def _give_up(
    recorder: Recorder, plan: Plan, reason: Blocker, begin: int, exit_code: ExitCode
) -> int:
    """Close the run as interrupted, with the reserved space; say so where even that fails."""
    try:
        recorder.emit(Blocked(blocker=reason))
        closing.close(
            recorder,
            plan,
            SYSTEM,
            verdict=Verdict.INTERRUPTED,
            exit_code=exit_code,
            wall_s=(SYSTEM.mono_ns() - begin) / 1e9,
        )
    except (NbtuiError, OSError) as error:
        _say(f"nbtui: the run could not be closed: {error}; nbtui recover will close it")
    return int(exit_code)


def boot_id() -> str:
    """Return what names this boot of the machine, empty where the system does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _say(text: str) -> None:
    """Write to supervisor.log now or never: a buffered rest would break the seal later."""
    with contextlib.suppress(OSError):
        os.write(sys.stderr.fileno(), _clean(f"{text}\n").encode("utf-8", "backslashreplace"))


def _clean(text: str) -> str:
    return Redactor.of(os.environ).text(text)


def _fall_silent() -> None:
    """Let nothing reach supervisor.log any more: the bundle is sealed."""
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.dup2(null, sys.stderr.fileno())
        os.close(null)


def _parse(argv: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(prog="nbtui.run.supervisor")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--lock-fd", type=int)
    parser.add_argument("--note", action="append", default=[])
    parser.add_argument("--operator", default="")
    parser.add_argument("--resume", type=Path)
    given = parser.parse_args(argv)
    return Options(
        given.bundle,
        given.root,
        given.lock_fd,
        tuple(given.note),
        given.operator,
        given.resume,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
