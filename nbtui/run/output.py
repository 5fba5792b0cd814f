"""The two descriptions of its log through which a stage writes, and what their positions tell.

Stdout and stderr are opened one by one, both appending: the order of the bytes is exact, and
nothing stands between the stage and its file. The supervisor keeps a copy of both descriptors
to see how far each got: six system calls a look, none of which the stage waits for.
"""

import contextlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from nbtui.evidence.streams import Span, Stream, Told, merged
from nbtui.run.telling import Look, Telling
from nbtui.run.writers import OtherWriters

MOST_SPANS = 10_000
"""Of one log; behind the last of them nothing is told apart."""


@dataclass(slots=True)
class Output:
    """A log and what is told of it.

    Attributes
    ----------
    out, err
        Descriptors to start a program with.
    told
        The bytes before it have been told of.
    full
        Whether :data:`MOST_SPANS` were told and nothing more will be.
    """

    out: int
    err: int
    told: int = 0
    full: bool = False
    _why_not: str = ""
    _writers: OtherWriters | None = None
    _telling: Telling = field(default_factory=Telling)
    _count: int = 0
    _last: Stream | None = None
    _pending: tuple[Span, ...] = ()
    _settled: bool = False

    @property
    def disturbed(self) -> str:
        """What happened to the log that should not; empty when nothing did."""
        return self._why_not if self._writers is not None else ""

    @classmethod
    def create(cls, log: Path) -> Self:
        """Create the log, which must not exist.

        Raises
        ------
        OSError
            When it exists or cannot be created.
        """
        flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        out = os.open(log, flags | os.O_CREAT | os.O_EXCL, 0o644)
        try:
            os.fchmod(out, 0o644)
        except OSError:
            os.close(out)
            raise
        try:
            err = os.open(log, flags)
        except OSError as error:
            return cls(out, os.dup(out), _why_not=_cannot(error))
        if not os.path.sameopenfile(out, err):
            os.close(err)
            return cls(out, os.dup(out), _why_not="its log was replaced")
        try:
            return cls(out, err, _writers=OtherWriters(log))
        except OSError as error:
            return cls(out, err, _why_not=_cannot(error))

    def close(self) -> None:
        """Give the supervisor's descriptors back."""
        for fd in (self.out, self.err):
            with contextlib.suppress(OSError):
                os.close(fd)
        if self._writers is not None:
            self._writers.close()
            self._writers = None

    def news(self, *, ended: bool = False) -> Told:
        """Look, and return what is worth recording: the spans that follow those recorded before.

        As long as nothing came through stderr they are kept back: of a stage that writes to
        stdout alone nothing is recorded while it is timed.

        Parameters
        ----------
        ended
            Whether nobody writes any more: all that is known is returned.
        """
        if self._settled:
            return Told()
        try:
            self._pending = merged((*self._pending, *self._look()))
        except OSError as error:
            self._why_not = f"its log cannot be looked at: {error.strerror or error}"
        if self._why_not:
            self._settled = True
            return Told(why_not=self._why_not)
        told = Told(self._pending)
        if not (told.stderr or ended):
            return Told()
        self._pending = ()
        return told

    def _look(self) -> tuple[Span, ...]:
        if self._writers is None:
            return ()
        look = Look(
            size=os.fstat(self.out).st_size,
            err=_position(self.err),
            out=_position(self.out),
            err_again=_position(self.err),
            size_after=os.fstat(self.out).st_size,
        )
        self._why_not = self._telling.doubt(look)
        if self._why_not:
            return ()
        spans = self._telling.tell(look)
        # Asked after the positions are read: who wrote before that had opened the log before.
        at_stake = any(s.stream is not Stream.UNTOLD for s in spans)
        if self._writers.seen(at_stake=at_stake):
            self._why_not = "something else wrote to its log too"
            return ()
        return self._counted(spans)

    def _counted(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        if self.full or not spans:
            return ()
        for span in spans:
            self._count += span.stream is not self._last
            self._last = span.stream
        self.told = spans[-1].end
        self.full = self._count >= MOST_SPANS
        return spans


def _position(fd: int) -> int:
    """Return where a description stands; the kernel lets a write in progress end first."""
    return os.lseek(fd, 0, os.SEEK_CUR)


def _cannot(error: OSError) -> str:
    return f"its log cannot be watched: {error.strerror or error}"
