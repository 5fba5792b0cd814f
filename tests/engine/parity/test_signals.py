"""Signals that arrive while a process is started are delivered afterwards, once."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from engine.parity.signals import held_back


class _DeliveredError(Exception):
    pass


@pytest.fixture
def _raising_handler() -> Iterator[None]:
    def handler(*_: object) -> None:
        raise _DeliveredError

    previous = signal.signal(signal.SIGTERM, handler)
    yield
    signal.signal(signal.SIGTERM, previous)


@pytest.mark.usefixtures("_raising_handler")
def test_a_signal_waits_for_the_end_of_the_block() -> None:
    steps: list[str] = []

    def start() -> None:
        with held_back():
            os.kill(os.getpid(), signal.SIGTERM)
            steps.append("started")
        steps.append("went on")

    with pytest.raises(_DeliveredError):
        start()
    assert steps == ["started"]


@pytest.mark.usefixtures("_raising_handler")
def test_handlers_are_restored() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with held_back():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_other_threads_are_left_alone() -> None:
    seen: list[bool] = []

    def enter() -> None:
        with held_back():
            seen.append(True)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert seen == [True]
