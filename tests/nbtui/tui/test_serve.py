"""The app in a browser: the page is served on this machine, and the app speaks through it."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from nbtui.commands.root import group
from nbtui.demo.project import make
from nbtui.errors import ConfigError
from nbtui.run.catalog import bundles
from nbtui.store import read
from tests.nbtui.tui.browser import page, program

PATIENCE_S = 120.0
"""Ends a hang; it does not judge a busy machine."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}/"


_DRAWN = """
(() => { const it = document.querySelector('.xterm-rows, .xterm-screen canvas');
         return document.body.classList.contains('-first-byte') && it !== null; })()
"""
"""Whether the terminal in the page has received its first bytes."""


async def _page_and_screen(port: int) -> tuple[str, str]:
    """Return the page, and what the app draws until it shows its modes."""
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(_address(port)) as answer:
                    page = await answer.text()
                break
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)
        drawn = ""
        async with session.ws_connect(f"{_address(port)}ws?width=80&height=24") as line:
            while "Preflight" not in drawn:
                message = await line.receive()
                if message.type is aiohttp.WSMsgType.BINARY:
                    drawn += message.data.decode("utf-8", "replace")
    return page, drawn


def _environment(root: Path) -> dict[str, str]:
    """Return an environment whose locks and caches lie beside the project."""
    beside = root.parent / "beside"
    own = {"NBTUI_CACHE_DIR": str(beside / "cache"), "NBTUI_LOCK_DIR": str(beside / "locks")}
    return {n: v for n, v in os.environ.items() if not n.startswith("NB_")} | own


@contextmanager
def _serving(port: int, root: Path) -> Iterator[None]:
    """Serve a project's app while the block lasts."""
    server = subprocess.Popen(
        [sys.executable, "-m", "nbtui", "serve", "--port", str(port), "--root", str(root)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=_environment(root), start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE_S)


@pytest.mark.timeout(300)
def test_the_app_is_served_to_this_machine_only(tmp_path: Path) -> None:
    port = _free_port()
    with _serving(port, tmp_path):
        served, drawn = asyncio.run(_page_and_screen(port))
    assert "nbtui" in served
    assert "Plan" in drawn


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve.server", None)
    done = CliRunner().invoke(group, ["serve"])
    assert isinstance(done.exception, ConfigError)
    assert "nbtui[web]" in str(done.exception)


def _verdict(root: Path) -> str:
    """Return how the run in a project ended; empty while there is none or it is under way."""
    found = [read(bundle) for bundle in bundles(root)]
    return found[0].verdict.value if found and found[0].verdict else ""


async def _followed(chromium: str, folder: Path, port: int, root: Path) -> bytes:
    """Start a run in the browser, follow it to its verdict, and return a picture of that."""
    async with asyncio.timeout(PATIENCE_S), page(chromium, folder, _address(port)) as shown:
        while not await shown.value(_DRAWN):  # noqa: ASYNC110 - the browser has no event for it
            await asyncio.sleep(0.1)
        await shown.value("document.querySelector('.xterm-helper-textarea').focus()")
        # enter goes the guided way; y answers the question at its end and is harmless before.
        while not bundles(root):
            await shown.press("\r")
            await asyncio.sleep(0.5)
            await shown.press("y")
        while not _verdict(root):  # noqa: ASYNC110 - the supervisor is another process
            await asyncio.sleep(0.1)
        await shown.press("4")
        await asyncio.sleep(1.0)
        return await shown.picture()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(program() is None, reason="there is no Chromium on this machine")
def test_a_run_is_followed_to_its_verdict_in_a_browser(tmp_path: Path) -> None:
    make(tmp_path / "demo", blocked=False)
    port = _free_port()
    chromium = program()
    assert chromium is not None
    with _serving(port, tmp_path / "demo"):
        picture = asyncio.run(_followed(chromium, tmp_path / "profile", port, tmp_path / "demo"))
    assert _verdict(tmp_path / "demo") == "cleared"
    kept = Path(os.environ.get("NBTUI_PICTURES", str(tmp_path)))
    kept.mkdir(parents=True, exist_ok=True)
    (kept / "browser.png").write_bytes(picture)
    assert picture.startswith(b"\x89PNG")
