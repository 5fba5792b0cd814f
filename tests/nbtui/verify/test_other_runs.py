"""Runs that were not cleared are evidence as well: of what went wrong."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from junitparser import JUnitXml

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Role
from nbtui.run import sign_offs
from nbtui.run.recover import recover
from nbtui.verify.check import verify
from nbtui.verify.face import run
from nbtui.verify.model import Level, Status
from tests.nbtui.dying import kill_supervisor
from tests.nbtui.run.lab import Lab, plan_of, shell, step, summary_step, tool
from tests.nbtui.verify.forgery import replace, reseal

MEMO = hashlib.sha256(b"the memo\n").hexdigest()


def problems(lab: Lab) -> list[str]:
    """Return what verification finds wrong with the last run."""
    report = verify(lab.bundles[-1])
    return [
        f"{f.level} {f.file} {f.what}" for f in (*report.of(Status.BAD), *report.of(Status.UNKNOWN))
    ]


@pytest.mark.parametrize(
    "mode", ["wrong", "nan", "lie", "half", "none", "truncated-image", "gave-up"]
)
def test_a_blocked_comparison_is_sound_evidence_of_it(lab: Lab, mode: str) -> None:
    state = lab.run(plan_of(tool(1, Role.COMPARE, mode), summary_step(2), memo_sha256=MEMO))
    assert state.verdict is Verdict.BLOCKED
    assert problems(lab) == []
    assert run(lab.bundles[-1]) == ExitCode.CLEARED
    assert run(lab.bundles[-1], require="cleared") == ExitCode.BLOCKED


def test_all_roles_without_images_are_said_to_be_the_tools_word(lab: Lab) -> None:
    stages = (tool(1, Role.BENCHMARK), tool(2, Role.COMPARE), tool(3, Role.PYTEST))
    state = lab.run(plan_of(*stages, summary_step(4), memo_sha256=MEMO))
    assert state.verdict is Verdict.CLEARED, state.reason
    assert problems(lab) == []
    notes = [f.what for f in verify(lab.bundles[-1]).of(Status.NOTE)]
    assert any("images were not kept" in what for what in notes)


@pytest.mark.parametrize("mode", ["failed", "skipped", "none"])
def test_a_blocked_test_is_sound_evidence_of_it(lab: Lab, mode: str) -> None:
    lab.run(plan_of(tool(1, Role.PYTEST, mode), summary_step(2), memo_sha256=MEMO))
    assert problems(lab) == []


def test_a_run_that_preflight_stopped_is_sound(lab: Lab) -> None:
    plan = plan_of(shell(1, "true"), branch="another", memo_sha256=MEMO)
    assert lab.run(plan).exit_code == ExitCode.NOT_STARTED
    assert problems(lab) == []


def test_a_run_closed_by_recovery_is_sound(lab: Lab) -> None:
    bundle = lab.start(plan_of(shell(1, "echo begun; exec sleep 600"), memo_sha256=MEMO))
    lab.logged(bundle, "logs/1.log", "begun")
    kill_supervisor(bundle)
    assert recover(bundle).verdict is Verdict.INTERRUPTED
    assert problems(lab) == []
    assert run(bundle, require="cleared") == ExitCode.BLOCKED


def test_an_open_run_is_incomplete(lab: Lab) -> None:
    gate = lab.root.parent / "gate"
    os.mkfifo(gate)
    waits = f"echo begun; read x < {gate}"
    bundle = lab.start(plan_of(step(1, "/bin/sh", "-c", waits), memo_sha256=MEMO))
    lab.logged(bundle, "logs/1.log", "begun")
    assert any("never sealed" in what for what in problems(lab))
    gate.write_text("go\n")
    lab.finish(bundle)
    assert problems(lab) == []


@pytest.fixture
def waived(lab: Lab) -> Path:
    """The bundle of a run that was cleared by a sign-off."""
    plan = plan_of(tool(1, Role.COMPARE, "wrong"), summary_step(2), memo_sha256=MEMO)
    blocked = lab.run(plan)
    waives = sign_offs.proposals(blocked.bundle, blocked)
    at = "2026-01-31T12:00:00.000Z"
    made = sign_offs.compose(blocked.bundle, waives, by="Ada", reason="known", at=at)
    sign_offs.keep(lab.root, "reports", made)
    assert lab.run(plan).verdict is Verdict.CLEARED
    return lab.bundles[-1]


def test_a_waiver_is_another_verdict_than_cleared(lab: Lab, waived: Path) -> None:
    report = verify(waived)
    assert problems(lab) == []
    assert report.verdict == "cleared with waiver"
    assert any(f.level is Level.WAIVERS and "waived by Ada" in f.what for f in report.findings)
    assert run(waived, require="cleared") == ExitCode.BLOCKED
    assert run(waived, require="cleared-or-waived") == ExitCode.CLEARED
    predicate = json.loads((waived / "attestation.json").read_text())["predicate"]
    assert predicate["result"] == "WARNED"
    assert predicate["nbtui_verdict"] == "cleared with waiver"
    assert "waived by Ada" in (waived / "report.html").read_text("utf-8")
    junit = JUnitXml.fromstring((waived / "run.junit.xml").read_bytes())
    assert (junit.failures, junit.skipped) == (0, 1)


def test_a_waiver_that_nobody_signed_is_named(lab: Lab, waived: Path) -> None:
    (path,) = (waived / "sign-offs").glob("*.json")
    path.chmod(0o644)
    replace(path, '"known"', '"another reason"')
    reseal(waived)
    findings = verify(waived).of(Status.BAD)
    assert any(f.level is Level.WAIVERS and "no sign-off" in f.what for f in findings)
