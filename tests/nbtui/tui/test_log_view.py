"""The log view: go to a line, a time, an error; wrap; copy what is in view."""

from pathlib import Path

import pytest
from textual.widgets import Input

from nbtui.tui.widgets.file_log import FileLog
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, press

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]


def _long_log(bundle: Path) -> None:
    lines = [f"line {n}" for n in range(1, 401)]
    lines[99] = "Error: one"
    lines[199] = "12:30:15 " + "word " * 60 + "end-of-long-line"
    lines[299] = "Error: two"
    (bundle / "logs/nb_compare.log").write_text("\n".join(lines) + "\n", encoding="utf-8")


async def test_lines_times_and_errors_are_gone_to(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    _long_log(bundle)
    async with Stage().app(attach=bundle).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        log = pilot.app.screen.query_one(FileLog)
        await press(pilot, "X")
        assert "Error: two" in log.lines_in_view()
        assert not log.following
        await press(pilot, "X")
        assert "Error: one" in log.lines_in_view()
        await press(pilot, "X")
        assert "Error: one" in log.lines_in_view()
        await press(pilot, "x")
        assert "Error: two" in log.lines_in_view()
        field = pilot.app.screen.query_one("#search", Input)
        for wanted, seen in (("250", "line 250"), ("12:30", "12:30:15"), ("9999", "12:30:15")):
            await press(pilot, "colon")
            field.value = wanted
            await press(pilot, "enter")
            assert seen in log.lines_in_view()
        assert "PAUSED" in str(log.border_title)


async def test_wrapped_lines_are_whole_and_what_is_in_view_is_copied(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    _long_log(bundle)
    async with Stage().app(attach=bundle).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        log = pilot.app.screen.query_one(FileLog)
        log.go_to_line(199)
        await idle(pilot)
        assert "end-of-long-line" not in pilot.app.export_screenshot()
        await press(pilot, "w")
        log.go_to_line(199)
        await idle(pilot)
        assert "end-of-long-line" in pilot.app.export_screenshot().replace("&#160;", " ")
        assert "wrapped" in str(log.border_title)
        await press(pilot, "Y")
        assert pilot.app.clipboard.startswith("12:30:15 word")
        await press(pilot, "G")
        assert "line 400" in log.lines_in_view()
        log.focus()
        await press(pilot, "up")
        assert not log.following
        assert "line 39" in log.lines_in_view()
        await press(pilot, "g")
        assert log.lines_in_view().startswith("line 1\n")
