"""Draw the pictures of the guide: the app on recorded runs, as the tests record them.

Run it from the repository's root, in the development environment::

    python docs/images/pictures.py

The recordings have a fixed clock, so the same Textual version draws the same pictures.
"""

import asyncio
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nbtui.demo.program import image
from tests.nbtui.images.made import write_pair
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, drawn, idle

HERE = Path(__file__).parent


def _blocked(root: Path) -> recorded.Recorder:
    """Record a blocked run with the demonstration's images."""
    run = recorded.gate_blocked(root)
    write_pair(run.bundle, image("c", "none"), image("port", "scale"), worst=(50, 306))
    return run


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: the run on show, the size, and the keys that lead there."""

    record: Callable[[Path], recorded.Recorder]
    size: tuple[int, int]
    keys: tuple[str, ...] = ()


PICTURES = {
    "run": Picture(recorded.running, (120, 34)),
    "blocked": Picture(_blocked, (120, 34)),
    "images": Picture(_blocked, (120, 34), ("i", "v", "v", "o")),
}


async def draw(name: str) -> str:
    """Return a picture."""
    picture = PICTURES[name]
    with tempfile.TemporaryDirectory() as folder:
        app = Stage(seconds=13.5).app(attach=picture.record(Path(folder)).bundle)
        async with app.run_test(size=picture.size) as pilot:
            await idle(pilot)
            for key in picture.keys:
                await pilot.press(key)
                await idle(pilot)
            return re.sub(r"terminal-\d+", "terminal", await drawn(pilot, "nbtui"))


if __name__ == "__main__":
    for name in PICTURES:
        (HERE / f"{name}.svg").write_text(asyncio.run(draw(name)), encoding="utf-8")
