"""Programs and scripts that are not there."""

from collections.abc import Iterator

from nbtui.memo.lint.asking.programs import find_program, script_of
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope, words_of


def check_programs(scope: Scope) -> Iterator[Finding]:
    """Report programs and scripts that cannot be started because they do not exist."""
    for step in scope.plan.stages:
        argv = words_of(step)
        if not argv:
            continue
        line, program, script = step.lines.first, argv[0], script_of(argv)
        if find_program(program, scope.root) is None and program != script:
            if "/" in program:
                text = f"the program {program} does not exist"
                fix = "build it, or correct the path"
            else:
                text = f"the program {program} was not found"
                fix = "install it into the environment"
            yield scope.block("missing-program", line, text, fix)
        if script is not None and not (scope.root / script).is_file():
            text = f"the script {script} does not exist at this commit"
            fix = "correct the path, or map it in [tool.nbtui.aliases.commands]"
            yield scope.block("missing-script", line, text, fix)
