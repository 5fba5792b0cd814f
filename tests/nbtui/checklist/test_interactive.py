"""The checklist as a conversation over a dumb terminal, recorded like any run."""

import pexpect
import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.run.catalog import bundles, is_sealed
from nbtui.run.journal import JOURNAL, parse
from nbtui.store import RunState, read
from tests.nbtui.faces import MEMO, NBTUI, Desk

pytestmark = pytest.mark.timeout(120)

LED = MEMO.replace(
    "Pitfalls To Avoid:",
    "- Look at the log and say whether it is complete.\nPitfalls To Avoid:",
)


@pytest.fixture
def led(desk: Desk) -> Desk:
    """A desk whose memo has two commands and one step for a person."""
    desk.memo(0.0, LED)
    return desk


class Conversation:
    """An operator at a terminal that can do nothing but print lines."""

    def __init__(self, desk: Desk, *words: str) -> None:
        env = desk.env | {"TERM": "dumb", "COLUMNS": "200"}
        self._child = pexpect.spawn(
            NBTUI, ["checklist", "--interactive", *words], cwd=str(desk.root), env=env,
            encoding="utf-8", timeout=60, echo=False,
        )  # fmt: skip
        self.said = ""

    def answer(self, question: str, reply: str) -> None:
        """Wait for a question and answer it."""
        self._child.expect_exact(question)
        self.said += str(self._child.before) + question
        self._child.expect_exact(": ")
        self._child.sendline(reply)

    def leave(self) -> None:
        """End the input, as a closed terminal does."""
        self._child.sendeof()

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self._child.sendintr()

    def hang_up(self) -> int:
        """Take the terminal away; return the exit code once the program has ended."""
        self._child.ptyproc.fileobj.close()
        self._child.ptyproc.wait()
        self._child.close()
        return int(self._child.ptyproc.exitstatus)

    def end(self) -> int:
        """Wait until it has ended; return the exit code."""
        self._child.expect(pexpect.EOF)
        self.said += str(self._child.before)
        self._child.close()
        return int(self._child.exitstatus or 0)


def begin(desk: Desk) -> Conversation:
    talk = Conversation(desk)
    talk.answer("Your name [desk]", "")
    talk.answer("Your initials [D]", "")
    talk.answer("Begin the run now?", "y")
    return talk


def state_of(desk: Desk) -> RunState:
    (bundle,) = bundles(desk.root)
    assert is_sealed(bundle)
    assert parse((bundle / JOURNAL).read_bytes()).torn == b""
    return read(bundle)


def test_an_operator_is_led_from_the_first_step_to_the_verdict(led: Desk) -> None:
    talk = begin(led)
    talk.answer("Who runs it?", "maybe")
    talk.answer("Who runs it?", "r")
    talk.answer("Who runs it?", "h")
    talk.answer("Its exit code", "none")
    talk.answer("Its exit code", "0")
    talk.answer("Is it done?", "d")
    talk.answer("Note", "")
    talk.answer("Note", "complete, 2 lines")
    talk.answer("Do you sign", "d")
    talk.answer("Note", "all seen")
    assert talk.end() == ExitCode.CLEARED
    state = state_of(led)
    assert state.verdict is Verdict.CLEARED
    assert [(a.step_id, a.by, a.initials, a.done, a.note) for _, a in state.attestations] == [
        ("03-stage", "desk", "D", True, "run by hand, exit code 0"),
        ("04-manual", "desk", "D", True, "complete, 2 lines"),
        ("sign-off", "desk", "D", True, "all seen"),
    ]
    assert all(t.endswith("Z") for t, _ in state.attestations)
    assert state.started is not None
    assert state.started.operator == "desk"
    assert (state.bundle / "logs" / "first.log").read_text() == "begun\nended\n"
    assert "\x1b" not in talk.said
    assert "step 4 of 5" in talk.said
    summary = (state.bundle / "phase_summary.md").read_text("utf-8")
    assert "desk (D) attests 04-manual done at" in summary
    for form, box in (("md", "4. [x]"), ("text", "[x] STEP 4"), ("html", "☑")):
        filled = led.run("checklist", "--stamp", state.bundle.name, "--format", form)
        assert filled.returncode == 0, filled.stderr
        assert box in filled.stdout
        assert "complete, 2 lines" in filled.stdout
        assert "exit code 0" in filled.stdout
        assert "signed by desk (D)" in filled.stdout


def test_a_command_that_failed_by_hand_blocks(led: Desk) -> None:
    talk = begin(led)
    talk.answer("Who runs it?", "h")
    talk.answer("Its exit code", "3")
    assert talk.end() == ExitCode.BLOCKED
    state = state_of(led)
    assert state.blocker is not None
    assert state.blocker.reason == "exit code 3, as the operator says"


ASKING = LED.replace("scripts/stage.py --seconds 0 |", "scripts/stage.py <how> |")


def test_an_answer_becomes_a_command_that_is_confirmed_and_run(desk: Desk) -> None:
    desk.memo(0.0, ASKING)
    talk = begin(desk)
    talk.answer("Who runs it?", "r")
    talk.answer("What answers it?", "p")  # the placeholder still stands in the proposal
    talk.answer("What answers it?", "c")
    talk.answer("The whole command line", "yes")
    talk.answer("What answers it?", "c")
    talk.answer("The whole command line", "zero seconds, as before")
    talk.answer("What answers it?", "c")
    talk.answer("The whole command line", "python scripts/stage.py --slow 1")
    talk.answer("What answers it?", "c")
    command = 'python scripts/stage.py --seconds 0 | tee "$OUTDIR"/logs/second.log'
    talk.answer("The whole command line", command)
    talk.answer("Is this the command?", "y")
    talk.answer("Who runs it?", "r")
    talk.answer("Is it done?", "d")
    talk.answer("Note", "complete")
    talk.answer("Do you sign", "d")
    talk.answer("Note", "all seen")
    assert talk.end() == ExitCode.CLEARED
    for reason in (
        "what stands for the placeholder <how>?",
        "'yes' is no command line",
        "there is no program 'zero'",
        "has no option --slow",
    ):
        assert reason in talk.said
    state = state_of(desk)
    ((_, answer),) = state.answers
    assert (answer.step_id, answer.answer, answer.by) == ("03-question", command, "desk")
    assert answer.step is not None
    stage = state.stage("03-question")
    assert stage is not None
    assert stage.status == "passed"
    assert (state.bundle / "logs" / "second.log").read_text() == "begun\nended\n"
    given = [d for step, d in state.deviations if step == "03-question"]
    assert given[0].runs == command
    assert given[0].why == "answered during the run"
    assert "03-question" in (state.bundle / "phase_summary.md").read_text("utf-8")
    filled = desk.run("checklist", "--stamp", state.bundle.name)
    assert "--seconds 0" in filled.stdout


def test_a_step_that_nobody_needs_is_left_out_and_one_not_done_waits(desk: Desk) -> None:
    desk.memo(0.0, ASKING)
    talk = begin(desk)
    talk.answer("Who runs it?", "r")
    talk.answer("What answers it?", "l")
    talk.answer("Why it is not needed here", "no such camera")
    talk.answer("Is it done?", "not done")
    talk.answer("Note", "the log is cut off")
    assert talk.end() == ExitCode.WAITING
    state = state_of(desk)
    assert [(a.step_id, a.answer) for _, a in state.answers] == [
        ("03-question", "left out: no such camera")
    ]
    assert "desk left it out: no such camera" in [d.why for _, d in state.deviations]
    assert state.verdict is Verdict.BLOCKED
    assert "the log is cut off" in state.reason
    assert (state.bundle / "blockers.md").is_file()


def test_a_question_may_be_a_persons_work(desk: Desk) -> None:
    desk.memo(0.0, ASKING)
    talk = begin(desk)
    talk.answer("Who runs it?", "r")
    talk.answer("What answers it?", "h")
    talk.answer("Is it done?", "d")
    talk.answer("Note", "measured with the other program")
    talk.answer("Is it done?", "d")
    talk.answer("Note", "complete")
    talk.answer("Do you sign", "n")
    talk.answer("Note", "the lamp was off")
    assert talk.end() == ExitCode.WAITING
    state = state_of(desk)
    assert state.blocker is not None
    assert state.blocker.where == "sign-off"
    assert "the lamp was off" in state.reason


@pytest.mark.parametrize("how", ["leave", "interrupt"])
def test_leaving_seals_what_there_is(led: Desk, how: str) -> None:
    talk = begin(led)
    talk.answer("Who runs it?", "r")
    talk._child.expect_exact("Who runs it?")
    getattr(talk, how)()
    assert talk.end() == ExitCode.INTERRUPTED
    state = state_of(led)
    assert state.verdict is Verdict.CANCELLED
    assert [s.status for s in state.stages] == ["passed"]


def test_a_lost_terminal_seals_what_there_is(led: Desk) -> None:
    talk = begin(led)
    talk.answer("Who runs it?", "r")
    talk._child.expect_exact("Who runs it?")
    assert talk.hang_up() == ExitCode.INTERRUPTED
    state = state_of(led)
    assert state.verdict is Verdict.CANCELLED
    assert [s.status for s in state.stages] == ["passed"]


def test_nothing_is_recorded_before_the_operator_begins(led: Desk) -> None:
    talk = Conversation(led)
    talk.answer("Your name", "Ada")
    talk.answer("Your initials [A]", "")
    talk.answer("Begin the run now?", "n")
    assert talk.end() == ExitCode.NOT_STARTED
    assert bundles(led.root) == ()
