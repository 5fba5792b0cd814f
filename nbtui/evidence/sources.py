"""The documents that thresholds come from, as a bundle keeps them."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from nbtui.memo.plan import Plan

FOLDER = "sources"
MOST_BYTES = 4_000_000
_FACT = "source:"


def split(source: str) -> tuple[str, int]:
    """Return file and line of ``file:line``; line 0 where there is none."""
    name, _, line = source.rpartition(":")
    return (name, int(line)) if name and line.isdigit() else (source, 0)


def cited_files(plan: Plan) -> tuple[str, ...]:
    """Return the documents that gates cite, but the memo, which the bundle holds anyway."""
    names = {split(gate.source)[0] for gate in plan.gates}
    inside = (n for n in names if not PurePosixPath(n).is_absolute() and ".." not in n.split("/"))
    return tuple(sorted({*inside} - {plan.memo_name}))


def fact_name(name: str) -> str:
    """Return the name under which the hash of a document stands in the journal's facts."""
    return f"{_FACT}{name}"


def recorded(facts: Mapping[str, str]) -> dict[str, str]:
    """Return document to hash, of the journal's facts."""
    return {n.removeprefix(_FACT): h for n, h in facts.items() if n.startswith(_FACT)}
