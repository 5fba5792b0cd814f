"""A newcomer is told what this is, what is there and what to do; who has run before is not."""

import subprocess
from pathlib import Path

import pytest

from nbtui.project import find
from nbtui.tui import looking
from nbtui.tui.document import render
from nbtui.tui.model import Ground, Model
from nbtui.tui.pages import welcome
from nbtui.tui.pages.outcome_pages import outcome
from nbtui.tui.screens.plan import PlanScreen
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.run_header import run_mark
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, announced, idle, press, text_of


def _said(ground: Ground) -> str:
    return render(welcome.page(ground), 200).plain


def test_an_empty_folder_is_shown_the_demonstration() -> None:
    said = _said(Ground(root="/here"))
    assert "nbtui demo" in said
    assert "no repository" in said
    assert "build-reference" not in said


def test_a_checkout_without_a_c_program_is_told_how_to_build_it() -> None:
    assert "nb-golden build-reference" in _said(Ground(root="/here", repository=True))


def test_a_complete_checkout_is_told_to_go_on() -> None:
    said = _said(Ground(root="/here", repository=True, memo="input.md", c_program="bin/c"))
    assert "demo" not in said
    assert "✓ input.md" in said


def test_what_is_there_is_found(tmp_path: Path) -> None:
    assert not looking.ground(find(tmp_path), None, {}).repository
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "input.md").write_text("Summary: x")
    (tmp_path / "c").write_text("")
    recorded.several(tmp_path)
    found = looking.ground(find(tmp_path), None, {"NB_C_BIN": "./c"})
    assert found.repository
    assert (found.c_program, found.runs) == ("c", 3)
    assert found.memo.endswith("input.md")
    assert not found.first_time


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_the_page_comes_first_and_enter_still_leads_on() -> None:
    world = Stage(ground=Ground(root="/here", repository=True))
    async with world.app().run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, PlanScreen)
        assert screen.selected == welcome.START
        assert "Nothing runs before you have seen" in text_of(screen.query_one("#detail", Page))
        await press(pilot, "enter")
        assert "check all" in world.asked


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_where_nothing_can_be_proven_enter_leads_to_the_page_that_says_so() -> None:
    world = Stage(ground=Ground(root="/here"))
    app = world.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        screen = app.screen
        assert isinstance(screen, PlanScreen)
        await press(pilot, "down")
        assert screen.selected != welcome.START
        assert "there is no project in this folder" in announced(app)
        await press(pilot, "enter")
        assert screen.selected == welcome.START
        assert "check all" not in world.asked


def test_a_project_with_runs_says_where_they_are() -> None:
    model = Model(ground=Ground(root="/here", runs=3, newest="20261110T090000Z"))
    said = render(outcome(model, None), 80).plain
    assert "20261110T090000Z" in said
    assert "5 lists them" in said
    assert run_mark(model).word == "no run open"
    assert run_mark(Model()).word == "no run yet"
