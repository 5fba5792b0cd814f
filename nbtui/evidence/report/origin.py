"""Provenance: commit, programs, golden data, versions, host; and what was guarded."""

from collections.abc import Iterator
from pathlib import Path

from nbtui.evidence import sources
from nbtui.evidence.facts import RunFacts
from nbtui.evidence.report.markup import badge, code, table
from nbtui.evidence.summary import PROVENANCE


def render(facts: RunFacts, _bundle: Path) -> Iterator[str]:
    """Yield the tables of provenance, experiments and guards."""
    known = facts.provenance
    rows: list[tuple[object, object]] = [
        (title, code(known[key])) for key, title in PROVENANCE if known.get(key)
    ]
    rows += [
        ("memo", code(facts.plan.memo_name)),
        ("memo SHA-256", code(facts.plan.memo_sha256)),
        ("plan SHA-256", code(facts.plan_sha256)),
    ]
    rows += [(f"{n} SHA-256", code(h)) for n, h in sorted(sources.recorded(known).items())]
    yield from table("Where the figures come from", ("what", "value"), rows, "plain")
    hashes = [
        (s.step.id, code(s.collected.parameter_hash))
        for s in facts.stages
        if s.collected is not None and s.collected.parameter_hash
    ]
    if hashes:
        yield from table("Experiments", ("stage", "hash of its parameters"), hashes, "plain")
    last = {g.guard: g for g in facts.guards}
    broken = {g.guard: g for g in reversed(facts.guards) if not g.ok}
    if last:
        guards = [
            (
                name,
                badge("holds", "good") if name not in broken else badge("BROKEN", "bad"),
                code(broken.get(name, guard).found),
                broken.get(name, guard).when,
            )
            for name, guard in last.items()
        ]
        heads = ("guard", "verdict", "found", "last looked at")
        yield from table("Guarded before, between and after the stages", heads, guards, "plain")
