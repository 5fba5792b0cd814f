"""History: real bundles through the real index: list, filter, sort, trends, two side by side."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from nbtui.history.records import RunRecord, StageRecord, Status
from nbtui.history.trends import Point, Trend
from nbtui.memo.plan import Role
from nbtui.tui.document import render
from nbtui.tui.guide import Mode
from nbtui.tui.pages.history_pages import describe_run
from nbtui.tui.screens.history import HistoryScreen
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, announced, idle, mode, press, text_of

pytestmark = pytest.mark.timeout(300)


@asynccontextmanager
async def history(
    root: Path, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[int], HistoryScreen]]:
    """Yield an app that shows three recorded runs."""
    recorded.several(root)
    app = Stage(root=root).app()
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        await press(pilot, "5")
        assert isinstance(app.screen, HistoryScreen)
        yield pilot, app.screen


def stamps(screen: HistoryScreen) -> list[str]:
    return [row.id.rsplit("/", 1)[-1] for row in screen.query_one("#runs", Rows)._shown]


def said(screen: HistoryScreen) -> str:
    return text_of(screen.query_one("#past", Page))


@pytest.mark.asyncio
async def test_runs_are_listed_filtered_and_sorted(tmp_path: Path) -> None:
    async with history(tmp_path) as (pilot, screen):
        assert stamps(screen) == ["20261124T101500Z", "20261123T091500Z", "20261122T081500Z"]
        await press(pilot, "v")
        assert stamps(screen) == ["20261122T081500Z"]
        await press(pilot, "v")
        assert len(stamps(screen)) == 2
        await press(pilot, "escape")
        assert len(stamps(screen)) == 3
        await press(pilot, "S")
        assert stamps(screen)[0] == "20261122T081500Z"
        await press(pilot, "S", *["s"] * 3)
        assert stamps(screen)[-1] == "20261122T081500Z"
        assert "correlation" in str(screen.query_one("#runs", Rows).border_title)


@pytest.mark.asyncio
async def test_typing_filters_and_escape_brings_all_back(tmp_path: Path) -> None:
    async with history(tmp_path) as (pilot, screen):
        await press(pilot, "slash", *"below")
        assert len(stamps(screen)) == 2
        await press(pilot, *"zzz")
        assert stamps(screen) == []
        assert "none that the filter lets through" in said(screen)
        await press(pilot, "escape")
        assert len(stamps(screen)) == 3


@pytest.mark.asyncio
async def test_a_run_tells_its_stages_and_why_it_blocked(tmp_path: Path) -> None:
    async with history(tmp_path) as (_, screen):
        told = said(screen)
        assert "below the threshold 0.999" in told
        assert "correlation 0.721177" in told
        assert "beamline-7" in told
        assert "last pass 20261122T081500Z" in told
        assert "the same figure 2 times: a rerun changes nothing" in told
        assert "0.721177 to 1 − 6.0e-14" in told


@pytest.mark.asyncio
async def test_two_marked_runs_stand_side_by_side(tmp_path: Path) -> None:
    async with history(tmp_path) as (pilot, screen):
        await press(pilot, "c")
        assert not screen.has_class("-compare")
        await press(pilot, "space", "down", "down", "space", "c")
        told = said(screen)
        assert "A 20261122T081500Z" in told
        assert "B 20261124T101500Z" in told
        assert "0.721177" in told
        assert "= plan" not in told
        await press(pilot, "a")
        assert "= plan" in said(screen)
        assert "back to the list" in announced(pilot.app)  # type: ignore[arg-type]
        await press(pilot, "enter")
        assert not screen.has_class("-compare")


@pytest.mark.asyncio
async def test_enter_opens_the_run_under_the_cursor(tmp_path: Path) -> None:
    async with history(tmp_path, size=(80, 24)) as (pilot, _):
        await press(pilot, "down", "down", "enter")
        app = pilot.app
        assert mode(app) is Mode.RESULTS  # type: ignore[arg-type]
        assert app.model.run.bundle.name == "20261122T081500Z"  # type: ignore[attr-defined]


@pytest.mark.asyncio
async def test_a_folder_without_runs_says_so(tmp_path: Path) -> None:
    async with Stage(root=tmp_path).app().run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await press(pilot, "5", "space", "c", "v", "s")
        assert isinstance(pilot.app.screen, HistoryScreen)
        assert "No run here yet" in said(pilot.app.screen)


def test_every_figure_that_moved_has_its_course_and_the_others_are_counted() -> None:
    values = ({"correlation": 1.0, "worst_ring": 0.1, "c_sum": 5.0, "py_sum": 5.0},
              {"correlation": 1.0, "worst_ring": 0.3, "c_sum": 5.0, "py_sum": 5.0})  # fmt: skip
    points = tuple(
        Point(stamp, f"reports/a/b/{stamp}", "c", "04-compare", Status.PASSED, figures)
        for stamp, figures in zip(("20261102T000000Z", "20261101T000000Z"), values, strict=True)
    )
    stage = StageRecord(
        step_id="04-compare", role=Role.COMPARE, title="t", status=Status.PASSED, parameter_hash="h"
    )
    run = RunRecord(stamp="20261102T000000Z", bundle="b", initiative="i", stages=(stage,))
    told = render(describe_run(run, (Trend("h", Role.COMPARE, points),)), 100).plain
    course = {line.split()[0]: line for line in told.splitlines() if line.strip()}
    assert "0.1 to 0.3" in course["worst_ring"]
    assert "correlation" in course
    assert "c_sum" not in course
    assert "2 more figures never changed." in told
