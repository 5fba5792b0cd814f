"""Runs a simulator so that nothing but its arguments can reach its result.

Each run starts in a fresh empty folder: nanoBragg reads ``Fdump.bin`` from the current one
when no reflection list is named. There is no shell, stdin is empty, stdout and stderr go to
files, the end is waited for by ``wait4`` (which alone tells the true peak memory), and a
program that does not end in time is ended with everything it started.
"""

import contextlib
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import engine
from engine.parity.errors import ImageError, RunnerError, UsageError
from engine.parity.images import sha256_file
from engine.parity.signals import held_back

FLOAT_IMAGE = "float.bin"
OUTPUT_WORDS = ("-floatfile", FLOAT_IMAGE, "-nonoise", "-nopgm")
GRACE_S = 2.0
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True)
class Program:
    """A simulator as it will be executed.

    Attributes
    ----------
    argv
        Program and leading arguments.
    sha256
        Digest of the file ``argv[0]``.
    environment
        Variables set in addition to the inherited ones.
    """

    argv: tuple[str, ...]
    sha256: str
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended and what it used.

    ``exit_code`` is ``None`` when a signal ended it; its name is then in ``signal``.
    ``peak_rss_bytes`` is at least ``rss_floor_bytes``, the memory this process had when it
    started the other: the kernel counts it until the new program is loaded.
    """

    argv: tuple[str, ...]
    exit_code: int | None
    signal: str | None
    timed_out: bool
    wall_s: float
    user_s: float
    system_s: float
    peak_rss_bytes: int
    rss_floor_bytes: int
    voluntary_switches: int = 0
    involuntary_switches: int = 0
    """Times that something else took the processor from it."""
    major_faults: int = 0
    """Pages that had to come from disk: a cold start."""

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.exit_code == 0 and not self.timed_out

    def ending(self) -> str:
        """Return how it ended in words."""
        if self.timed_out:
            return f"was ended after {self.wall_s:.1f} s without result"
        if self.signal:
            return f"was killed by {self.signal}"
        return f"ended with exit code {self.exit_code}"


def c_program(option: str | None, environment: Mapping[str, str]) -> Program:
    """Return the C program of ``--c-bin``, else of ``NB_C_BIN``.

    Raises
    ------
    UsageError
        Neither is given.
    RunnerError
        The file is missing or cannot be executed.
    """
    name = option or environment.get("NB_C_BIN")
    if not name:
        raise UsageError(
            "no C program given",
            where="--c-bin",
            fix="nb-golden build-reference && export NB_C_BIN=build/reference/nanoBragg",
        )
    source = "--c-bin" if option else "NB_C_BIN"
    path = _executable(name, source)
    return Program((str(path),), sha256_file(path))


def port_program(option: str | None) -> Program:
    """Return the port's program: ``--py-bin`` in words, else this interpreter's engine.

    Raises
    ------
    UsageError
        The words cannot be split.
    RunnerError
        The program is missing or cannot be executed.
    """
    if option is None:
        # The engine beside this file, wherever the run starts: never another checkout's.
        root = str(Path(engine.__file__).resolve().parent.parent)
        inherited = os.environ.get("PYTHONPATH")
        search = f"{root}{os.pathsep}{inherited}" if inherited else root
        interpreter = Path(sys.executable)
        return Program(
            (str(interpreter), "-m", "engine"), sha256_file(interpreter), {"PYTHONPATH": search}
        )
    if Path(option).is_file():
        words = [option]
    else:
        try:
            words = shlex.split(option)
        except ValueError as error:
            raise UsageError(str(error), where="--py-bin") from error
    if not words:
        raise UsageError("is empty", where="--py-bin")
    path = _executable(words[0], "--py-bin")
    return Program((str(path), *words[1:]), sha256_file(path))


def _executable(name: str, source: str) -> Path:
    found = name if os.sep in name or Path(name).is_file() else shutil.which(name) or name
    path = Path(found).expanduser().absolute()
    if not path.is_file():
        raise RunnerError(
            "no such program",
            where=f"{source}={name}",
            fix="nb-golden build-reference builds build/reference/nanoBragg",
        )
    if not os.access(path, os.X_OK):
        raise RunnerError("not executable", where=f"{source}={name}", fix=f"chmod +x {path}")
    return path


@contextlib.contextmanager
def scratch_folder(beside: Path) -> Iterator[Path]:
    """Provide a fresh empty folder on the same disk as ``beside``; it is gone afterwards."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".scratch-", dir=beside))
    except OSError as error:
        raise ImageError(f"cannot create a folder ({error.strerror})", where=str(beside)) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run(
    argv: Sequence[str],
    *,
    folder: Path,
    stdout: Path,
    stderr: Path,
    timeout_s: float,
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """Run one program to its end; see :func:`running`."""
    with running(
        argv, folder=folder, stdout=stdout, stderr=stderr, environment=environment
    ) as program:
        return program.end(timeout_s)


@contextlib.contextmanager
def running(
    argv: Sequence[str],
    *,
    folder: Path,
    stdout: Path,
    stderr: Path,
    environment: Mapping[str, str] | None = None,
) -> Iterator["Running"]:
    """Start one program; when the block is left, it is gone with everything it started.

    Parameters
    ----------
    argv
        Program and arguments; no shell looks at them.
    folder
        Current folder of the program.
    stdout, stderr
        Files that receive its output.
    environment
        Variables in addition to the inherited ones.

    Raises
    ------
    RunnerError
        The program cannot be started.
    """
    floor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RSS_UNIT
    waiter: _Waiter | None = None
    try:
        with held_back():
            waiter = _start(argv, folder, stdout, stderr, {**os.environ, **(environment or {})})
        yield Running(waiter, tuple(argv), floor)
    finally:
        # Also on the way out of an exception: no simulator outlives its caller, and nothing
        # it started outlives it.
        if waiter is not None:
            waiter.signal_group(signal.SIGKILL)
            waiter.ended_within(None)


@dataclass(frozen=True, slots=True)
class Running:
    """A program that was started."""

    _waiter: "_Waiter"
    _argv: tuple[str, ...]
    _floor: int

    def end(self, timeout_s: float) -> Outcome:
        """Wait for its end and return it.

        So many seconds after its start the process group gets TERM, and KILL :data:`GRACE_S`
        later.
        """
        timed_out = not self._waiter.ended_within(timeout_s - self._waiter.age_s())
        if timed_out:
            self._waiter.signal_group(signal.SIGTERM)
            if not self._waiter.ended_within(GRACE_S):
                self._waiter.signal_group(signal.SIGKILL)
                self._waiter.ended_within(None)
        return self._waiter.outcome(self._argv, timed_out, self._floor)


def _start(
    argv: Sequence[str], folder: Path, stdout: Path, stderr: Path, environment: Mapping[str, str]
) -> "_Waiter":
    with stdout.open("wb") as out, stderr.open("wb") as err:
        begin = time.monotonic()
        try:
            process = subprocess.Popen(
                list(argv),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise RunnerError(f"cannot be started ({error.strerror})", where=argv[0]) from error
    return _Waiter(process, begin)


class _Waiter:
    """Waits for one process by ``wait4``: exact end, and the resources it used."""

    def __init__(self, process: subprocess.Popen[bytes], begin: float) -> None:
        self._process = process
        self._begin = begin
        self._result: tuple[int, resource.struct_rusage, float] | None = None
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        _, status, usage = os.wait4(self._process.pid, 0)
        self._result = (status, usage, time.monotonic() - self._begin)
        self._process.returncode = os.waitstatus_to_exitcode(status)

    def age_s(self) -> float:
        """Return the seconds since the process was started."""
        return time.monotonic() - self._begin

    def ended_within(self, seconds: float | None) -> bool:
        """Wait, at most so long, and say whether the process has ended."""
        self._thread.join(seconds if seconds is None else max(seconds, 0.0))
        return not self._thread.is_alive()

    def signal_group(self, number: signal.Signals) -> None:
        """Send a signal to the process and to all it started that stayed in its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def outcome(self, argv: tuple[str, ...], timed_out: bool, floor: int) -> Outcome:
        """Return what happened, once the process has ended."""
        if self._result is None:
            raise RunnerError("the end of the process was lost", where=argv[0])
        status, usage, wall_s = self._result
        code = os.waitstatus_to_exitcode(status)
        return Outcome(
            argv=argv,
            exit_code=code if code >= 0 else None,
            signal=signal.Signals(-code).name if code < 0 else None,
            timed_out=timed_out,
            wall_s=wall_s,
            user_s=usage.ru_utime,
            system_s=usage.ru_stime,
            peak_rss_bytes=usage.ru_maxrss * _RSS_UNIT,
            rss_floor_bytes=floor,
            voluntary_switches=usage.ru_nvcsw,
            involuntary_switches=usage.ru_nivcsw,
            major_faults=usage.ru_majflt,
        )


def tail(path: Path, lines: int = 5, limit: int = 4096) -> str:
    """Return the last lines of a log in one line, or an empty text."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - limit))
            text = stream.read().decode("utf-8", "backslashreplace")
    except OSError:
        return ""
    return " / ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip())
