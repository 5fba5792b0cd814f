"""Telling a stage's stdout and stderr apart by where its two descriptions of the log stand.

Both append to one file. After a write, the position of a description is the end of what was
written last through it (POSIX ``write``), so no byte behind it came that way. Nothing here
reads or delays what a stage writes.
"""

from dataclasses import dataclass

from nbtui.evidence.streams import Span, Stream, merged


@dataclass(frozen=True, slots=True)
class Look:
    """A log's length and the two positions, in the order in which they are read.

    The order is what the conclusions rest on: a stage writes meanwhile. Stderr is read on
    both sides of stdout, so that each is known to have been nowhere else when the other was read.
    """

    size: int
    err: int
    out: int
    err_again: int
    size_after: int


@dataclass(slots=True)
class Telling:
    """Draws the conclusions from one look after the other.

    It holds where every byte came through one of the two descriptions, whose positions only
    grow with what is written. Other writers are :mod:`nbtui.run.writers`'s to see. Not seen is
    a program that appends with ``pwrite``, moves a position back to where it just was, or
    cuts its own log and fills it again between two looks.

    Attributes
    ----------
    known
        The bytes before it have been told of.
    """

    known: int = 0
    _err: int = 0
    _out: int = 0

    def doubt(self, look: Look) -> str:
        """Return what contradicts the two positions; empty when nothing does."""
        if look.size < self.known or look.err < self._err or look.out < self._out:
            return "its log was cut or written over"
        if look.err_again < look.err or max(look.out, look.err_again) > look.size_after:
            return "its log was cut or written over"
        if look.size > max(look.out, look.err_again):
            return "its log holds what came through neither stdout nor stderr"
        return ""

    def tell(self, look: Look) -> tuple[Span, ...]:
        """Return what a look says of the bytes that nothing was told of before."""
        self._err, self._out = look.err_again, look.out
        first = self.known
        # Stdout, read later, had not passed ``out``: from there to ``err`` all is stderr's.
        if look.err > (own := max(first, look.out)):
            end, stream = look.err, Stream.STDERR
        elif look.out > (own := max(first, look.err_again)):
            end, stream = look.out, Stream.STDOUT
        else:
            own = end = max(first, look.out)
            stream = Stream.UNTOLD
        self.known = end
        return merged((Span(first, own, Stream.UNTOLD), Span(own, end, stream)))
