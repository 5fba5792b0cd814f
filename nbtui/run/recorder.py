"""The one place where a running supervisor says what happened: journal first, state second."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from nbtui.durable import write_chunks
from nbtui.errors import RecordingError
from nbtui.evidence.secrets import Redactor
from nbtui.narration import describe
from nbtui.run.events import AnyEvent, FileWritten
from nbtui.run.journal import Journal
from nbtui.store import RunState, fold, may_follow


class Recorder:
    """Writes events and keeps the state they fold to.

    The supervisor sees itself through the same state as every viewer, so what is not in
    the journal cannot end up in a summary.

    Attributes
    ----------
    state
        The run so far.
    listener
        Hears of every event once it is recorded; for a face in the same process.
    """

    def __init__(
        self,
        bundle: Path,
        journal: Journal,
        state: RunState | None = None,
        *,
        redactor: Redactor | None = None,
    ) -> None:
        self.bundle = bundle
        self._redactor = redactor or Redactor()
        self.journal = journal
        self.state = state or RunState(bundle=bundle)
        self.listener: Callable[[AnyEvent], None] | None = None

    def emit(self, event: AnyEvent) -> None:
        """Record one event, without secrets.

        Raises
        ------
        RecordingError
            When it cannot be written.
        """
        raw = msgspec.json.encode(event)
        if self._redactor.data(raw) != raw:
            # What is folded is what a reader of the journal will fold.
            plain = self._redactor.plain(msgspec.to_builtins(event))
            event = msgspec.convert(plain, AnyEvent)
        if not may_follow(self.state, event):
            raise RecordingError(
                f"a run that is {self.state.phase.value} cannot hear of {describe(event)!r}",
                where=str(self.journal.path),
                fix="report it: this is a mistake in nbtui",
            )
        self.state = fold(self.state, self.journal.append(event))
        if self.listener is not None:
            self.listener(event)

    def publish(
        self, name: str, data: bytes | Iterable[bytes], what: str, *, mode: int = 0o644
    ) -> None:
        """Write a file of the bundle, whole or in chunks, and record that it was written.

        Secrets are taken out of what comes whole. Chunks are a stage's raw output: evidence.
        """
        path = self.bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        chunks = [self._redactor.data(data)] if isinstance(data, bytes) else data
        digest = hashlib.sha256()

        def hashed() -> Iterator[bytes]:
            for chunk in chunks:
                digest.update(chunk)
                yield chunk

        write_chunks(path, hashed(), mode=mode)
        self.emit(FileWritten(path=name, what=what, sha256=digest.hexdigest()))
