"""Test files, classes and functions that are not there, judged from the source."""

from collections.abc import Iterator

from nbtui.memo.lint.asking.source import missing_part
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
