"""The keys at the foot: built anew when others can be pressed, and left alone otherwise."""

import pytest
from textual.pilot import Pilot
from textual.widgets._footer import FooterKey

from nbtui.tui.widgets.key_bar import KeyBar
from tests.nbtui.tui.apps import Stage, idle, press, settled

pytestmark = pytest.mark.asyncio


def keys(pilot: Pilot[int]) -> list[FooterKey]:
    return list(pilot.app.screen.query_one(KeyBar).query(FooterKey))


async def test_a_mode_that_comes_back_keeps_its_keys() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await idle(pilot)
        await settled(pilot)
        before = keys(pilot)
        await press(pilot, "2", "1")
        await settled(pilot)
        assert before
        assert [id(k) for k in keys(pilot)] == [id(k) for k in before]


async def test_keys_that_can_be_pressed_no_more_go(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await idle(pilot)
        await settled(pilot)
        gone = keys(pilot)[-1].action
        monkeypatch.setattr(app, "check_action", lambda action, _: action != gone.split("(")[0])
        app.screen.refresh_bindings()
        await settled(pilot)
        assert gone not in {k.action for k in keys(pilot)}
