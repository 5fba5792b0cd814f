"""Input files that a command names and that are not there."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import commands_of, located

_INPUTS = frozenset({"-hkl", "-mat", "-img", "-mask", "-sourcefile", "-stol", "-4stol", "-Q"})
"""nanoBragg's options that name a file to read (specification section 3.4)."""
_READERS = frozenset({"sha256sum", "shasum", "wc", "cmp"})


def check_files(scope: Scope) -> Iterator[Finding]:
    """Report inputs that are not there; what a reader names, an earlier step may yet make."""
    for step in scope.plan.stages:
        line = step.lines.first
        for argv in commands_of(step):
            for flag, path in pairwise(argv):
                if flag in _INPUTS and _absent(scope, located(step, path)):
                    text = f"{flag} reads {path}, which does not exist"
                    yield scope.block("missing-file", line, text, "correct the path")
            if PurePosixPath(argv[0]).name in _READERS:
                for path in argv[1:]:
                    if not path.startswith("-") and _absent(scope, located(step, path)):
                        text = f"{argv[0]} reads {path}, which does not exist yet"
                        yield scope.warn("missing-file", line, text, "correct the path")


def _absent(scope: Scope, path: str | None) -> bool:
    if path is None or any(c in path for c in "$*?[{"):
        return False
    return not (scope.root / path).exists()
