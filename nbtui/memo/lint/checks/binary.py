"""The C program that the memo names."""

import os
from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope

NAME = "NB_C_BIN"


def check_binary(scope: Scope) -> Iterator[Finding]:
    """Report an ``NB_C_BIN`` that is no program; preflight blocks on it."""
    for variable in scope.plan.environment:
        if variable.name != NAME or variable.value is None:
            continue
        path = scope.root / variable.value
        if path.is_file() and os.access(path, os.X_OK):
            continue
        what = "is not executable" if path.is_file() else "does not exist"
        line = int(variable.source.rsplit(":", maxsplit=1)[-1])
        text = f"{NAME}={variable.value} {what}; preflight will block"
        yield scope.warn("missing-binary", line, text, "build it, or correct the path")
