"""Draw ``run.svg``: the Run mode on a recorded run, as the tests record it.

Run it from the repository's root, in the development environment::

    python docs/images/run_picture.py

The recording has a fixed clock, so the same Textual version draws the same picture.
"""

import asyncio
import re
import tempfile
from pathlib import Path

from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle

PICTURE = Path(__file__).with_name("run.svg")
SIZE = (120, 34)


async def draw() -> str:
    """Return the picture."""
    with tempfile.TemporaryDirectory() as folder:
        app = Stage(seconds=13.5).app(attach=recorded.running(Path(folder)).bundle)
        async with app.run_test(size=SIZE) as pilot:
            await idle(pilot)
            return re.sub(r"terminal-\d+", "terminal", app.export_screenshot(title="nbtui"))


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(draw()), encoding="utf-8")
