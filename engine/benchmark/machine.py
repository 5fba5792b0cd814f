"""What the machine was doing while it was measured."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_STAT = Path("/proc/stat")
_STEAL_COLUMN = 8
_LOUD = 0.02


def available_cores() -> tuple[int, ...]:
    """Return the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return tuple(sorted(os.sched_getaffinity(0)))
    return tuple(range(os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class CpuTimes:
    """Jiffies of all cores since boot: together, and taken away by the hypervisor."""

    total: int
    steal: int

    @classmethod
    def now(cls) -> "CpuTimes | None":
        """Read the counters; ``None`` where the system has none."""
        try:
            columns = _STAT.read_text(encoding="ascii").splitlines()[0].split()
        except OSError:
            return None
        return cls(sum(int(c) for c in columns[1:9]), int(columns[_STEAL_COLUMN]))

    def stolen_until(self, later: "CpuTimes | None") -> float | None:
        """Return the share of CPU time the hypervisor gave to somebody else."""
        if later is None or later.total <= self.total:
            return None
        return (later.steal - self.steal) / (later.total - self.total)


def environment(threads: int, variables: Mapping[str, str]) -> dict[str, object]:
    """Return the facts that decide how fast anything runs here."""
    return {
        "threads": threads,
        "affinity": available_cores(),
        "load_1m_before": os.getloadavg()[0],
        "cpu": _cpu_model(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": None,
        "omp_num_threads": variables.get("OMP_NUM_THREADS"),
        "governor": _first_line(Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
        "cpu_quota": _first_line(Path("/sys/fs/cgroup/cpu.max")),
        "steal_fraction": None,
    }


def load_warnings(load: float, stolen: float | None) -> list[str]:
    """Return what on the machine falsifies times, one sentence each."""
    found = []
    cores = len(available_cores())
    if load > 0.5 * cores:
        found.append(f"load average {load:.2f} on {cores} cores before the first run")
    if stolen is not None and stolen > _LOUD:
        found.append(f"{stolen:.0%} of the CPU time went to other virtual machines")
    return found


def _cpu_model() -> str:
    if sys.platform == "linux":
        for line in _read(Path("/proc/cpuinfo")).splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _first_line(path: Path) -> str | None:
    lines = _read(path).splitlines()
    return lines[0].strip() if lines else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
