"""CPU, memory and traffic of a stage's process tree, for the picture.

The figures in the evidence come from ``wait4``: a peak between two samples is not seen
here. Two samples a second cost well under one per cent of one core.
"""

import contextlib
import time
from collections.abc import Sequence
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
    read_bytes: int | None = None
    """What the tree has read since it began, through system calls: files, pipes, sockets,
    whether from a disk or from memory; not what it maps. ``None`` where the kernel tells none."""
    written_bytes: int | None = None


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
    _moved: tuple[int, int] | None = None

    def sample(self) -> Sample:
        """Look at the tree now; processes that vanish meanwhile count as nothing."""
        begin, used_before = time.monotonic(), time.thread_time()
        rss = threads = 0
        used = 0.0
        seen: dict[int, float] = {}
        moved: list[tuple[int, int]] = []
        for process in self._tree():
            with contextlib.suppress(psutil.Error), process.oneshot():
                times = process.cpu_times()
                seen[process.pid] = times.user + times.system
                used += seen[process.pid] - self._cpu_s.get(process.pid, 0.0)
                rss += process.memory_info().rss
                threads += process.num_threads()
                moved += traffic(process)
        elapsed = max(begin - self._at, 1e-3)
        self._cpu_s, self._at = seen, begin
        read, written = self._so_far(moved)
        self.cost_s += time.thread_time() - used_before
        return Sample(round(100.0 * used / elapsed, 1), rss, threads, read, written)

    def _so_far(self, moved: Sequence[tuple[int, int]]) -> tuple[int | None, int | None]:
        """Return what the tree has read and written; what was seen once is never taken back.

        The kernel adds a child's traffic to its parent's when the parent has waited for it. A
        process that left the tree, or a tree that has ended, takes its figures along.
        """
        if moved:
            before = self._moved or (0, 0)
            read, written = (sum(side) for side in zip(*moved, strict=True))
            self._moved = (max(read, before[0]), max(written, before[1]))
        return self._moved or (None, None)

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


def traffic(process: psutil.Process) -> list[tuple[int, int]]:
    """Return bytes read and written by one process; nothing where that is not told."""
    counters = getattr(process, "io_counters", None)
    if counters is None:
        return []
    with contextlib.suppress(psutil.Error, AttributeError):
        found = counters()
        return [(found.read_chars, found.write_chars)]
    return []


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
