"""Which options a stage's program accepts: its ``--help``, else its source.

Only programs that are part of the commit, or this project's own tools, are ever started;
a memo can name a file, but not make lint run one that nobody committed.
"""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from nbtui.memo.lint.asking import sandbox
from nbtui.memo.lint.asking.answers import Asked, Options
from nbtui.memo.lint.asking.source import OPTION, defined_options, parsed, uses_a_parser
from nbtui.memo.programs import PYTHONS, is_own_tool

DEADLINE_S = 15.0


def beside_python(name: str) -> Path | None:
    """Return the console script of that name beside the interpreter that will run stages."""
    path = Path(sys.executable).parent / name
    return path if path.is_file() and os.access(path, os.X_OK) else None


def find_program(name: str, root: Path) -> Path | None:
    """Return where a program is: below the root, beside the interpreter, along ``PATH``."""
    if "/" in name:
        path = root / name
        return path if path.is_file() else None
    found = beside_python(name)
    return found or (Path(which) if (which := shutil.which(name)) else None)


def script_of(argv: Sequence[str]) -> str | None:
    """Return the Python script that a command runs, as the memo spells it."""
    if len(argv) > 1 and PurePosixPath(argv[0]).name in PYTHONS:
        return argv[1] if argv[1].endswith(".py") else None
    return argv[0] if argv and "/" in argv[0] and argv[0].endswith(".py") else None


def options_of(
    argv: Sequence[str],
    root: Path,
    *,
    script: str | None,
    committed: bool,
    env: Mapping[str, str],
) -> tuple[Options | None, tuple[Asked, ...]]:
    """Return the options that a command's program accepts, and what was started to know.

    Parameters
    ----------
    argv
        The command.
    root
        The project's root.
    script
        The Python script that it runs, relative to the root.
    committed
        Whether the program's file is part of the commit; only then is it started.
    env
        Variables of the plan that the program needs to start.
    """
    if is_own_tool(argv):
        path = beside_python(argv[0])
        return _help([str(path)], argv[0], env) if path is not None else (None, ())
    tree = parsed(root / script) if script is not None else None
    if script is None or tree is None:
        return None, ()
    static = defined_options(tree)
    if not (committed and uses_a_parser(tree) and sandbox.can_confine()):
        return static, ()
    told, asked = _help([sys.executable, str(root / script)], script, env)
    if told is None:
        return static, asked
    # Options of sub-commands are not in the help text, but in the source.
    return Options(known=told.known | static.known, source=told.source), asked


def _help(
    command: list[str], name: str, env: Mapping[str, str]
) -> tuple[Options | None, tuple[Asked, ...]]:
    argv = [*command, "--help"]
    own = len(command) == 1
    reply = sandbox.ask(argv, deadline_s=DEADLINE_S, env=env, bare=own)
    known = frozenset(OPTION.findall(reply.stdout))
    outcome = reply.outcome if known or not reply.answered else "no option in its answer"
    asked = Asked(
        why="options",
        argv=tuple(argv),
        cwd="an empty folder",
        confined=reply.confined,
        wall_s=round(reply.wall_s, 3),
        outcome=outcome,
    )
    if not (reply.answered and known):
        return None, (asked,)
    return Options(known=known, source=f"{name} --help"), (asked,)
