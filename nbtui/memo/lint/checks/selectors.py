"""Tests beyond the mapped node: they widen or narrow what is evidence."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.fixes import without
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import words_of
from nbtui.memo.plan import Role
from nbtui.memo.programs import pytest_arguments


def check_selectors(scope: Scope) -> Iterator[Finding]:
    """Report selectors and nodes other than the mapped ones."""
    mapped = set(scope.plan.mapped_tests)
    rules = {g.id for g in scope.plan.guards}
    strict = "pytest-selector" in rules
    if not (mapped or strict or "no-full-suite" in rules):
        return
    for step in scope.plan.stages:
        argv = words_of(step)
        if step.role is not Role.PYTEST or not argv:
            continue
        nodes, selecting = pytest_arguments(argv)
        line = step.lines.first
        for word in selecting if mapped or strict else ():
            text = f"{word} selects other tests than the mapped node"
            at = argv.index(word.split(" ", 1)[0])
            why = "only the mapped node is evidence"
            mended = without(step, at, 2 if " " in word else 1, why=why)
            yield scope.block("extra-selector", line, text, f"remove {word}", mended)
        for node in nodes:
            if mapped and node not in mapped:
                text = f"{node} is not a mapped test"
                fix = "run the mapped node only, or map this one too"
                others = any(n in mapped for n in nodes)
                why = "only the mapped node is evidence"
                remedy = without(step, argv.index(node), 1, why=why) if others else None
                yield scope.block("extra-node", line, text, fix, remedy)
        if not nodes and (mapped or strict or not selecting):
            text = "no node is named: pytest would run every test"
            yield scope.block("extra-node", line, text, "name the mapped node")
