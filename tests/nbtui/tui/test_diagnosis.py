"""The diagnosis: asked first, shown step by step, ending with one sentence and one command."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from nbtui.diagnose.model import Diagnosis, Finding, Line, State, StepReport
from nbtui.errors import BundleError
from nbtui.explaining import Explanation
from nbtui.tui.app import NbtuiApp
from nbtui.tui.screens.diagnosis import DiagnosisScreen
from nbtui.tui.screens.results import ResultsScreen
from nbtui.tui.widgets.page import Page
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, press, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]

CAUSE = Finding("hidden input", "The C side read Fdump.bin, which nobody named.", "ls -l Fdump.bin")
LOOKED = StepReport("reports", "What did both sides report?", State.OK, 0.1)
FOUND = StepReport(
    "files", "Was there a forgotten file?", State.FOUND, 0.2, (Line("Fdump.bin", "root"),), CAUSE
)
Say = Callable[[StepReport], object]


def _app(tmp_path: Path, explain: Callable[[Path, bool, Say], Explanation]) -> NbtuiApp:
    services = replace(Stage().services(), explain=explain)
    return NbtuiApp(services, attach=recorded.gate_blocked(tmp_path).bundle, live=False)


def _said(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.screen.query_one("#diagnosis", Page))


async def test_the_search_is_asked_for_shown_and_ends_with_one_command(tmp_path: Path) -> None:
    asked: list[bool] = []
    go_on = threading.Event()
    told = threading.Event()

    def explain(_bundle: Path, run_programs: bool, say: Say) -> Explanation:
        asked.append(run_programs)
        say(LOOKED)
        told.set()
        go_on.wait()
        say(FOUND)
        found = Diagnosis("a run", (LOOKED, FOUND), CAUSE, 0.3)
        return Explanation(found, earlier=("seen twice before",))

    async with _app(tmp_path, explain).run_test(size=(120, 40)) as pilot:
        await idle(pilot)
        await press(pilot, "x", "escape")
        assert asked == []
        await pilot.press("x", "o")
        while not told.is_set() or not isinstance(pilot.app.screen, DiagnosisScreen):
            await pilot.pause(0.01)
        while "What did both sides report?" not in _said(pilot):
            await pilot.pause(0.01)
        assert "the next step is at work" in _said(pilot)
        go_on.set()
        await idle(pilot)
        said = _said(pilot)
        assert said.startswith(CAUSE.sentence)
        assert "seen twice before" in said
        assert "FOUND" in said
        assert asked == [False]
        await press(pilot, "y")
        assert pilot.app.clipboard == CAUSE.command
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ResultsScreen)


async def test_a_run_that_cannot_be_diagnosed_says_why(tmp_path: Path) -> None:
    def explain(bundle: Path, _run_programs: bool, _say: Say) -> Explanation:
        raise BundleError("holds no comparison", where=bundle.name)

    async with _app(tmp_path, explain).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await press(pilot, "x", "r")
        assert "holds no comparison" in _said(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ResultsScreen)
