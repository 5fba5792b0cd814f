"""Every state is shown, and ``enter`` does in each what was announced.

One moment for each thing that the guided way can do, and one run for each phase; a new one
without its row fails.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from nbtui.errors import MemoError
from nbtui.evidence.records import Verdict
from nbtui.store import Phase
from nbtui.tui.app import NbtuiApp
from nbtui.tui.guide import Go
from nbtui.tui.model import Ground
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.words import PHASES
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, announced, idle
from tests.nbtui.tui.cells import seen, text_of
from tests.nbtui.tui.test_every_action import Record, told
from tests.nbtui.tui.test_fixes import FIRST

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]

TICKS_UNTIL_LOST = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of the guided way: what is announced, and what ``enter`` then shows."""

    says: str
    shows: str
    world: Stage = field(default_factory=Stage)
    record: Record | None = None
    keys: tuple[str, ...] = ()
    ticks: int = 0


MOMENTS = {
    Go.WAIT: Moment("the memo is being read", "", Stage(reading=threading.Event())),
    Go.RELOAD: Moment(
        "mend the memo, then read it again",
        "asked 2: load",
        Stage(trouble=MemoError("no How-To Map", where="input.md", fix="add one")),
    ),
    Go.NEWCOMER: Moment(
        "there is no project in this folder",
        "Nothing runs before you have seen",
        Stage(ground=Ground(root="/home/ada/empty")),
        keys=("down",),
    ),
    Go.SHOW_FINDINGS: Moment("see what lint found", "m:11", Stage(findings=(FIRST,))),
    Go.CHECK: Moment("run preflight", "asked 2: check all"),
    Go.START: Moment("start the run (4 stages; asks first)", "Start the run?", keys=("enter",)),
    Go.WATCH: Moment(
        "watch the run that is under way", "● running", record=recorded.running, keys=("1",)
    ),
    Go.FOLLOW: Moment(
        "stage 2 of 4 is running, follow it", "· following", Stage(), recorded.running, ("space",)
    ),
    Go.VERDICT: Moment("read the verdict", "Every gate passed", Stage(), recorded.cleared, ("3",)),
    Go.OPEN_REPORT: Moment(
        "open blockers.md", ": view blockers.md", Stage(), recorded.gate_blocked
    ),
    Go.SETTLE: Moment(
        "seal what is left of this run",
        "asked 3: settle",
        Stage(alive=False),
        recorded.running,
        ("4",),
        TICKS_UNTIL_LOST,
    ),
    Go.ANSWER: Moment(
        "the run waits for you: go to the checklist", "☐ open", Stage(), recorded.led, ("3",)
    ),
    Go.HERE: Moment("say whether it is done", "Was it done?", Stage(), recorded.led, ("6",)),
}


async def test_everything_that_enter_can_do_has_its_moment() -> None:
    assert set(MOMENTS) == set(Go)


@pytest.mark.parametrize("go", MOMENTS)
async def test_enter_does_what_is_announced(
    go: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NbtuiApp, "suspend", lambda _app: nullcontext())
    moment = MOMENTS[go]
    bundle = moment.record(tmp_path).bundle if moment.record else None
    reading = threading.Event() if moment.world.reading else None
    world = replace(moment.world, asked=[], reading=reading)
    services = replace(
        world.services(), view_file=lambda path, *_: world.asked.append(f"view {path.name}")
    )
    app = NbtuiApp(services, attach=bundle, live=False)
    async with app.run_test(size=(80, 24)) as pilot:
        busy = "load" if reading else ""
        await idle(pilot, but=busy)
        for _ in range(moment.ticks):
            app.tick()
        for key in moment.keys:
            await pilot.press(key)
            await idle(pilot)
        assert isinstance(app.screen, ModeScreen)
        assert app.screen.announce(app.model).go is go
        assert moment.says in announced(app)
        before = told(app, world, bundle)
        await pilot.press("enter")
        await idle(pilot, but=busy)
        after = told(app, world, bundle)
        if reading:
            assert after == before
            reading.set()
            await idle(pilot)
        else:
            assert moment.shows not in before
            assert moment.shows in after


def planned(root: Path) -> recorded.Recorder:
    """Record a run whose supervisor has written nothing yet."""
    run = recorded.Recorder(root)
    run.write()
    return run


def blocked(root: Path) -> recorded.Recorder:
    """Record a run that has blocked and is being sealed."""
    run = recorded.gate_blocked(root)
    journal = run.bundle / "events.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:-1]))
    return run


def ended(verdict: Verdict) -> Record:
    """Return what records a run that ended so in the middle of a stage."""
    return lambda root: recorded.running(root).end(verdict, 4, "the operator asked for it")


PHASE_RUNS: dict[Phase, Callable[[Path], recorded.Recorder]] = {
    Phase.PLANNED: planned,
    Phase.PREFLIGHT: lambda root: recorded.Recorder(root).start().preflight(recorded.good_checks()),
    Phase.RUNNING: recorded.running,
    Phase.BLOCKED: blocked,
    Phase.CLEARED: recorded.cleared,
    Phase.CANCELLED: ended(Verdict.CANCELLED),
    Phase.INTERRUPTED: ended(Verdict.INTERRUPTED),
}


async def test_the_header_names_every_phase_and_a_lost_run(tmp_path: Path) -> None:
    assert set(PHASE_RUNS) == set(Phase) == set(PHASES)
    bundles = {phase: make(tmp_path / phase).bundle for phase, make in PHASE_RUNS.items()}
    app = Stage(alive=False).app()
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        for phase, bundle in bundles.items():
            app.open_run(bundle)
            await idle(pilot)
            mark = PHASES[phase]
            assert text_of(seen(app))[0].endswith(f"{bundle.name}  {mark.glyph} {mark.word} ")
        app.open_run(bundles[Phase.RUNNING])
        for _ in range(TICKS_UNTIL_LOST):
            app.tick()
        await idle(pilot)
        assert text_of(seen(app))[0].endswith("✗ LOST ")
