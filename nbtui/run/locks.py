"""One run per machine and user: a second benchmark beside the first falsifies both.

The lock is an ``flock`` on an open file description. The launcher takes it and hands the
descriptor to the supervisor it starts, so there is no moment in which nobody holds it;
the kernel releases it when the supervisor is gone, however it went.
"""

import contextlib
import fcntl
import os
import platform
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from nbtui.errors import LockHeldError, RecordingError

LOCK_DIR_VARIABLE = "NBTUI_LOCK_DIR"
_SETTLE_S = 1.0
"""A holder writes its name just after it locks; a reader waits this long for it."""


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds the lock."""

    pid: int
    bundle: str
    since: str


class MachineLock:
    """The machine lock, held; close it or hand ``fd`` to a child process."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def name_holder(self, holder: Holder) -> None:
        """Write who holds it, for the message others get."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, msgspec.json.encode(holder), 0)

    def close(self) -> None:
        """Let go of this process's share; the last share releases the lock."""
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            os.close(fd)


def folder(env: Mapping[str, str]) -> Path:
    """Return the folder of the lock file: ``$NBTUI_LOCK_DIR``, else the user's state folder."""
    given = env.get(LOCK_DIR_VARIABLE)
    if given:
        return Path(given)
    import platformdirs  # noqa: PLC0415  (only a run needs it)

    return platformdirs.user_state_path("nbtui")


def acquire(env: Mapping[str, str]) -> MachineLock:
    """Take the machine lock or say who has it.

    Raises
    ------
    LockHeldError
        When another run holds it; names its process and bundle.
    RecordingError
        When the lock file cannot be created.
    """
    path = _path(env)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RecordingError(
            f"the lock file cannot be created: {error.strerror}",
            where=str(path),
            fix=f"name a writable folder in {LOCK_DIR_VARIABLE}",
        ) from error
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        who = _holder(fd)
        os.close(fd)
        raise _held(path, who) from error
    os.ftruncate(fd, 0)
    return MachineLock(fd)


def why_lost(fd: int, env: Mapping[str, str]) -> str | None:
    """Return why a held lock protects nobody any more, ``None`` while it does.

    Somebody who deletes the lock file lets another run lock a new one beside this run.
    """
    path = _path(env)
    try:
        there, own = path.stat(), os.fstat(fd)
    except OSError as error:
        return f"the lock file is gone ({error.strerror}): {path}"
    if (there.st_dev, there.st_ino) != (own.st_dev, own.st_ino):
        return f"the lock file was replaced, another run may hold the new one: {path}"
    return None


def _path(env: Mapping[str, str]) -> Path:
    # The host is part of the name because home folders are shared between machines.
    return folder(env) / f"run-{platform.node() or 'localhost'}.lock"


def adopt(fd: int) -> MachineLock:
    """Take over a lock that the launcher handed down; children shall not inherit it."""
    os.set_inheritable(fd, False)
    return MachineLock(fd)


def _holder(fd: int) -> Holder | None:
    deadline = time.monotonic() + _SETTLE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(msgspec.DecodeError):
            return msgspec.json.decode(os.pread(fd, 65536, 0), type=Holder)
        time.sleep(0.02)
    return None


def _held(path: Path, who: Holder | None) -> LockHeldError:
    if who is None:
        return LockHeldError("another run is starting", where=str(path), fix="try again")
    return LockHeldError(
        f"another run holds the machine lock since {who.since}: process {who.pid}, {who.bundle}",
        where=str(path),
        fix=f"wait for it, or: nbtui cancel {Path(who.bundle).name}",
    )
