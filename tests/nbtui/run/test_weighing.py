"""A run beside the earlier ones of the same experiment."""

import msgspec

from nbtui.evidence.records import Verdict
from nbtui.memo.plan import Role
from nbtui.run import sign_offs
from tests.nbtui.run.lab import GATE, Lab, plan_of, summary_step, tool

STRICT = plan_of(tool(1, Role.COMPARE), gates=(msgspec.structs.replace(GATE, threshold=1.0),))
LOWERED = plan_of(tool(1, Role.COMPARE), gates=(msgspec.structs.replace(GATE, threshold=0.9),))


def test_a_lowered_threshold_clears_only_what_somebody_signs_for(lab: Lab) -> None:
    first = lab.run(STRICT)
    assert first.blocker is not None
    assert first.blocker.kind == "gate"
    second = lab.run(LOWERED)
    assert second.verdict is Verdict.BLOCKED
    assert second.blocker is not None
    assert second.blocker.kind == "unmoved"
    assert f"as in {first.bundle.name}" in second.reason
    assert "by the threshold alone" in second.reason
    lab.assert_sound(second.bundle)
    waives = sign_offs.proposals(second.bundle, second)
    made = sign_offs.compose(
        second.bundle, waives, by="Ada Lovelace", reason="agreed", at="2026-01-01T00:00:00Z"
    )
    sign_offs.keep(lab.root, "reports", made)
    assert lab.run(LOWERED).verdict is Verdict.CLEARED


def test_the_same_miss_after_a_change_is_remarked(lab: Lab) -> None:
    lab.run(plan_of(tool(1, Role.COMPARE, "wrong")))
    (lab.root / "mended.py").write_text("# this will do\n")
    lab.git("add", "mended.py")
    lab.git("commit", "-qm", "Mend it")
    state = lab.run(plan_of(tool(1, Role.COMPARE, "wrong")))
    assert state.blocker is not None
    assert state.blocker.kind == "gate"
    assert any("did not reach this stage" in note for note in state.notes)


def test_margins_of_earlier_runs_stand_beside_this_one(lab: Lab) -> None:
    plan = plan_of(tool(1, Role.COMPARE), summary_step(2))
    lab.run(plan)
    state = lab.run(plan)
    (result,) = state.gates()
    assert result.before == (result.margin,)
    assert result.noise == 0.0
    summary = (state.bundle / "phase_a_summary.md").read_text()
    assert "1 margin as in 1 earlier run of this experiment" in summary
