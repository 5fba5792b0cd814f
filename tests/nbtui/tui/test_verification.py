"""Verification in the app: another process looks, and the screen says what the command says."""

import os
import threading
from pathlib import Path

import msgspec
import pytest

from nbtui.errors import BundleError
from nbtui.tui import verifying
from nbtui.tui.document import render
from nbtui.tui.guide import Mode
from nbtui.tui.pages.verification_pages import LEVELS, MARKS, result
from nbtui.tui.screens.history import HistoryScreen
from nbtui.tui.screens.results import ResultsScreen
from nbtui.tui.screens.verification import VerificationScreen
from nbtui.tui.services import Verified
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.run_header import RunHeader
from nbtui.verify.check import verify
from nbtui.verify.face import integrity
from nbtui.verify.model import Level, Status
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, announced, idle, press, text_of
from tests.nbtui.tui.checked import ALTERED, FIGURE, HOLDS, LOST, REMARK, verified

pytestmark = pytest.mark.timeout(300)


def said(found: Verified) -> str:
    return " ".join(render(result(found), 200).plain.split())


def test_what_is_altered_is_told_file_by_file_before_everything_else() -> None:
    told = said(verified(HOLDS, ALTERED, FIGURE, REMARK))
    assert told.startswith("✗ NOT intact (2 claims do not hold)")
    for words in (
        "verdict blocked",
        "exit code 6",
        "✗ logs/nb_compare.log intact is not what SHA256SUMS says",
        "✗ full_frame/summary.json figures correlation is not that of the images",
        "claimed 0.9999, derived 0.721177",
        "Treat this bundle as no evidence",
        "1 hold, 2 do not hold, 1 to know",
        "✓ ok the chain of the journal is whole",
        "i note not signed",
    ):
        assert words in told
    assert told.index("does not hold") < told.index("What was checked")


def test_what_cannot_be_derived_is_no_contradiction() -> None:
    told = said(verified(HOLDS, LOST))
    assert "What cannot be derived again" in told
    assert "Nothing contradicts" in told
    assert "does not hold" not in told


def test_a_sound_bundle_says_how_others_verify_it() -> None:
    told = said(verified(HOLDS, REMARK))
    assert told.startswith("✓ intact, and every claim that can be derived again was")
    assert "nbtui verify /data/reports/x/20261124T101500Z" in told


def test_every_level_and_every_state_has_a_name() -> None:
    assert set(LEVELS) == set(Level)
    assert set(MARKS) == set(Status)


@pytest.mark.asyncio
async def test_results_verify_their_bundle_and_come_back(tmp_path: Path) -> None:
    world = Stage(verified=verified(HOLDS, ALTERED))
    bundle = recorded.gate_blocked(tmp_path).bundle
    app = world.app(attach=bundle)
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await press(pilot, "V")
        assert isinstance(app.screen, VerificationScreen)
        assert world.asked[-1] == f"verify {bundle.name}"
        assert "logs/nb_compare.log" in text_of(app.screen.query_one(Page))
        assert announced(app) == "back to Results (esc)"
        await press(pilot, "r")
        assert world.asked.count(f"verify {bundle.name}") == 2
        await press(pilot, "y")
        assert app.clipboard == f"nbtui verify {bundle}"
        await press(pilot, "enter")
        assert isinstance(app.screen, ResultsScreen)


@pytest.mark.asyncio
async def test_the_app_goes_on_while_it_is_verified_and_may_be_left(tmp_path: Path) -> None:
    world = Stage()
    app = world.app(attach=recorded.gate_blocked(tmp_path).bundle)
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await pilot.press("V")
        while not isinstance(app.screen, VerificationScreen) or not world.asked[-1].startswith(
            "verify"
        ):
            await pilot.pause(0.01)
        assert "Another process reads every file" in text_of(app.screen.query_one(Page))
        await pilot.press("escape")
        await idle(pilot)  # the verification that nobody waits for has ended
        assert isinstance(app.screen, ResultsScreen)


@pytest.mark.asyncio
async def test_history_verifies_the_run_under_the_cursor(tmp_path: Path) -> None:
    recorded.several(tmp_path)
    world = Stage(root=tmp_path, verified=verified(HOLDS))
    app = world.app()
    async with app.run_test(size=(120, 40)) as pilot:
        await idle(pilot)
        await press(pilot, "5", "down", "V")
        assert world.asked[-1] == "verify 20261123T091500Z"
        assert isinstance(app.screen, VerificationScreen)
        assert app.screen.query_one(RunHeader).mode is Mode.HISTORY
        await press(pilot, "escape")
        assert isinstance(app.screen, HistoryScreen)


@pytest.mark.asyncio
async def test_a_run_under_way_is_not_verified(tmp_path: Path) -> None:
    world = Stage()
    app = world.app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "4", "V")
        assert isinstance(app.screen, ResultsScreen)


def test_another_process_finds_what_the_command_finds(tmp_path: Path) -> None:
    bundle = recorded.gate_blocked(tmp_path).bundle
    found = verifying.verify(os.environ, bundle, threading.Event())
    here = verify(bundle)
    assert msgspec.to_builtins(found.report) == msgspec.to_builtins(here)
    assert found.integrity == integrity(here)
    assert found.exit_code == 6


def test_another_nbtui_where_the_app_was_started_does_not_verify(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = recorded.gate_blocked(tmp_path).bundle
    (tmp_path / "nbtui").mkdir()
    for name in ("__init__", "__main__"):
        (tmp_path / "nbtui" / f"{name}.py").write_text("raise SystemExit('somebody else')\n")
    monkeypatch.chdir(tmp_path)
    found = verifying.verify(os.environ, bundle, threading.Event())
    assert found.report.stamp == bundle.name


def test_a_verification_that_is_left_ends_its_process(tmp_path: Path) -> None:
    left = threading.Event()
    left.set()
    bundle = recorded.gate_blocked(tmp_path).bundle
    with pytest.raises(BundleError, match="exit code -9"):
        verifying.verify(os.environ, bundle, left)


def test_what_the_command_cannot_look_at_is_told_in_its_words(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="nothing-here"):
        verifying.verify(os.environ, tmp_path / "nothing-here", threading.Event())
