"""Reruns know what they follow, blocks what was seen before; independent stages, resuming."""

from pathlib import Path

import msgspec
import pytest

from nbtui.errors import BundleError, PlanError
from nbtui.evidence.records import Verdict
from nbtui.memo.plan import Role
from nbtui.run import launch
from nbtui.run.recover import recover
from nbtui.store import RunState, StageStatus
from tests.nbtui.dying import kill_supervisor
from tests.nbtui.run.lab import Lab, plan_of, shell, summary_step, tool

pytestmark = pytest.mark.timeout(300)


def test_a_rerun_says_what_it_follows_and_what_was_seen_before(lab: Lab) -> None:
    plan = plan_of(shell(1, "exit 7"))
    first = lab.run(plan)
    assert first.started is not None
    assert (first.started.attempt, first.started.follows) == (1, "")
    assert "not seen before" in (first.bundle / "blockers.md").read_text()
    second = lab.run(plan)
    assert second.started is not None
    assert (second.started.attempt, second.started.follows) == (2, first.bundle.name)
    report = (second.bundle / "blockers.md").read_text()
    assert f"2, follows {first.bundle.name} (blocked)" in report
    assert f"Seen before : this reason was seen 1 time since {first.bundle.name}" in report
    other = lab.run(plan_of(shell(1, "exit 8")))
    assert "not seen before" in (other.bundle / "blockers.md").read_text()


def test_a_block_names_the_last_pass_of_the_same_parameters(lab: Lab) -> None:
    good = lab.run(plan_of(tool(1, Role.COMPARE)))
    assert good.verdict is Verdict.CLEARED, good.reason
    bad = lab.run(plan_of(tool(1, Role.COMPARE, "wrong")))
    at = good.facts["git_sha"][:12]
    told = f"the same parameters cleared in {good.bundle.name}, commit {at}"
    assert told in (bad.bundle / "blockers.md").read_text()


def test_independent_stages_run_after_a_block_for_information_only(lab: Lab) -> None:
    state = lab.run(
        plan_of(
            shell(1, "exit 7"),
            shell(2, "echo depends"),
            shell(3, "echo useful", independent=True),
            shell(4, "exit 9", independent=True),
            summary_step(5),
        )
    )
    assert state.verdict is Verdict.BLOCKED
    assert state.reason == "exit code 7"
    assert [s.step_id for s in state.stages] == ["01-command", "03-command", "04-command"]
    assert [s.information_only for s in state.stages] == [False, True, True]
    report = (state.bundle / "blockers.md").read_text()
    assert "stage 1/5 01-command" in report
    assert "03-command PASS, 04-command FAIL (information only" in report
    assert "Not run    : 02-command" in report
    assert (state.bundle / "attempt_failed.log").read_bytes().count(b"stage: 01-command") == 1
    assert "04-command, for information only: exit code 9" in state.notes
    lab.assert_sound(state.bundle)


def test_nothing_runs_after_a_broken_guard(lab: Lab) -> None:
    state = lab.run(
        plan_of(shell(1, "echo x >> pyproject.toml"), shell(2, "true", independent=True))
    )
    assert [s.step_id for s in state.stages] == ["01-command"]


HELD = "[ -e ../go ] || { echo waiting; exec sleep 600; }; echo done"
"""Waits to be interrupted until somebody makes ``../go``, beside the project."""


def interrupted(lab: Lab) -> tuple[RunState, object]:
    """Return a run whose supervisor was killed in its third stage, closed."""
    plan = plan_of(
        tool(1, Role.BENCHMARK), tool(2, Role.COMPARE), shell(3, HELD), tool(4, Role.PYTEST),
        summary_step(5),
    )  # fmt: skip
    bundle = lab.start(plan)
    state = lab.started(bundle, "03-command")
    assert state.started is not None
    lab.logged(bundle, "logs/3.log", "waiting")
    kill_supervisor(bundle)
    (lab.root.parent / "go").touch()
    return recover(bundle), plan


def test_completed_stages_of_an_interrupted_run_are_taken_over(lab: Lab) -> None:
    dead, plan = interrupted(lab)
    assert isinstance(plan, type(plan_of()))
    bundle = launch.start_plan(lab.root, b"the memo\n", plan, lab.env, resume=dead.bundle)
    lab.bundles.append(bundle)
    state = lab.finish(bundle)
    assert state.verdict is Verdict.CLEARED, state.reason
    assert [s.reused_from for s in state.stages] == [dead.bundle.name] * 2 + [""] * 3
    assert [s.status for s in state.stages] == [StageStatus.PASSED] * 5
    assert len(state.stages[1].gates) == 1  # held again
    summary = (bundle / "phase_a_summary.md").read_text()
    for words in (
        f"resumes {dead.bundle.name}", f"reused from {dead.bundle.name}",
        "02-compare was not run again", "same plan, commit, inputs and environment",
        "03-command runs again: it was not completed",
    ):  # fmt: skip
        assert words in summary, words
    assert (bundle / "out2/c_float.bin").read_bytes() == (
        dead.bundle / "out2/c_float.bin"
    ).read_bytes()
    lab.assert_sound(bundle)


@pytest.mark.parametrize("change", ["commit", "environment", "program", "file"])
def test_what_has_changed_is_run_again(lab: Lab, change: str) -> None:
    dead, plan = interrupted(lab)
    assert isinstance(plan, type(plan_of()))
    env = dict(lab.env)
    if change == "commit":
        lab.git("commit", "--quiet", "--allow-empty", "--message", "moved")
    elif change == "environment":
        env["OMP_NUM_THREADS"] = "3"
    elif change == "program":
        (lab.root / "program").write_text("#!/bin/sh\nexit 1\n")
        lab.git("commit", "--quiet", "--all", "--message", "program")
    else:
        image = dead.bundle / "logs/1.log"
        image.chmod(0o644)
        image.write_bytes(b"forged")
    bundle = launch.start_plan(lab.root, b"the memo\n", plan, env, resume=dead.bundle)
    lab.bundles.append(bundle)
    state = lab.finish(bundle)
    assert [s.reused_from for s in state.stages] == [""] * 5
    assert any(note.startswith("01-benchmark runs again: ") for note in state.notes)


def test_only_an_interrupted_run_of_the_same_plan_is_resumed(lab: Lab, tmp_path: Path) -> None:
    plan = plan_of(shell(1, "true"))
    cleared = lab.run(plan)
    with pytest.raises(BundleError, match="only an interrupted one"):
        launch.start_plan(lab.root, b"m", plan, lab.env, resume=cleared.bundle)
    dead, ran = interrupted(lab)
    assert isinstance(ran, type(plan))
    other = msgspec.structs.replace(ran, summary="another")
    with pytest.raises(PlanError, match="another plan"):
        launch.start_plan(lab.root, b"m", other, lab.env, resume=dead.bundle)
