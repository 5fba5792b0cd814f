"""A detached run that waits for its operator, told through its inbox what they say."""

from pathlib import Path

import pytest

from nbtui.errors import BundleError
from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, StepKind
from nbtui.run import inbox, launch
from nbtui.run.closing import INBOX
from nbtui.run.operator import How, initials_of
from nbtui.store import RunState, plan_now
from tests.nbtui.run.lab import Lab, plan_of, shell, step, summary_step

pytestmark = pytest.mark.timeout(120)
ASKS, HAND = "01-command", "02-command"


def plan() -> Plan:
    """A question, a manual step, a command and a summary."""
    asking = step(1, kind=StepKind.NEEDS_ANSWER, command=None, question="which words?")
    hand = step(2, kind=StepKind.MANUAL, command=None)
    return plan_of(asking, hand, shell(3, "echo third"), summary_step(4), gates=())


def start(lab: Lab) -> Path:
    """Start a led run."""
    bundle = launch.start_plan(lab.root, b"the memo\n", plan(), lab.env, led_by="Ada Lovelace")
    lab.bundles.append(bundle)
    return bundle


def waits(lab: Lab, bundle: Path, step_id: str, what: str) -> RunState:
    """Wait until the run waits for that."""

    def asks(state: RunState) -> bool:
        asked = state.waiting
        return asked is not None and (asked.step_id, asked.what) == (step_id, what)

    return lab.until(bundle, asks, f"{what} of {step_id}")


def test_a_run_led_from_outside_records_what_its_operator_says(lab: Lab) -> None:
    bundle = start(lab)
    waits(lab, bundle, ASKS, "answer")
    inbox.answer(bundle, ASKS, "no-such-program --at all")
    refused = lab.until(bundle, lambda s: "no-such-program" in str(s.notes), "the refusal")
    assert "there is no program 'no-such-program'" in refused.notes[-1]
    inbox.answer(bundle, ASKS, "echo first word")
    asked = waits(lab, bundle, ASKS, "confirm").waiting
    assert asked is not None
    assert asked.text == "echo first word"
    assert "answered during the run" in asked.details[0]
    inbox.confirm(bundle, ASKS, yes=False)
    lab.until(bundle, lambda s: bool(s.waiting and s.waiting.what == "answer"), "the question")
    inbox.answer(bundle, ASKS, "echo second word", by="Grace Hopper")
    waits(lab, bundle, ASKS, "confirm")
    inbox.confirm(bundle, ASKS, yes=True)
    waits(lab, bundle, HAND, "attest")
    inbox.attest(bundle, HAND, by="Grace Hopper", initials="GBH", done=True, note="measured twice")
    waits(lab, bundle, "sign-off", "sign-off")
    inbox.sign_off(bundle, note="complete")
    state = lab.finish(bundle)
    assert state.verdict is Verdict.CLEARED
    assert state.waiting is None
    assert [(a.step_id, a.by, a.initials, a.note) for _, a in state.attestations] == [
        (HAND, "Grace Hopper", "GBH", "measured twice"),
        ("sign-off", "Ada Lovelace", "AL", "complete"),
    ]
    assert [(a.answer, a.by) for _, a in state.answers] == [("echo second word", "Grace Hopper")]
    assert (bundle / "logs" / "01-command.log").read_text() == "second word\n"
    assert not (bundle / INBOX).exists()
    answered = plan_now(plan(), state).steps[0]
    assert answered.kind is StepKind.RUNNABLE
    assert answered.command is not None
    lab.assert_sound(bundle)
    with pytest.raises(BundleError, match="takes no messages"):
        inbox.attest(bundle, HAND, done=True, note="too late")


def test_a_step_not_done_waits_for_its_operator(lab: Lab) -> None:
    bundle = start(lab)
    waits(lab, bundle, ASKS, "answer")
    inbox.answer(bundle, ASKS, "", how=How.HAND)
    waits(lab, bundle, ASKS, "attest")
    inbox.attest(bundle, HAND, done=True, note="about another step: nobody hears it")
    inbox.attest(bundle, ASKS, done=False, note="the lamp is broken")
    state = lab.finish(bundle)
    assert state.exit_code == ExitCode.WAITING
    assert "Ada Lovelace could not attest this step: the lamp is broken" in state.reason
    lab.assert_sound(bundle)


def test_a_run_that_waits_can_be_cancelled(lab: Lab) -> None:
    bundle = start(lab)
    waits(lab, bundle, ASKS, "answer")
    assert launch.cancel(bundle)
    state = lab.finish(bundle)
    assert state.verdict is Verdict.CANCELLED
    lab.assert_sound(bundle)


def test_an_empty_word_is_no_word(tmp_path: Path) -> None:
    (tmp_path / INBOX).mkdir()
    with pytest.raises(BundleError, match="note is needed"):
        inbox.attest(tmp_path, HAND, done=True, note="  ")
    with pytest.raises(BundleError, match="answer is needed"):
        inbox.answer(tmp_path, ASKS, "")
    assert list((tmp_path / INBOX).iterdir()) == []


def test_initials() -> None:
    assert [initials_of(n) for n in ("Ada Lovelace", "desk", "", "J. R. R. T.")] == [
        "AL", "D", "", "JRRT",
    ]  # fmt: skip
