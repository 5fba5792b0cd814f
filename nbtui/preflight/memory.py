"""Enough memory available now, by the kernel's estimate and by the container's limit."""

from collections.abc import Iterator
from pathlib import Path

import psutil

from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject, gigabytes

CGROUP_MOUNT = Path("/sys/fs/cgroup")
CGROUP_SELF = Path("/proc/self/cgroup")
_UNLIMITED = 1 << 60
"""cgroup v1 writes "no limit" as a number of about this size."""


def check_memory(context: Context) -> Iterator[CheckResult]:
    """Hold available memory against the plan's minimum."""
    need = context.plan.min_available_memory_bytes
    source = next((g.source for g in context.plan.guards if g.id == "memory"), "plan")
    subject = Subject("memory", "Available memory", f"at least {gigabytes(need)}", source)
    memory = psutil.virtual_memory()
    limit = cgroup_headroom(CGROUP_MOUNT, CGROUP_SELF)
    available = memory.available if limit is None else min(memory.available, limit)
    found = f"{gigabytes(available)} available of {gigabytes(memory.total)}"
    if limit is not None and limit < memory.available:
        found += " (the control group's limit leaves no more)"
    facts = {"available_bytes": str(available), "total_bytes": str(memory.total)}
    if available >= need:
        yield subject.ok(found, **facts)
    else:
        fix = f"close other programs or use a machine with {gigabytes(need - available)} more"
        yield subject.block(found, fix, **facts)


def cgroup_headroom(mount: Path, self_file: Path) -> int | None:
    """Return the bytes that the control groups above this process leave; ``None`` unlimited.

    Page cache that the kernel would drop first (``inactive_file``) does not count as used.
    """
    try:
        lines = self_file.read_text("ascii").splitlines()
    except OSError:
        return None
    rooms: list[int] = []
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            names = ("memory.max", "memory.current", "inactive_file")
            rooms += _rooms(mount, path, names)
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            rooms += _rooms(mount / "memory", path, names)
    return min(rooms, default=None)


def _rooms(mount: Path, path: str, names: tuple[str, str, str]) -> list[int]:
    own = mount / path.lstrip("/")
    # inside a container the group's own path is often not mounted: its root stands for it
    folders = [f for f in (own, *own.parents) if f == mount or mount in f.parents]
    rooms: list[int] = []
    for folder in folders:
        limit = _number(folder / names[0])
        if limit is None or limit >= _UNLIMITED:
            continue
        used = _number(folder / names[1]) or 0
        rooms.append(max(0, limit - max(0, used - _inactive(folder / "memory.stat", names[2]))))
    return rooms


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):  # absent, or "max"
        return None


def _inactive(path: Path, key: str) -> int:
    try:
        for line in path.read_text("ascii").splitlines():
            name, _, value = line.partition(" ")
            if name == key:
                return int(value)
    except (OSError, ValueError):
        return 0
    return 0
