"""What else the machine did while something was timed: read before and after each run."""

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.benchmark.machine import CpuTimes

_PRESSURE = Path("/proc/pressure/cpu")
_CPUINFO = Path("/proc/cpuinfo")
_CGROUP = Path("/sys/fs/cgroup/cpu.stat")
_THROTTLE = "/sys/devices/system/cpu"

_LOUD_SHARE = 0.05
_LOUD_STEAL = 0.02
_CLOCK_SPREAD = 0.1


@dataclass(frozen=True, slots=True)
class Noise:
    """What happened around one run; ``None`` where this system does not tell.

    Attributes
    ----------
    load_before
        Load average of the last minute, when it began.
    pressure
        Share of its time in which some process of the machine waited for a processor (PSI).
        The runs themselves count as soon as they have more threads than processors.
    steal
        Share of processor time that the hypervisor gave to somebody else.
    clock_mhz
        Mean clock of the processors, when it ended.
    throttled
        Times that a processor slowed down for its heat, or a quota held the group back.
    """

    load_before: float
    pressure: float | None
    steal: float | None
    clock_mhz: float | None
    throttled: int | None

    def record(self) -> dict[str, float | int | None]:
        """Return it as it stands in result files."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The machine's counters at one moment."""

    at_ns: int
    load: float
    waiting_us: int | None
    cpu: CpuTimes | None
    throttled: int | None

    @classmethod
    def now(cls) -> "Snapshot":
        """Read the counters; what a system does not have is ``None``."""
        return cls(
            at_ns=time.monotonic_ns(),
            load=os.getloadavg()[0],
            waiting_us=_waiting(),
            cpu=CpuTimes.now(),
            throttled=_throttled(),
        )

    def until_now(self) -> Noise:
        """Return what happened since."""
        later = Snapshot.now()
        lasted_us = (later.at_ns - self.at_ns) / 1e3
        pressure = _difference(self.waiting_us, later.waiting_us)
        return Noise(
            load_before=self.load,
            pressure=None if pressure is None or not lasted_us else min(1.0, pressure / lasted_us),
            steal=self.cpu.stolen_until(later.cpu) if self.cpu else None,
            clock_mhz=_clock(),
            throttled=_difference(self.throttled, later.throttled),
        )


def warnings(runs: Sequence[Noise]) -> list[str]:
    """Return what around the runs falsifies their times, one sentence each."""
    found = []
    pressure = _worst(n.pressure for n in runs)
    if pressure is not None and pressure > _LOUD_SHARE:
        found.append(
            f"processes waited for a processor for up to {pressure:.0%} of a run's time (PSI)"
        )
    steal = _worst(n.steal for n in runs)
    if steal is not None and steal > _LOUD_STEAL:
        found.append(f"up to {steal:.0%} of a run's CPU time went to other virtual machines")
    throttled = sum(n.throttled or 0 for n in runs)
    if throttled:
        found.append(f"processors were slowed down {throttled} times, by heat or by a quota")
    clocks = [n.clock_mhz for n in runs if n.clock_mhz]
    if clocks and max(clocks) > (1 + _CLOCK_SPREAD) * min(clocks):
        found.append(f"the processors' clock went from {min(clocks):.0f} to {max(clocks):.0f} MHz")
    return found


def _worst(values: Iterable[float | None]) -> float | None:
    return max((v for v in values if v is not None), default=None)


def _difference(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else max(0, after - before)


def _waiting() -> int | None:
    """Return the microseconds in which some process waited for a processor, since boot."""
    for line in _read(_PRESSURE).splitlines():
        if line.startswith("some"):
            return int(line.rpartition("total=")[2])
    return None


def _throttled() -> int | None:
    counts = [
        int(text)
        for path in Path(_THROTTLE).glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
        if (text := _read(path).strip()).isdigit()
    ]
    for line in _read(_CGROUP).splitlines():
        name, _, value = line.partition(" ")
        if name == "nr_throttled":
            counts.append(int(value))
    return sum(counts) if counts else None


def _clock() -> float | None:
    clocks = [
        float(line.partition(":")[2])
        for line in _read(_CPUINFO).splitlines()
        if line.startswith("cpu MHz")
    ]
    return sum(clocks) / len(clocks) if clocks else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
