"""Clocks that are set, runs within one second, time zones."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.run import stamp
from tests.faults.harness.site import PATIENCE_S, Site
from tests.nbtui.run.lab import plan_of, shell

pytestmark = pytest.mark.timeout(300)
PLAN = plan_of(shell(1, "echo begun"))
STEPPED = """
import os
from datetime import timedelta
from pathlib import Path
from nbtui.run.clock import SystemClock
told, steps = SystemClock.now, Path(os.environ["STEPS"])
def now(self):
    return told(self) + timedelta(hours=int(steps.read_text() or 0) if steps.exists() else 0)
SystemClock.now = now
"""
"""The wall clock at the boundary, with a step that the test writes into a file."""


@pytest.fixture
def steps(site: Site) -> Path:
    """Return the file that sets the clock of every process of the site, in hours."""
    modules = site.home / "modules"
    modules.mkdir()
    (modules / "sitecustomize.py").write_text(STEPPED)
    steps = site.home / "steps"
    site.lab.env |= {"PYTHONPATH": str(modules), "STEPS": str(steps)}
    return steps


@pytest.mark.parametrize("hours", [24, -24], ids=["forward", "back"])
def test_a_clock_set_during_a_stage_blocks(site: Site, steps: Path, hours: int) -> None:
    run = site.start(site.held_plan()).said("begun")
    steps.write_text(str(hours))
    site.let_go()
    state = run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "clock does not hold")
    outcome = state.stages[0].outcome
    assert outcome is not None
    assert 0.0 <= outcome.wall_s < 3600.0  # durations come from the other clock
    assert state.blocker is not None
    assert "the wall clock moved" in state.blocker.found


def test_a_clock_set_back_between_runs_gives_no_earlier_stamp(site: Site, steps: Path) -> None:
    first = site.start(PLAN)
    first.ends(Verdict.CLEARED, ExitCode.CLEARED)
    steps.write_text("-24")
    second = site.start(PLAN)
    state = second.ends(Verdict.CLEARED, ExitCode.CLEARED)
    assert second.bundle.name > first.bundle.name
    assert any("is behind the newest run" in note for note in state.notes)


def test_a_stamp_of_the_future_is_followed(site: Site) -> None:
    moment = datetime.now(UTC) + timedelta(days=400)
    later = site.root / "reports/test/phase_a" / moment.strftime(stamp.FORMAT)
    later.mkdir(parents=True)
    run = site.start(PLAN)
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    assert run.bundle.name > later.name


def test_runs_within_one_second_never_share_a_stamp(site: Site) -> None:
    place = "reports/test/phase_a"
    files = [site.home / f"{number}.stamp" for number in range(8)]
    started = []
    for file in files:
        with file.open("wb") as out:
            started.append(
                site.born.start(
                    "tests.nursery.roles:take_stamp", [str(site.root), place], cwd=site.root,
                    env=site.lab.env, out=out.fileno(), err=out.fileno(), held=True,
                )
            )  # fmt: skip
    for process in started:  # all are ready before the first one goes
        process.go()
    assert [process.wait(PATIENCE_S) for process in started] == [0] * len(started)
    stamps = [file.read_text() for file in files]
    assert len(set(stamps)) == len(started)
    assert all(stamp.PATTERN.fullmatch(s) for s in stamps)
    folders = {p.name for p in (site.root / place).iterdir()}
    assert folders == set(stamps)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/St_Johns", "no/such/zone"])
def test_a_time_zone_changes_no_stamp(site: Site, zone: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    run = site.start(PLAN, env={"TZ": zone})
    state = run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    made = datetime.strptime(run.bundle.name, stamp.FORMAT).replace(tzinfo=UTC)
    assert before <= made <= datetime.now(UTC) + timedelta(seconds=stamp.PATIENCE_S)
    assert state.started_t.endswith("Z")
