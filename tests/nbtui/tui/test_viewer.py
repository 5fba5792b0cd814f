"""The operator's pager and editor, and that they end when the app has to."""

import os
import shlex
from pathlib import Path
from threading import Event, Thread

import pytest

from nbtui.tui.viewer import view_file
from tests.nbtui.tui.apps import Stage, idle

pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("edit", "env"),
    [(False, {"PAGER": "cp -t out"}), (True, {"EDITOR": "cp -t out"}),
     (True, {"VISUAL": "cp -t out", "EDITOR": "false"})],
)  # fmt: skip
def test_pager_and_editor_are_the_operators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: bool, env: dict[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "log with spaces").write_text("x")
    view_file(tmp_path / "log with spaces", os.environ | env, Event(), edit=edit)
    assert (tmp_path / "out" / "log with spaces").is_file()


@pytest.mark.parametrize(
    ("pager", "at"),
    [("less", ["-Ps?f%f, .q goes back to nbtui", "+7"]), ("vim", ["+7"]), ("cat", [])],
)
def test_a_pager_that_takes_a_line_gets_it_and_less_says_how_to_come_back(
    tmp_path: Path, pager: str, at: list[str]
) -> None:
    env = os.environ | {"PAGER": f"{noting(tmp_path / pager, tmp_path / 'said')} -S"}
    view_file(tmp_path / "log", env, Event(), edit=False, line=7)
    assert (tmp_path / "said").read_text().splitlines() == ["-S", *at, str(tmp_path / "log")]


def test_the_less_of_busybox_gets_no_prompt(tmp_path: Path) -> None:
    less = tmp_path / "less"
    less.symlink_to(noting(tmp_path / "busybox", tmp_path / "said"))
    view_file(tmp_path / "log", os.environ | {"PAGER": str(less)}, Event(), edit=False)
    assert (tmp_path / "said").read_text().splitlines() == [str(tmp_path / "log")]


def noting(program: Path, said: Path) -> Path:
    """Make a program that writes down its words."""
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {shlex.quote(str(said))}\n")
    program.chmod(0o755)
    return program


def test_a_pager_that_does_not_listen_is_ended_all_the_same(tmp_path: Path) -> None:
    there = tmp_path / "there"
    os.mkfifo(there)
    words = f"trap '' TERM; echo $$ > {shlex.quote(str(there))}; exec sleep 600"
    env = os.environ | {"PAGER": shlex.join(["sh", "-c", words])}
    left = Event()
    shown = Thread(target=view_file, args=(tmp_path, env, left), kwargs={"edit": False})
    shown.start()
    pid = int(there.read_text())
    left.set()
    shown.join()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.asyncio
async def test_a_size_that_was_lost_on_the_way_back_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Stage().app()
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        monkeypatch.setattr(type(app), "is_headless", False)
        monkeypatch.setattr("shutil.get_terminal_size", lambda *_: os.terminal_size((132, 43)))
        app.measure()
        while app.screen.size != (132, 43):
            await pilot.pause(0.01)
