"""The published table is the enum, and the enum does not change."""

import re
from pathlib import Path

from nbtui.exit_codes import ExitCode

FROZEN = {0, 1, 2, 3, 4, 5, 6, 7, 70, 75, 129, 130, 143}


def test_codes_are_frozen() -> None:
    assert {int(code) for code in ExitCode} == FROZEN


def test_the_page_lists_every_code_by_its_name(project_root: Path) -> None:
    page = (project_root / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (\d+) \| `(\w+)` \|", page, flags=re.MULTILINE))
    assert rows == {str(int(code)): code.name for code in ExitCode}
