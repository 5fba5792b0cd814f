"""The images screen: views, zoom, cursor, spots, blink, export, and its way in and out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from nbtui.images.peaks import Found
from nbtui.images.scale import Scaling
from nbtui.images.views import View
from nbtui.tui.screens.images import ImagesScreen
from nbtui.tui.screens.results import ResultsScreen
from nbtui.tui.widgets.image_view import ImageView
from nbtui.tui.widgets.page import Page
from tests.nbtui.images.made import EXTRA, LOST, SHAPE, images, write_pair
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, announced, idle, press, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]


@asynccontextmanager
async def shown(
    tmp_path: Path, *keys: str, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[int], ImageView]]:
    """Yield an app on the images of a blocked run."""
    bundle = recorded.gate_blocked(tmp_path).bundle
    write_pair(bundle, *images())
    app = Stage(exports=tmp_path / "exports").app(attach=bundle)
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        await press(pilot, "i", *keys)
        yield pilot, app.screen.query_one(ImageView)


def current(image: ImageView) -> View:
    return image.view


def facts(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.screen.query_one("#facts", Page))


async def test_every_view_is_one_key_away_and_the_last_leads_to_the_first(tmp_path: Path) -> None:
    async with shown(tmp_path) as (pilot, image):
        seen = []
        for _ in View:
            seen.append(image.view)
            await press(pilot, "v")
        assert seen == list(View)
        assert current(image) is View.C
        await press(pilot, "V")
        assert current(image) is View.TILES
        assert "correlation" in str(image.border_title)


async def test_the_worst_pixel_is_told_with_both_values_and_its_reflection(tmp_path: Path) -> None:
    async with shown(tmp_path, "w") as (pilot, image):
        assert image.pixel == LOST
        said = facts(pilot)
        assert f"slow, fast {LOST[0]}, {LOST[1]}" in said
        assert "C 12.01" in said
        assert "port − C −12" in said
        assert "h k l" in said
        assert "Å" in said


async def test_a_narrow_screen_tells_the_pixel_below_the_picture(tmp_path: Path) -> None:
    async with shown(tmp_path, "w", size=(80, 24)) as (pilot, _):
        line = str(pilot.app.screen.query_one("#readout", Static).content)
        assert f"{LOST[0]}, {LOST[1]}" in line
        assert "h k l" in line
        await press(pilot, "f")
        page = pilot.app.screen.query_one("#facts", Page)
        assert page.region.width > 60
        lines = str(page.query_one(Static).content).split("\n")
        assert max(len(line) for line in lines) > 60, "the bar of colours fills the wider page"


async def test_the_cursor_is_a_cross_that_ends_at_the_pane(tmp_path: Path) -> None:
    async with shown(tmp_path, "w", size=(80, 24)) as (pilot, image):
        picture = pilot.app.export_screenshot()
        assert picture.count("─") > 4
        assert "│" in picture
        for _ in range(8):
            image.zoom_by(-1)
        for _ in range(3):
            image.zoom_by(1)
        assert image.zoom.words == "1:1"
        image.go_to(0, 0)
        marks = image._marked()
        assert marks[0][0][1]
        assert set(marks) == {0, 1}
        assert min(marks[0]) == 0


async def test_zooming_keeps_the_pixel_and_the_cursor_takes_the_picture_along(
    tmp_path: Path,
) -> None:
    async with shown(tmp_path, "w", size=(80, 24)) as (pilot, image):
        assert image.zoom.block > 1
        await press(pilot, "plus")
        for _ in range(5):
            image.zoom_by(-1)
        assert image.zoom.dots > 1
        assert image.pixel == LOST
        first = image.first_cell
        assert first[0] <= LOST[0] < first[0] + image.cells_shown[0]
        image.action_move(0, 60)
        await press(pilot, "right")
        assert image.pixel == (LOST[0], LOST[1] + 61)
        assert image.first_cell[1] + image.cells_shown[1] > LOST[1] + 61
        await press(pilot, "shift+up")
        assert image.first_cell[0] < first[0]
        for _ in range(99):
            image.action_pan(-1, -1)
        assert image.first_cell == (0, 0)
        assert image.pixel == (0, 0)
        for _ in range(12):
            image.zoom_by(1)
        assert image.area == (0, SHAPE[0], 0, SHAPE[1])
        await press(pilot, "minus", "plus", "0")
        assert image.area == (0, SHAPE[0], 0, SHAPE[1])


async def test_blinking_flips_between_both_images_until_stopped(tmp_path: Path) -> None:
    async with shown(tmp_path) as (pilot, image):
        await press(pilot, "space")
        assert current(image) is View.PORT
        await press(pilot, "space")
        assert current(image) is View.C
        await press(pilot, "b")
        while current(image) is View.C:
            await pilot.pause(0.01)
        await press(pilot, "b")
        now = current(image)
        await pilot.pause()
        assert current(image) is now


async def test_scalings_go_round(tmp_path: Path) -> None:
    async with shown(tmp_path) as (pilot, image):
        for scaling in (Scaling.LINEAR, Scaling.PERCENTILE, Scaling.LOG):
            await press(pilot, "s")
            assert image.scaling is scaling
            assert scaling.value in str(image.border_title)


async def test_spots_tell_what_the_port_lost_and_added(tmp_path: Path) -> None:
    async with shown(tmp_path, "o") as (pilot, image):
        found = {(round(s.slow), round(s.fast)): s.found for s in image.spots}
        assert found[LOST] is Found.MISSING
        assert found[EXTRA] is Found.SPURIOUS
        assert "✕ 1 missing" in facts(pilot)
        assert "✕" in pilot.app.export_screenshot()
        await press(pilot, "o")
        assert image.spots == ()


async def test_what_is_shown_is_exported_beside_the_bundles(tmp_path: Path) -> None:
    async with shown(tmp_path) as (pilot, _):
        for form in ("p", "s", "c"):
            await press(pilot, "e", form)
        written = sorted(p.suffix for p in (tmp_path / "exports").iterdir())
        assert written == [".csv", ".csv", ".csv", ".png", ".svg"]
        assert pilot.app.clipboard.startswith(str(tmp_path / "exports"))
        await press(pilot, "e", "escape")
        assert len(list((tmp_path / "exports").iterdir())) == len(written)


async def test_an_export_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "exports").write_bytes(b"")
    async with shown(tmp_path, "e", "p") as (pilot, _):
        told = [n.message for n in pilot.app._notifications]
        assert any("cannot be written" in text for text in told)


async def test_a_click_puts_the_cursor_there_and_the_wheel_zooms(tmp_path: Path) -> None:
    async with shown(tmp_path, "w") as (pilot, image):
        await pilot.click(ImageView, offset=(40, 10))
        await idle(pilot)
        moved = image.pixel
        assert moved is not None
        assert moved != LOST
        image.zoom_by(-1)
        assert image.pixel is not None


async def test_help_is_its_own_and_escape_enter_and_the_mode_key_lead_back(
    tmp_path: Path,
) -> None:
    async with shown(tmp_path) as (pilot, _):
        await press(pilot, "question_mark")
        assert "Keys in Images" in pilot.app.export_screenshot().replace("&#160;", " ")
        await press(pilot, "escape")
        assert "back to the verdict" in announced(pilot.app)  # type: ignore[arg-type]
        for key in ("escape", "enter", "4"):
            await press(pilot, key)
            assert isinstance(pilot.app.screen, ResultsScreen)
            await press(pilot, "i")
            assert isinstance(pilot.app.screen, ImagesScreen)


async def test_a_bundle_without_images_says_so(tmp_path: Path) -> None:
    bundle = recorded.preflight_blocked(tmp_path).bundle
    async with Stage().app(attach=bundle).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await press(pilot, "i", "v", "plus", "w", "o", "e", "space")
        assert "holds no pair of images" in pilot.app.screen.query_one(ImageView).hint


async def test_an_image_that_was_cut_short_says_so(tmp_path: Path) -> None:
    bundle = recorded.gate_blocked(tmp_path).bundle
    pair = write_pair(bundle, *images())
    with pair.c.open("r+b") as stream:
        stream.truncate(8)
    async with Stage().app(attach=bundle).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await press(pilot, "i")
        assert "c_float.bin: 8 bytes" in pilot.app.screen.query_one(ImageView).hint
