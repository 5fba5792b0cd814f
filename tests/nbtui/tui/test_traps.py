"""Mistakes that cost seconds or gigabytes, or let a log act on the terminal: none of them here."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nbtui.tui

SOURCES = sorted(Path(nbtui.tui.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_no_widget_that_cannot_keep_up_with_a_log(path: Path) -> None:
    names = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.Name)
    }
    assert not names & {"RichLog", "write_line", "write_lines", "from_markup"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_static_text_is_never_markup(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Static":
            told = {k.arg: k.value for k in node.keywords}
            markup = told.get("markup")
            assert isinstance(markup, ast.Constant), f"{path.name}:{node.lineno}"
            assert markup.value is False


def test_the_app_starts_without_numerics() -> None:
    code = (
        "import sys, nbtui.tui.app, nbtui.tui.terminal;"
        "print(sorted({'torch', 'scipy', 'numpy', 'PIL', 'git'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
