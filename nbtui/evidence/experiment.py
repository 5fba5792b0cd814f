"""Same parameters or no comparison: the stages of a plan must have run one experiment."""

from collections.abc import Sequence
from dataclasses import dataclass

from nbtui.evidence.records import Collected


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether the stages that speak for the plan ran the same experiment."""

    ok: bool
    found: str
    expected: str


def same_experiment(stages: Sequence[Collected]) -> Agreement | None:
    """Compare the parameter hashes of stages; ``None`` while fewer than two are known.

    Parameters
    ----------
    stages
        The first stage of each role, in the order they ran.
    """
    known = [c for c in stages if c.parameter_hash]
    if len(known) < 2:
        return None
    first, rest = known[0], known[1:]
    expected = f"{first.step_id}: {first.parameter_hash}"
    other = [c for c in rest if c.parameter_hash != first.parameter_hash]
    if not other:
        return Agreement(True, ", ".join(f"{c.step_id}: the same" for c in rest), expected)
    found = "; ".join(f"{c.step_id}: {c.parameter_hash} ({_differing(first, c)})" for c in other)
    return Agreement(False, found, expected)


def _differing(a: Collected, b: Collected) -> str:
    if not a.parameters or not b.parameters:
        return "the parameters themselves are not recorded on both sides"
    names = sorted(
        n for n in a.parameters.keys() | b.parameters.keys()
        if a.parameters.get(n) != b.parameters.get(n)
    )  # fmt: skip
    return ", ".join(
        f"{n}: {a.parameters.get(n)} in {a.step_id}, {b.parameters.get(n)} in {b.step_id}"
        for n in names
    )
