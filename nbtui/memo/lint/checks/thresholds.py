"""Thresholds without a stage, and comparisons without a threshold."""

from collections.abc import Iterator

from nbtui.memo.gates import from_memo
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.plan import Role


def check_thresholds(scope: Scope) -> Iterator[Finding]:
    """Report thresholds that no stage is held against, and comparisons without a binding one."""
    plan = scope.plan
    roles = {s.role for s in plan.stages}
    for gate in from_memo(scope.memo):
        if gate.role not in roles:
            text = f"{gate.metric} {gate.comparison.value} {gate.threshold:g} has no stage"
            line = int(gate.source.rsplit(":", maxsplit=1)[-1])
            yield scope.warn("gate-unheld", line, text, f"add a {gate.role.value} step")
    for step in plan.stages:
        held = any(g.binding and g.applies_to(step) for g in plan.gates)
        if step.role is Role.COMPARE and not held:
            # Without one any image would do, and the verdict would still read "cleared".
            yield scope.block(
                "no-gate",
                step.lines.first,
                f"{step.title}: no binding threshold applies to this comparison",
                f"say one in the memo, or add a row to {scope.settings.strategy}",
            )
