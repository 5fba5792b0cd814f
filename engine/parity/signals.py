"""Signals held back for the moments in which a process is being started."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Deliver signals that would end this process only when the block is left.

    A signal that arrives between the start of a child and the note of its number would
    leave the child running with nobody to end it. Masking does not help: children inherit
    masks. In other threads than the main one, where no handler runs, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    previous = {number: signal.signal(number, remember) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        for arrived in received:
            signal.raise_signal(arrived)
