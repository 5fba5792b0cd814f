"""Seeing that something else than a stage's stdout and stderr writes its log.

A program may open ``/dev/stderr``, or the log by its name: what it writes then moves neither
position, and its ``>`` cuts the file. The kernel (inotify, Linux) tells that the log was opened
or, after writing, closed; who holds it open for writing is looked up only then.
"""

import contextlib
import ctypes
import os
import struct
from pathlib import Path

import psutil

from nbtui.run.sampler import descendants

_CLOSED_AFTER_WRITING, _OPENED, _OVERFLOW = 0x8, 0x20, 0x4000
_EVENT = struct.Struct("iIII")
_ROOM = 65536


class OtherWriters:
    """Watches one log that is held open by descriptions of our own.

    Parameters
    ----------
    log
        The file. The descriptions of our own were opened with ``O_NOFOLLOW`` and are known by
        it: a description keeps that flag, and ``/dev/stderr`` is a link. They stay open as long
        as this watch, so that nobody else closes them.

    Raises
    ------
    OSError
        When this system cannot watch files, or no more of them.
    """

    def __init__(self, log: Path) -> None:
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            start, add = libc.inotify_init1, libc.inotify_add_watch
        except (OSError, AttributeError) as error:
            raise OSError("this system has no inotify") from error
        self._fd: int = start(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        if add(self._fd, os.fsencode(log), _CLOSED_AFTER_WRITING | _OPENED) < 0:
            number = ctypes.get_errno()
            os.close(self._fd)
            raise OSError(number, os.strerror(number))
        status = log.stat()
        self._file = status.st_dev, status.st_ino
        self._opened = False

    def close(self) -> None:
        """Stop watching."""
        os.close(self._fd)

    def seen(self, *, at_stake: bool) -> bool:
        """Return whether somebody else wrote, or may be writing.

        Parameters
        ----------
        at_stake
            Whether something is about to be told that a writer who is still at work would make
            false; only then it is looked for.
        """
        happened = self._happened()
        if happened & (_CLOSED_AFTER_WRITING | _OVERFLOW):
            return True
        self._opened = self._opened or bool(happened & _OPENED)
        if not (self._opened and at_stake):
            return False
        held = [self._held_by(pid) for pid in _below()]
        # Who ended meanwhile may have left its file to a child that was not on the list.
        self._opened = None in held
        return True in held or bool(self._happened() & (_CLOSED_AFTER_WRITING | _OVERFLOW))

    def _happened(self) -> int:
        """Return what happened since the last call."""
        found = 0
        with contextlib.suppress(BlockingIOError):
            while data := os.read(self._fd, _ROOM):
                at = 0
                while at < len(data):
                    _, what, _, length = _EVENT.unpack_from(data, at)
                    found |= what
                    at += _EVENT.size + length
        return found

    def _held_by(self, pid: int) -> bool | None:
        """Return whether a process has the log open to write it; ``None`` when it is gone."""
        try:
            entries = list(Path(f"/proc/{pid}/fd").iterdir())
            return any(self._writes(pid, entry) for entry in entries)
        except (FileNotFoundError, ProcessLookupError):
            return None
        except OSError:
            return True  # a process of somebody else's does not show its files

    def _writes(self, pid: int, entry: Path) -> bool:
        with contextlib.suppress(FileNotFoundError):
            status = entry.stat()
            if (status.st_dev, status.st_ino) != self._file:
                return False
            lines = Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text("ascii").splitlines()
            flags = next(int(line.split()[1], 8) for line in lines if line.startswith("flags:"))
            return flags & os.O_ACCMODE != os.O_RDONLY and not flags & os.O_NOFOLLOW
        return False


def _below() -> list[int]:
    """Return all processes below this one; orphans of a stage have become its children."""
    found = descendants(os.getpid())
    if found is not None:
        return found
    return [p.pid for p in psutil.Process().children(recursive=True)]
