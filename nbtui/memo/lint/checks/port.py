"""A comparison of another port than the one that is timed and tested here."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.fixes import without
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import words_of
from nbtui.memo.plan import Role
from nbtui.memo.programs import is_own_tool, option


def check_port(scope: Scope) -> Iterator[Finding]:
    """Report ``--py-bin``."""
    for step in scope.plan.stages:
        argv = words_of(step)
        port = option(argv, "--py-bin") if argv and step.role is Role.COMPARE else None
        if port is not None and is_own_tool(argv):
            at = next(n for n, w in enumerate(argv) if w.partition("=")[0] == "--py-bin")
            why = "the evidence is about this checkout's engine"
            remedy = without(step, at, 1 if "=" in argv[at] else 2, why=why)
            text = f"--py-bin {port}: the comparison says nothing about this checkout's engine"
            yield scope.warn("other-port", step.lines.first, text, "remove --py-bin", remedy)
