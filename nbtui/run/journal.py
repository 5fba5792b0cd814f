"""The journal on disk: append-only, one ``write`` per line, chained by SHA-256.

Events of consequence reach the disk before the run goes on; samples, and what is told of a
log that grows, do not, so that nothing is flushed while a timed stage runs. After a failed
write or flush the journal refuses everything further: a page whose flush failed may be lost
although a second flush succeeds.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nbtui.durable import fsync_folder, safe_json, write_all, write_bytes
from nbtui.errors import BundleError, RecordingError
from nbtui.run.clock import SYSTEM, Clock, iso_ms
from nbtui.run.events import AnyEvent, Line, Sampled, StreamsTold

JOURNAL = "events.jsonl"
TORN = "events.torn"
FIRST = "0" * 64
"""What the first line has in place of its predecessor's hash."""

_WHILE_TIMED = (Sampled, StreamsTold)
"""Written while a stage is timed: the flush of the stage's end takes them to the disk too."""
_decoder = msgspec.json.Decoder(Line)


def encode(line: Line) -> bytes:
    """Return the line as it stands on disk, without its newline."""
    return safe_json(msgspec.json.encode(line, order="sorted"))


def link(raw: bytes) -> str:
    """Return the hash by which the next line refers to this one (``raw`` without newline)."""
    return hashlib.sha256(raw).hexdigest()


@dataclass(frozen=True, slots=True)
class Chain:
    """A journal that was read and found unbroken."""

    lines: tuple[Line, ...]
    tip: str
    """Hash of the last whole line."""
    size: int
    """Bytes of the whole lines."""
    torn: bytes = b""
    """What follows the last whole line: the writer was cut off in the middle of it."""


def parse(data: bytes) -> Chain:
    """Read a journal and check its chain.

    A last line that was cut off is set apart as ``torn``; damage anywhere else is an error.

    Raises
    ------
    BundleError
        When a whole line cannot be read, is out of sequence, or does not name its
        predecessor's hash.
    """
    size = data.rfind(b"\n") + 1
    lines: list[Line] = []
    tip = FIRST
    for line, link_of_it in _linked(data[:size]):
        lines.append(line)
        tip = link_of_it
    return Chain(tuple(lines), tip, size, data[size:])


def sound_lines(data: bytes) -> tuple[Line, ...]:
    """Return the lines before the first damage; all whole lines where there is none."""
    lines: list[Line] = []
    with contextlib.suppress(BundleError):
        lines.extend(line for line, _ in _linked(data[: data.rfind(b"\n") + 1]))
    return tuple(lines)


def _linked(data: bytes) -> Iterator[tuple[Line, str]]:
    """Yield each line with its hash, as long as each follows the one before."""
    tip = FIRST
    for number, raw in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            line = _decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _damaged(number, f"cannot be read ({error})") from error
        if line.seq != number - 1 or line.prev != tip:
            raise _damaged(number, "does not follow the line before it")
        tip = link(raw)
        yield line, tip


class Journal:
    """The writer of one journal; there is never more than one.

    Parameters
    ----------
    path
        ``events.jsonl``; it is created unless ``chain`` continues an existing one.
    clock
        Gives every line its wall and monotonic time.
    chain
        What the file already holds (:func:`parse`), when it is continued.

    Raises
    ------
    RecordingError
        When it cannot be created or another writer has it open.
    """

    def __init__(self, path: Path, *, clock: Clock = SYSTEM, chain: Chain | None = None) -> None:
        self.path = path
        self._clock = clock
        self._seq = len(chain.lines) if chain else 0
        self._tip = chain.tip if chain else FIRST
        self._size = chain.size if chain else 0
        self._broken: str | None = None
        create = 0 if chain else os.O_CREAT | os.O_EXCL
        try:
            self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | create, 0o644)
            if not chain:
                os.fchmod(self._fd, 0o644)
                fsync_folder(path.parent)
        except OSError as error:
            raise self._failed(error) from error
        self._lock()

    def append(self, event: AnyEvent) -> Line:
        """Write one event; it is on disk when this returns, unless it tells of a running stage.

        Raises
        ------
        RecordingError
            When it could not be written or flushed. What was there before stays readable.
        """
        if self._broken:
            raise RecordingError(self._broken, where=str(self.path))
        line = Line(
            seq=self._seq,
            t=iso_ms(self._clock.now()),
            mono_ns=self._clock.mono_ns(),
            prev=self._tip,
            event=event,
        )
        raw = encode(line)
        try:
            write_all(self._fd, raw + b"\n")
        except OSError as error:
            # Half a line would make every later line unreadable; take it back.
            os.ftruncate(self._fd, self._size)
            raise self._failed(error) from error
        if not isinstance(event, _WHILE_TIMED):
            self._flush()
        self._seq += 1
        self._tip = link(raw)
        self._size += len(raw) + 1
        return line

    def close(self) -> None:
        """Flush and close; the journal is complete."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _flush(self) -> None:
        try:
            os.fsync(self._fd)
        except OSError as error:
            self._broken = f"an earlier flush failed: {error.strerror}"
            raise self._failed(error) from error

    def _lock(self) -> None:
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise RecordingError(
                "another process writes this journal",
                where=str(self.path),
                fix="nbtui status, or nbtui cancel",
            ) from error
        except OSError:
            # Some network file systems cannot lock; the supervisor's pid still tells.
            return

    def _failed(self, error: OSError) -> RecordingError:
        return RecordingError(
            f"the journal cannot be written: {error.strerror or error}",
            where=str(self.path),
            fix="free disk space or make the folder writable, then start a new run",
        )


def reopen(bundle: Path, *, clock: Clock = SYSTEM) -> tuple[Journal, Chain]:
    """Continue the journal of a run whose supervisor is gone.

    A torn last line is moved to ``events.torn``; the whole lines stay as they are.

    Raises
    ------
    BundleError
        When there is no journal or its chain is broken: that is damage, not a crash.
    RecordingError
        When somebody else writes it or the folder cannot be written.
    """
    path = bundle / JOURNAL
    try:
        chain = parse(path.read_bytes())
    except OSError as error:
        raise BundleError(
            f"no journal: {error.strerror}", where=str(path), fix="nbtui runs lists the bundles"
        ) from error
    journal = Journal(path, clock=clock, chain=chain)
    if chain.torn:
        write_bytes(bundle / TORN, chain.torn)
        os.truncate(path, chain.size)
    return journal, chain


def _damaged(number: int, what: str) -> BundleError:
    return BundleError(
        f"line {number} of the journal {what}: the bundle was altered or damaged",
        where=f"{JOURNAL}:{number}",
        fix="treat this bundle as no evidence; run again under a new STAMP",
    )
