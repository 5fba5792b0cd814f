"""One child process, started, signalled and waited for as a whole family.

The child leads its own session, writes its log itself and has no standard input. Its
family is everything with its process group or session, with the run's token in the
environment, or descended from it: a grandchild that calls ``setsid`` leaves the group,
but not the family.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from nbtui.evidence.secrets import TOKEN_VARIABLE
from nbtui.run.output import Output


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended, from ``wait4``."""

    code: int | None
    """Exit code; ``None`` when a signal ended it."""
    signal: str | None
    """Name of that signal, e.g. ``SIGKILL``."""
    peak_rss_bytes: int
    """Largest resident set of the process or of one of its waited-for children."""
    cpu_s: float
    """User and system time of the process and its waited-for children."""


class Child:
    """A started stage.

    Parameters
    ----------
    argv
        The program, with its path, and its arguments. No shell is involved.
    env
        The whole environment.
    cwd
        Working folder.
    log
        A file that does not exist yet; stdout and stderr go there, byte for byte.
    token
        The value of ``NBTUI_RUN_TOKEN`` in ``env``, by which stray members are found.

    Attributes
    ----------
    output
        Through what it writes its log; to be closed when the stage is over.

    Raises
    ------
    OSError
        When the program cannot be started or the log not created.
    """

    def __init__(
        self, argv: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path, token: str
    ) -> None:
        self.output = Output.create(log)
        try:
            self._popen = subprocess.Popen(
                list(argv),
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=self.output.out,
                stderr=self.output.err,
                start_new_session=True,
                close_fds=True,
            )
        except BaseException:
            self.output.close()
            raise
        self.pid = self._popen.pid
        self.token = token
        self.started = start_time(self.pid)

    def poll(self) -> Exit | None:
        """Return how it ended, or ``None`` while it runs. Never waits."""
        pid, status, usage = os.wait4(self.pid, os.WNOHANG)
        if pid == 0:
            return None
        code = os.waitstatus_to_exitcode(status)
        # Popen must not wait for a process that is already reaped.
        self._popen.returncode = code
        return Exit(
            code=code if code >= 0 else None,
            signal=signal_name(-code) if code < 0 else None,
            peak_rss_bytes=usage.ru_maxrss * _MAXRSS_UNIT,
            cpu_s=usage.ru_utime + usage.ru_stime,
        )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the whole family; TERM also wakes stopped members to hear it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
        stray = tuple(family(self.token, self.pid))
        for process in stray:
            _send(process, number)
        if number == signal.SIGTERM:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGCONT)
            for process in stray:
                _send(process, signal.SIGCONT)


_MAXRSS_UNIT = 1 if os.uname().sysname == "Darwin" else 1024


def signal_name(number: int) -> str:
    """Return ``SIGTERM`` for 15, ``signal 40`` for a number without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def start_time(pid: int) -> float:
    """Return when a process started (seconds since the epoch), 0.0 when it is gone.

    Together with the pid it names a process for good: pids are used again.
    """
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def differing_environment(
    pid: int, argv: Sequence[str], planned: Mapping[str, str]
) -> tuple[str, ...] | None:
    """Return the names whose values differ between a new process and the plan.

    ``None`` where that cannot be told: the process has ended, has become another program
    already (a shell that ends in ``exec``, ``env A=1 program``), or the system is silent.
    """
    folder = Path(f"/proc/{pid}")
    try:
        before = _command_line(folder)
        data = (folder / "environ").read_bytes()
        after = (folder / "cmdline").read_bytes()
    except OSError:
        return None
    # A script's interpreter stands before the words that were asked for.
    asked = b"".join(os.fsencode(word) + b"\0" for word in argv)
    if not data or before != after or not before.endswith(asked):
        return None
    pairs = (os.fsdecode(entry).partition("=") for entry in data.split(b"\0") if entry)
    found = {name: value for name, _, value in pairs}
    names = found.keys() | planned.keys()
    return tuple(sorted(n for n in names if found.get(n) != planned.get(n)))


def _command_line(folder: Path) -> bytes:
    """Return the command line of a process; between ``exec`` and its first step it has none."""
    for _ in range(_EXEC_LOOKS):
        found = (folder / "cmdline").read_bytes()
        state = (folder / "stat").read_bytes().rpartition(b")")[2].split()[0]
        if found or state == b"Z":
            return found
        time.sleep(_EXEC_LOOK_S)
    return b""


_EXEC_LOOKS = 100
_EXEC_LOOK_S = 0.001


def is_running(pid: int, started: float) -> bool:
    """Return whether that very process still runs; a zombie does not."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) < _SAME_START_S
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


_SAME_START_S = 1.5
"""The boot time from which start times are computed may be corrected by a second."""


def family(token: str, leader: int | None = None) -> Iterator[psutil.Process]:
    """Yield the living processes that carry the token or belong to the leader's session."""
    me = os.getpid()
    for pid in psutil.pids():
        if pid == me:
            continue
        with contextlib.suppress(psutil.Error, OSError):
            ours = leader is not None and os.getsid(pid) == leader
            if not ours and not (token and _carries(pid, token)):
                continue
            process = psutil.Process(pid)
            if process.status() != psutil.STATUS_ZOMBIE:
                yield process


def _carries(pid: int, token: str) -> bool:
    """Return whether the token stands in a process's environment."""
    if psutil.LINUX:
        # Every process of the machine is asked: a dictionary of each environment would cost.
        data = Path(f"/proc/{pid}/environ").read_bytes()
        return f"{TOKEN_VARIABLE}={token}".encode() in data.split(b"\0")
    return psutil.Process(pid).environ().get(TOKEN_VARIABLE) == token


def describe(process: psutil.Process) -> str:
    """Return pid and command line of a process, for the record."""
    try:
        words = " ".join(process.cmdline()) or process.name()
    except psutil.Error:
        words = "?"
    return f"{process.pid} {words[:200]}"


def end_family(token: str, leader: int | None, grace_s: float) -> tuple[str, ...]:
    """End what is left of a family: TERM, a grace period, KILL. Return who it was."""
    members = list(family(token, leader))
    names = tuple(describe(p) for p in members)
    for process in members:
        _send(process, signal.SIGTERM)
        _send(process, signal.SIGCONT)
    psutil.wait_procs(members, timeout=grace_s if members else 0)
    for _ in range(_KILL_ROUNDS):
        rest = list(family(token, leader))
        if not rest:
            break
        for process in rest:
            _send(process, signal.SIGKILL)
        psutil.wait_procs(rest, timeout=1.0)
    return names


_KILL_ROUNDS = 5
"""A family that forks while it is killed needs more than one round."""


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
        process.send_signal(number)


def anyone_left(token: str, leader: int) -> bool:
    """Return whether a family may still have members. Dead children are collected.

    Where orphans are adopted (Linux) the answer is whether there is any child: a member that
    a dying parent leaves behind comes here, while a walk through a list of processes can miss
    one that is born meanwhile.
    """
    if _prctl(_GET_CHILD_SUBREAPER) != 1:
        return any(True for _ in family(token, leader))
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def adopt_orphans() -> bool:
    """Become the parent of processes that leave their family (Linux); return whether it worked.

    A daemonised grandchild then stays below the supervisor in the process tree, where
    sampling and tidying up see it.
    """
    return _prctl(_SET_CHILD_SUBREAPER) is not None


_SET_CHILD_SUBREAPER, _GET_CHILD_SUBREAPER = 36, 37


def _prctl(option: int) -> int | None:
    """Set this process as the one that adopts orphans, or return whether it is; None: cannot."""
    if os.uname().sysname != "Linux":
        return None
    import ctypes  # noqa: PLC0415  (only the supervisor needs it)

    value = ctypes.c_int(1)
    given = ctypes.byref(value) if option == _GET_CHILD_SUBREAPER else 1
    try:
        done: int = ctypes.CDLL(None, use_errno=True).prctl(option, given, 0, 0, 0)
    except (OSError, AttributeError):
        return None
    return value.value if done == 0 else None
