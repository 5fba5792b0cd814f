"""Scripts and tests that the commit does not hold: a figure from them has no address."""

from collections.abc import Iterator

from nbtui.memo.lint.asking.programs import script_of
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import commands_of, located
from nbtui.memo.plan import Plan
from nbtui.memo.programs import is_pytest, pytest_arguments


def named_files(plan: Plan) -> dict[str, int]:
    """Return the scripts and test files of a plan with the memo line that names each."""
    found: dict[str, int] = {}
    for step in plan.stages:
        for argv in commands_of(step):
            script = script_of(argv)
            files = [script] if script else []
            if is_pytest(argv):
                files += [n.partition("::")[0] for n in pytest_arguments(argv)[0]]
            for file in files:
                place = located(step, file)
                if place and "$" not in place:
                    found.setdefault(place.removeprefix("./"), step.lines.first)
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
