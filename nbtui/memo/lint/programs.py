"""Rules about what a command starts: the program, the script, the test."""

import ast
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from nbtui.memo.lint.finding import Finding, Scope
from nbtui.memo.plan import Role, Step
from nbtui.memo.programs import PYTHONS, pytest_arguments


def beside_python(name: str) -> Path | None:
    """Return the console script of that name beside the interpreter that will run stages."""
    path = Path(sys.executable).parent / name
    return path if path.is_file() and os.access(path, os.X_OK) else None


def check_programs(scope: Scope) -> Iterator[Finding]:
    """Report programs and scripts that are not there."""
    for step in scope.plan.stages:
        if step.command is None:
            continue
        program = step.command.argv[0]
        line = step.lines.first
        if "/" in program:
            if not (scope.root / program).is_file():
                text = f"the program {program} does not exist"
                yield scope.block("missing-program", line, text, "build it, or correct the path")
        elif beside_python(program) is None and shutil.which(program) is None:
            text = f"the program {program} was not found"
            yield scope.block("missing-program", line, text, "install it into the environment")
        script = _script(step)
        if script is not None and not (scope.root / script).is_file():
            text = f"the script {script} does not exist at this commit"
            fix = "correct the path, or map it in [tool.nbtui.aliases.commands]"
            yield scope.block("missing-script", line, text, fix)


def _script(step: Step) -> str | None:
    argv = step.command.argv if step.command else ()
    if len(argv) < 2 or PurePosixPath(argv[0]).name not in PYTHONS or argv[1].startswith("-"):
        return None
    return argv[1]


def check_nodes(scope: Scope) -> Iterator[Finding]:
    """Report test files, classes and functions that are not there."""
    for step in scope.plan.stages:
        if step.role is Role.PYTEST and step.command:
            for node in pytest_arguments(step.command.argv)[0]:
                missing = missing_part(scope.root, node)
                if missing:
                    fix = "correct the node; list them with pytest --collect-only -q"
                    yield scope.block("missing-test", step.lines.first, missing, fix)


def missing_part(root: Path, node: str) -> str | None:
    """Return what of ``file::Class::function`` is not there, judged from the source."""
    if node.startswith("@"):
        return None if (root / node[1:]).is_file() else f"{node[1:]} does not exist"
    file, *names = node.split("::")
    path = root / file
    if path.is_dir() and not names:
        return None
    if not path.is_file():
        return f"the test file {file} does not exist at this commit"
    try:
        body = ast.parse(path.read_text("utf-8"), filename=file).body
    except (OSError, SyntaxError, ValueError) as error:
        return f"{file} cannot be read as Python ({error})"
    for name in names:
        plain = name.partition("[")[0]
        found = next(
            (
                n
                for n in body
                if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and n.name == plain
            ),
            None,
        )
        if found is None:
            return f"{file} has no {plain}"
        # what a class inherits is not followed: only pytest itself could tell
        if isinstance(found, ast.ClassDef) and found.bases:
            return None
        body = found.body
    return None


def check_selectors(scope: Scope) -> Iterator[Finding]:
    """Report tests beyond the mapped node: they widen or narrow what is evidence."""
    mapped = set(scope.plan.mapped_tests)
    strict = any(g.id == "pytest-selector" for g in scope.plan.guards)
    if not mapped and not strict:
        return
    for step in scope.plan.stages:
        if step.role is not Role.PYTEST or step.command is None:
            continue
        nodes, selecting = pytest_arguments(step.command.argv)
        for word in selecting:
            text = f"{word} selects other tests than the mapped node"
            yield scope.block("extra-selector", step.lines.first, text, f"remove {word}")
        for node in nodes:
            if mapped and node not in mapped:
                text = f"{node} is not a mapped test"
                fix = "run the mapped node only, or map this one too"
                yield scope.block("extra-node", step.lines.first, text, fix)
        if not nodes:
            text = "no node is named: pytest would run every test"
            yield scope.block("extra-node", step.lines.first, text, "name the mapped node")
