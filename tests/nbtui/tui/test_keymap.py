"""The operator's own keys: understood, in force everywhere, and never two meanings in one place."""

from pathlib import Path

import pytest

from nbtui.errors import ConfigError
from nbtui.tui import keymap
from nbtui.tui.actions import ACTIONS
from nbtui.tui.app import NbtuiApp
from nbtui.tui.guide import Mode
from nbtui.tui.moving import NAVIGATION
from nbtui.tui.pressed import PressedApp
from tests.nbtui.tui.apps import Stage, idle, mode, press


def _load(tmp_path: Path, text: str) -> keymap.Keymap:
    path = tmp_path / "keys.toml"
    path.write_text(text, encoding="utf-8")
    return keymap.load({"NBTUI_KEYS": str(path)})


def test_there_are_no_own_keys_without_a_file(tmp_path: Path) -> None:
    assert keymap.load({"XDG_CONFIG_HOME": str(tmp_path)}) == {}
    assert keymap.file_of({"XDG_CONFIG_HOME": "/c"}) == Path("/c/nbtui/keys.toml")
    with pytest.raises(ConfigError, match="no such key file"):
        keymap.load({"NBTUI_KEYS": str(tmp_path / "none")})


def test_a_file_changes_a_set(tmp_path: Path) -> None:
    found = _load(tmp_path, 'set = "vim"\n[keys]\nfind_next = "n, f3"\nnav_down = "j"\n')
    assert found["find_next"] == ("n", "f3")
    assert found["nav_down"] == ("j",)
    assert "ctrl+d" in found["nav_page_down"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[keys]\nfind_nxt = 'n'", "did you mean find_next"),
        ("[keys]\nfind_next = 3", "the keys of find_next are 3"),
        ("[keys]\nfind_next = ''", "the keys of find_next"),
        ("[keys]\nfind_next = 'ctrl+%%'", "there is no key"),
        ("[keys]\nfind = 't'", "t would mean both next_theme and find in Run"),
        ("set = 'emacs'", "use one of default, vim"),
        ("other = 1", "unknown entry"),
        ("keys = 1", "no table"),
        ("[keys", "cannot be read"),
    ],
)
def test_what_is_not_understood_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        _load(tmp_path, text)
    assert said in str(error.value)


@pytest.mark.parametrize("name", list(keymap.SETS))
def test_every_set_is_sound(name: str) -> None:
    found = keymap.understood({"set": name}, name)
    assert set(found) <= {a.id for a in ACTIONS} | set(NAVIGATION)


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_own_keys_are_in_force_and_in_the_help() -> None:
    own = keymap.understood({"keys": {"mode_run": "f5", "help": "f2"}}, "here")
    app = NbtuiApp(Stage().services(), keymap=own, live=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await idle(pilot)
        await press(pilot, "3")
        assert mode(app) is Mode.PLAN
        await press(pilot, "f5")
        assert mode(app) is Mode.RUN
        await press(pilot, "f2")
        shown = app.export_screenshot().replace("&#160;", " ")
        assert "f5" in shown
        await press(pilot, "escape")


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_a_letter_jumps_to_a_pane() -> None:
    app = Stage().app()
    async with app.run_test(size=(120, 40)) as pilot:
        await idle(pilot)
        chain = [w.id for w in app.screen.focus_chain]
        await press(pilot, "semicolon", "d")
        assert app.focused is not None
        assert app.focused.id == chain[2]
        await press(pilot, "semicolon", "escape")
        assert app.focused.id == chain[2]


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_pressed_keys_are_named_until_escape_comes_twice() -> None:
    app = PressedApp()
    async with app.run_test() as pilot:
        await pilot.press("f3", "ctrl+q", "escape", "a", "escape", "escape")
        await pilot.pause()
    assert app.names == ["f3", "ctrl+q", "escape", "a", "escape"]
