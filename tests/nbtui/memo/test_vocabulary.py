"""Commands of everyday programs, told from the same words in English."""

import pytest

from nbtui.memo.compile import compile_plan
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Role, StepKind

RUNS, ASKS, HAND = StepKind.RUNNABLE, StepKind.NEEDS_ANSWER, StepKind.MANUAL
HOW_TO, DO_NOW = "How-To Map:\n- {}\n", "Do Now: {}\n"


def kinds(text: str) -> list[StepKind]:
    """The kinds of the steps of a memo that says only this."""
    memo = f"Summary: words\nArtifacts: reports/a/b/$STAMP/\n{text}"
    plan = compile_plan(parse_memo(memo.encode(), name="memo.md"))
    return [s.kind for s in plan.steps if s.role is not Role.SUMMARY]


@pytest.mark.parametrize(
    "command",
    [
        "echo hello-world", "echo hello world", "ls reports", "ls -la", "seq 1 3", "rg shelf",
        "printf hello", "./check", "./check.sh --fast", "python tools/x.py", "git status",
        "cat notes.txt", "sha256sum a.bin", "uname -a", "cd tools && make",
    ],
)  # fmt: skip
def test_a_command_is_one_in_every_place(command: str) -> None:
    for form in (
        DO_NOW.format(command),
        DO_NOW.format(f"`{command}`"),
        DO_NOW.format(f"[ITEM-1] A title — {command}"),
        HOW_TO.format(command),
        HOW_TO.format(f"`{command}`"),
        HOW_TO.format(f"Run `{command}` once."),
        f"How-To Map:\n```sh\n{command}\n```\n",
        f"How-To Map:\n```\n{command}\n```\n",
    ):
        assert kinds(form) == [RUNS], form


@pytest.mark.parametrize("command", ["sleep 1", "cp old new", "touch marker", "wc -l a.txt"])
def test_in_backticks_less_is_asked_for(command: str) -> None:
    assert kinds(HOW_TO.format(f"`{command}`")) == [RUNS]
    assert kinds(DO_NOW.format(f"`{command}`")) == [RUNS]


@pytest.mark.parametrize("word", ["ls", "date", "make", "pytest", "nvidia-smi", "true"])
def test_a_name_alone_is_a_command_where_one_is_asked_for(word: str) -> None:
    assert kinds(DO_NOW.format(word)) == kinds(DO_NOW.format(f"`{word}`")) == [RUNS]
    assert kinds(HOW_TO.format(f"Run `{word}` first.")) == [RUNS]
    assert kinds(HOW_TO.format(f"`{word}` is a word")) == kinds(HOW_TO.format(word)) == [HAND]


@pytest.mark.parametrize(
    "text",
    [
        "Run `echo <WHAT>` once.", "`sleep <seconds>`", "echo <WHAT>", "`ls reports/.../logs`",
        "`julia fit.jl`", "`tox -e all`", "`rm old.log`", "Run `exit 3`.",
    ],
)  # fmt: skip
def test_what_is_left_open_or_unknown_is_asked(text: str) -> None:
    assert kinds(HOW_TO.format(text)) == [ASKS]


@pytest.mark.parametrize(
    "text",
    [
        "Echo the results to the summary.", "echo findings in the summary",
        "read the logs and echo the findings to the board", "grep output for errors",
        "ls of the folder goes to the notes", "touch base with the supervisor", "make notes",
        "sort out the `sort order` first", "the `head commit` is tagged",
        "time permitting, plot it",
        "use `diff output` as evidence", "`test data` is old", "compare `grep` with `rg`",
        "find references in the documents", "open issues are listed below", "cut the beam",
        "install dependencies first", "docker image missing on the runner", "ruff is clean",
        "date and host of each run", "type annotations stay", "which python is used?",
        "list the `uname` fields", "confirm that `command -v python` is the venv's",
        "`sleep` is not portable", "split work between two people", "echo test, then wait",
        "call `foo(x)` with care", "launch the `torch.compile` path", "less is more",
    ],
)  # fmt: skip
def test_prose_is_no_command(text: str) -> None:
    for form in (HOW_TO, DO_NOW, "How-To Map:\n- First: {}\n", "Do Now: [ITEM-1] Title — {}\n"):
        assert kinds(form.format(text)) == [HAND], form
