"""Options that a program would reject; a pipe into ``tee`` once hid that for 26 hours.

This project's tools are asked with ``--help``; a foreign script is only read, because
asking it would run it.
"""

import ast
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from nbtui.memo.lint.finding import Finding, Scope
from nbtui.memo.lint.programs import beside_python
from nbtui.memo.plan import Step
from nbtui.memo.programs import PYTHONS, is_own_tool, own_arguments

_OPTION = re.compile(r"(?<![\w-])--[A-Za-z][\w-]*")
DEADLINE_S = 10.0


def check_options(scope: Scope) -> Iterator[Finding]:
    """Report options that the stage's program does not define."""
    asked: dict[str, frozenset[str] | None] = {}
    for step in scope.plan.stages:
        if step.command is None:
            continue
        argv = step.command.argv
        if is_own_tool(argv):
            if not scope.ask_help or (path := beside_python(argv[0])) is None:
                continue
            if argv[0] not in asked:
                asked[argv[0]] = ask(path)
            yield from _compare(scope, step, argv[0], argv[1:], asked[argv[0]])
        elif argv[0] in PYTHONS and len(argv) > 1 and argv[1].endswith(".py"):
            known = defined_options(scope.root / argv[1])
            if known:
                yield from _compare(scope, step, argv[1], argv[2:], known)


def _compare(
    scope: Scope, step: Step, program: str, argv: Sequence[str], known: frozenset[str] | None
) -> Iterator[Finding]:
    line = step.lines.first
    if known is None:
        text = f"{program} --help gave no answer: its options could not be checked"
        yield scope.warn("options-unknown", line, text, f"run {program} --help yourself")
        return
    for word in own_arguments(argv):
        name = word.partition("=")[0]
        if _OPTION.fullmatch(name) and name not in known:
            text = f"{program} has no option {name}; it would stop with a usage error"
            yield scope.block("unknown-option", line, text, f"remove {name}")


def ask(path: Path) -> frozenset[str] | None:
    """Return the long options in a tool's help text; ``None`` when it does not answer.

    The child sees an empty folder, no terminal and next to no environment.
    """
    with tempfile.TemporaryDirectory(prefix="nbtui-help-") as folder:
        env = {"PATH": os.defpath, "HOME": folder, "LANG": "C.UTF-8", "COLUMNS": "200"}
        try:
            child = subprocess.Popen(
                [str(path), "--help"],
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                errors="replace",
                start_new_session=True,
            )
        except OSError:
            return None
        try:
            text, _ = child.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            return None
    options = frozenset(_OPTION.findall(text))
    return options if child.returncode == 0 and options else None


def defined_options(path: Path) -> frozenset[str]:
    """Return the options that a script's ``add_argument`` or ``option`` calls define.

    Empty when the script cannot be read or defines none this way: then nothing is known.
    """
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (OSError, SyntaxError, ValueError):
        return frozenset()
    found = {
        argument.value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _defines_option(call.func)
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    options = {word for text in found for word in _OPTION.findall(text)}
    return frozenset(options | {"--help"}) if options else frozenset()


def _defines_option(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in {"add_argument", "option"}
