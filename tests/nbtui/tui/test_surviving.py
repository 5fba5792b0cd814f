"""An error in a screen is shown; the app, and what it knows of the run, goes on."""

import asyncio
from pathlib import Path
from time import monotonic

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


async def test_a_thread_that_has_to_wait_misses_no_single_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited_s = 0.0

    def late() -> float:
        """Go on by a second between any two looks of a timer that fires once."""
        nonlocal waited_s
        task = asyncio.current_task()
        if task is not None and task.get_name().startswith(("set_timer", "delay_update")):
            waited_s += 1.0
        return monotonic() + waited_s

    app = Stage().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        monkeypatch.setattr("textual._time.get_time", late)
        await pilot.resize_terminal(132, 43)
        while app.screen.size != (132, 43):
            await pilot.pause(0.01)
        app.delay_update()
        while app._batch_count:
            await pilot.pause(0.01)
    assert waited_s
