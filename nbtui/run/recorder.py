"""The one place where a running supervisor says what happened: journal first, state second."""

from collections.abc import Callable, Iterable
from pathlib import Path

from nbtui.durable import write_chunks
from nbtui.run.events import AnyEvent, FileWritten
from nbtui.run.journal import Journal
from nbtui.store import RunState, fold


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

    def __init__(self, bundle: Path, journal: Journal, state: RunState | None = None) -> None:
        self.bundle = bundle
        self.journal = journal
        self.state = state or RunState(bundle=bundle)
        self.listener: Callable[[AnyEvent], None] | None = None

    def emit(self, event: AnyEvent) -> None:
        """Record one event; raises :class:`~nbtui.errors.RecordingError` when it cannot."""
        self.state = fold(self.state, self.journal.append(event))
        if self.listener is not None:
            self.listener(event)

    def publish(
        self, name: str, data: bytes | Iterable[bytes], what: str, *, mode: int = 0o644
    ) -> None:
        """Write a file of the bundle, whole or in chunks, and record that it was written."""
        path = self.bundle / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_chunks(path, [data] if isinstance(data, bytes) else data, mode=mode)
        self.emit(FileWritten(path=name, what=what))
