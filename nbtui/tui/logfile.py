"""A log as a file and an array of line starts: no text is kept, whatever its size."""

import mmap
import os
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbtui.tui.document import visible

CHUNK = 1 << 20
"""Bytes read at once; one poll reads at most :data:`MAX_POLL`."""
MAX_POLL = 16 << 20
MAX_LINE = 8192
"""Bytes of one line that are shown; the file holds them all."""

TROUBLE = re.compile(
    r"\b(error|errors|fail|fails|failed|failure|fatal|traceback|exception|nan)\b", re.IGNORECASE
)
"""Words of a line that speaks of trouble."""
TIME = re.compile(r"\b(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?\b")
"""A time of day in a log line."""
_TROUBLE_BYTES = re.compile(TROUBLE.pattern.encode(), re.IGNORECASE)
_TIME_BYTES = re.compile(TIME.pattern.encode())
LOOKED_BACK = 2000
"""Lines from the end among which the last one that speaks of trouble is looked for."""

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movements
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # OSC, DCS and their kin, up to their end
    r"|\x1b."
)


def clean(raw: bytes) -> str:
    """Return a log line as harmless text.

    Escape sequences are dropped, other control characters become their symbols, bytes that
    are no UTF-8 a replacement character; of a line rewritten with carriage returns (a
    progress bar) the last version is shown.
    """
    text = raw.decode("utf-8", errors="replace")
    text = _ESCAPES.sub("", text)
    if "\r" in text:
        text = next((part for part in reversed(text.split("\r")) if part), "")
    return visible(text)


class LogFile:
    """A growing text file that is read by line number.

    Parameters
    ----------
    path
        The file; it may not exist yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.longest = 0
        self._starts = array("Q", [0])
        self._descriptor: int | None = None
        self._identity: tuple[int, int] | None = None

    @property
    def count(self) -> int:
        """Lines there are; a last line without its newline counts."""
        return len(self._starts) - 1 + (self.size > self._starts[-1])

    @property
    def whole(self) -> int:
        """Lines that have their newline and will not change any more."""
        return len(self._starts) - 1

    def close(self) -> None:
        """Give the descriptor back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def poll(self) -> bool:
        """Look for new bytes and return whether there were any.

        A file that became shorter or another one is read from its beginning.
        """
        try:
            status = self.path.stat()
        except OSError:
            return False
        identity = (status.st_dev, status.st_ino)
        if identity != self._identity or status.st_size < self.size:
            self._reopen(identity)
        if status.st_size == self.size or self._descriptor is None:
            return False
        end = min(status.st_size, self.size + MAX_POLL)
        while self.size < end:
            data = os.pread(self._descriptor, min(CHUNK, end - self.size), self.size)
            if not data:
                break
            self._scan(data)
        return True

    def _reopen(self, identity: tuple[int, int]) -> None:
        self.close()
        self.size = 0
        self.longest = 0
        self._starts = array("Q", [0])
        self._descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        self._identity = identity

    def _scan(self, data: bytes) -> None:
        base = self.size + 1
        last = self._starts[-1]
        position = data.find(b"\n")
        longest = self.longest
        while position >= 0:
            start = base + position
            longest = max(longest, start - last - 1)
            self._starts.append(start)
            last = start
            position = data.find(b"\n", position + 1)
        self.size += len(data)
        self.longest = min(max(longest, self.size - last), MAX_LINE)

    def raw(self, number: int) -> bytes:
        """Return the bytes of line ``number`` (from 0) without its newline."""
        if self._descriptor is None or not 0 <= number < self.count:
            return b""
        start, end = self.bounds(number)
        end -= number < self.whole
        return os.pread(self._descriptor, min(end - start, MAX_LINE), start)

    def bounds(self, number: int) -> tuple[int, int]:
        """Return where line ``number`` (from 0) starts, and where it ends with its newline."""
        after = number + 1
        end = self._starts[after] if after < len(self._starts) else self.size
        return self._starts[number], end

    def first_within(self, start: int, end: int) -> int | None:
        """Return the first line (from 0) that lies whole within bytes ``start`` to ``end`` - 1."""
        number = self.line_at(start)
        if self._starts[number] < start:
            number += 1
        whole = number < self.count and self.bounds(number)[1] <= end
        return number if whole else None

    def line(self, number: int) -> str:
        """Return line ``number`` (from 0) as harmless text."""
        return clean(self.raw(number))

    def excerpt(self, first: int, last: int) -> list[tuple[int, str]]:
        """Return lines ``first`` to ``last`` (from 0, both included) with numbers from 1."""
        span = range(max(first, 0), min(last + 1, self.count))
        return [(number + 1, self.line(number)) for number in span]

    def last_trouble(self) -> int | None:
        """Return the number (from 0) of the last line that speaks of trouble, near the end."""
        for number in range(self.count - 1, max(self.count - 1 - LOOKED_BACK, -1), -1):
            if TROUBLE.search(self.line(number)):
                return number
        return None

    def step_trouble(self, here: int, step: int) -> int | None:
        """Return the next line (``step`` 1) or the one before (-1) that speaks of trouble."""
        with self._bytes() as data:
            if step > 0:
                start = self._starts[here + 1] if here + 1 < len(self._starts) else self.size
                found = next(self._hits(_TROUBLE_BYTES, data, start), None)
                return None if found is None else self.line_at(found.start())
            end = self._starts[min(here, len(self._starts) - 1)]
            while end > 0:
                start = self._starts[self.line_at(max(end - CHUNK, 0))]
                hits = [m.start() for m in _TROUBLE_BYTES.finditer(data, start, end)]
                if hits:
                    return self.line_at(hits[-1])
                end = start
        return None

    def at_time(self, wanted: str) -> int | None:
        """Return the first line whose own time of day (``HH:MM:SS``) is not before ``wanted``.

        Lines without a time are passed over; in a log of more than one day the first day counts.
        """
        asked = wanted.encode()
        with self._bytes() as data:
            for told in self._hits(_TIME_BYTES, data, 0):
                if told.group() >= asked:
                    return self.line_at(told.start())
        return None

    def _hits(
        self, wanted: re.Pattern[bytes], data: mmap.mmap | bytes, start: int
    ) -> Iterator[re.Match[bytes]]:
        """Yield matches from ``start`` on; in pieces, between which other threads are heard."""
        while start < self.size:
            after = self.line_at(min(start + CHUNK, self.size - 1)) + 1
            end = self._starts[after] if after < len(self._starts) else self.size
            yield from wanted.finditer(data, start, end)
            start = end

    def line_at(self, offset: int) -> int:
        """Return the number (from 0) of the line that holds a byte."""
        return bisect_right(self._starts, offset) - 1

    @contextmanager
    def _bytes(self) -> Iterator[mmap.mmap | bytes]:
        """Give the file's bytes, mapped: a regular expression runs over them without a copy."""
        if self._descriptor is None or not self.size:
            yield b""
            return
        with mmap.mmap(self._descriptor, self.size, prot=mmap.PROT_READ) as data:
            yield data

    def matches(self, words: str, start: int, end: int) -> Iterator[int]:
        """Yield the numbers (from 0) of the lines ``start`` to ``end`` - 1 that hold ``words``.

        The case of letters does not matter.
        """
        wanted = words.casefold()
        for number in range(start, min(end, self.count)):
            if wanted in self.line(number).casefold():
                yield number
