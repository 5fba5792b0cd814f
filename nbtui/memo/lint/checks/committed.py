"""Scripts and tests that the commit does not hold: a figure from them has no address."""

from collections.abc import Iterator

from nbtui.memo.lint.asking.programs import script_of
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope, words_of
from nbtui.memo.plan import Plan, Role
from nbtui.memo.programs import pytest_arguments


def named_files(plan: Plan) -> dict[str, int]:
    """Return the scripts and test files of a plan with the memo line that names each."""
    found: dict[str, int] = {}
    for step in plan.stages:
        argv = words_of(step)
        if not argv:
            continue
        script = script_of(argv)
        files = [script] if script else []
        if step.role is Role.PYTEST:
            files += [n.partition("::")[0] for n in pytest_arguments(argv)[0]]
        for file in files:
            found.setdefault(file.removeprefix("./"), step.lines.first)
    return found


def check_committed(scope: Scope) -> Iterator[Finding]:
    """Report files that run and are not part of HEAD as they are."""
    repository = scope.around.repository
    if repository is None or repository.head is None:
        return
    for file, line in named_files(scope.plan).items():
        if file in repository.uncommitted and (scope.root / file).is_file():
            text = f"{file} is not part of the commit: what it measures cannot be repeated"
            yield scope.warn("not-committed", line, text, f"git add {file} and commit it")
