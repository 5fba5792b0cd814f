"""Pictures of every main state, at three sizes, in every theme; a change of any cell is a decision.

Each state has two pictures: the dark theme as a browser shows it (``.svg``), and all themes as
text (``.txt``, see ``cells.py``). A picture is only the same for the same Textual; with another
version the test skips and says so. To accept new pictures, look at them and run
``pytest tests/nbtui/tui/test_snapshots.py --snapshot-update``.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import textual
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual.pilot import Pilot

from nbtui.memo.lint import Finding, Remedy, Severity
from nbtui.memo.plan import Deviation
from nbtui.tui import themes
from nbtui.tui.app import NbtuiApp
from nbtui.tui.model import Ground
from tests.nbtui.images.made import images, write_pair
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, press, settled
from tests.nbtui.tui.cells import Cells, contrast, picture, roles, runs, seen, text_of, within
from tests.nbtui.tui.checked import ALTERED, HOLDS, LOST, REMARK, verified

DRAWN_WITH = "8.2.8"
SIZES = ((80, 24), (120, 40), (200, 60))
READABLE = 4.5
"""The least contrast of text: muted text and the row under the cursor included, rules and the
empty part of bars not; what a dialog covers is not in use."""

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


class Text(SingleFileSnapshotExtension):
    """A snapshot that a reviewer reads."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


Record = Callable[[Path], recorded.Recorder]


@dataclass(frozen=True, slots=True)
class State:
    """A state of the app: its world, the keys that lead there, and the words that tell it."""

    says: tuple[str, ...]
    world: Stage
    record: Record | None = None
    keys: tuple[str, ...] = ()
    past: bool = False
    """Whether there are earlier runs."""
    lints: bool = False
    """Whether the memo is still being read."""


def with_images(root: Path) -> recorded.Recorder:
    """Record a blocked run that kept its images."""
    run = recorded.gate_blocked(root)
    write_pair(run.bundle, *images())
    return run


def findings() -> tuple[Finding, ...]:
    """Return what lint says of the memo that this project started from."""
    without = Deviation(memo_says="--keep-artifacts", runs="leaves it out", why="no such option")
    return (
        Finding(
            id="unknown-option",
            severity=Severity.BLOCK,
            line=11,
            text="nb-benchmark has no option --keep-artifacts: the command ends before it starts",
            source="nb-benchmark --help",
            fix="remove --keep-artifacts",
            remedy=Remedy(
                step_id="03-benchmark",
                before=("nb-benchmark", "--sizes", "4096", "--keep-artifacts", "--device", "cpu"),
                after=("nb-benchmark", "--sizes", "4096", "--device", "cpu"),
                deviation=without,
            ),
        ),
        Finding(
            id="different-experiments",
            severity=Severity.WARN,
            line=17,
            text="stages 1 and 2 differ in -N (5 and 3): their figures cannot be compared",
            source="input.md:11, input.md:17",
            fix="give both the same -N",
        ),
    )


STATES = {
    "first-time": State(("Start here", "What next"), Stage(ground=Ground(root="/home/ada/empty"))),
    "linting": State(("The memo is being read",), Stage(), lints=True),
    "findings": State(
        ("1 blocks the run, 1 warns", "✗ BLOCK", "! warn"),
        Stage(findings=findings()),
        keys=("enter",),
    ),
    "fix": State(
        ("− nb-benchmark", "+ nb-benchmark", "accept this fix"),
        Stage(findings=findings()),
        keys=("enter", "down"),
    ),
    "plan": State(("▸ runs", "without a shell"), Stage(), keys=("down",) * 6),
    "preflight-blocked": State(
        ("✗ BLOCK", "✓ ok", "! warn", "2 block"),
        Stage(checks=recorded.bad_checks()),
        keys=("enter",),
    ),
    "confirm": State(("Start the run?",), Stage(), keys=("enter", "enter")),
    "running": State(("● RUNNING", "✓ passed"), Stage(seconds=13.5), recorded.running),
    "blocked": State(("✗ BLOCKED", "0.721177"), Stage(), recorded.gate_blocked),
    "altered": State(
        ("✗ NOT intact", "? full_frame/c.bin", "✗ logs/nb_compare.log"),
        Stage(verified=verified(ALTERED, LOST, HOLDS, REMARK)),
        recorded.gate_blocked,
        ("V",),
    ),
    "cleared": State(("✓ CLEARED",), Stage(), recorded.cleared),
    "history": State(
        ("✓ CLEARED", "✗ BLOCKED", "1 marked"), Stage(), keys=("5", "space", "down"), past=True
    ),
    "compare": State(
        ("✓ CLEARED", "✗ BLOCKED"),
        Stage(),
        keys=("5", "space", "down", "down", "space", "c"),
        past=True,
    ),
    "checklist": State(("☑ done", "? you", "☐ open"), Stage(), recorded.led, ("6",)),
    "attest": State(("done, I sign", "not done"), Stage(), recorded.led, ("6", "enter")),
    "images": State(("difference", "h k l"), Stage(), with_images, ("i", "v", "v", "w", "o")),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda s: f"{s[0]}x{s[1]}")
@pytest.mark.parametrize("state", STATES)
async def test_state(
    state: str, size: tuple[int, int], tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    wanted = STATES[state]
    bundle = wanted.record(tmp_path).bundle if wanted.record else None
    if wanted.past:
        recorded.several(tmp_path)
    reading = threading.Event() if wanted.lints else None
    world = replace(wanted.world, reading=reading, root=tmp_path if wanted.past else None)
    app = world.app(attach=bundle)
    async with app.run_test(size=size) as pilot:
        busy = "load" if reading else ""
        await idle(pilot, but=busy)
        for key in wanted.keys:
            await pilot.press(key)
            await idle(pilot, but=busy)
        await settled(pilot)
        drawn = re.sub(
            r"terminal-\d+", "terminal", app.export_screenshot(title=state, simplify=True)
        )
        shown = await in_all_themes(app, pilot)
        dialog = app.screen.query("#dialog")
        front = dialog.first().region if dialog else None
        if reading:
            reading.set()
            await idle(pilot)
    assert drawn == snapshot.use_extension(Picture)
    assert picture(shown, roles(themes.THEMES), front) == snapshot.use_extension(Text)
    said = {name: text_of(cells) for name, cells in shown.items()}
    assert len(set(said.values())) == 1
    assert [words for words in wanted.says if words not in "\n".join(said["nb-mono"])] == []
    assert colours(shown[themes.MONOCHROME]) == set()
    in_use = {name: within(cells, front) for name, cells in shown.items()} if front else shown
    assert illegible(in_use) == []


async def test_what_opens_above_a_screen_is_legible_too(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.gate_blocked(tmp_path).bundle)
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        for keys, inside, said in (
            (("question_mark",), "#dialog", "Results"),
            (("escape", "ctrl+p"), "CommandList", "Open the log · l"),
            (("escape", "x"), "#dialog", "may run programs"),
        ):
            await press(pilot, *keys)
            shown = await in_all_themes(app, pilot)
            region = app.screen.query(inside).first().region
            front = {name: within(cells, region) for name, cells in shown.items()}
            assert said in "\n".join(text_of(front[themes.MONOCHROME]))
            assert illegible(front) == []
            assert colours(front[themes.MONOCHROME]) == set()


async def test_no_color_draws_none_and_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[str, ...]] = []
    for environ in ({}, {"NO_COLOR": "1"}):
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        bundle = with_images(tmp_path / str(len(said))).bundle
        app = Stage().app(attach=bundle, theme=themes.first_theme(environ))
        async with app.run_test(size=(120, 40)) as pilot:
            await idle(pilot)
            verdict = seen(app)
            await press(pilot, "i", "v", "v")
            assert (colours(verdict) | colours(seen(app)) == set()) is bool(environ)
            said.append(text_of(verdict))
    assert said[0] == said[1]


async def in_all_themes(app: NbtuiApp, pilot: Pilot[int]) -> dict[str, Cells]:
    """Return the screen in every theme; what is shown must not depend on the way there."""
    shown = {}
    for theme in themes.THEMES:
        app.use_theme(theme.name)
        await pilot.pause()
        shown[theme.name] = seen(app)
    return shown


def colours(cells: Cells) -> set[str]:
    """Return the colours of a screen that are no greys."""
    used = {c for row in cells for cell in row for c in (cell.look.ink, cell.look.ground) if c}
    return {c for c in used if not c[1:3] == c[3:5] == c[5:7]}


def illegible(shown: dict[str, Cells]) -> list[str]:
    """Return the words that do not stand out, and how far they do."""
    found = {
        f"{name}: {look.ink} on {look.ground} {contrast(look.ink, look.ground):.2f}: {words!r}"
        for name, cells in shown.items()
        for row in cells
        for words, look in runs([c for c in row if not c.graphic])
        if told(words) and contrast(look.ink, look.ground) < READABLE
    }
    return sorted(found)


def told(words: str) -> bool:
    """Whether a run of cells says something: the empty part of a bar does not."""
    return bool(words.strip()) and (len(words) < 4 or set(words) != {"·"})
