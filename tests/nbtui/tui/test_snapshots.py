"""Pictures of the main states at two sizes; a change of any cell is a decision.

A picture is only the same for the same Textual; with another version the test skips and says
so. To accept new pictures: ``pytest tests/nbtui/tui/test_snapshots.py --snapshot-update``.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import textual
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from nbtui.tui.model import Ground
from tests.nbtui.images.made import images, write_pair
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, drawn, idle

DRAWN_WITH = "8.2.8"
SIZES = ((80, 24), (120, 40), (200, 60))

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        textual.__version__ != DRAWN_WITH,
        reason=f"the pictures were drawn with Textual {DRAWN_WITH}, not {textual.__version__}",
    ),
]


class Picture(SingleFileSnapshotExtension):
    """A snapshot that a browser shows."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"


@pytest.fixture
def picture(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Return the assertion that compares pictures."""
    return snapshot.use_extension(Picture)


Record = Callable[[Path], recorded.Recorder]


def with_images(root: Path) -> recorded.Recorder:
    """Record a blocked run that kept its images."""
    run = recorded.gate_blocked(root)
    write_pair(run.bundle, *images())
    return run


STATES: dict[str, tuple[Stage, Record | None, tuple[str, ...]]] = {
    "first-time": (Stage(ground=Ground(root="/home/ada/empty")), None, ()),
    "plan": (Stage(), None, ("down",) * 6),
    "preflight-blocked": (Stage(checks=recorded.bad_checks()), None, ("enter",)),
    "confirm": (Stage(), None, ("enter", "enter")),
    "running": (Stage(seconds=13.5), recorded.running, ()),
    "blocked": (Stage(), recorded.gate_blocked, ()),
    "cleared": (Stage(), recorded.cleared, ()),
    "history": (Stage(), None, ("5", "space", "down")),
    "compare": (Stage(), None, ("5", "space", "down", "down", "space", "c")),
    "checklist": (Stage(), recorded.led, ("6",)),
    "attest": (Stage(), recorded.led, ("6", "enter")),
    "images": (Stage(), with_images, ("i", "v", "v", "w", "o")),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("state", STATES)
async def test_state(
    state: str, size: tuple[int, int], tmp_path: Path, picture: SnapshotAssertion
) -> None:
    world, record, keys = STATES[state]
    bundle = record(tmp_path).bundle if record else None
    if state in {"history", "compare"}:
        recorded.several(tmp_path)
        world = replace(world, root=tmp_path)
    app = world.app(attach=bundle)
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        for key in keys:
            await pilot.press(key)
            await idle(pilot)
        found = re.sub(r"terminal-\d+", "terminal", await drawn(pilot, state))
    assert found == picture
