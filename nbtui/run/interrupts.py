"""Signals turned into facts the supervisor's loop looks at, and a wait that they cut short."""

import contextlib
import os
import select
import signal
from types import TracebackType
from typing import Self

_STOP = (signal.SIGINT, signal.SIGTERM)
FORCE = signal.SIGUSR1
"""No more grace for whoever was asked to stop. A signal of its own: of two equal ones that are
sent before the first is looked at, one is lost."""


class Interrupts:
    """While active: SIGINT and SIGTERM are requests to stop, SIGUSR1 ends the grace.

    SIGHUP is survived.

    Attributes
    ----------
    requested
        Name of the first signal that asked the run to stop, ``None`` while none did.
    forced
        Whether it was asked again, or told to hurry: no more grace.
    announced
        Whether the request stands in the journal.
    """

    def __init__(self) -> None:
        self.requested: str | None = None
        self.forced = False
        self.announced = False
        self._read, self._write = os.pipe()

    def __enter__(self) -> Self:
        """Install the handlers."""
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in _STOP:
            signal.signal(number, lambda n, _: self._on_stop(n))
        signal.signal(FORCE, lambda *_: self._on_force())
        # Handlers and not SIG_IGN: an ignored signal would stay ignored in the stages.
        # Of these only the wake-up matters.
        signal.signal(signal.SIGHUP, lambda *_: None)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the pipe; the handlers stay until the process ends."""
        signal.set_wakeup_fd(-1)
        os.close(self._read)
        os.close(self._write)

    def wait(self, seconds: float) -> None:
        """Return after ``seconds``, or as soon as any signal arrives."""
        ready, _, _ = select.select([self._read], [], [], max(seconds, 0.0))
        if ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._read, 4096)

    def _on_stop(self, number: int) -> None:
        if self.requested is None:
            self.requested = signal.Signals(number).name
        else:
            self.forced = True

    def _on_force(self) -> None:
        self.forced = True
