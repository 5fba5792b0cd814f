"""The guided way, key by key, from memo to verdict; and the ways off it."""

import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from nbtui.errors import LockHeldError, MemoError
from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan
from nbtui.tui.app import NbtuiApp
from nbtui.tui.guide import Mode
from nbtui.tui.screens.dialogs import Dialog, HelpScreen
from nbtui.tui.widgets.file_log import FileLog
from nbtui.tui.widgets.memo_view import MemoView
from nbtui.tui.widgets.next_bar import NextBar
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(60)]

SMALL = (80, 24)
USUAL = (120, 40)


def _mode(app: NbtuiApp) -> Mode:
    return app.mode


def _lost(app: NbtuiApp) -> bool:
    return app.model.lost


def _announced(app: NbtuiApp) -> str:
    return app.screen.query_one(NextBar).words


async def _press(pilot: Pilot[int], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await idle(pilot)


@pytest.mark.parametrize("size", [SMALL, USUAL])
async def test_enter_leads_from_memo_to_verdict(tmp_path: Path, size: tuple[int, int]) -> None:
    run = recorded.running(tmp_path)
    world = Stage(start=lambda _plan: run.bundle)
    app = world.app()
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        assert _announced(app) == "run preflight"
        await _press(pilot, "enter")
        assert _mode(app) is Mode.PREFLIGHT
        assert _announced(app) == "start the run (4 stages; asks first)"
        await _press(pilot, "enter")
        assert isinstance(app.screen, Dialog)
        assert "start" not in world.asked
        await _press(pilot, "y")
        assert world.asked.count("start") == 1
        assert _mode(app) is Mode.RUN
        assert "stage 2 of 4" in _announced(app)
        run.end_stage("04-nb-compare", 6.4, 1)
        run.report("phase_e_summary.md", "# cleared\n", "summary")
        run.end(Verdict.CLEARED, 0)
        app.tick()
        await idle(pilot)
        assert _announced(app) == "read the verdict"
        await _press(pilot, "enter")
        assert _mode(app) is Mode.RESULTS
        assert "CLEARED" in text_of(app.screen.query_one("#outcome", Page))
        assert _announced(app) == "open phase_e_summary.md"
        await _press(pilot, "q")
    assert app.return_value == ExitCode.CLEARED


async def test_a_run_followed_to_its_block_gives_its_exit_code(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    app = Stage().app(attach=run.bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        assert _mode(app) is Mode.RUN
        run.end(Verdict.BLOCKED, 1)
        app.tick()
        await _press(pilot, "q")
    assert app.return_value == ExitCode.BLOCKED


async def test_looking_at_an_old_run_ends_with_zero(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.gate_blocked(tmp_path).bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        assert _mode(app) is Mode.RESULTS
        await _press(pilot, "q")
    assert app.return_value == 0


async def test_nothing_starts_when_the_question_is_declined() -> None:
    world = Stage()
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await _press(pilot, "enter", "enter")
        question = text_of(app.screen.query_one(Page))
        assert "nb-benchmark --sizes 4096" in question
        assert "--outdir" in question
        await _press(pilot, "enter", "escape")
        assert not isinstance(app.screen, Dialog)
        assert "start" not in world.asked


async def test_a_blocking_check_is_selected_and_its_fix_copied() -> None:
    world = Stage(checks=recorded.bad_checks())
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await _press(pilot, "enter")
        rows = app.screen.query_one("#checks", Rows)
        assert rows.selected == "memory"
        detail = text_of(app.screen.query_one("#check", Page))
        assert "8.1 GB" in detail
        assert ">= 16 GB" in detail
        assert "input.md:17" in detail
        await _press(pilot, "y")
        assert app.clipboard.startswith("free memory")
        await _press(pilot, "R")
        assert world.asked[-1] == "check memory"
        assert len(app.model.blocked_checks) == 1
        assert "1 blocks" in _announced(app)
        await _press(pilot, "r")
        assert world.asked[-1] == "check all"


async def test_checks_appear_as_they_are_made() -> None:
    gate = threading.Event()
    world = Stage(hold=gate)
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert _announced(app) == "checks are running (0 done)"
        assert app.model.checking
        gate.set()
        await idle(pilot)
        assert app.model.preflight_passed


async def test_moving_through_the_steps_lights_the_memo() -> None:
    app = Stage().app()
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        memo = app.screen.query_one(MemoView)
        assert memo.lit == frozenset()
        app.screen.query_one("#steps", Rows).select("03-benchmark")
        await idle(pilot)
        assert memo.lit == frozenset({11})
        detail = text_of(app.screen.query_one("#detail", Page))
        assert ".venv/bin/nb-benchmark" in detail
        assert "$OUTDIR/logs/benchmark.log" in detail
        assert "testing_strategy.md:61" in detail
        assert "[tool.nbtui.aliases]" in detail


async def test_on_a_narrow_screen_the_memo_takes_turns_with_the_details() -> None:
    app = Stage().app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        memo, detail = app.screen.query_one("#memo"), app.screen.query_one("#detail")
        assert (memo.display, detail.display) == (False, True)
        await _press(pilot, "m")
        assert (memo.display, detail.display) == (True, False)


async def test_a_memo_that_cannot_be_read_is_explained_and_read_again() -> None:
    world = Stage(trouble=MemoError("no How-To Map", where="input.md", fix="add one"))
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        assert "no How-To Map" in text_of(app.screen.query_one("#detail", Page))
        assert "mend the memo" in _announced(app)
        world.trouble = None
        await _press(pilot, "enter")
        assert app.model.plan is not None
        assert _announced(app) == "run preflight"


async def test_a_held_lock_is_told_and_the_app_goes_on() -> None:
    def refuse(_plan: Plan) -> Path:
        raise LockHeldError("another run holds the machine", where="pid 4242")

    app = Stage(start=refuse).app()
    async with app.run_test(size=SMALL) as pilot:
        await _press(pilot, "enter", "enter", "y")
        assert isinstance(app.screen, Dialog)
        assert "pid 4242" in text_of(app.screen.query_one(Page))
        await _press(pilot, "escape")
        assert _mode(app) is Mode.PREFLIGHT
        assert not app.model.starting


async def test_an_error_in_a_worker_is_a_message_not_a_crash() -> None:
    app = Stage(start=None).app()
    async with app.run_test(size=SMALL) as pilot:
        await _press(pilot, "enter", "enter", "y")
        assert isinstance(app.screen, Dialog)
        assert "LookupError: this test starts nothing" in text_of(app.screen.query_one(Page))
        await _press(pilot, "y")
        assert "this test starts nothing" in app.clipboard


async def test_a_run_under_way_is_shown_at_once(tmp_path: Path) -> None:
    app = Stage(active=recorded.running(tmp_path).bundle).app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        assert _mode(app) is Mode.RUN
        assert app.model.active
        await _press(pilot, "q")
    assert app.return_value == 0
    assert app.left_running is not None


async def test_quitting_asks_only_for_a_run_started_here(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    world = Stage(start=lambda _plan: bundle)
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await _press(pilot, "enter", "enter", "y", "q")
        assert isinstance(app.screen, Dialog)
        await _press(pilot, "escape")
        assert app.is_running
        await _press(pilot, "q", "d")
    assert app.left_running == bundle
    assert not any(word.startswith("cancel") for word in world.asked)


async def test_cancelling_asks_and_then_offers_to_kill(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    world = Stage()
    app = world.app(attach=bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        await _press(pilot, "c", "escape")
        assert not any(word.startswith("cancel") for word in world.asked)
        await _press(pilot, "c", "c")
        assert world.asked[-1] == f"cancel {bundle.name}"
        assert "being cancelled" in _announced(app)
        await _press(pilot, "c", "k")
        assert world.asked[-1] == f"kill {bundle.name}"


async def test_a_dead_supervisor_is_noticed_and_its_run_sealed(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    world = Stage(alive=False)
    app = world.app(attach=run.bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        for _ in range(8):
            app.tick()
        await idle(pilot)
        assert _lost(app)
        assert world.asked[-1] == f"settle {run.bundle.name}"
        await _press(pilot, "enter")
        assert "left no verdict" in text_of(app.screen.query_one("#outcome", Page))
        run.end(Verdict.INTERRUPTED, 4)
        app.tick()
        await idle(pilot)
        assert not _lost(app)
        assert "INTERRUPTED" in text_of(app.screen.query_one("#outcome", Page))


async def test_the_blocked_screen_says_what_by_how_much_and_what_next(tmp_path: Path) -> None:
    bundle = recorded.gate_blocked(tmp_path).bundle
    world = Stage()
    app = world.app(attach=bundle)
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        said = text_of(app.screen.query_one("#outcome", Page))
        for words in ("0.721177", ">= 0.999", "0.2778", "testing_strategy.md:62",
                      "What it means", "What to do next", "FAILED"):  # fmt: skip
            assert words in said
        assert bundle.name in said.replace(" ", "")
        await _press(pilot, "y")
        assert app.clipboard == str(bundle / "blockers.md")
        await _press(pilot, "l")
        # Without a terminal nothing can be suspended for a pager: the path is told instead.
        told = [note.message for note in app._notifications]
        assert str(bundle / "logs" / "nb_compare.log") in told
        await _press(pilot, "a")
        assert _mode(app) is Mode.PREFLIGHT
        assert app.model.preflight_passed


async def test_a_preflight_block_shows_every_blocking_check(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.preflight_blocked(tmp_path).bundle)
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        said = text_of(app.screen.query_one("#outcome", Page))
        assert "Fdump.bin" in said
        assert "mv Fdump.bin" in said
        assert "nothing was run" in said


async def test_the_log_pauses_and_is_searched(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        log = app.screen.query_one(FileLog)
        assert "following" in (log.border_title or "")
        await _press(pilot, "space")
        assert "PAUSED" in (log.border_title or "")
        await _press(pilot, "slash", *"done", "enter")
        assert log.match_count == 4
        assert not app.screen.query_one("#search", Input).display
        assert "1 of 4" in (log.border_title or "")
        await _press(pilot, "n")
        assert "2 of 4" in (log.border_title or "")
        await _press(pilot, "N", "N")
        assert "4 of 4" in (log.border_title or "")
        await _press(pilot, "escape", "G")
        assert "following" in (log.border_title or "")
        assert log.words == ""


async def test_choosing_a_stage_shows_its_log_and_enter_follows_again(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        log = app.screen.query_one(FileLog)
        assert log.log_file is not None
        assert log.log_file.path.name == "nb_compare.log"
        await _press(pilot, "up")
        assert log.log_file.path.name == "benchmark.log"
        app.tick()
        await idle(pilot)
        assert log.log_file.path.name == "benchmark.log"
        await _press(pilot, "enter")
        assert log.log_file.path.name == "nb_compare.log"


async def test_who_paused_keeps_the_log_when_the_next_stage_starts(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    app = Stage().app(attach=run.bundle)
    async with app.run_test(size=SMALL) as pilot:
        await _press(pilot, "space")
        run.end_stage("04-nb-compare", 6.4, 1)
        run.stage("05-pytest", b"collecting\n", 1.0, 1)
        app.tick()
        await idle(pilot)
        log = app.screen.query_one(FileLog)
        assert "nb_compare.log" in (log.border_title or "")
        await _press(pilot, "space")
        assert "pytest_highres.log" in (log.border_title or "")
        assert "following" in (log.border_title or "")


async def test_a_damaged_journal_is_told_and_what_was_read_stays(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    app = Stage().app(attach=run.bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        with (run.bundle / "events.jsonl").open("ab") as journal:
            journal.write(b"not a journal line\n")
        app.tick()
        await idle(pilot)
        assert isinstance(app.screen, Dialog)
        assert "events.jsonl" in text_of(app.screen.query_one(Page))
        await _press(pilot, "escape")
        app.tick()
        await idle(pilot)
        assert app.screen.query_one(NextBar).words.startswith("nothing to do: stage 2")


async def test_the_footer_is_not_rebuilt_while_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = recorded.running(tmp_path)
    app = Stage().app(attach=run.bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        rebuilt: list[None] = []
        monkeypatch.setattr(app.screen, "refresh_bindings", lambda: rebuilt.append(None))
        for number in range(5):
            with (run.bundle / "logs/nb_compare.log").open("ab") as log:
                log.write(b"%d\n" % number)
            app.screen.query_one(FileLog).poll()
            app.tick()
            await pilot.pause()
        assert rebuilt == []


async def test_digits_change_modes_and_help_explains_each() -> None:
    app = Stage().app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        for mode in Mode:
            await _press(pilot, mode.key)
            assert _mode(app) is mode
            await _press(pilot, "question_mark")
            assert isinstance(app.screen, HelpScreen)
            await _press(pilot, "escape")
            assert _mode(app) is mode


async def test_the_palette_has_every_action(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.gate_blocked(tmp_path).bundle)
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        await pilot.press("ctrl+p")
        await pilot.press(*"go to plan")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await idle(pilot)
        assert _mode(app) is Mode.PLAN


async def test_the_theme_key_walks_through_the_themes() -> None:
    app = Stage().app()
    async with app.run_test(size=SMALL) as pilot:
        await _press(pilot, "t")
        assert app.theme == "nb-light"


@pytest.mark.parametrize("size", [(59, 24), (80, 15), (20, 5)])
async def test_a_tiny_terminal_gets_one_plain_message(size: tuple[int, int]) -> None:
    app = Stage().app()
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        assert app.screen.query_one("#too-small").display
        assert not app.screen.query_one("#body").display
        await pilot.resize_terminal(80, 24)
        await idle(pilot)
        assert app.screen.query_one("#body").display
        assert not app.screen.query_one("#too-small").display


async def test_the_mouse_works_too() -> None:
    app = Stage().app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        await pilot.click("RunHeader", offset=(20, 1))
        await idle(pilot)
        assert _mode(app) is Mode.PREFLIGHT
        await pilot.click(NextBar)
        await idle(pilot)
        assert app.model.checked
