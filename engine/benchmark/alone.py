"""One benchmark at a time on a machine: two beside each other falsify both.

The lock is an ``flock``, which the kernel releases however its holder ends. It holds back other
benchmarks of this user and nothing else: what else the machine does is measured and told
(:mod:`engine.benchmark.noise`).
"""

import contextlib
import fcntl
import os
import platform
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.parity.errors import RunnerError

FOLDER_VARIABLE = "NB_LOCK_DIR"
_POLL_S = 0.2


@contextlib.contextmanager
def alone(say: Callable[[str], None], *, patience_s: float) -> Iterator[None]:
    """Be the only benchmark of this user on this machine while the block lasts.

    Parameters
    ----------
    say
        Told when another one has to end first, and when nothing can be locked: then this
        one goes on unprotected.
    patience_s
        How long to wait for the other, in seconds.

    Raises
    ------
    RunnerError
        Another one did not end in time.
    """
    path = lock_file()
    fd = -1
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            _wait(fd, path, say, time.monotonic() + patience_s)
            os.ftruncate(fd, 0)
            os.pwrite(fd, str(os.getpid()).encode(), 0)
        except OSError as error:
            # A full disk, a home folder without locks: no reason to measure nothing.
            say(f"other benchmarks are not held back: {path} cannot be locked ({error.strerror})")
        yield
    finally:
        if fd >= 0:
            os.close(fd)


def lock_file() -> Path:
    """Return the lock file: in ``$NB_LOCK_DIR``, else in the user's state folder."""
    # The host is part of the name because home folders are shared between machines.
    name = f"benchmark-{platform.node() or 'localhost'}.lock"
    if given := os.environ.get(FOLDER_VARIABLE):
        return Path(given) / name
    import platformdirs  # noqa: PLC0415  (only a measurement needs it)

    return platformdirs.user_state_path("nanobragg") / name


def _wait(fd: int, path: Path, say: Callable[[str], None], deadline: float) -> None:
    told = False
    while not _locked(fd):
        holder = f"process {os.pread(fd, 32, 0).decode('ascii', 'replace') or 'unknown'}"
        if time.monotonic() >= deadline:
            raise RunnerError(
                f"another benchmark is measuring ({holder}), and beside it nothing is timed",
                where=str(path),
                fix="wait for it, or end it",
            )
        if not told:
            say(f"waiting: another benchmark is measuring ({holder})")
            told = True
        time.sleep(_POLL_S)


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
