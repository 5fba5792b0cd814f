"""Gates that no memo asks for: what a correlation cannot see. Reported, until somebody binds them.

A project binds one by a row of its own in the testing strategy; from then on that row holds
and the advisory one is left out.
"""

from collections.abc import Iterable, Sequence

from nbtui.memo.plan import Comparison, GateSpec, Role, Step

SOURCE = "nbtui, advisory (docs/metrics.md)"
TOOLS = ("nb-compare",)
"""Comparisons that write these figures; of another tool nothing is asked that it never measures."""

LIMITS: tuple[tuple[str, Comparison, float], ...] = (
    ("relative_l2", Comparison.AT_MOST, 1e-3),
    ("worst_tile_relative_l2", Comparison.AT_MOST, 1e-2),
    ("log_correlation_deviation", Comparison.AT_MOST, 1e-6),
    ("radial_deviation", Comparison.AT_MOST, 2e-3),
    ("nonfinite", Comparison.EQUAL, 0.0),
)
"""Together they catch every fault of tests/engine/parity/metrics/test_mutations.py; each stands
15 to 170 times above what a rounding of one input does at 4096 x 4096."""


def advisory(steps: Sequence[Step], others: Iterable[GateSpec]) -> tuple[GateSpec, ...]:
    """Return the advisory gates of the comparisons that have no gate of their own on a figure."""
    held = tuple(others)
    gates = []
    for metric, comparison, threshold in LIMITS:
        ids = tuple(
            step.id
            for step in steps
            if _measures(step) and not any(g.metric == metric and g.applies_to(step) for g in held)
        )
        if ids:
            gates.append(
                GateSpec(
                    id=f"advisory-{metric.replace('_', '-')}",
                    metric=metric,
                    role=Role.COMPARE,
                    comparison=comparison,
                    threshold=threshold,
                    source=SOURCE,
                    binding=False,
                    steps=ids,
                )
            )
    return tuple(gates)


def _measures(step: Step) -> bool:
    if step.role is not Role.COMPARE or step.command is None:
        return False
    words = step.command.argv[:3]
    return any(word.rsplit("/", maxsplit=1)[-1] in TOOLS for word in words)
