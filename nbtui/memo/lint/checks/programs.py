"""Programs and scripts that are not there."""

from collections.abc import Iterator, Sequence

from nbtui.memo.lint.asking.programs import find_program, script_of
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import commands_of, located
from nbtui.memo.plan import Step

_BUILT_IN = frozenset(
    {
        ".", ":", "[", "[[", "alias", "bg", "cd", "command", "declare", "do", "done", "echo",
        "else", "eval", "exec", "exit", "export", "false", "fi", "for", "hash", "if", "kill",
        "local", "popd", "printf", "pushd", "pwd", "read", "return", "set", "shift", "shopt",
        "source", "test", "then", "time", "times", "trap", "true", "type", "ulimit", "umask",
        "unset", "wait", "while",
    }
)  # fmt: skip
"""Words that bash itself understands inside shell text."""


def check_programs(scope: Scope) -> Iterator[Finding]:
    """Report programs and scripts that cannot be started because they do not exist."""
    for step in scope.plan.stages:
        for argv in dict.fromkeys(commands_of(step)):
            yield from _missing(scope, step, argv)


def _missing(scope: Scope, step: Step, argv: Sequence[str]) -> Iterator[Finding]:
    line, program, script = step.lines.first, argv[0], script_of(argv)
    place = located(step, program) if "/" in program else program
    known = program in _BUILT_IN or "$" in program or "`" in program or program == script
    if place is not None and not known and find_program(place, scope.root) is None:
        if "/" in program:
            text = f"the program {program} does not exist"
            fix = "build it, or correct the path"
        else:
            text = f"the program {program} was not found"
            fix = "install it into the environment"
        yield scope.block("missing-program", line, text, fix)
    if script is None or "$" in script or (place := located(step, script)) is None:
        return
    if not (scope.root / place).is_file():
        text = f"the script {place} does not exist at this commit"
        fix = "correct the path, or map it in [tool.nbtui.aliases.commands]"
        yield scope.block("missing-script", line, text, fix)
