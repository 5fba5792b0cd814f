"""Test files, classes and functions that are not there, judged from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.plan import Role
from nbtui.memo.programs import pytest_arguments


def check_nodes(scope: Scope) -> Iterator[Finding]:
    """Report test files, classes and functions that are not there."""
    for step in scope.plan.stages:
        if step.role is Role.PYTEST and step.command:
            for node in pytest_arguments(step.command.argv)[0]:
                missing = missing_part(scope.root, node)
                if missing:
                    fix = "correct the node; list them with pytest --collect-only -q"
                    yield scope.block("missing-test", step.lines.first, missing, fix)


def missing_part(root: Path, node: str) -> str | None:
    """Return what of ``file::Class::function`` is not there, judged from the source."""
    if node.startswith("@"):
        return None if (root / node[1:]).is_file() else f"{node[1:]} does not exist"
    file, *names = node.split("::")
    path = root / file
    if path.is_dir() and not names:
        return None
    if not path.is_file():
        return f"the test file {file} does not exist at this commit"
    try:
        body = ast.parse(path.read_text("utf-8"), filename=file).body
    except (OSError, SyntaxError, ValueError) as error:
        return f"{file} cannot be read as Python ({error})"
    for name in names:
        plain = name.partition("[")[0]
        found = next(
            (
                n
                for n in body
                if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and n.name == plain
            ),
            None,
        )
        if found is None:
            return f"{file} has no {plain}"
        # what a class inherits is not followed: only pytest itself could tell
        if isinstance(found, ast.ClassDef) and found.bases:
            return None
        body = found.body
    return None
