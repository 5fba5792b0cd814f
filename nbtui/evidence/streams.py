"""Which bytes of a stage's log came through its stdout and which through its stderr."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Stream(StrEnum):
    """Through what a byte of a log came."""

    STDOUT = "stdout"
    STDERR = "stderr"
    UNTOLD = "untold"
    """Both were written between two looks: which byte is whose is not known."""


class Span(msgspec.Struct, frozen=True, array_like=True):
    """Bytes ``start`` to ``end`` - 1 of a log and what they came through."""

    start: int
    end: int
    stream: Stream


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one log: spans without gaps from its first byte on.

    Attributes
    ----------
    spans
        In the order of the file; neighbours differ in their stream.
    why_not
        Why nothing of this log is told apart; empty when it is, or when it was never looked at.
    """

    spans: tuple[Span, ...] = ()
    why_not: str = ""

    def plus(self, spans: Iterable[Span]) -> "Told":
        """Return it with the spans that follow."""
        return Told(self.spans[:-1] + merged((*self.spans[-1:], *spans)))

    @property
    def stderr(self) -> tuple[Span, ...]:
        """The spans that came through stderr."""
        return tuple(s for s in self.spans if s.stream is Stream.STDERR)

    def is_stderr(self, start: int, end: int) -> bool:
        """Return whether there are bytes ``start`` to ``end`` - 1 and all came through stderr."""
        at = bisect_right(self.spans, start, key=lambda s: s.start) - 1
        if at < 0 or start >= end:
            return False
        span = self.spans[at]
        return span.stream is Stream.STDERR and end <= span.end


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return adjoining spans with neighbours of one stream made one."""
    found: list[Span] = []
    for span in spans:
        last = found[-1] if found else None
        if last is not None and last.stream is span.stream and last.end == span.start:
            found[-1] = Span(last.start, span.end, span.stream)
        elif span.start < span.end:
            found.append(span)
    return tuple(found)
