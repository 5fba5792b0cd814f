"""Which attempt a run is, and what earlier runs say about the reason it stopped for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui.errors import BundleError
from nbtui.evidence.records import Blocker, Verdict
from nbtui.run.catalog import PLAN, bundles
from nbtui.run.stamp import PATTERN
from nbtui.store import RunState, StageStatus, read

MOST = 100
"""Newest bundles that are looked at."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run's place in the row of its phase."""

    number: int = 1
    follows: str = ""
    """STAMP of the run before it, empty for the first."""
    verdict: str = ""
    """How that one ended; ``open`` when it never did."""


def attempt_of(bundle: Path) -> Attempt:
    """Return which attempt a run is among the runs of its phase, by STAMP."""
    earlier = sorted(
        p.name
        for p in bundle.parent.iterdir()
        if PATTERN.fullmatch(p.name) and p.name < bundle.name and (p / PLAN).is_file()
    )
    if not earlier:
        return Attempt()
    return Attempt(len(earlier) + 1, earlier[-1], _verdict(bundle.parent / earlier[-1]))


def _verdict(bundle: Path) -> str:
    try:
        state = read(bundle)
    except BundleError:
        return "damaged"
    return state.verdict.value if state.verdict else "open"


def recalled(
    root: Path, reports: str, bundle: Path, blocker: Blocker, parameter_hash: str | None
) -> tuple[str, ...]:
    """Return what earlier runs say about a blocker, as plain lines.

    The same reason is: the same kind, place and metric, with the same parameter hash where
    the stage has one.
    """
    others = tuple(_states(root, reports, bundle))
    same = [s for s in others if _same(s, blocker, parameter_hash)]
    lines = [_times(same)]
    if parameter_hash:
        lines.append(_last_pass(others, blocker, parameter_hash))
    return tuple(lines)


def _states(root: Path, reports: str, bundle: Path) -> Iterator[RunState]:
    """Yield earlier runs, the newest first; a damaged one says nothing."""
    for other in bundles(root, reports)[:MOST]:
        if other == bundle or other.name > bundle.name:
            continue
        try:
            yield read(other)
        except BundleError:
            continue


def _same(state: RunState, blocker: Blocker, parameter_hash: str | None) -> bool:
    other = state.blocker
    if other is None or (other.kind, other.where) != (blocker.kind, blocker.where):
        return False
    metric = blocker.kind == "gate"
    alike = other.reason.split()[:1] == blocker.reason.split()[:1] if metric else (
        other.reason == blocker.reason
    )  # fmt: skip
    return alike and _hash(state, blocker.where) == parameter_hash


def _hash(state: RunState, step_id: str) -> str | None:
    stage = state.stage(step_id)
    return stage.collected.parameter_hash if stage and stage.collected else None


def _times(same: Sequence[RunState]) -> str:
    if not same:
        return "this reason was not seen before in these reports"
    first = same[-1].bundle.name
    named = ", ".join(s.bundle.name for s in same[:5])
    return (
        f"this reason was seen {len(same)} time{'s' * (len(same) > 1)} since {first} "
        f"(last: {named}); "
        "running the same again measures it again"
    )


def _last_pass(others: Sequence[RunState], blocker: Blocker, parameter_hash: str) -> str:
    for state in others:
        stage = state.stage(blocker.where)
        passed = stage is not None and stage.status is StageStatus.PASSED
        if passed and _hash(state, blocker.where) == parameter_hash:
            at = state.facts.get("git_sha", "")[:12]
            word = "cleared" if state.verdict is Verdict.CLEARED else "passed there"
            return f"the same parameters {word} in {state.bundle.name}, commit {at or 'unknown'}"
    return "the same parameters never passed in these reports"
