"""Options that a program would reject; a pipe into ``tee`` once hid that for 26 hours."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from nbtui.memo.lint.asking.answers import Options
from nbtui.memo.lint.asking.ask import asked_program
from nbtui.memo.lint.asking.source import OPTION, defined_options, parsed
from nbtui.memo.lint.finding import Finding, Remedy
from nbtui.memo.lint.fixes import exchanging
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import commands_of
from nbtui.memo.plan import Step
from nbtui.memo.programs import is_own_tool, own_arguments


def check_options(scope: Scope) -> Iterator[Finding]:
    """Report options that the stage's program does not define."""
    for step in scope.plan.stages:
        for nth, argv in enumerate(commands_of(step)):
            program = asked_program(step, argv)
            if program is None:
                continue
            if program in scope.answers.options:
                options = scope.answers.options[program]
            elif is_own_tool(argv):
                continue  # nobody was asked
            else:
                tree = parsed(scope.root / program)
                options = defined_options(tree) if tree is not None else None
            yield from _compare(scope, _Call(step, nth, argv, program), options)


@dataclass(frozen=True, slots=True)
class _Call:
    """One command of a step, and the program whose options count."""

    step: Step
    nth: int
    """Which of the step's commands it is."""
    argv: tuple[str, ...]
    program: str


def _compare(scope: Scope, call: _Call, options: Options | None) -> Iterator[Finding]:
    argv, program = call.argv, call.program
    line = call.step.lines.first
    given = [
        (n, word.partition("=")[0])
        for n, word in enumerate(own_arguments(argv))
        if OPTION.fullmatch(word.partition("=")[0])
    ]
    if options is None:
        if is_own_tool(argv) or (given and (scope.root / program).is_file()):
            text = f"{program} --help gave no answer: its options could not be checked"
            yield scope.warn("options-unknown", line, text, f"run {program} --help yourself")
        return
    if not options.reads_command_line:
        if given:
            text = f"{program} never reads its arguments: {given[0][1]} has no effect"
            yield scope.warn("no-parser", line, text, "remove the options, or add a parser")
        return
    for at, name in given:
        if name in options.known or _abbreviates(name, options.known):
            continue
        if not options.complete:
            text = f"{program} may have no option {name}: its source does not name it"
            yield scope.warn("options-unknown", line, text, f"run {program} --help yourself")
            continue
        text = (
            f"{program} has no option {name} ({options.source}); it would stop with a usage error"
        )
        near = difflib.get_close_matches(name, options.known, n=1, cutoff=0.8)
        fix = f"write {near[0]}" if near else f"remove {name}"
        remedy = _remedy(call, at, near[0] if near else None)
        yield scope.block("unknown-option", line, text, fix, remedy)


def _abbreviates(name: str, known: frozenset[str]) -> bool:
    """Whether argparse would take the option for the only longer one that begins like it."""
    return sum(option.startswith(name) for option in known) == 1


def _remedy(call: _Call, at: int, near: str | None) -> Remedy:
    argv = call.argv
    word = argv[at]
    why = "the program has no such option"
    if near is not None:
        _, equals, value = word.partition("=")
        new = f"{near}{equals}{value}"
        return exchanging(call.step, call.nth, at, 1, (new,), runs=new, why=why)
    follows = argv[at + 1] if at + 1 < len(argv) else "-"
    count = 1 if "=" in word or follows.startswith("-") else 2
    return exchanging(call.step, call.nth, at, count, (), runs="leaves it out", why=why)
