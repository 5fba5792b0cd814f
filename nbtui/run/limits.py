"""Guards that are limits: room for the next stage, clocks that agree, the lock still ours."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from nbtui.evidence.text import size
from nbtui.memo.plan import Plan
from nbtui.preflight.memory import CGROUP_MOUNT, CGROUP_SELF, cgroup_headroom
from nbtui.project import Settings
from nbtui.run import locks
from nbtui.run.clock import Clock
from nbtui.run.events import GuardChecked

CLOCK_SLACK_S = 2.0
"""A clock that is slewed by NTP stays far below; one that is set does not."""


def available_memory() -> int:
    """Return the bytes that a program can get now, by the kernel and the control group."""
    available = int(psutil.virtual_memory().available)
    limit = cgroup_headroom(CGROUP_MOUNT, CGROUP_SELF)
    return available if limit is None else min(available, limit)


@dataclass(frozen=True, slots=True)
class Limits:
    """What has to hold before a stage starts, whatever it was when the run started.

    Parameters
    ----------
    plan, settings
        Name the memory and the disk space a run needs.
    bundle
        What the run wrote so far counts as space that was free when it started.
    clock
        Whose two clocks are held against each other.
    began
        Wall minus monotonic clock at the start, in seconds (:func:`clock_offset_s`).
    env, lock_fd
        Where the machine lock is, and the descriptor that holds it; ``None`` without one.
    memory
        Returns the available bytes; tests replace it.
    """

    plan: Plan
    settings: Settings
    bundle: Path
    clock: Clock
    began: float
    env: Mapping[str, str]
    lock_fd: int | None = None
    memory: Callable[[], int] = available_memory

    def check(self, when: str, *, another: bool) -> Iterator[GuardChecked]:
        """Yield what holds now; room is looked at only where ``another`` stage follows."""
        if another:
            yield self._memory(when)
            yield self._disk(when)
        yield self._clock(when)
        if self.lock_fd is not None:
            yield self._lock(self.lock_fd, when)

    def _memory(self, when: str) -> GuardChecked:
        need, free = self.plan.min_available_memory_bytes, self.memory()
        return GuardChecked(
            guard="free-memory", ok=free >= need, found=f"{size(free)} available",
            expected=f"at least {size(need)}", when=when,
        )  # fmt: skip

    def _disk(self, when: str) -> GuardChecked:
        need = self.settings.min_free_disk_bytes
        own = sum(_sizes(self.bundle))
        free = shutil.disk_usage(self.bundle).free
        return GuardChecked(
            guard="free-disk",
            ok=free + own >= need,
            found=f"{size(free)} free, {size(own)} written by this run",
            expected=f"together at least {size(need)}",
            when=when,
        )

    def _clock(self, when: str) -> GuardChecked:
        drift = clock_offset_s(self.clock) - self.began
        ok = abs(drift) <= CLOCK_SLACK_S
        moved = f"the wall clock moved {drift:+.1f} s against the monotonic one"
        return GuardChecked(
            guard="clock",
            ok=ok,
            found="in step" if ok else f"{moved}: it was set, or the machine slept",
            expected=f"wall and monotonic clock in step within {CLOCK_SLACK_S:g} s",
            when=when,
        )

    def _lock(self, fd: int, when: str) -> GuardChecked:
        lost = locks.why_lost(fd, self.env)
        return GuardChecked(
            guard="machine-lock", ok=lost is None, found=lost or "held",
            expected="held by this run, so that no other run competes", when=when,
        )  # fmt: skip


def _sizes(folder: Path) -> Iterator[int]:
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                yield (Path(place) / name).lstat().st_size


def clock_offset_s(clock: Clock) -> float:
    """Return wall minus monotonic clock in seconds: constant as long as neither is set."""
    return clock.now().timestamp() - clock.mono_ns() / 1e9


def low_disk_bytes(settings: Settings) -> int:
    """Return the free space below which a running stage is ended: its log may not be whole."""
    return min(settings.min_free_disk_bytes, _LOW_DISK_BYTES)


def log_limit_bytes(settings: Settings, folder: Path) -> int:
    """Return how long a stage's log may get: the setting, or a quarter of the free space."""
    return min(settings.max_log_bytes, shutil.disk_usage(folder).free // 4)


def free_bytes(folder: Path) -> int:
    """Return the free space of a folder's file system; cheap enough for every sample."""
    info = os.statvfs(folder)
    return info.f_bavail * info.f_frsize


_LOW_DISK_BYTES = 64_000_000
