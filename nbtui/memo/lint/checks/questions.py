"""Steps that cannot run before somebody says what is meant: placeholders, ellipses, shell."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.plan import StepKind


def check_questions(scope: Scope) -> Iterator[Finding]:
    """Report steps that cannot run before somebody says what is meant."""
    for step in scope.plan.steps:
        if step.kind is StepKind.NEEDS_ANSWER:
            yield scope.block(
                "needs-answer",
                step.lines.first,
                f"{step.title}: {step.question}",
                "nbtui checklist --interactive, or a plan file (nbtui plan --toml -o FILE)",
            )
