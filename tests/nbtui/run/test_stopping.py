"""Stopping a run, losing its supervisor, and closing it afterwards."""

import os
import signal
from pathlib import Path

import pytest

from nbtui.errors import BundleError
from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.listing import state_text
from nbtui.memo.plan import encode
from nbtui.run import launch
from nbtui.run.catalog import bundles, find_bundle
from nbtui.run.recover import recover, recover_dead
from nbtui.store import RunState, read
from tests.nbtui.run.lab import Lab, assert_no_process_with, plan_of, processes_with, shell

pytestmark = pytest.mark.timeout(300)
SLEEPER = shell(1, "echo begun; sleep 600")


def begun(lab: Lab) -> Path:
    bundle = lab.start(plan_of(SLEEPER, shell(2, "echo never")))
    lab.started(bundle, "01-command")
    lab.logged(bundle, "logs/1.log", "begun")
    return bundle


def pid_of(state: RunState) -> int:
    assert state.started is not None
    return state.started.supervisor_pid


def test_cancel_ends_the_stage_and_seals(lab: Lab) -> None:
    bundle = begun(lab)
    assert launch.cancel(bundle)
    state = lab.finish(bundle)
    assert state.verdict is Verdict.CANCELLED
    assert state.exit_code == ExitCode.INTERRUPTED
    assert state.stages[0].outcome is not None
    assert state.stages[0].outcome.signal == "SIGTERM"
    assert (bundle / "logs/1.log").read_bytes() == b"begun\n"
    assert len(state.stages) == 1
    assert "# CANCELLED" in (bundle / "blockers.md").read_text()
    lab.assert_sound(bundle)
    assert not launch.cancel(bundle)


def test_force_does_not_wait_for_the_grace(lab: Lab) -> None:
    stage = shell(1, "trap '' TERM; echo begun; while :; do sleep 0.05; done")
    bundle = lab.start(plan_of(stage), NBTUI_GRACE_S="600")
    lab.logged(bundle, "logs/1.log", "begun")
    assert launch.cancel(bundle, force=True)
    state = lab.finish(bundle)
    assert state.verdict is Verdict.CANCELLED
    assert state.stages[0].outcome is not None
    assert state.stages[0].outcome.signal == "SIGKILL"
    lab.assert_sound(bundle)


def test_recovery_says_what_the_dead_run_had_done(lab: Lab) -> None:
    bundle = begun(lab)
    before = read(bundle)
    os.kill(pid_of(before), signal.SIGKILL)
    lab.gone(bundle)
    assert processes_with(before.facts["token"])  # the stage outlived it
    state = recover(bundle)
    assert state.verdict is Verdict.INTERRUPTED
    assert state.exit_code == ExitCode.INTERRUPTED
    assert [s.step_id for s in state.stages] == ["01-command"]
    assert_no_process_with(before.facts["token"])
    blockers = (bundle / "blockers.md").read_text()
    assert "# INTERRUPTED" in blockers
    assert "its last word: stage 01-command started" in blockers  # not recovery's own remarks
    assert "logs/1.log:1: begun" in blockers
    assert read(bundle) == state
    assert "stage 01-command: its end was not recorded" in state_text(state, supervised=False)
    lab.assert_sound(bundle)
    sealed = (bundle / "SHA256SUMS").read_bytes()
    assert recover(bundle).verdict is Verdict.INTERRUPTED
    assert (bundle / "SHA256SUMS").read_bytes() == sealed


def test_recovery_leaves_a_living_run_alone(lab: Lab) -> None:
    bundle = begun(lab)
    assert not recover(bundle).ended
    assert recover_dead(lab.root) == ()
    launch.cancel(bundle)
    assert lab.finish(bundle).verdict is Verdict.CANCELLED


def test_a_run_that_died_before_its_first_event_is_closed(lab: Lab) -> None:
    bundle = lab.root / "reports/test/phase_a/20260101T000000Z"
    bundle.mkdir(parents=True)
    (bundle / "plan.json").write_bytes(encode(plan_of(SLEEPER)))
    assert recover_dead(lab.root) == (bundle,)
    assert read(bundle).verdict is Verdict.INTERRUPTED
    lab.assert_sound(bundle)


def test_runs_are_found_by_stamp_and_the_newest_first(lab: Lab) -> None:
    first = lab.run(plan_of(shell(1, "true"))).bundle
    second = lab.run(plan_of(shell(1, "true"), artifacts_root="reports/other/phase_b")).bundle
    assert bundles(lab.root) == tuple(sorted((first, second), key=lambda p: p.name, reverse=True))
    assert bundles(lab.root)
    assert find_bundle(lab.root, first.name) == first
    assert find_bundle(lab.root, str(second)) == second
    with pytest.raises(BundleError, match="no run 19990101T000000Z"):
        find_bundle(lab.root, "19990101T000000Z")
