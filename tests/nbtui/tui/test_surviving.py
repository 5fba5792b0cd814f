"""An error in a screen is shown; the app, and what it knows of the run, goes on."""

from pathlib import Path

import pytest

from nbtui.tui.guide import Mode
from nbtui.tui.screens.broken import BrokenScreen
from nbtui.tui.screens.history import HistoryScreen
from nbtui.tui.widgets.run_header import RunHeader
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, mode, press

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]


def kept_report(folder: Path) -> tuple[Path, str]:
    (report,) = folder.glob("nbtui-bug-*.txt")
    return report, report.read_text()


@pytest.mark.parametrize("where", ["handler", "drawing"])
async def test_a_screen_that_fails_is_replaced_and_the_run_is_kept(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = recorded.running(tmp_path).bundle
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    app = Stage().app(attach=bundle)
    app.survives = True
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        with monkeypatch.context() as broken:
            target = HistoryScreen if where == "handler" else RunHeader
            method = "show_body" if where == "handler" else "render"

            def fail(*_: object) -> None:
                raise RuntimeError("[red]no[/] \x1b[2J")

            broken.setattr(target, method, fail)
            await pilot.press("5")
            while not isinstance(app.screen, BrokenScreen):
                await pilot.pause(0.01)
        await idle(pilot)
        shown = app.export_screenshot().replace("&#160;", " ")
        assert "RuntimeError: [red]no[/] ␛[2J" in shown
        assert "is not affected" in shown
        report, said = kept_report(tmp_path)
        assert "RuntimeError" in said
        await press(pilot, "y")
        assert app.clipboard == str(report)
        await press(pilot, "enter")
        assert isinstance(app.screen, HistoryScreen)
        assert mode(app) is Mode.HISTORY
        await press(pilot, "3", "5", "4")
        assert mode(app) is Mode.RESULTS
        assert app.model.run is not None
        await press(pilot, "d")
    assert app.return_value == 0
