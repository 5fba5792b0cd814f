"""Whole runs through the real supervisor: cleared, and blocked for each kind of reason."""

import json
import stat

import msgspec
import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Comparison, Deviation, GateSpec, Role
from nbtui.store import StageStatus
from tests.nbtui.run.lab import GATE, NODE, Lab, plan_of, python, shell, step, summary_step, tool

pytestmark = pytest.mark.timeout(300)


def test_a_cleared_run_leaves_a_complete_bundle(lab: Lab) -> None:
    deviation = Deviation(memo_says="nb_compare.py", runs="nb-compare", why="an alias")
    plan = plan_of(
        tool(1, Role.BENCHMARK), tool(2, Role.COMPARE), tool(3, Role.PYTEST), summary_step(4),
        deviations=(deviation,),
    )  # fmt: skip
    state = lab.run(plan)
    assert state.verdict is Verdict.CLEARED, state.reason
    assert state.exit_code == ExitCode.CLEARED
    assert [s.status for s in state.stages] == [StageStatus.PASSED] * 4
    assert all(g.ok for g in state.guards)
    lab.assert_sound(state.bundle)
    summary = (state.bundle / "phase_a_summary.md").read_text()
    for words in (
        "cleared", "correlation", "sum_ratio", "rmse", "speed-up", "docs/strategy.md:7",
        state.facts["git_sha"], state.facts["golden_sha256"], state.facts["c_binary_sha256"],
        "| C program, start to end | 01-benchmark | 0.2 s (median)",
        "main", "03-pytest: mapped tests", "nb_compare.py", "out2/summary.json#metrics.correlation",
    ):  # fmt: skip
        assert words in summary
    for name in ("gates.json", "rederived.json", "environment.json", "preflight.json"):
        assert json.loads((state.bundle / name).read_text())["schema"] == 1
    command = json.loads((state.bundle / "stages/02-compare/command.json").read_text())
    assert command["argv"][-1] == str(state.bundle / "out2")
    assert not (state.bundle / "blockers.md").exists()
    assert lab.git("status", "--porcelain") == ""


def test_the_image_of_the_c_program_is_held_against_the_golden_one(lab: Lab) -> None:
    remark = "the C program's image is{} golden/image.bin, bit for bit"
    plan = plan_of(tool(1, Role.COMPARE), tool(2, Role.COMPARE), summary_step(3))
    other = lab.run(plan)
    assert f"01-compare: {remark.format(' not')}" in other.notes
    assert not any(note.startswith("02-compare") for note in other.notes)  # not the main one
    golden = lab.root / "golden/image.bin"
    golden.write_bytes((other.bundle / "out1/c_float.bin").read_bytes())
    same = lab.run(plan)
    assert {f"0{n}-compare: {remark.format('')}" for n in (1, 2)} <= {*same.notes}
    assert remark.format("") in (same.bundle / "phase_a_summary.md").read_text()


def test_files_are_sealed_and_environment_captures_are_private(lab: Lab) -> None:
    state = lab.run(plan_of(shell(1, "echo hello")), SITE_VALUE="hunter2-canary")
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in state.bundle.iterdir() if p.is_file()}
    assert modes["environment.json"] == 0o400
    assert {m & 0o222 for m in modes.values()} == {0}
    captured = json.loads((state.bundle / "environment.json").read_text())
    assert "SITE_VALUE" in captured["hidden"]
    for path in state.bundle.rglob("*"):
        assert path.is_dir() or b"hunter2-canary" not in path.read_bytes(), path


def test_the_first_failure_blocks_and_later_stages_do_not_run(lab: Lab) -> None:
    state = lab.run(
        plan_of(shell(1, "echo first"), shell(2, "echo oops; exit 7"), shell(3, "true"))
    )
    assert state.verdict is Verdict.BLOCKED
    assert state.exit_code == ExitCode.BLOCKED
    assert [s.step_id for s in state.stages] == ["01-command", "02-command"]
    blockers = (state.bundle / "blockers.md").read_text()
    for words in (
        "BLOCKED: [TEST-001] a test - stage 2/3 02-command", "exit code 7", "01-command PASS",
        "Not run    : 03-command", "/bin/sh -c 'echo oops; exit 7'", "what the memo said",
        "logs/2.log:1: oops", "NB_C_BIN=./program (set by input.md:3)", "memo expects main",
        state.facts["git_sha"], state.facts["c_binary_sha256"], state.facts["golden_sha256"],
        "limit 60 s", "peak RSS", "Decision needed",
    ):  # fmt: skip
        assert words in blockers, words
    attempt = (state.bundle / "attempt_failed.log").read_bytes()
    assert attempt.endswith(b"\noops\n")
    assert b"exit: 7" in attempt
    lab.assert_sound(state.bundle)


def test_a_tool_that_gave_up_leaves_one_reason_and_its_remedy(lab: Lab) -> None:
    gates = (GATE, msgspec.structs.replace(GATE, id="sums", metric="sum_ratio"))
    state = lab.run(plan_of(tool(1, Role.COMPARE, "gave-up"), gates=gates))
    blockers = (state.bundle / "blockers.md").read_text()
    assert "Fix        : read c_stderr.txt" in blockers
    assert "Gate       : undefined, so none of them holds: correlation, sum_ratio" in blockers
    assert "diff.png" not in blockers


def test_a_warning_of_preflight_stands_in_the_report_of_a_later_failure(lab: Lab) -> None:
    (lab.root / "golden/image.bin").chmod(0o644)
    state = lab.run(plan_of(shell(1, "exit 7")))
    assert "Warning    : Golden image is read-only: " in (state.bundle / "blockers.md").read_text()


def test_a_preflight_block_runs_nothing(lab: Lab) -> None:
    (lab.root / "program").chmod(0o644)
    lab.git("commit", "--quiet", "--all", "--message", "not executable")
    state = lab.run(plan_of(shell(1, "echo never")))
    assert state.exit_code == ExitCode.NOT_STARTED
    assert state.stages == ()
    blockers = (state.bundle / "blockers.md").read_text()
    for words in ("nothing was run", "found: ./program is not executable", "expected:", "fix:"):
        assert words in blockers
    assert b"nothing was run" in (state.bundle / "attempt_failed.log").read_bytes()
    lab.assert_sound(state.bundle)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("parameters", "different parameters: N: C 5 5 5, PyTorch 1 1 1"),
        ("gave-up", "nb-compare gave up (exit code 2): the C program: was killed by SIGSEGV"),
    ],
)
def test_a_comparison_that_cannot_be_believed_blocks(lab: Lab, mode: str, reason: str) -> None:
    stage = tool(1, Role.COMPARE, mode)
    promised = ("$OUTDIR/out1/summary.json",)
    state = lab.run(plan_of(msgspec.structs.replace(stage, artifacts=promised), shell(2, "true")))
    assert state.verdict is Verdict.BLOCKED
    assert reason in state.reason
    assert len(state.stages) == 1
    assert reason in (state.bundle / "blockers.md").read_text()
    lab.assert_sound(state.bundle)


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("error", "fixture"),
        ("xpass", "1 xpassed"),
    ],
)
def test_only_executed_and_passed_tests_are_evidence(lab: Lab, mode: str, reason: str) -> None:
    state = lab.run(plan_of(tool(1, Role.PYTEST, mode)))
    assert state.verdict is Verdict.BLOCKED
    assert reason in state.reason


def test_a_mapped_test_that_did_not_run_blocks(lab: Lab) -> None:
    stage = tool(1, Role.PYTEST, "ok", "tests/test_x.py::TestX::test_other")
    state = lab.run(plan_of(stage))
    assert "did not run: tests/test_x.py::TestX::test_other" in state.reason
    assert NODE not in state.reason


def test_stages_of_different_experiments_are_never_gated_together(lab: Lab) -> None:
    state = lab.run(
        plan_of(
            tool(1, Role.BENCHMARK, "ok", "--", "-lambda", "6.2"),
            tool(2, Role.COMPARE, "ok", "--", "-lambda", "0.5"),
        )
    )
    assert state.verdict is Verdict.BLOCKED
    assert "different experiments" in state.reason
    assert state.blocker is not None
    assert "lambda_m: 6.2 in 01-benchmark, 0.5 in 02-compare" in state.blocker.found


def test_a_second_comparison_may_be_of_another_experiment(lab: Lab) -> None:
    state = lab.run(
        plan_of(
            tool(1, Role.COMPARE, "ok"),
            tool(2, Role.COMPARE, "ok", "--", "-lambda", "0.5"),
            tool(3, Role.PYTEST, "ok"),
        )
    )
    assert state.verdict is Verdict.CLEARED, state.reason
    assert any("another experiment" in note for note in state.notes)
    assert "another experiment" in (state.bundle / "phase_a_summary.md").read_text()


def test_a_gate_without_its_figure_blocks(lab: Lab) -> None:
    gate = GateSpec(
        id="x", metric="no_such_figure", role=Role.COMPARE, comparison=Comparison.AT_MOST,
        threshold=1.0, source="docs/strategy.md:9",
    )  # fmt: skip
    state = lab.run(plan_of(tool(1, Role.COMPARE), gates=(GATE, gate)))
    assert state.verdict is Verdict.BLOCKED
    assert "no_such_figure is undefined" in state.reason


def test_a_gate_that_is_only_reported_does_not_block(lab: Lab) -> None:
    gate = GateSpec(
        id="x", metric="rmse", role=Role.COMPARE, comparison=Comparison.AT_MOST,
        threshold=0.0, source="docs/strategy.md:9", binding=False,
    )  # fmt: skip
    state = lab.run(plan_of(tool(1, Role.COMPARE), gates=(gate,)))
    assert state.verdict is Verdict.CLEARED
    assert "not binding" in (state.bundle / "phase_a_summary.md").read_text()


def test_a_program_that_does_not_exist_blocks_with_its_name(lab: Lab) -> None:
    state = lab.run(plan_of(step(1, "no-such-program-anywhere", "--help")))
    assert state.verdict is Verdict.BLOCKED
    assert "no-such-program-anywhere" in state.reason


def test_the_child_gets_the_planned_environment_and_no_strays(lab: Lab) -> None:
    script = (
        "import os, json, sys; e = os.environ; "
        "json.dump({k: e.get(k) for k in ('NB_C_BIN', 'OUTDIR', 'STAMP', 'PYTEST_ADDOPTS', "
        "'STRAY', 'HOME')}, sys.stdout)"
    )
    state = lab.run(plan_of(python(1, script)), PYTEST_ADDOPTS="-k nothing", STRAY="1")
    seen = json.loads((state.bundle / "logs/1.log").read_text())
    assert seen == {
        "NB_C_BIN": "./program",
        "OUTDIR": str(state.bundle),
        "STAMP": state.bundle.name,
        "PYTEST_ADDOPTS": None,
        "STRAY": None,
        "HOME": lab.env["HOME"],
    }
    assert any("PYTEST_ADDOPTS" in note for note in state.notes)
