"""docs/reliability.md and the fault suite name each other, in full."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "reliability.md"
ROW = re.compile(r"^\|(.+)\|$", flags=re.MULTILINE)
NAME = re.compile(r"`(test_\w+\.py::test_\w+)`")


def functions() -> set[str]:
    """Return every test function of the suite but these."""
    found = set()
    for path in HERE.glob("test_*.py"):
        if path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{path.name}::{node.name}")
    return found


def rows() -> list[list[str]]:
    """Return the cells of every fault's row."""
    every = [[c.strip() for c in r.split(" | ")] for r in ROW.findall(PAGE.read_text("utf-8"))]
    return [cells for cells in every if cells[0] != "fault" and not cells[0].startswith("---")]


def test_every_row_names_a_test_and_every_test_has_a_row() -> None:
    named = [NAME.findall(cells[-1]) for cells in rows()]
    assert all(len(names) == 1 for names in named)
    listed = [names[0] for names in named]
    assert len(listed) == len(set(listed))
    assert set(listed) == functions()


def test_every_row_says_what_happens() -> None:
    assert len(rows()) >= 40
    for cells in rows():
        assert len(cells) == 4, cells
        assert all(cells), cells
