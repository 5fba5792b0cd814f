"""The app lets a timed stage go first; the runs that it starts do not inherit that.

Drawing costs the app a tenth of a core. Where all cores belong to the stage that is timed,
that would be missing from it. On Linux a priority belongs to a thread, and a process gets
that of the thread which started it.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_LESS = 10


class Launcher:
    """Makes calls on a thread that has the priority this process had at first.

    Make it before :func:`step_aside`; threads made afterwards step aside too.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="launch")
        self._pool.submit(int).result()  # the thread exists from now on

    def __call__(self, what: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what the call returns, or raise what it raises."""
        return self._pool.submit(what, *args, **kwargs).result()


def step_aside() -> None:
    """Lower the priority of this thread and of the threads it will make."""
    if sys.platform != "linux":
        return  # there it would lower the whole process, and every run it starts
    thread = threading.get_native_id()
    with contextlib.suppress(OSError):
        now = os.getpriority(os.PRIO_PROCESS, thread)
        os.setpriority(os.PRIO_PROCESS, thread, min(now + _LESS, 19))
