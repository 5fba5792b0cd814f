"""Acceptance tests and the files their verdict hangs on, from the sources alone.

Nothing is imported or run: the tests are found by parsing, and so is what they import.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PATTERN = "tests/test_at_*.py"
"""Where acceptance tests live."""
ALWAYS = ("golden_data/",)
"""Data that any test may read."""


@dataclass(frozen=True, slots=True)
class AcceptanceTest:
    """One test function or method."""

    node: str
    """pytest's node id: ``tests/test_at_x.py::TestX::test_y``."""
    file: str
    line: int
    classname: str
    """As JUnit XML names it: ``tests.test_at_x.TestX``."""
    name: str


def acceptance_tests(root: Path, pattern: str = PATTERN) -> tuple[AcceptanceTest, ...]:
    """Return the acceptance tests below ``root``, in order of file and line."""
    found: list[AcceptanceTest] = []
    for path in sorted(root.glob(pattern)):
        tree = _parsed(path)
        if tree is not None:
            found += _tests(tree, path.relative_to(root).as_posix())
    return tuple(found)


def depends_on(root: Path, file: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the files a test file hangs on, and the folders all of whose files it hangs on.

    Files: itself, the modules beside it that it imports, at any depth, and every
    ``conftest.py`` above it. Folders: the packages under test that any of them imports;
    a program started as a child process may use any file of its package.
    """
    tests = Path(file).parts[0]
    files = {file} | {
        (folder / "conftest.py").as_posix()
        for folder in Path(file).parents
        if (root / folder / "conftest.py").is_file()
    }
    folders: set[str] = set()
    waiting = list(files)
    while waiting:
        for module in _imports(root / waiting.pop()):
            top = module.split(".")[0]
            if top == tests:
                path = _file_of(root, module)
                if path is not None and path not in files:
                    files.add(path)
                    waiting.append(path)
            elif (root / top).is_dir():
                folders.add(f"{top}/")
    return frozenset(files), (*sorted(folders), *ALWAYS)


def _tests(tree: ast.Module, file: str) -> Iterator[AcceptanceTest]:
    dotted = file.removesuffix(".py").replace("/", ".")
    found = [
        AcceptanceTest(f"{file}::{f.name}", file, f.lineno, dotted, f.name)
        for f in _functions(tree.body)
    ]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            inside, of = f"{file}::{node.name}", f"{dotted}.{node.name}"
            found += [
                AcceptanceTest(f"{inside}::{f.name}", file, f.lineno, of, f.name)
                for f in _functions(node.body)
            ]
    yield from sorted(found, key=lambda t: t.line)


def _functions(body: Iterable[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
            "test"
        ):
            yield node


def _imports(path: Path) -> Iterator[str]:
    tree = _parsed(path)
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _file_of(root: Path, module: str) -> str | None:
    path = module.replace(".", "/")
    for name in (f"{path}.py", f"{path}/__init__.py"):
        if (root / name).is_file():
            return name
    return None


@cache
def _text_tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError):
        return None


def _parsed(path: Path) -> ast.Module | None:
    try:
        return _text_tree(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
