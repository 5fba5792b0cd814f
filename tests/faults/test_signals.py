"""Signals to supervisor and viewer: who dies of them, and what becomes of the run."""

import os
import signal

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.run.process import is_running
from tests.faults.harness.site import Site, eventually
from tests.nbtui.run.lab import plan_of, processes_with, shell

pytestmark = pytest.mark.timeout(300)
SLOW = """
import os, sys, time
from pathlib import Path
gate = Path(os.environ["GATE"])
if "nbtui.run.supervisor" in sys.orig_argv:
    gate.with_name("gate.waits").touch()
    while gate.parent.exists() and not gate.exists():
        time.sleep(0.01)
"""
SLEEPER = plan_of(shell(1, "echo begun; sleep 600"), shell(2, "echo never"))


def test_a_killed_supervisor_is_noticed_and_its_run_closed(site: Site) -> None:
    run = site.start(SLEEPER).said("begun")
    os.kill(run.supervisor, signal.SIGKILL)
    state = run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, "ended without closing the run")
    assert len(state.stages) == 1
    assert "logs/1.log:1: begun" in (run.bundle / "blockers.md").read_text()


def test_supervisor_and_viewer_killed_together_are_closed_by_recover(site: Site) -> None:
    run = site.start(SLEEPER).said("begun")
    run.loses_all()
    assert processes_with(run.state.facts["token"]), "the stage outlives its supervisor"
    site.run("recover", run.bundle.name, code=ExitCode.CLEARED)
    run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, front=-signal.SIGKILL)


def test_a_run_killed_with_everything_is_closed_by_the_next_start(site: Site) -> None:
    dead = site.start(SLEEPER).said("begun")
    dead.loses_all()
    site.start(plan_of(shell(1, "true"))).ends(Verdict.CLEARED, ExitCode.CLEARED)
    dead.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, front=-signal.SIGKILL)


@pytest.mark.parametrize(
    ("number", "verdict"),
    [(signal.SIGTERM, Verdict.INTERRUPTED), (signal.SIGINT, Verdict.CANCELLED)],
    ids=["term", "int"],
)
def test_a_supervisor_asked_to_stop_ends_its_stage_first(
    site: Site, number: signal.Signals, verdict: Verdict
) -> None:
    run = site.start(SLEEPER).said("begun")
    os.kill(run.supervisor, number)
    state = run.ends(verdict, ExitCode.INTERRUPTED, number.name)
    assert state.stages[0].outcome is not None
    assert state.stages[0].outcome.signal == "SIGTERM"


def test_a_hangup_of_the_supervisor_changes_nothing(site: Site) -> None:
    run = site.start(site.held_plan()).said("begun")
    os.kill(run.supervisor, signal.SIGHUP)
    site.let_go()
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)


def test_a_stopped_supervisor_goes_on_where_it_was(site: Site) -> None:
    run = site.start(site.held_plan()).said("begun")
    os.kill(run.supervisor, signal.SIGSTOP)
    site.let_go()
    run.said("ended")
    os.kill(run.supervisor, signal.SIGCONT)
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)


@pytest.mark.parametrize(
    ("number", "front"),
    [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGHUP, ExitCode.HANGUP)],
    ids=["kill", "hup"],
)
def test_a_viewer_that_goes_leaves_the_run(site: Site, number: signal.Signals, front: int) -> None:
    run = site.start(site.held_plan()).said("begun")
    run.front.send_signal(number)
    run.returns(front)
    assert not run.state.ended
    site.let_go()
    eventually(lambda: run.state.ended, "the end of the run")
    run.ends(Verdict.CLEARED, ExitCode.CLEARED, front=front)


@pytest.mark.parametrize(
    ("number", "verdict", "front"),
    [
        (signal.SIGINT, Verdict.CANCELLED, ExitCode.SIGINT),
        (signal.SIGTERM, Verdict.INTERRUPTED, ExitCode.SIGTERM),
    ],
    ids=["int", "term"],
)
def test_a_viewer_asked_to_stop_stops_the_run(
    site: Site, number: signal.Signals, verdict: Verdict, front: ExitCode
) -> None:
    run = site.start(SLEEPER).said("begun")
    run.front.send_signal(number)
    run.ends(verdict, ExitCode.INTERRUPTED, number.name, front=front)


def test_a_process_with_a_reused_pid_is_not_the_supervisor(site: Site) -> None:
    """A journal whose supervisor's pid is another process's by now: that one is left alone."""
    run = site.start(SLEEPER).said("begun")
    supervisor = run.supervisor
    os.kill(supervisor, signal.SIGKILL)
    run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED)
    assert not is_running(os.getpid(), 0.0)
    assert not is_running(supervisor, float(run.state.facts["supervisor_started"]))


def test_a_run_that_is_only_starting_is_not_taken_for_dead(site: Site) -> None:
    """The supervisor hangs before its first word; somebody else calls recover meanwhile."""
    modules = site.home / "modules"
    modules.mkdir()
    (modules / "sitecustomize.py").write_text(SLOW)
    run = site.start(plan_of(shell(1, "true")), env={"PYTHONPATH": str(modules),
                                                      "GATE": str(site.gate)})  # fmt: skip
    eventually(site.bundles, "a bundle")
    (bundle,) = site.bundles()
    eventually((site.home / "gate.waits").exists, "the supervisor's start")
    assert "still worked on" in site.run("recover", bundle.name, code=ExitCode.NOTHING_TO_DO)
    site.let_go()
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)
