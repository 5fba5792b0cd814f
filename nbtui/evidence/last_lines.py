"""The end of a failing stage's log, and what came through stderr last where that is elsewhere.

The last lines of a log are often not those that say why: a program goes on after its
complaint, or writes at its end what it had kept of its stdout.
"""

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui.evidence.safe import open_inside
from nbtui.evidence.streams import Span, Told
from nbtui.evidence.text import fenced, printable

LAST_LINES = 20
LAST_OF_STDERR = 10
_LINE_LIMIT = 300
_TAIL_BYTES = 65536


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a log: its number from 1, its text, its bytes with the newline."""

    number: int
    text: str
    start: int
    end: int
    whole: bool

    def is_stderr(self, told: Told) -> bool:
        """Return whether all of it came through stderr."""
        return self.whole and told.is_stderr(self.start, self.end)


def render(bundle: Path, log: str, told: Told) -> str:
    """Return the last lines of a log as Markdown, with their numbers.

    Parameters
    ----------
    bundle, log
        The run's folder, and the log relative to it.
    told
        What of it came through stderr.
    """
    title = f"## Last lines of {log}\n\n"
    lines = _lines(bundle, log)[-LAST_LINES:]
    if not lines:
        return title + "The stage wrote nothing.\n"
    text = title + _shown(log, lines)
    own = [line.number for line in lines if line.is_stderr(told)]
    if own:
        return f"{text}\nThrough stderr came {_ranges(own)}.\n"
    for span in _with_lines(bundle, log, told.stderr):
        before = _lines(bundle, log, span.end)
        found = [x for x in before if x.is_stderr(told)][-LAST_OF_STDERR:]
        if found:
            return f"{text}\n## Last lines through stderr\n\n{_shown(log, found)}"
    return text


def _with_lines(bundle: Path, log: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the spans that hold a whole line, the last one first.

    Of a progress bar none of thousands does, and to find its lines' numbers a log is read whole.
    """
    try:
        with open_inside(bundle, log) as stream:
            size = stream.seek(0, os.SEEK_END)
            for span in reversed(spans):
                start = max(span.start - 1, span.end - _TAIL_BYTES, 0)
                stream.seek(start)
                data = stream.read(span.end - start)
                begun = data if span.start == start == 0 else data.partition(b"\n")[2]
                if b"\n" in begun or (begun and span.end == size):
                    yield span
    except OSError:
        return


def _lines(bundle: Path, log: str, until: int | None = None) -> list[_Line]:
    """Return the lines that end within the last bytes before ``until``, or before the end."""
    try:
        with open_inside(bundle, log) as stream:
            size = stream.seek(0, os.SEEK_END)
            end = size if until is None else min(until, size)
            start = max(end - _TAIL_BYTES, 0)
            stream.seek(0)
            before = sum(
                stream.read(min(1 << 20, start - at)).count(b"\n")
                for at in range(0, start, 1 << 20)
            )
            data = stream.read(end - start)
    except OSError:
        return []
    found: list[_Line] = []
    cut = start > 0
    for number, raw in enumerate(io.BytesIO(data), before + 1):
        after = start + len(raw)
        whole = not cut and (raw.endswith(b"\n") or after == size)
        found.append(_Line(number, _clean(raw), start, after, whole))
        start, cut = after, False
    return found


def _clean(raw: bytes) -> str:
    text = raw.decode("utf-8", "backslashreplace").removesuffix("\n")
    # A progress bar rewrites its line: only what stood there last is shown.
    text = printable(text.rstrip("\r").rsplit("\r", 1)[-1])
    return text if len(text) <= _LINE_LIMIT else f"{text[:_LINE_LIMIT]}... ({len(text)} characters)"


def _shown(log: str, lines: Sequence[_Line]) -> str:
    return fenced("\n".join(f"{log}:{line.number}: {line.text}" for line in lines))


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending line numbers in words: ``lines 3-5, 9``."""
    firsts = [n for n in numbers if n - 1 not in numbers]
    lasts = [n for n in numbers if n + 1 not in numbers]
    parts = (f"{a}" if a == b else f"{a}-{b}" for a, b in zip(firsts, lasts, strict=True))
    return f"{'line' if len(numbers) == 1 else 'lines'} {', '.join(parts)}"
