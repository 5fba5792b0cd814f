"""A comparison that blocks says why, and how often it was the very same; others do not ask."""

import json

import pytest

from nbtui.memo.plan import Role
from nbtui.run.explain import DIAGNOSIS
from tests.nbtui.run.lab import Lab, plan_of, shell, summary_step, tool

pytestmark = pytest.mark.timeout(300)


def test_the_same_failure_is_recognised_and_explained(lab: Lab) -> None:
    plan = plan_of(tool(1, Role.COMPARE, "wrong"), summary_step(2))
    first, second = lab.run(plan), lab.run(plan)
    assert first.explanation is not None
    assert second.explanation is not None
    assert first.explanation.earlier == ()
    again = "the very same failure, to ten digits, in 1 earlier run"
    assert second.explanation.earlier == (again,)
    report = (second.bundle / "blockers.md").read_text()
    assert "Diagnosis" in report
    assert "The port's image is turned by 180 degrees" in report
    assert "asks both programs too" not in report  # it is proven
    assert second.explanation.sentence in report
    assert f"Seen before : {again}" in report
    record = json.loads((second.bundle / DIAGNOSIS).read_text())
    assert record["sentence"] == second.explanation.sentence
    assert [s["id"] for s in record["steps"]][:4] == [
        "identity", "reports", "hidden-inputs", "references",
    ]  # fmt: skip
    lab.assert_sound(second.bundle)


def test_only_a_comparison_that_blocks_is_explained(lab: Lab) -> None:
    for plan in (
        plan_of(tool(1, Role.COMPARE), summary_step(2)),
        plan_of(shell(1, "exit 3"), summary_step(2)),
    ):
        state = lab.run(plan)
        assert state.explanation is None
        assert not (state.bundle / DIAGNOSIS).exists()
