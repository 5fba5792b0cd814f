"""Log, stages, palette, help, themes and sizes: what each screen does for its keys."""

from pathlib import Path

import pytest
from textual.command import CommandList
from textual.geometry import Offset
from textual.selection import Selection
from textual.widgets import Input

from nbtui.tui.actions import APP, actions_for
from nbtui.tui.guide import Mode
from nbtui.tui.palette import ActionProvider
from nbtui.tui.screens.dialogs import Dialog, HelpScreen
from nbtui.tui.widgets.file_log import FileLog
from nbtui.tui.widgets.next_bar import NextBar
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, mode, press, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]

SMALL = (80, 24)
USUAL = (120, 40)


async def test_the_log_pauses_and_is_searched(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        log = app.screen.query_one(FileLog)
        assert "following" in (log.border_title or "")
        await press(pilot, "space")
        assert "PAUSED" in (log.border_title or "")
        await press(pilot, "slash", *"ing", "enter")
        assert log.match_count == 4
        assert not app.screen.query_one("#search", Input).display
        assert "1 of 4" in (log.border_title or "")
        await press(pilot, "n")
        assert "2 of 4" in (log.border_title or "")
        await press(pilot, "N", "N")
        assert "4 of 4" in (log.border_title or "")
        await press(pilot, "escape", "G")
        assert "following" in (log.border_title or "")
        assert log.words == ""


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)])
async def test_a_long_question_fills_its_frame_and_keeps_its_keys(size: tuple[int, int]) -> None:
    app = Stage().app()
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        await press(pilot, "enter", "enter")
        assert isinstance(app.screen, Dialog)
        frame = app.screen.query_one("#dialog").content_region
        text, keys = (app.screen.query_one(n).region for n in ("#dialog-text", "#dialog-keys"))
        assert text.bottom + 1 == keys.y
        assert keys.bottom == frame.bottom


async def test_selected_log_lines_are_copied_as_they_are_shown(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        log = app.screen.query_one(FileLog)
        app.screen.selections = {log: Selection(Offset(12, 0), Offset(2, 1))}
        await idle(pilot)
        assert app.screen.get_selected_text() == "C program ...\nth"


async def test_choosing_a_stage_shows_its_log_and_enter_follows_again(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        log = app.screen.query_one(FileLog)
        assert log.log_file is not None
        assert log.log_file.path.name == "nb_compare.log"
        await press(pilot, "up")
        assert log.log_file.path.name == "benchmark.log"
        app.tick()
        await idle(pilot)
        assert log.log_file.path.name == "benchmark.log"
        await press(pilot, "enter")
        assert log.log_file.path.name == "nb_compare.log"


async def test_who_paused_keeps_the_log_when_the_next_stage_starts(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    app = Stage().app(attach=run.bundle)
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "space")
        run.end_stage("04-nb-compare", 6.4, 1)
        run.stage("05-pytest", b"collecting\n", 1.0, 1)
        app.tick()
        await idle(pilot)
        log = app.screen.query_one(FileLog)
        assert "nb_compare.log" in (log.border_title or "")
        await press(pilot, "space")
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
        # A long path goes on behind the next line's bar.
        assert "events.jsonl" in text_of(app.screen.query_one(Page)).replace(" ▏ ", "")
        await press(pilot, "escape")
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
        for each in Mode:
            await press(pilot, each.key)
            assert mode(app) is each
            await press(pilot, "question_mark")
            assert isinstance(app.screen, HelpScreen)
            await press(pilot, "escape")
            assert mode(app) is each


async def test_the_palette_has_every_action(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.gate_blocked(tmp_path).bundle)
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        await pilot.press("ctrl+p")
        await pilot.press(*"go to plan")
        found = app.screen.query_one(CommandList)
        while found.highlighted is None:
            await idle(pilot)
        await press(pilot, "enter")
        assert mode(app) is Mode.PLAN


async def test_the_palette_offers_whatever_is_possible_here(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=SMALL) as pilot:
        for each in Mode:
            await press(pilot, each.key)
            offered = [str(hit.text) async for hit in ActionProvider(app.screen).discover()]
            for place in (each.value, APP):
                namespace = app if place == APP else app.screen
                for action in actions_for(place):
                    possible = namespace.check_action(action.action, ())
                    wanted = bool(possible) and action.id != "command_palette"
                    assert any(t.startswith(f"{action.title} · ") for t in offered) is wanted


async def test_a_storm_of_sizes_leaves_the_screen_whole(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=USUAL) as pilot:
        for width, height in ((200, 60), (61, 17), (10, 5), (99, 30), (150, 16), (80, 24)):
            await pilot.resize_terminal(width, height)
        await idle(pilot)
        log = app.screen.query_one(FileLog)
        assert log.display
        assert log.following
        assert log.scroll_offset.y == max(log.virtual_size.height - log.size.height, 0)


async def test_the_theme_key_walks_through_the_themes() -> None:
    app = Stage().app()
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "t")
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
        assert mode(app) is Mode.PREFLIGHT
        await pilot.click(NextBar)
        await idle(pilot)
        assert app.model.checked


@pytest.mark.asyncio
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("key", "rows"), [("3", "#stages"), ("6", "#entries")])
async def test_at_eighty_columns_rows_use_the_room_there_is(
    tmp_path: Path, key: str, rows: str
) -> None:
    run = recorded.gate_blocked(tmp_path)
    async with Stage(root=tmp_path).app(attach=run.bundle).run_test(size=(80, 24)) as pilot:
        await press(pilot, key)
        shown = pilot.app.screen.query_one(rows, Rows)
        titles = [str(shown.get_option_at_index(i).prompt) for i in range(shown.option_count)]
        assert any("Benchmark (CPU, full frame)" in title for title in titles), titles
