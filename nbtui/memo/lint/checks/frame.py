"""A region compared where thresholds for the full frame bind."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.fixes import without
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import words_of
from nbtui.memo.plan import Role
from nbtui.memo.programs import option


def check_full_frame(scope: Scope) -> Iterator[Finding]:
    """Report ``--roi`` in a comparison that the table's thresholds bind.

    The figures do not show it: 16 x 16 pixels may meet what 4096 x 4096 do not.
    """
    strategy = scope.settings.strategy
    for step in scope.plan.stages:
        argv = words_of(step)
        if step.role is not Role.COMPARE or not argv:
            continue
        bound = [g for g in scope.plan.gates if g.binding and g.applies_to(step)]
        from_table = any(f"{strategy}:" in f"{g.source} {' '.join(g.overrides)}" for g in bound)
        if from_table and option(argv, "--roi") is not None:
            at = next(n for n, w in enumerate(argv) if w.partition("=")[0] == "--roi")
            numbers = 4 if "=" in argv[at] else 5
            remedy = without(step, at, numbers, why=f"{strategy} is about the full frame")
            text = f"--roi, but the thresholds of {strategy} are for the full frame"
            yield scope.block("partial-frame", step.lines.first, text, "remove --roi", remedy)
