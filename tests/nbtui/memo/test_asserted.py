"""Thresholds in the source of scripts and tests: read, compared, listed with their line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.benchmark.cli import DEFAULT_THRESHOLD as OF_BENCHMARK
from engine.parity.compare import DEFAULT_THRESHOLD as OF_COMPARE
from nbtui.memo.asserted import reader
from nbtui.memo.compile import compile_plan
from nbtui.memo.documents import Documents
from nbtui.memo.gates import TOOL_DEFAULTS
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Plan

COMPARE = """\
import argparse
LEAST = 0.95
parser = argparse.ArgumentParser()
parser.add_argument("--outdir")
parser.add_argument("--threshold", type=float, default=LEAST)
"""
BENCHMARK = """\
MIN_CORR = 0.98
def check(corr, ratio):
    assert corr > MIN_CORR, "no parity"
    if corr > 0.5:
        print("fine")
    assert abs(ratio - 1) <= 5e-3
"""
TEST = """\
LIMIT = 0.97
def compared(a):
    assert a.rmse < 1e-4
    return a
class TestIt:
    LEAST = 0.9
    def test_frame(self):
        corr = compared(1)
        assert 1 >= corr >= self.LEAST
        assert max_abs_diff(corr) < LIMIT and corr == 1
    def test_other(self):
        assert correlation > 0.1
"""
MEMO = """\
Artifacts: reports/a/b/$STAMP/
How-To Map:
- `python scripts/nb_compare.py --outdir $OUTDIR/c -- -N 5`
- `python scripts/benchmark.py --sizes 8`
- `pytest -v tests/test_it.py::TestIt::test_frame`
"""


@pytest.fixture
def plan(tmp_path: Path) -> Callable[[str], Plan]:
    """Compile the memo, with more words, in a project with these files."""
    files = {"scripts/nb_compare.py": COMPARE, "scripts/benchmark.py": BENCHMARK}
    for name, text in (files | {"tests/test_it.py": TEST}).items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def make(more: str) -> Plan:
        memo = parse_memo(f"{MEMO}{more}".encode(), name="m")
        return compile_plan(memo, documents=Documents(read=reader(tmp_path)))

    return make


def test_what_a_tool_holds_is_listed_beside_what_is_demanded(plan: Callable[[str], Plan]) -> None:
    made = plan("Pitfalls To Avoid:\n- Comparison and benchmark need corr ≥0.99.\n")
    (held,) = [g for g in made.gates if g.role == "benchmark"]
    assert (held.threshold, held.source) == (0.99, "m:7")
    assert held.overrides == ("0.98 (scripts/benchmark.py:3)",)
    made = plan("Pitfalls To Avoid:\n- The comparison needs corr ≥0.9.\n")
    (held,) = [g for g in made.gates if g.role == "compare"]
    assert (held.threshold, held.source) == (0.95, "scripts/nb_compare.py:5")
    assert held.overrides == ("0.9 (m:7)",)


def test_what_only_a_test_asserts_is_its_own(plan: Callable[[str], Plan]) -> None:
    made = plan("")
    assert {(g.metric, g.threshold, g.source) for g in made.gates if g.held_by_tool} == {
        ("correlation", 0.9, "tests/test_it.py:9"),
        ("max_abs_diff", 0.97, "tests/test_it.py:10"),
        ("rmse", 1e-4, "tests/test_it.py:3"),
    }
    assert made.held() == ()
    made = plan("Pitfalls To Avoid:\n- The pytest node needs corr ≥0.95.\n")
    (held,) = [g for g in made.gates if g.metric == "correlation"]
    assert (held.threshold, held.overrides) == (0.95, ("0.9 (tests/test_it.py:9)",))
    assert not held.held_by_tool


@pytest.mark.parametrize("name", ["../x.py", "/etc/passwd", "scripts", "none.py"])
def test_only_files_of_the_project_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "in" / "scripts").mkdir(parents=True)
    (tmp_path / "x.py").write_text("assert corr > 1")
    assert reader(tmp_path / "in")(name) is None


def test_known_defaults_are_the_tools_own() -> None:
    assert TOOL_DEFAULTS["nb-compare"] == OF_COMPARE
    assert TOOL_DEFAULTS["nb-benchmark"] == OF_BENCHMARK
