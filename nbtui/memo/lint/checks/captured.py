"""``| tee`` without ``pipefail``: by hand it would hide a failure."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.variables import items


def check_captured_output(scope: Scope) -> Iterator[Finding]:
    """Report pipes into ``tee`` that swallow the exit code of the command before them."""
    safe = any("pipefail" in part.text for item in items(scope.memo) for part in item.parts)
    piped = [
        (step, deviation)
        for step in scope.plan.stages
        for deviation in step.deviations
        if "| tee " in deviation.memo_says
    ]
    if piped and not safe:
        lines = ", ".join(str(step.lines.first) for step, _ in piped)
        lost = "" if all("2>&1" in step.memo_text for step, _ in piped) else ", and loses stderr"
        yield scope.info(
            "tee-exit-code",
            piped[0][0].lines.first,
            f"| tee hides the exit code of the command before it{lost} (lines {lines}); "
            "run here, the tool captures the output itself",
            "by hand: set -o pipefail first",
        )
