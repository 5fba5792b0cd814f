"""What the machine was doing while it was measured."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

_STAT = Path("/proc/stat")
_CPU = Path("/sys/devices/system/cpu")
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
    """Return the facts that decide how fast anything runs here; ``None`` where it is not told."""
    return {
        "threads": threads,
        "affinity": available_cores(),
        "cores": os.cpu_count(),
        "load_1m_before": os.getloadavg()[0],
        "cpu": _cpu_model(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": None,
        "omp_num_threads": variables.get("OMP_NUM_THREADS"),
        "governor": _first_line(_CPU / "cpu0/cpufreq/scaling_governor"),
        "turbo_off": _first_line(_CPU / "intel_pstate/no_turbo"),
        "smt": _first_line(_CPU / "smt/active"),
        "cpu_quota": _first_line(Path("/sys/fs/cgroup/cpu.max")),
        "temperature_mc": _first_line(Path("/sys/class/thermal/thermal_zone0/temp")),
        "on_battery": _first_line(Path("/sys/class/power_supply/AC/online")) == "0",
        "steal_fraction": None,
    }


def state_warnings(facts: Mapping[str, Any], stolen: float | None) -> list[str]:
    """Return what about the machine falsifies times, one sentence each."""
    found = []
    cores, load = len(available_cores()), facts["load_1m_before"]
    if load > 0.5 * cores:
        found.append(f"load average {load:.2f} on {cores} cores before the first run")
    if stolen is not None and stolen > _LOUD:
        found.append(f"{stolen:.0%} of the CPU time went to other virtual machines")
    quota = _quota(facts["cpu_quota"])
    if quota is not None and quota < facts["threads"]:
        found.append(f"{facts['threads']} threads share a quota of {quota:g} processors")
    if facts["threads"] > cores:
        found.append(f"{facts['threads']} threads on {cores} cores take turns")
    if facts["on_battery"]:
        found.append("the machine runs on its battery")
    return found


def _quota(text: str | None) -> float | None:
    """Return how many processors ``cpu.max`` allows; ``None`` without a limit."""
    allowed, _, period = (text or "").partition(" ")
    if not (allowed.isdigit() and period.isdigit() and int(period)):
        return None
    return int(allowed) / int(period)


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
