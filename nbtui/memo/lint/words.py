"""Rules about the memo's own words: characters, labels, variables, open questions."""

from collections.abc import Iterator

from nbtui.memo.gates import from_memo
from nbtui.memo.labels import SINGLE_VALUED
from nbtui.memo.lint.finding import Finding, Scope
from nbtui.memo.model import SectionKey
from nbtui.memo.plan import Role, StepKind
from nbtui.memo.programs import pytest_arguments
from nbtui.memo.variables import Assigned, Given, assigned, conflicts, items, names_of

_REFUSED = frozenset(
    {
        "BASH_ENV", "ENV", "IFS", "LD_AUDIT", "LD_LIBRARY_PATH", "LD_PRELOAD", "PERL5OPT",
        "PROMPT_COMMAND", "PYTEST_PLUGINS", "PYTHONHOME", "PYTHONSTARTUP",
    }
)  # fmt: skip
"""Variables that put foreign code into every program; a memo may not set them."""

_STEERING = frozenset({"PYTHONPATH", "PYTEST_ADDOPTS", "PYTHONOPTIMIZE"})


def check_characters(scope: Scope) -> Iterator[Finding]:
    """Report characters that make a line look like another one."""
    for line in scope.memo.escaped:
        yield scope.block(
            "characters",
            line,
            "the line holds control or bidirectional characters; they are shown escaped",
            "type the line again",
        )


def check_labels(scope: Scope) -> Iterator[Finding]:
    """Report labels that are missing, or given twice with different words."""
    memo = scope.memo
    for key in SINGLE_VALUED:
        sections = memo.all(key)
        for other in sections[1:]:
            first = sections[0]
            if other.whole().split() != first.whole().split():
                yield scope.block(
                    "duplicate-label",
                    other.lines.first,
                    f"{other.label} is given again, other than on line {first.lines.first}",
                    "leave one of them",
                )
    if scope.plan.branch is None:
        yield scope.warn("no-branch", 1, "the memo names no branch", "add a line Branch: NAME")
    work = items(memo)
    if not names_of(memo, assigned(memo, work), scope.settings)[1]:
        yield scope.warn(
            "no-artifacts",
            1,
            f"no artifacts folder below {scope.settings.reports}/ was found; "
            f"{scope.plan.artifacts_root} is used",
            "add a line Artifacts: reports/<initiative>/<phase>/$STAMP/",
        )


def check_variables(scope: Scope) -> Iterator[Finding]:
    """Report variables with two values, and variables that a memo may not set."""
    found = assigned(scope.memo, items(scope.memo))
    settled = {a.name for a in found if a.given in {Given.EXPORT, Given.DEMAND}}
    for first, second in conflicts(found):
        text = f"{second.name}={second.value} here, {first.value} on line {first.line}"
        if first.name in settled:
            fix = f"give {first.name} one value"
            yield scope.block("conflicting-variable", second.line, text, fix)
        else:
            fix = "say that the commands are meant to differ"
            yield scope.warn("conflicting-variable", second.line, text, fix)
    for name in dict.fromkeys(a.name for a in found):
        yield from _foreign_code(scope, next(a for a in found if a.name == name))


def _foreign_code(scope: Scope, variable: Assigned) -> Iterator[Finding]:
    name = variable.name
    if name in _REFUSED or name.startswith("GIT_"):
        text = f"{name} can put foreign code into every program"
        yield scope.block("refused-variable", variable.line, text, "remove it from the memo")
    elif name in _STEERING:
        text = f"{name} changes what python or pytest do, in every stage that has it"
        yield scope.warn("steering-variable", variable.line, text, "write it on the command line")


def check_questions(scope: Scope) -> Iterator[Finding]:
    """Report steps that cannot run before somebody says what is meant."""
    for step in scope.plan.steps:
        if step.kind is StepKind.NEEDS_ANSWER:
            yield scope.block(
                "needs-answer",
                step.lines.first,
                f"{step.title}: {step.question}",
                "write one plain command without a shell, with every word spelled out",
            )


def check_thresholds(scope: Scope) -> Iterator[Finding]:
    """Report thresholds that no stage is held against, and comparisons without a binding one."""
    plan = scope.plan
    roles = {s.role for s in plan.stages}
    for gate in from_memo(scope.memo):
        if gate.role not in roles:
            text = f"{gate.metric} {gate.comparison.value} {gate.threshold:g} has no stage"
            line = int(gate.source.rsplit(":", maxsplit=1)[-1])
            yield scope.warn("gate-unheld", line, text, f"add a {gate.role.value} step")
    for step in plan.stages:
        held = any(g.binding and g.applies_to(step) for g in plan.gates)
        if step.role is Role.COMPARE and not held:
            # Without one any image would do, and the verdict would still read "cleared".
            yield scope.block(
                "no-gate",
                step.lines.first,
                f"{step.title}: no binding threshold applies to this comparison",
                f"say one in the memo, or add a row to {scope.settings.strategy}",
            )


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
