"""A small memo of the usual form, and how it becomes a plan."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nbtui.memo.compile import compile_plan
from nbtui.memo.model import Memo
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Plan
from nbtui.project import Aliases, Project, Settings, find

ALIASES = Aliases(
    commands={
        "python tools/bench.py": "nb-benchmark",
        "python tools/compare.py": "nb-compare",
    },
    paths={"./old/nanoBragg": "./new/nanoBragg", "data/golden_data/": "golden_data/"},
)


@pytest.fixture
def memo_text() -> str:
    """The synthetic memo's text."""
    return Path(__file__).with_name("kernel_memo.md").read_text("utf-8")


@pytest.fixture
def settings() -> Settings:
    """Settings whose aliases fit the synthetic memo."""
    return Settings(aliases=ALIASES)


@pytest.fixture
def read() -> Callable[[str], Memo]:
    """Return a function that parses text as the memo ``memo.md``."""
    return lambda text: parse_memo(text.encode(), name="memo.md")


@pytest.fixture
def plan_of(settings: Settings) -> Callable[[str], Plan]:
    """Return a function that compiles text with the synthetic aliases."""
    return lambda text: compile_plan(parse_memo(text.encode(), name="memo.md"), settings)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with what the synthetic memo points at."""
    (tmp_path / "ledger.md").write_text("# Ledger of items\nThe item that waits\n## [KERNEL-7]\n")
    tests = tmp_path / "tests"
    tests.mkdir()
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "nanoBragg").write_text("#!/bin/sh\n")
    (tmp_path / "new" / "nanoBragg").chmod(0o755)
    (tests / "test_kernel.py").write_text("class TestKernel:\n    def test_full_frame(self): ...\n")
    return tmp_path


@pytest.fixture(scope="session")
def project(project_root: Path) -> Project:
    """Return the project that this checkout is."""
    return find(project_root)
