"""What ``enter`` does, and how it is announced, at every moment of the way."""

from dataclasses import replace
from pathlib import Path

import pytest

from nbtui.memo.lint import Finding, Severity
from nbtui.store import read
from nbtui.tui.guide import Go, Mode, next_step, report_name
from nbtui.tui.model import Model, PlanView, rechecked
from tests.nbtui.tui import recorded

VIEW = PlanView(recorded.MEMO, recorded.sample_plan())


def _finding(rule: str, severity: Severity) -> Finding:
    return Finding(id=rule, severity=severity, line=3, text="said", source="input.md:3")


DEAD = _finding("dead-pointer", Severity.WARN)
ASKS = _finding("needs-answer", Severity.BLOCK)
WRONG = _finding("unknown-option", Severity.BLOCK)


def _view(*findings: Finding) -> PlanView:
    return replace(VIEW, findings=findings)


@pytest.mark.parametrize(
    ("model", "mode", "go", "words"),
    [
        (Model(), Mode.PLAN, Go.WAIT, "being read"),
        (Model(trouble="no memo"), Mode.PLAN, Go.RELOAD, "mend the memo"),
        (Model(view=VIEW), Mode.PLAN, Go.CHECK, "run preflight"),
        (Model(view=VIEW), Mode.RUN, Go.CHECK, "run preflight"),
        (Model(view=VIEW), Mode.RESULTS, Go.CHECK, "run preflight"),
        (Model(view=VIEW, checking=True), Mode.PREFLIGHT, Go.WAIT, "running"),
        (
            Model(view=VIEW, checked=True, checks=recorded.bad_checks()),
            Mode.PREFLIGHT,
            Go.CHECK,
            "check again, once the fix is made (2 block the run)",
        ),
        (Model(view=VIEW, reading=True), Mode.PREFLIGHT, Go.WAIT, "read anew"),
        (Model(view=_view(DEAD)), Mode.PLAN, Go.CHECK, "run preflight (lint: 1 warning)"),
        (Model(view=_view(ASKS, DEAD)), Mode.PLAN, Go.ANSWER, "asks you (1 open question)"),
        (Model(view=_view(ASKS)), Mode.PREFLIGHT, Go.ANSWER, "to the checklist"),
        (Model(view=_view(WRONG, ASKS)), Mode.PLAN, Go.SHOW_FINDINGS, "(2 block the run)"),
        (
            Model(view=VIEW, checked=True, checks=recorded.good_checks()),
            Mode.PREFLIGHT,
            Go.START,
            "start the run (4 stages; asks first)",
        ),
        (Model(view=VIEW, starting=True), Mode.PREFLIGHT, Go.WAIT, "starting"),
    ],
)
def test_before_a_run(model: Model, mode: Mode, go: Go, words: str) -> None:
    step = next_step(model, mode)
    assert step.go is go
    assert words in step.words


def test_while_a_run_is_under_way(tmp_path: Path) -> None:
    model = Model(view=VIEW, run=read(recorded.running(tmp_path).bundle))
    for mode in (Mode.PLAN, Mode.PREFLIGHT, Mode.RESULTS):
        assert next_step(model, mode).go is Go.WATCH
    step = next_step(model, Mode.RUN)
    assert step.go is Go.FOLLOW
    assert "stage 2 of 4" in step.words
    cancelling = next_step(replace(model, cancelling=True), Mode.RUN)
    assert cancelling.go is Go.WAIT


@pytest.mark.parametrize(
    ("record", "report"),
    [(recorded.cleared, "phase_e_summary.md"), (recorded.gate_blocked, "blockers.md")],
)
def test_after_a_run_the_report_is_opened(tmp_path: Path, record: object, report: str) -> None:
    assert callable(record)
    model = Model(view=VIEW, run=read(record(tmp_path).bundle))
    assert next_step(model, Mode.RUN).go is Go.VERDICT
    assert next_step(model, Mode.PLAN).words == "run preflight again, for a new attempt"
    assert next_step(model, Mode.RESULTS).words == f"open {report} (q comes back)"
    assert report_name(model) == report


def test_a_lost_run_is_sealed(tmp_path: Path) -> None:
    model = Model(view=VIEW, run=read(recorded.running(tmp_path).bundle), lost=True)
    assert next_step(model, Mode.RUN).go is Go.VERDICT
    assert next_step(model, Mode.RESULTS).go is Go.SETTLE


def test_an_ended_run_without_a_report_leads_to_a_new_attempt(tmp_path: Path) -> None:
    run = recorded.cleared(tmp_path)
    (run.bundle / "phase_e_summary.md").unlink()
    model = Model(view=VIEW, run=read(run.bundle))
    assert next_step(model, Mode.RESULTS).go is Go.CHECK


def test_a_check_made_again_leaves_no_old_result_behind() -> None:
    found = recorded.hidden_input_check()
    other = recorded.good_checks()[0]
    last = recorded.good_checks()[-2]
    none = recorded.good_checks()[-1]
    assert rechecked((other, found, last), found.id, (none,)) == (other, none, last)
    assert rechecked((other, none, last), none.id, (found,)) == (other, found, last)
    assert rechecked((other,), none.id, (none,)) == (other, none)
    assert rechecked((other, last), other.id, (other,)) == (other, last)
