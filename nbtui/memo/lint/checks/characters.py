"""Characters that make a line look like another one."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope


def check_characters(scope: Scope) -> Iterator[Finding]:
    """Report control and bidirectional characters."""
    for line in scope.memo.escaped:
        yield scope.block(
            "characters",
            line,
            "the line holds control or bidirectional characters; they are shown escaped",
            "type the line again",
        )
