"""Input files that a command names and that are not there."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope, words_of

_INPUTS = frozenset({"-hkl", "-mat", "-img", "-mask", "-sourcefile", "-stol", "-4stol", "-Q"})
"""nanoBragg's options that name a file to read (specification section 3.4)."""
_READERS = frozenset({"sha256sum", "shasum", "wc", "cmp"})


def check_files(scope: Scope) -> Iterator[Finding]:
    """Report inputs that no stage of the plan could have made either."""
    for step in scope.plan.stages:
        argv = words_of(step)
        named = [(flag, path) for flag, path in pairwise(argv) if flag in _INPUTS]
        if argv and PurePosixPath(argv[0]).name in _READERS:
            named += [(argv[0], w) for w in argv[1:] if not w.startswith("-") and "*" not in w]
        for flag, path in named:
            if "$" not in path and not (scope.root / path).exists():
                text = f"{flag} reads {path}, which does not exist"
                yield scope.block("missing-file", step.lines.first, text, "correct the path")
