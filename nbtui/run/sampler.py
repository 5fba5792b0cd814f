"""CPU and memory of a stage's process tree, for the picture.

The figures in the evidence come from ``wait4``: a peak between two samples is not seen
here. Two samples a second cost well under one per cent of one core.
"""

import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

FIRST_S = 0.1
"""Delay of the first sample, so that a short stage has one."""
PERIOD_S = 0.5


@dataclass(frozen=True, slots=True)
class Sample:
    """The process tree at one moment."""

    cpu_percent: float
    """100 is one core busy since the sample before."""
    rss_bytes: int
    """Sum over the tree; shared pages count in each process."""
    threads: int


@dataclass(slots=True)
class Sampler:
    """Samples the tree below one process.

    Attributes
    ----------
    cost_s
        Processor time that sampling took so far; waiting for a core takes none from the stage.
    """

    pid: int
    cost_s: float = 0.0
    _cpu_s: dict[int, float] = field(default_factory=dict)
    _at: float = field(default_factory=time.monotonic)

    def sample(self) -> Sample:
        """Look at the tree now; processes that vanish meanwhile count as nothing."""
        begin, used_before = time.monotonic(), time.thread_time()
        rss = threads = 0
        used = 0.0
        seen: dict[int, float] = {}
        for process in self._tree():
            with contextlib.suppress(psutil.Error), process.oneshot():
                times = process.cpu_times()
                seen[process.pid] = times.user + times.system
                used += seen[process.pid] - self._cpu_s.get(process.pid, 0.0)
                rss += process.memory_info().rss
                threads += process.num_threads()
        elapsed = max(begin - self._at, 1e-3)
        self._cpu_s, self._at = seen, begin
        self.cost_s += time.thread_time() - used_before
        return Sample(round(100.0 * used / elapsed, 1), rss, threads)

    def _tree(self) -> list[psutil.Process]:
        try:
            leader = psutil.Process(self.pid)
            below = descendants(self.pid)
            if below is None:
                return [leader, *leader.children(recursive=True)]
        except psutil.Error:
            return []
        found = [leader]
        for pid in below:
            with contextlib.suppress(psutil.Error):
                found.append(psutil.Process(pid))
        return found


def descendants(pid: int) -> list[int] | None:
    """Return the processes below one; ``None`` where the kernel does not list children.

    psutil reads the state of every process of the machine to find them: with a few hundred
    that is a per cent of a core, taken from the stage.
    """
    if not Path(f"/proc/{pid}/task/{pid}/children").exists():
        return None
    found: list[int] = []
    waiting = [pid]
    while waiting:
        for task in Path(f"/proc/{waiting.pop()}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                below = [int(word) for word in task.read_text("ascii").split()]
                found += below
                waiting += below
    return found
