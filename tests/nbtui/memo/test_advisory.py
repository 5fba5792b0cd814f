"""What a correlation cannot see is asked for, without binding, where nobody asked for it."""

from engine.parity.thresholds import Threshold
from nbtui.memo.advisory import LIMITS, SOURCE
from nbtui.memo.compile import compile_plan
from nbtui.memo.documents import Documents
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import GateSpec

ARGS = "-lambda 1 -cell 70 80 90 90 90 90 -N 5 -default_F 1 -distance 100 -detpixels 64"


def compiled(bullet: str, rows: tuple[Threshold, ...] = ()) -> dict[str, GateSpec]:
    text = f"Branch: main\nArtifacts: reports/a/b/$STAMP/\nHow-To Map:\n- {bullet}\n"
    plan = compile_plan(parse_memo(text.encode(), name="memo.md"), documents=Documents(rows))
    return {g.metric: g for g in plan.gates if g.source == SOURCE}


def test_a_comparison_without_them_has_them_all_and_none_binds() -> None:
    found = compiled(f"`nb-compare --outdir $OUTDIR/c -- {ARGS}` must reach corr >= 0.999")
    assert set(found) == {metric for metric, _, _ in LIMITS}
    assert not any(gate.binding for gate in found.values())


def test_a_row_of_the_strategy_takes_the_place_of_one() -> None:
    row = Threshold("tile", "worst_tile_relative_l2", "all", "<=", 0.5, True, "compare", 3)
    found = compiled(f"`nb-compare --outdir $OUTDIR/c -- {ARGS}`", (row,))
    assert set(found) == {m for m, _, _ in LIMITS} - {"worst_tile_relative_l2"}


def test_another_tool_is_not_asked_for_what_it_never_measures() -> None:
    found = compiled(f"`python scripts/other_compare.py --outdir $OUTDIR/c -- {ARGS}`")
    assert found == {}
