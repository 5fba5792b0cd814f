"""Mapped tests that no step runs."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.model import SectionKey
from nbtui.memo.plan import Role
from nbtui.memo.programs import pytest_arguments


def check_mapped_tests(scope: Scope) -> Iterator[Finding]:
    """Report mapped tests that no step runs: a cleared run would say nothing about them."""
    argvs = [s.command.argv for s in scope.plan.stages if s.role is Role.PYTEST and s.command]
    run = {node for argv in argvs for node in pytest_arguments(argv)[0]}
    section = scope.memo.section(SectionKey.MAPPED_TESTS)
    for node in scope.plan.mapped_tests:
        if node not in run:
            line = section.lines.first if section else 1
            text = f"{node} is mapped, but no step runs it"
            yield scope.block("mapped-test-unrun", line, text, "add a pytest step")
