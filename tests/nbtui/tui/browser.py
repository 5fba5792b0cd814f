"""A headless Chromium, driven over its own debugging protocol: open, type, take a picture."""

import asyncio
import base64
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def program() -> str | None:
    """Return the browser of this machine, if it has one."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


class Page:
    """One page, and what it is asked."""

    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._number = 0

    async def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self._number += 1
        await self._line.send_json({"id": self._number, "method": method, "params": parameters})
        while True:
            answer = json.loads((await self._line.receive()).data)
            if answer.get("id") == self._number:
                return dict(answer.get("result", {}))

    async def value(self, script: str) -> object:
        """Return what a script gives."""
        result = await self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        return result.get("result", {}).get("value")

    async def press(self, key: str) -> None:
        """Press a key, by the character that it types."""
        name = {"\r": "Enter"}.get(key, key)
        code = 13 if key == "\r" else ord(key.upper())
        for kind in ("keyDown", "keyUp"):
            text = key if kind == "keyDown" else ""
            await self.ask(
                "Input.dispatchKeyEvent", type=kind, key=name, text=text, windowsVirtualKeyCode=code
            )

    async def picture(self) -> bytes:
        """Return the page as PNG."""
        return base64.b64decode((await self.ask("Page.captureScreenshot"))["data"])


@asynccontextmanager
async def page(chromium: str, folder: Path, address: str) -> AsyncIterator[Page]:
    """Open an address in a browser of its own; ``folder`` keeps its profile."""
    browser = await asyncio.create_subprocess_exec(
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
        f"--user-data-dir={folder}", "--window-size=1300,800", address,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        told = folder / "DevToolsActivePort"
        while not told.exists() or not told.read_text():  # noqa: ASYNC110 - another program writes it
            await asyncio.sleep(0.05)
        port = told.read_text().splitlines()[0]
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                targets = await answer.json()
            target = next(t for t in targets if t["type"] == "page")
            async with session.ws_connect(target["webSocketDebuggerUrl"]) as line:
                yield Page(line)
    finally:
        browser.terminate()
        await browser.wait()
