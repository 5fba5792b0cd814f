"""What pytest really collects: exactly the mapped node, and nothing that proves nothing."""

from collections.abc import Iterator

from nbtui.memo.lint.asking.answers import Collection
from nbtui.memo.lint.asking.source import missing_part
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import words_of
from nbtui.memo.plan import Step
from nbtui.memo.programs import pytest_arguments


def check_collected(scope: Scope) -> Iterator[Finding]:
    """Report tests that would not be collected, be skipped, or be expected to fail."""
    for step in scope.plan.stages:
        collection = scope.answers.collections.get(step.id)
        if collection is None:
            continue
        nodes, _ = pytest_arguments(words_of(step))
        if any(missing_part(scope.root, n) for n in nodes):
            continue  # said already, and better
        yield from _judge(scope, step, nodes, collection)


def _judge(
    scope: Scope, step: Step, nodes: tuple[str, ...], found: Collection
) -> Iterator[Finding]:
    line = step.lines.first
    look = f"pytest --collect-only -q {' '.join(nodes)}"
    if found.silent:
        text = f"{found.problem}; what {', '.join(nodes)} selects is not known"
        yield scope.warn("tests-unknown", line, text, look)
        return
    if found.problem:
        text = f"pytest cannot collect {', '.join(nodes)}: {found.problem}"
        yield scope.block("not-collected", line, text, look)
        return
    for reason in found.skipped:
        text = f"a test file skips itself: {reason}; a skipped test is no evidence"
        yield scope.block("test-skipped", line, text, "make its condition hold, or map another")
    for node in nodes:
        if not any(_belongs(t.id, node) for t in found.tests):
            why = "all deselected" if found.deselected else "zero collected"
            yield scope.block("not-collected", line, f"{node} selects no test ({why})", look)
    for test in found.tests:
        if test.skip:
            text = f"{test.id} would be skipped: {test.skip}; a skipped test is no evidence"
            fix = "make its condition hold, or map another test"
            yield scope.block("test-skipped", line, text, fix)
        if test.xfail:
            text = (
                f"{test.id} is expected to fail: {test.xfail}; neither xfail nor xpass is evidence"
            )
            yield scope.block("test-xfail", line, text, "remove the mark, or map another test")
        if not any(_belongs(test.id, n) for n in nodes):
            text = f"{test.id} is collected too, though nobody mapped it"
            yield scope.block("not-collected", line, text, look)
    if found.deselected and found.tests:
        text = f"{len(found.deselected)} of the named tests are deselected"
        yield scope.block("not-collected", line, text, "remove the selector")


def _belongs(test: str, node: str) -> bool:
    """Whether a collected test is the node, one of its parameters, or lies within it."""
    node = node.removeprefix("./").rstrip("/")
    return test == node or test.startswith((f"{node}[", f"{node}::", f"{node}/"))
