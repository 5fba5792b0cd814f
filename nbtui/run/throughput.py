"""How much a stage moves in a second, from the samples that its journal holds.

What is counted are bytes that the stage's processes read and write through system calls:
files, pipes and sockets, from a disk or from memory. A program that only computes moves none.
"""

from collections.abc import Sequence

from nbtui.run.events import Sampled

_SHORTEST_S = 0.05
"""Two samples nearer than this (the last one comes when the stage ends) are taken as one."""


def rates(samples: Sequence[Sampled]) -> tuple[float, ...]:
    """Return bytes per second between samples; nothing where no traffic was recorded."""
    found: list[float] = []
    at_s, moved = 0.0, 0
    for sample in samples:
        total = moved_bytes(sample)
        if total is None or sample.elapsed_s - at_s < _SHORTEST_S:
            continue
        found.append((total - moved) / (sample.elapsed_s - at_s))
        at_s, moved = sample.elapsed_s, total
    return tuple(found)


def mean(samples: Sequence[Sampled]) -> float | None:
    """Return bytes per second from the stage's beginning to its last sample."""
    last = samples[-1] if samples else None
    total = moved_bytes(last) if last else None
    if last is None or total is None or last.elapsed_s <= 0:
        return None
    return total / last.elapsed_s


def moved_bytes(sample: Sampled) -> int | None:
    """Return what was read and written until a sample; ``None`` where that was not recorded."""
    if sample.read_bytes is None or sample.written_bytes is None:
        return None
    return sample.read_bytes + sample.written_bytes
