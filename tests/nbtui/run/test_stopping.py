"""Stopping a run, losing its supervisor, and closing it afterwards."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nbtui.errors import BundleError, LockHeldError
from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.listing import state_text
from nbtui.memo.plan import encode
from nbtui.run import launch
from nbtui.run.catalog import bundles, find_bundle, is_sealed, latest
from nbtui.run.journal import JOURNAL
from nbtui.run.recover import recover, recover_dead
from nbtui.store import RunState, read
from tests.nbtui.run.lab import Lab, assert_no_process_with, plan_of, processes_with, shell

pytestmark = pytest.mark.timeout(300)
SLEEPER = shell(1, "echo begun; sleep 600")


def begun(lab: Lab) -> Path:
    bundle = lab.start(plan_of(SLEEPER, shell(2, "echo never")))
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


def test_sigterm_interrupts_in_order(lab: Lab) -> None:
    bundle = begun(lab)
    os.kill(pid_of(read(bundle)), signal.SIGTERM)
    state = lab.finish(bundle)
    assert state.verdict is Verdict.INTERRUPTED
    assert "SIGTERM" in state.reason
    lab.assert_sound(bundle)


def test_sighup_is_survived(lab: Lab, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    script = f"echo begun; until [ -e {gate} ]; do sleep 0.02; done; echo ended"
    bundle = lab.start(plan_of(shell(1, script)))
    lab.logged(bundle, "logs/1.log", "begun")
    os.kill(pid_of(read(bundle)), signal.SIGHUP)
    gate.touch()
    state = lab.finish(bundle)
    assert state.verdict is Verdict.CLEARED
    assert (bundle / "logs/1.log").read_text() == "begun\nended\n"


def test_a_killed_supervisor_is_noticed_and_its_run_closed(lab: Lab) -> None:
    bundle = begun(lab)
    before = read(bundle)
    os.kill(pid_of(before), signal.SIGKILL)
    lab.gone(bundle)
    assert processes_with(before.facts["token"])  # the stage outlived it
    state = recover(bundle)
    assert state.verdict is Verdict.INTERRUPTED
    assert state.exit_code == ExitCode.INTERRUPTED
    assert state.stages[:1] == before.stages[:1] or state.stages[0].samples
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


def test_the_next_start_closes_dead_runs_and_takes_another_stamp(lab: Lab) -> None:
    dead = begun(lab)
    os.kill(pid_of(read(dead)), signal.SIGKILL)
    lab.gone(dead)
    state = lab.run(plan_of(shell(1, "echo again")))
    assert state.verdict is Verdict.CLEARED
    assert state.bundle.name > dead.name
    assert read(dead).verdict is Verdict.INTERRUPTED
    lab.assert_sound(dead)


def test_recovery_leaves_a_living_run_alone(lab: Lab) -> None:
    bundle = begun(lab)
    assert not recover(bundle).ended
    assert recover_dead(lab.root) == ()
    launch.cancel(bundle)
    assert lab.finish(bundle).verdict is Verdict.CANCELLED


def test_recovery_keeps_whole_lines_and_sets_a_torn_one_aside(lab: Lab) -> None:
    bundle = begun(lab)
    os.kill(pid_of(read(bundle)), signal.SIGKILL)
    lab.gone(bundle)
    whole = (bundle / JOURNAL).read_bytes()
    with (bundle / JOURNAL).open("ab") as stream:
        stream.write(b'{"seq": 99, "t": "2026')
    state = recover(bundle)
    assert state.verdict is Verdict.INTERRUPTED
    assert (bundle / JOURNAL).read_bytes().startswith(whole)
    assert (bundle / "events.torn").read_bytes() == b'{"seq": 99, "t": "2026'
    lab.assert_sound(bundle)


def test_recovery_refuses_an_altered_journal(lab: Lab) -> None:
    bundle = begun(lab)
    os.kill(pid_of(read(bundle)), signal.SIGKILL)
    lab.gone(bundle)
    lines = (bundle / JOURNAL).read_bytes().split(b"\n")
    (bundle / JOURNAL).write_bytes(b"\n".join(lines[:2] + lines[3:]))
    with pytest.raises(BundleError, match="altered or damaged"):
        recover(bundle)
    assert not is_sealed(bundle)
    assert recover_dead(lab.root) == ()


def test_a_run_that_died_before_its_first_event_is_closed(lab: Lab) -> None:
    bundle = lab.root / "reports/test/phase_a/20260101T000000Z"
    bundle.mkdir(parents=True)
    (bundle / "plan.json").write_bytes(encode(plan_of(SLEEPER)))
    assert recover_dead(lab.root) == (bundle,)
    assert read(bundle).verdict is Verdict.INTERRUPTED
    lab.assert_sound(bundle)


def test_a_second_run_is_refused_with_the_holders_name(lab: Lab) -> None:
    bundle = begun(lab)
    with pytest.raises(LockHeldError, match=str(pid_of(read(bundle)))) as caught:
        launch.start_plan(lab.root, b"memo", plan_of(SLEEPER), lab.env)
    assert str(bundle) in str(caught.value)
    assert caught.value.exit_code == ExitCode.TEMPORARY
    assert bundles(lab.root) == (bundle,)
    launch.cancel(bundle)
    lab.finish(bundle)
    assert lab.run(plan_of(shell(1, "true"))).verdict is Verdict.CLEARED


def test_the_lock_goes_with_the_supervisor_and_not_with_its_stage(lab: Lab) -> None:
    bundle = begun(lab)
    os.kill(pid_of(read(bundle)), signal.SIGKILL)
    lab.gone(bundle)
    assert lab.run(plan_of(shell(1, "true"))).verdict is Verdict.CLEARED


def test_the_run_outlives_the_process_that_started_it(lab: Lab, tmp_path: Path) -> None:
    plan, gate = tmp_path / "plan.json", tmp_path / "gate"
    waiting = shell(1, f"until [ -e {gate} ]; do sleep 0.02; done; echo lived")
    plan.write_bytes(encode(plan_of(waiting)))
    script = (
        "import os, sys; from pathlib import Path; from nbtui.memo.plan import decode; "
        "from nbtui.run.launch import start_plan; "
        "b = start_plan(Path(sys.argv[1]), b'm', decode(Path(sys.argv[2]).read_bytes()), "
        "os.environ); sys.stdout.write(str(b)); sys.stdout.flush(); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(lab.root), str(plan)],
        env=lab.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    bundle = Path(done.stdout)
    lab.bundles.append(bundle)
    gate.touch()
    assert lab.finish(bundle).verdict is Verdict.CLEARED
    assert (bundle / "logs/1.log").read_text() == "lived\n"


def test_runs_are_found_by_stamp_and_the_newest_first(lab: Lab) -> None:
    first = lab.run(plan_of(shell(1, "true"))).bundle
    second = lab.run(plan_of(shell(1, "true"), artifacts_root="reports/other/phase_b")).bundle
    assert bundles(lab.root) == tuple(sorted((first, second), key=lambda p: p.name, reverse=True))
    assert latest(lab.root) is not None
    assert find_bundle(lab.root, first.name) == first
    assert find_bundle(lab.root, str(second)) == second
    with pytest.raises(BundleError, match="no run 19990101T000000Z"):
        find_bundle(lab.root, "19990101T000000Z")
