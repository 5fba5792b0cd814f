"""Every action of the registry is pressed once, and something is seen that was not there before.

A visit is an app in a certain state and a row of deeds; a deed presses an action's first key,
as the registry has it, and names what must be on screen, in the clipboard or asked of the
services afterwards. An action without a deed fails ``test_every_action_has_its_deed``.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from nbtui.diagnose.model import Diagnosis, State, StepReport
from nbtui.diagnose.model import Finding as Cause
from nbtui.evidence.streams import Span, Stream
from nbtui.explaining import Explanation
from nbtui.run import events as ev
from nbtui.tui.actions import ACTIONS, APP, DIAGNOSIS, IMAGES, VERIFICATION
from nbtui.tui.app import NbtuiApp
from tests.nbtui.images.made import images, write_pair
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle
from tests.nbtui.tui.cells import seen, text_of
from tests.nbtui.tui.checked import HOLDS, verified
from tests.nbtui.tui.test_fixes import FIRST, SECOND

NARROW, USUAL = (80, 24), (120, 40)
BLOCKED_LOG = "nb_compare.log"


@dataclass(frozen=True, slots=True)
class Deed:
    """An action, and what shows that it was done.

    ``before`` leads there, ``types`` follows the action's key, ``after`` clears the way for the
    next deed. ``shows`` is seen after the action and not before it.
    """

    id: str
    shows: str
    before: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    waits: bool = False
    """Whether a clock does it, after the key."""


Record = Callable[[Path], recorded.Recorder]


@dataclass(frozen=True, slots=True)
class Visit:
    """An app in a certain state, and what is done in it."""

    place: str
    deeds: tuple[Deed, ...]
    world: Stage = field(default_factory=Stage)
    record: Record | None = None
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = USUAL


def with_images(root: Path) -> recorded.Recorder:
    """Record a blocked run that kept two pairs of images."""
    run = recorded.gate_blocked(root)
    write_pair(run.bundle, *images())
    write_pair(run.bundle, *images(), name="second")
    return run


def with_a_long_log(root: Path) -> recorded.Recorder:
    """Record a run under way whose log has errors, a long line, and lines from stderr."""
    run = recorded.running(root)
    lines = [f"line {n}" for n in range(1, 401)]
    lines[99], lines[299] = "Error: one", "Error: two"
    lines[249] = "line 250 " + "word " * 40 + "and its end"
    (run.bundle / "logs" / BLOCKED_LOG).write_text("\n".join(lines) + "\n", encoding="utf-8")
    ends = [sum(len(line) + 1 for line in lines[:n]) for n in (39, 40, 349, 350, 400)]
    streams = (Stream.STDOUT, Stream.STDERR) * 2 + (Stream.STDOUT,)
    spans = tuple(map(Span, (0, *ends), ends, streams))
    run.write(ev.StreamsTold(step_id="04-nb-compare", spans=spans))
    return run


def explained(bundle: Path, run_programs: bool, say: Callable[[StepReport], object]) -> Explanation:
    """Find at once what nobody named."""
    del bundle, run_programs, say
    cause = Cause("hidden input", "The C side read Fdump.bin.", "ls -l Fdump.bin")
    step = StepReport("files", "Was there a forgotten file?", State.FOUND, 0.2, (), cause)
    return Explanation(Diagnosis("a run", (step,), cause, 0.3))


VISITS: dict[str, Visit] = {
    "everywhere": Visit(
        APP,
        (
            Deed("mode_checklist", "Signature below"),
            Deed("mode_history", "Runs · 0"),
            Deed("mode_results", "No verdict"),
            Deed("mode_run", "0 of 5 held"),
            Deed("mode_preflight", "not run yet"),
            Deed("mode_plan", "Overview"),
            Deed("help", "Left the memo as it was written", after=("escape",)),
            Deed("command_palette", "Go to Results · 4", after=("escape",)),
            Deed("jump", " s ", after=("escape",)),
            Deed("next_theme", "theme nb-light"),
            Deed("suspend_process", "There is no shell here", after=("escape",)),
            Deed("next", "asked 2: check all"),
            Deed("leave", "the app has ended"),
        ),
    ),
    "leaving": Visit(APP, (Deed("detach", "left running: BUNDLE"),), record=recorded.running),
    "plan": Visit(
        "plan",
        (
            Deed("toggle_memo", "Memo · input.md", after=("m",)),
            Deed("reload", "asked 2: load"),
            Deed("accept_fix", "accept 03-benchmark", before=("down", "down")),
            Deed("undo_fix", "take back 03-benchmark"),
            Deed("accept_fixes", ": fix"),
        ),
        Stage(findings=(FIRST, SECOND)),
        size=NARROW,
    ),
    "preflight": Visit(
        "preflight",
        (
            Deed("copy_fix", "clipboard: free memory"),
            Deed("check_one", ": check memory"),
            Deed("check_all", "asked 4: check all"),
        ),
        Stage(checks=recorded.bad_checks()),
        keys=("enter",),
    ),
    "run": Visit(
        "run",
        (
            Deed("toggle_follow", "PAUSED"),
            Deed("log_start", "line 1 "),
            Deed("next_stderr", "line 40 "),
            Deed("next_trouble", "Error: one"),
            Deed("log_end", "following"),
            Deed("previous_stderr", "line 350"),
            Deed("previous_trouble", "Error: two"),
            Deed("go_to", "line 250", types=("2", "5", "0", "enter")),
            Deed("wrap", "wrapped"),
            Deed("copy_lines", "clipboard: line"),
            Deed("find", "2 of 2", types=(*"error:", "enter")),
            Deed("find_next", "1 of 2"),
            Deed("find_previous", "2 of 2"),
            Deed("toggle_gates", "Gates ·", after=("v",)),
            Deed("open_log", f": view {BLOCKED_LOG}"),
            Deed("edit_log", f": edit {BLOCKED_LOG}"),
            Deed("copy_path", "clipboard: BUNDLE"),
            Deed("cancel_run", "Cancel the run?", after=("escape",)),
        ),
        record=with_a_long_log,
        size=NARROW,
    ),
    "results": Visit(
        "results",
        (
            Deed("copy_path", "clipboard: BUNDLE/blockers.md"),
            Deed("open_report", ": view blockers.md"),
            Deed("open_log", f": view {BLOCKED_LOG}"),
            Deed("edit_log", f": edit {BLOCKED_LOG}"),
            Deed("images", "full_frame · C", after=("escape",)),
            Deed("verify", ": verify", after=("escape",)),
            Deed("diagnose", "Search for the cause?", after=("escape",)),
            Deed("new_attempt", ": check all"),
        ),
        Stage(verified=verified(HOLDS)),
        with_images,
    ),
    "history": Visit(
        "history",
        (
            Deed("next_order", "by verdict"),
            Deed("reverse", ", reversed"),
            Deed("next_verdict", "1 · cleared"),
            Deed("filter", "“below”", before=("escape",), types=(*"below", "enter")),
            Deed("mark", "1 marked", before=("escape",)),
            Deed("verify", ": verify", after=("escape",)),
            Deed("compare", "Comparison", before=("down",)),
            Deed("everything", "= verdict"),
        ),
        Stage(verified=verified(HOLDS)),
        keys=("5",),
    ),
    "checklist": Visit(
        "checklist",
        (
            Deed(
                "copy_command",
                "nb-benchmark --sizes 4096 --device cpu --dtype",
                before=("home", "down", "down"),
            ),
            Deed("open_evidence", ": view benchmark.log"),
            Deed("cancel_led", "Cancel the run?", after=("escape",)),
        ),
        record=recorded.led,
        keys=("6",),
    ),
    "checklist without a run": Visit("checklist", (Deed("lead", "Lead a run?"),), keys=("6",)),
    "diagnosis": Visit(
        DIAGNOSIS,
        (
            Deed("copy_confirmation", "clipboard: ls -l Fdump.bin"),
            Deed("back", "What to do next"),
        ),
        record=recorded.gate_blocked,
        keys=("x", "o"),
    ),
    "verification": Visit(
        VERIFICATION,
        (
            Deed("verify_again", "asked 3: verify"),
            Deed("copy_verify", "clipboard: nbtui verify BUNDLE"),
            Deed("back", "What it means"),
        ),
        Stage(verified=verified(HOLDS)),
        recorded.gate_blocked,
        keys=("V",),
    ),
    "images": Visit(
        IMAGES,
        (
            Deed("next_view", "· port ·"),
            Deed("previous_view", "· C ·"),
            Deed("flip", "· port ·"),
            Deed("rescale", "· linear "),
            Deed("zoom_in", "· 1:2 "),
            Deed("zoom_out", "· 1:3 "),
            Deed("fit", "· 1:3 ", before=("plus",)),
            Deed("worst", "slow, fast 50, 63", before=("left",) * 5),
            Deed("spots", "○"),
            Deed("curves", "Radial profile", after=("f",)),
            Deed("next_pair", "second · "),
            Deed("export", "Export what is shown", after=("escape",)),
            Deed("blink", "· C ·", after=("b",), waits=True),
            Deed("back", "What to do next"),
        ),
        record=with_images,
        keys=("i",),
        size=NARROW,
    ),
}


def test_every_action_has_its_deed() -> None:
    registered = {(place, a.id) for a in ACTIONS for place in a.where}
    assert registered == {(v.place, d.id) for v in VISITS.values() for d in v.deeds}


@pytest.mark.asyncio
@pytest.mark.timeout(300)
@pytest.mark.parametrize("visit", VISITS)
async def test_an_action_is_seen(
    visit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NbtuiApp, "suspend", lambda _app: nullcontext())
    plan = VISITS[visit]
    if plan.place == "history":
        recorded.several(tmp_path)
    bundle = plan.record(tmp_path).bundle if plan.record else None
    world = replace(plan.world, asked=[], root=tmp_path if plan.place == "history" else None)
    services = replace(
        world.services(),
        explain=explained,
        view_file=lambda path, edit, *_: world.asked.append(
            f"{'edit' if edit else 'view'} {path.name}"
        ),
    )
    app = NbtuiApp(services, attach=bundle, live=False)
    async with app.run_test(size=plan.size) as pilot:
        await typed(pilot, *plan.keys)
        for deed in plan.deeds:
            await typed(pilot, *deed.before)
            before = told(app, world, bundle)
            key = next(a.keys[0] for a in ACTIONS if a.id == deed.id)
            await typed(pilot, key, *deed.types)
            while deed.waits and deed.shows not in told(app, world, bundle):
                await pilot.pause(0.01)
            after = told(app, world, bundle)
            assert (deed.shows in before, deed.shows in after) == (False, True), (
                f"{deed.id}: {deed.shows!r}\n{before}\n-----\n{after}"
            )
            await typed(pilot, *deed.after)


async def typed(pilot: Pilot[int], *keys: str) -> None:
    """Press keys, each when everything has settled."""
    await idle(pilot)
    for key in keys:
        await pilot.press("space" if key == " " else key)
        await idle(pilot)


def told(app: NbtuiApp, world: Stage, bundle: Path | None) -> str:
    """Return everything that can be noticed of an app."""
    if app.return_value is not None:
        return f"the app has ended, left running: {app.left_running}".replace(str(bundle), "BUNDLE")
    lines = [
        *text_of(seen(app)),
        f"theme {app.theme}",
        f"clipboard: {app.clipboard}",
        *(f"asked {n}: {what}" for n, what in enumerate(world.asked, 1)),
    ]
    return "\n".join(lines).replace(str(bundle), "BUNDLE")
