"""What a Python file's source tells: a script's options, a test's nodes. Nothing of it runs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from nbtui.memo.lint.asking.answers import Options

OPTION = re.compile(r"(?<![\w-])--[A-Za-z][\w-]*")
_PARSERS = frozenset({"argparse", "click", "typer", "docopt", "fire", "optparse", "absl"})
_DEFINING = frozenset({"add_argument", "option", "Option", "add_option"})
_IMPLICIT = frozenset({"typer", "docopt", "fire", "absl"})
"""Libraries that make options of signatures or of texts."""
_ENTRIES = frozenset({"main", "cli", "app", "run"})
MOST_BYTES = 2_000_000


def parsed(path: Path) -> ast.Module | None:
    """Return the syntax tree of a Python file; ``None`` when it cannot be read as one."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        return ast.parse(path.read_text("utf-8"))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def uses_a_parser(tree: ast.Module) -> bool:
    """Whether a script parses its command line with a library that answers ``--help``."""
    return not _imported(tree).isdisjoint(_PARSERS)


def defined_options(tree: ast.Module) -> Options:
    """Return the options that ``add_argument``, ``option`` and ``Option`` calls name.

    Not complete when more may be defined elsewhere: the parser is handed to another
    function, inherits from parents, ignores what it does not know, or no call names any.
    """
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    texts = [text for call in calls if _attribute(call) in _DEFINING for text in _constants(call)]
    known = {word for text in texts for word in OPTION.findall(text)}
    parser = uses_a_parser(tree)
    reads = parser or _reads_arguments(tree)
    complete = bool(known) and not _open_ended(tree, calls)
    return Options(
        known=frozenset(known | {"--help"}) if known else frozenset(),
        source="its source",
        complete=complete if reads else True,
        reads_command_line=reads,
    )


def _imported(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.partition(".")[0])
    return names


def _reads_arguments(tree: ast.Module) -> bool:
    """Whether ``argv`` is mentioned, or an entry point from elsewhere may look at it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            name = node.attr if isinstance(node, ast.Attribute) else node.id
            if name == "argv":
                return True
        elif isinstance(node, ast.ImportFrom) and not _ENTRIES.isdisjoint(
            alias.name for alias in node.names
        ):
            return True
    return False


def _open_ended(tree: ast.Module, calls: list[ast.Call]) -> bool:
    """Whether options may be defined that no call of this file shows."""
    if not _imported(tree).isdisjoint(_IMPLICIT):
        return True
    parsers = _parser_names(tree)
    own = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    for call in calls:
        name = _attribute(call)
        if name == "parse_known_args" or any(k.arg == "parents" for k in call.keywords):
            return True
        given = {a.id for a in call.args if isinstance(a, ast.Name)}
        if name not in own and not given.isdisjoint(parsers):
            return True
        if name in {"add_argument", "add_option"} and not _literal(call):
            return True
    return False


def _literal(call: ast.Call) -> bool:
    return all(isinstance(a, ast.Constant) for a in call.args)


def _parser_names(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and _attribute(node.value) in {"ArgumentParser", "OptionParser", "add_argument_group"}
        ):
            names.update(t.id for t in node.targets if isinstance(t, ast.Name))
    return names


def _attribute(call: ast.Call) -> str:
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _constants(call: ast.Call) -> Iterator[str]:
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


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
