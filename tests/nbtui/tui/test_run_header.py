"""The header: run, branch and commit, dirty flag, host and state, whatever the width."""

from pathlib import Path

import pytest

from nbtui.store import read
from nbtui.tui.guide import Mode
from nbtui.tui.model import Facts, Model
from nbtui.tui.widgets.run_header import RunHeader
from tests.nbtui.tui import recorded

SHA = "8d62f2ef61"


def told(facts: Facts, width: int, run: Path | None = None) -> str:
    header = RunHeader(Mode.RUN)
    header._model = Model(facts=facts, run=read(run) if run else None)
    line = header._identity(width).plain
    assert len(line) == width
    return line


def test_all_of_it_fits_eighty_columns(tmp_path: Path) -> None:
    facts = Facts("main", SHA, dirty=True, host="beamline-7")
    line = told(facts, 80, recorded.running(tmp_path).bundle)
    for words in ("main@8d62f2e ✎ dirty", "beamline-7", recorded.STAMP, "● RUNNING"):
        assert words in line


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_long_branch_gives_way_to_commit_and_flag(tmp_path: Path, width: int) -> None:
    branch = "feature/spec-based-2-with-a-very-long-name-that-never-seems-to-end"
    line = told(Facts(branch, SHA, dirty=True, host="vm"), width, recorded.running(tmp_path).bundle)
    assert "…@8d62f2e ✎ dirty" in line
    assert recorded.STAMP in line
    assert "● RUNNING" in line


def test_without_a_repository_it_says_so() -> None:
    assert "no git repository" in told(Facts(host="vm"), 80)
    assert "no run yet" in told(Facts(host="vm"), 80)
