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
    assert talk.end() == ExitCode.CLEARED
    state = state_of(led)
    assert state.verdict is Verdict.CLEARED
    assert [(a.step_id, a.by, a.done, a.note) for _, a in state.attestations] == [
        ("03-stage", "desk", True, "run by hand, exit code 0"),
        ("04-manual", "desk", True, "complete, 2 lines"),
    ]
    assert all(t.endswith("Z") for t, _ in state.attestations)
    assert state.started is not None
    assert state.started.operator == "desk"
    assert (state.bundle / "logs" / "first.log").read_text() == "begun\nended\n"
    assert "\x1b" not in talk.said
    assert "step 4 of 5" in talk.said
    summary = (state.bundle / "phase_summary.md").read_text("utf-8")
    assert "desk attests 04-manual done at" in summary
    for form, box in (("md", "4. [x]"), ("text", "[x] STEP 4"), ("html", "☑")):
        filled = led.run("checklist", "--stamp", state.bundle.name, "--format", form)
        assert filled.returncode == 0, filled.stderr
        assert box in filled.stdout
        assert "complete, 2 lines" in filled.stdout
        assert "exit code 0" in filled.stdout


def test_a_command_that_failed_by_hand_blocks(led: Desk) -> None:
    talk = begin(led)
    talk.answer("Who runs it?", "h")
    talk.answer("Its exit code", "3")
    assert talk.end() == ExitCode.BLOCKED
    state = state_of(led)
    assert state.blocker is not None
    assert state.blocker.reason == "exit code 3, as the operator says"


def test_questions_are_answered_and_a_step_not_done_waits_for_its_operator(desk: Desk) -> None:
    desk.memo(0.0, LED.replace("scripts/stage.py --seconds 0 |", "scripts/stage.py <how> |"))
    talk = begin(desk)
    talk.answer("Who runs it?", "r")
    talk.answer("Your answer to: what stands for the placeholder <how>?", "--seconds 0")
    talk.answer("Is it done?", "d")
    talk.answer("Note", "ran it so, exit code 0")
    talk.answer("Is it done?", "not done")
    talk.answer("Note", "the log is cut off")
    assert talk.end() == ExitCode.WAITING
    state = state_of(desk)
    assert [(a.step_id, a.answer, a.by) for _, a in state.answers] == [
        ("03-question", "--seconds 0", "desk")
    ]
    assert state.verdict is Verdict.BLOCKED
    assert "the log is cut off" in state.reason
    assert (state.bundle / "blockers.md").is_file()


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
    talk.answer("Begin the run now?", "n")
    assert talk.end() == ExitCode.NOT_STARTED
    assert bundles(led.root) == ()
