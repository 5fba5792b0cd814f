"""Which commands a memo marks as of use after a block, and which words mark nothing."""

import msgspec
import pytest

from nbtui.errors import PlanError
from nbtui.memo.compile import compile_plan, recompile
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Plan, StepKind
from nbtui.memo.planfile import marked


def plan_of(*bullets: str) -> Plan:
    lines = "\n".join(f"- {b}" for b in bullets)
    text = f"Artifacts: reports/a/b/$STAMP/\nHow-To Map:\n{lines}\n"
    return compile_plan(parse_memo(text.encode(), name="memo.md"))


def flags(bullet: str) -> list[bool]:
    """Return of each command of a bullet whether it is marked; nothing else may come of it."""
    steps = plan_of(bullet).steps[:-1]
    assert {s.kind for s in steps} == {StepKind.RUNNABLE}, [s.title for s in steps]
    return [s.independent for s in steps]


@pytest.mark.parametrize(
    "bullet",
    [
        "Test: `cat a.txt` (independent; information only).",
        "Test: cat a.txt (independent)",
        "Independent, for information only: `cat a.txt`.",
        "`cat a.txt`; independent of the stages above.",
        "`cat a.txt`: it is independent of the benchmark",
        "Count: `cat a.txt`, run it even after a block.",
        "`cat a.txt` also runs when an earlier stage blocks.",
        "`cat a.txt`; run it regardless of earlier failures.",
        "`cat a.txt`. Run it whatever happened before.",
    ],
)
def test_words_beside_a_command_mark_it(bullet: str) -> None:
    assert flags(bullet) == [True]


@pytest.mark.parametrize(
    "bullet",
    [
        "Compare with the independent reference: `cat a.txt`.",
        "Not independent: `cat a.txt`.",
        "`cat a.txt`. This is not independent of the benchmark.",
        "`cat a.txt` (independent of the device).",
        "`cat a.txt` prints the worst tile for information only when asked.",
        "`cat a.txt`, for reproducibility.",
    ],
)
def test_other_words_mark_nothing(bullet: str) -> None:
    assert flags(bullet) == [False]


def test_behind_a_command_it_is_said_of_that_one_in_front_of_all() -> None:
    assert flags("Run `cat a.txt` (independent) then `cat b.txt`.") == [True, False]
    assert flags("(information only) Run `cat a.txt` and `cat b.txt`.") == [True, True]


def test_the_mark_is_no_title_and_no_work_for_a_person() -> None:
    plan = plan_of("Independent, for information only: `cat a.txt`.")
    assert [s.title for s in plan.stages][:1] == ["cat"]
    assert not plan.all_deviations()[:-1]  # the memo says it itself; only the summary is added


def test_a_question_keeps_its_mark_until_it_is_answered() -> None:
    memo = parse_memo(
        b"Artifacts: reports/a/b/$STAMP/\nHow-To Map:\n- `python a.py --n <n>` (independent).\n",
        name="memo.md",
    )
    plan = compile_plan(memo)
    step = msgspec.structs.replace(plan.steps[0], answer="python a.py --n 2")
    answered = recompile(msgspec.structs.replace(plan, steps=(step, *plan.steps[1:])), memo)
    assert answered.steps[0].kind is StepKind.RUNNABLE
    assert answered.steps[0].independent


def test_the_operators_mark_is_a_deviation_and_another_plan() -> None:
    plan = plan_of("`cat a.txt`", "`cat b.txt` (independent)")
    ids = [s.id for s in plan.stages[:2]]
    mine = marked(plan, ids)
    assert [s.independent for s in mine.stages[:2]] == [True, True]
    assert [d.why for _, d in mine.all_deviations()][:1] == ["the operator asked for it"]
    assert mine.stages[1] == plan.stages[1]  # it was marked before
    assert mine.digest() != plan.digest()
    for wrong in ("nothing", plan.stages[-1].id):
        with pytest.raises(PlanError, match="no such stage"):
            marked(plan, [wrong])
