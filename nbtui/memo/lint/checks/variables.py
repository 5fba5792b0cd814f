"""Variables with two values, and variables that a memo may not set."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.variables import Assigned, Given, assigned, conflicts, items

_REFUSED = frozenset(
    {
        "BASH_ENV", "ENV", "IFS", "LD_AUDIT", "LD_LIBRARY_PATH", "LD_PRELOAD", "PERL5OPT",
        "PROMPT_COMMAND", "PYTEST_PLUGINS", "PYTHONHOME", "PYTHONSTARTUP",
    }
)  # fmt: skip
"""Variables that put foreign code into every program; a memo may not set them."""

_STEERING = frozenset({"PYTHONPATH", "PYTEST_ADDOPTS", "PYTHONOPTIMIZE"})


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
