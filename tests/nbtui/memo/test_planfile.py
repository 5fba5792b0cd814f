"""Plans on disk: the same plan comes back, and an edit changes only what it may."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtui.errors import MemoError, PlanError
from nbtui.memo.compile import compile_plan, recompile
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Comparison, Plan, Role, Step, StepKind
from nbtui.memo.planfile import from_text, read, to_json, to_toml

MEMO = parse_memo(
    b"Summary: s\nBranch: main\nArtifacts: reports/a/b/$STAMP/\nHow-To Map:\n"
    b"- LIB_OK=1 python tools/a.py --n 1 and repeat with `--n 2`.\n"
    b"- `rm -rf build/x`\n- `pytest -v tests/test_a.py`, corr >= 0.9\n- look at it\n",
    name="memo.md",
)
PLAN = compile_plan(MEMO)


def edit(plan: Plan, step: str, **changes: object) -> Plan:
    """The plan with one step changed."""
    steps = tuple(msgspec.structs.replace(s, **changes) if s.id == step else s for s in plan.steps)
    return msgspec.structs.replace(plan, steps=steps)


def step_of(plan: Plan, step: str) -> Step:
    """The step of that id."""
    return next(s for s in plan.steps if s.id == step)


@pytest.mark.parametrize("write", [to_toml, to_json])
def test_a_plan_comes_back_as_it_was(write: Callable[[Plan], str], tmp_path: Path) -> None:
    path = tmp_path / "plan"
    path.write_text(write(PLAN), "utf-8")
    assert read(path) == PLAN
    assert read(path).digest() == PLAN.digest()
    assert recompile(read(path), MEMO) == PLAN


_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_PIECES = st.sampled_from(
    ["`", "'", '"', "\\", "\n- ", "\n", "$STAMP", "<x>", "...", "| tee x", " and ", "> y", "“é”",
     "python - <<'PY'\nx = '''\n\"\"\"\nPY", "pytest -v tests/a.py", "corr >= 0.9", "A_B=1 ", "\t"]
)  # fmt: skip


@given(st.lists(st.one_of(_PIECES, _WORDS), max_size=12))
def test_any_plan_comes_back_as_it_was(pieces: list[str]) -> None:
    text = f"Summary: {''.join(pieces)}\nHow-To Map:\n- {''.join(pieces)}\n"
    try:
        plan = compile_plan(parse_memo(text.encode("utf-8", "replace"), name="m"))
    except MemoError:
        return
    assert from_text(to_toml(plan)) == plan
    assert from_text(to_json(plan)) == plan


def test_a_question_has_room_for_its_answer() -> None:
    assert to_toml(PLAN).count('answer = ""') == 2


def test_an_answer_becomes_a_stage_and_a_deviation() -> None:
    plan = recompile(edit(PLAN, "02-question", answer="LIB_OK=1 python tools/a.py --n 2"), MEMO)
    step = step_of(plan, "02-question")
    assert step.kind is StepKind.RUNNABLE
    assert step.command is not None
    assert step.command.argv == ("python", "tools/a.py", "--n", "2")
    assert step.command.env == {"LIB_OK": "1"}
    assert step.deviations[0].runs == "LIB_OK=1 python tools/a.py --n 2"
    assert plan.digest() != PLAN.digest()


def test_whoever_answers_with_a_command_was_asked_whether_it_may_run() -> None:
    plan = recompile(edit(PLAN, "03-question", answer="rm -rf build/x"), MEMO)
    command = step_of(plan, "03-question").command
    assert command is not None
    assert command.argv == ("rm", "-rf", "build/x")


def test_a_skipped_question_is_left_to_a_person() -> None:
    step = step_of(recompile(edit(PLAN, "03-question", answer="skip"), MEMO), "03-question")
    assert (step.kind, step.command) == (StepKind.MANUAL, None)
    assert step.deviations[-1].why == "skipped in the plan file"


def test_an_answer_with_a_question_is_none() -> None:
    with pytest.raises(PlanError, match="placeholder <n>"):
        recompile(edit(PLAN, "02-question", answer="python tools/a.py --n <n>"), MEMO)


def test_a_changed_command_is_a_deviation() -> None:
    before = step_of(PLAN, "01-a").command
    assert before is not None
    command = msgspec.structs.replace(before, argv=("python", "tools/a.py", "--n", "7"))
    step = step_of(recompile(edit(PLAN, "01-a", command=command, timeout_s=9.0), MEMO), "01-a")
    assert step.command == command
    assert step.timeout_s == 9.0
    assert [(d.memo_says, d.runs) for d in step.deviations[-2:]] == [
        ("LIB_OK=1 python tools/a.py --n 1", "LIB_OK=1 python tools/a.py --n 7"),
        ("a limit of 600 s", "a limit of 9 s"),
    ]


def test_a_step_marked_independent_is_a_deviation() -> None:
    marked = read_back(edit(PLAN, "01-a", independent=True))
    step = step_of(recompile(marked, MEMO), "01-a")
    assert step.independent
    assert [(d.memo_says, d.runs) for d in step.deviations[-1:]] == [
        ("after a block 01-a does not run", "after a block 01-a runs for information only")
    ]


def read_back(plan: Plan) -> Plan:
    """The plan as an editor would find it in a file."""
    return from_text(to_toml(plan))


def test_a_step_left_out_is_a_deviation() -> None:
    kept = tuple(s for s in PLAN.steps if s.id != "03-question")
    plan = recompile(msgspec.structs.replace(PLAN, steps=kept), MEMO)
    assert "03-question" not in {s.id for s in plan.steps}
    assert plan.deviations[-1].why == "left out in the plan file"


def test_what_a_step_promises_and_says_cannot_be_edited_away() -> None:
    edited = edit(PLAN, "04-pytest", artifacts=(), deviations=(), memo_text="something else")
    assert recompile(edited, MEMO) == PLAN


@pytest.mark.parametrize(
    "what", ["gates", "guards", "branch", "memo_sha256", "kind", "id", "twice"]
)
def test_what_a_plan_file_may_not_change(what: str) -> None:
    match what:
        case "gates":
            gates = tuple(msgspec.structs.replace(g, threshold=0.5) for g in PLAN.gates)
            assert gates
            assert gates[0].comparison is Comparison.AT_LEAST
            edited = msgspec.structs.replace(PLAN, gates=gates)
        case "guards":
            edited = msgspec.structs.replace(PLAN, guards=(), environment=(), branch="other")
        case "kind":
            edited = edit(PLAN, "05-manual", kind=StepKind.RUNNABLE, role=Role.SETTING)
        case "id":
            edited = edit(PLAN, "05-manual", id="06-mine")
        case "twice":
            edited = msgspec.structs.replace(PLAN, steps=(*PLAN.steps, PLAN.steps[0]))
        case name:
            edited = msgspec.structs.replace(PLAN, **{name: "x"})
    with pytest.raises(PlanError):
        recompile(edited, MEMO)


def test_another_memo_is_another_plan() -> None:
    other = dataclasses.replace(MEMO, data=MEMO.data + b"\n")
    with pytest.raises(PlanError, match="another memo"):
        recompile(PLAN, other)


@pytest.mark.parametrize(
    "text", ["", "{", "[[steps]]\nid = 1", "x = 1\n", "{}", 'memo_name = "m"\ntypo = 1', "[" * 5000]
)
def test_what_is_no_plan_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(PlanError, match="this is no plan") as caught:
        from_text(text, where="plan.toml")
    assert "\n" not in str(caught.value)


def test_the_json_that_nbtui_plan_prints_is_a_plan_file() -> None:
    wrapped = msgspec.json.encode({"digest": "x", "plan": PLAN, "findings": []}).decode()
    assert from_text(wrapped) == PLAN
