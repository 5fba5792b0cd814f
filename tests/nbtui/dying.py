"""The death of a supervisor that a test kills, waited for to its end.

A process that was killed goes on to the end of its system call, on a busy machine after the
test: a line more in the journal, a supervisor that still seems to be at work.
"""

import fcntl
import os
import signal
import time
from pathlib import Path

import pytest

from nbtui.run import launch
from nbtui.run.journal import JOURNAL
from nbtui.store import read

PATIENCE_S = 120.0
"""Ends a hang; it does not judge a busy machine."""


def kill_supervisor(bundle: Path) -> None:
    """Kill the supervisor of a run, and wait until nothing of it can write any more."""
    state = read(bundle)
    assert state.started is not None
    os.kill(state.started.supervisor_pid, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    # Its threads may keep the journal a moment longer than itself.
    while launch.is_alive(state) or not _unlocked(bundle / JOURNAL):
        if time.monotonic() > deadline:
            pytest.fail("the killed supervisor never died")
        time.sleep(0.01)


def _unlocked(path: Path) -> bool:
    with path.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
