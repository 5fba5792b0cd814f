"""Thresholds: found in words and tables, the strictest holds, the others stay visible."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtui.memo import citations
from nbtui.memo.advisory import SOURCE as ADVISORY
from nbtui.memo.compile import compile_plan
from nbtui.memo.documents import Documents
from nbtui.memo.gates import from_memo, merge
from nbtui.memo.model import Memo
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Comparison, GateSpec, LineSpan, Plan, Role, Step, StepKind
from nbtui.project import Settings

Read = Callable[[str], Memo]
CANONICAL = ["-lambda", "0.5", "-N", "5", "-detpixels", "64"]


@dataclass(frozen=True)
class Row:
    """A row of the strategy's table."""

    id: str
    applies_to: str
    metric: str = "correlation"
    comparison: str = ">="
    value: float = 0.9
    binding: bool = True
    line: int = 7


def gates_of(text: str) -> list[tuple[str, str, str, float]]:
    memo = parse_memo(f"Pitfalls To Avoid:\n- {text}\n".encode(), name="m")
    return [(g.metric, g.role.value, g.comparison.value, g.threshold) for g in from_memo(memo)]


@pytest.mark.parametrize(
    ("text", "metric", "comparison", "threshold"),
    [
        ("benchmark with corr ≥0.999", "correlation", ">=", 0.999),
        ("benchmark correlation >= 0.999", "correlation", ">=", 0.999),
        ("benchmark `corr` >= `0.999`", "correlation", ">=", 0.999),
        ("benchmark correlation of at least 0.999", "correlation", ">=", 0.999),
        ("benchmark |sum_ratio−1| ≤5e-3", "sum_ratio_deviation", "<=", 0.005),
        ("benchmark |sum_ratio - 1| <= 5e-3", "sum_ratio_deviation", "<=", 0.005),
        ("benchmark abs(sum_ratio-1.0) < 0.005", "sum_ratio_deviation", "<=", 0.005),
        ("benchmark RMSE ≤ 1e−7", "rmse", "<=", 1e-7),
        ("benchmark RMSE ≤ 2 x 10^-3", "rmse", "<=", 2e-3),
        ("benchmark matched fraction ≥ 95 %", "matched_fraction", ">=", 0.95),
        ("benchmark relative L2 <= 1e-3", "relative_l2", "<=", 1e-3),
        ("benchmark worst tile ≤ 1e-2", "worst_tile_relative_l2", "<=", 1e-2),
        ("benchmark radial profile within 2e-3", "radial_deviation", "<=", 2e-3),
        ("benchmark log_correlation_deviation <= 1e-6", "log_correlation_deviation", "<=", 1e-6),
        ("benchmark speed-up >= 1.5", "speedup_warm", ">=", 1.5),
    ],
)
def test_thresholds_in_words(text: str, metric: str, comparison: str, threshold: float) -> None:
    assert gates_of(text) == [(metric, "benchmark", comparison, threshold)]


@pytest.mark.parametrize(
    "text", ["corr was 0.721", "the correlation 0.999", "score ≥ 0.9", "a corridor >= 3 m wide"]
)
def test_figures_without_a_demand_are_no_gate(text: str) -> None:
    assert gates_of(text) == []


def test_the_stage_named_last_before_the_figure_is_meant() -> None:
    found = gates_of("benchmark must reach corr ≥0.999, the comparison |sum_ratio−1| ≤5e-3")
    assert [(m, r) for m, r, _, _ in found] == [
        ("sum_ratio_deviation", "compare"),
        ("correlation", "benchmark"),
    ]


def test_a_sentence_without_a_stage_speaks_of_benchmark_and_comparison() -> None:
    assert {r for _, r, _, _ in gates_of("Once corr ≥0.999 is archived")} == {
        "benchmark",
        "compare",
    }


def test_history_and_pointers_set_no_gate(read: Read) -> None:
    memo = read("Priorities & Rationale:\n- corr >= 0.5 was seen\nPointers:\n- corr >= 0.5\n")
    assert from_memo(memo) == ()


def test_a_gate_cites_its_line(read: Read) -> None:
    memo = read("Summary: s\nNext Up: With corr >= 0.9 go on.\n")
    assert {g.source for g in from_memo(memo)} == {"memo.md:2"}


def plan_with(rows: list[Row], *, extra: str = "") -> Plan:
    text = (
        "Artifacts: reports/a/b/$STAMP/\n"
        "How-To Map:\n"
        f"- `nb-compare --outdir $OUTDIR/one -- {' '.join(CANONICAL)}`\n"
        "- `nb-compare --outdir $OUTDIR/two -- -lambda 0.9 -detpixels_f 8`\n"
        "- `pytest tests/test_at_parallel_012.py::TestIt::test_high_resolution_variant`\n"
        f"{extra}"
    )
    memo = parse_memo(text.encode(), name="m")
    # the order of the arguments and the spelling of numbers do not make another case
    cases = {"canon": ["-detpixels", "64.0", "-N", "5", "-lambda", ".5"]}
    return compile_plan(memo, Settings(strategy="s.md"), documents=Documents(rows, cases))


OWN = "0.999 (default of nb-compare)"


def own(plan: Plan) -> list[GateSpec]:
    """Return the gates that somebody asked for."""
    return [g for g in plan.gates if g.source != ADVISORY]


def test_a_row_for_one_case_holds_at_that_comparison_only() -> None:
    rows = [Row("all", "compare", value=0.9995), Row("one", "compare canon", value=0.9999)]
    plan = plan_with(rows)
    found = {g.id: g for g in own(plan)}
    assert found["one"].steps == ("01-compare",)
    assert found["one"].overrides == ("0.9995 (s.md:7)", OWN)
    assert found["all"].steps == ("02-compare",)
    assert found["all"].overrides == (OWN,)
    assert found["one"].source == "s.md:7"


def test_the_memo_may_be_stricter_than_the_table_but_never_looser() -> None:
    row = Row("t", "compare", value=0.9995)
    looser = plan_with([row], extra="Next Up: comparison corr >= 0.5\n")
    assert [(g.threshold, g.overrides) for g in own(looser)] == [(0.9995, ("0.5 (m:6)", OWN))]
    stricter = plan_with([row], extra="Next Up: comparison corr >= 0.9999\n")
    assert [(g.threshold, g.overrides) for g in own(stricter)] == [
        (0.9999, ("0.9995 (s.md:7)", OWN))
    ]


def test_a_tool_that_is_stricter_than_everybody_sets_the_gate() -> None:
    plan = plan_with([Row("t", "compare", value=0.9)])
    assert {(g.threshold, g.source, g.overrides) for g in own(plan)} == {
        (0.999, "default of nb-compare", ("0.9 (s.md:7)",))
    }
    assert not own(plan_with([]))  # its default alone is no demand


def test_a_reported_row_never_replaces_a_binding_one() -> None:
    rows = [
        Row("hard", "compare", value=0.9995),
        Row("soft", "compare", value=0.9999, binding=False),
    ]
    assert {(g.id, g.binding) for g in own(plan_with(rows))} == {("hard", True), ("soft", False)}


@pytest.mark.parametrize(
    ("applies_to", "held"),
    [
        ("AT-PARALLEL-012 high_resolution_4096", True),
        ("AT-PARALLEL-012 simple_cubic", False),
        ("AT-PARALLEL-013 high_resolution_4096", False),
        ("benchmark", False),
    ],
)
def test_acceptance_rows_hold_at_their_own_test(applies_to: str, held: bool) -> None:
    plan = plan_with([Row("x", applies_to)])
    assert bool(own(plan)) is held
    assert all(g.role is Role.PYTEST and g.steps == ("03-pytest",) for g in own(plan))


def step(role: Role) -> Step:
    return Step(
        id=f"01-{role.value}", title="t", kind=StepKind.RUNNABLE, role=role,
        lines=LineSpan(1, 1), memo_text="",
    )  # fmt: skip


@given(
    st.lists(st.floats(0, 1, allow_nan=False), min_size=1, max_size=6),
    st.sampled_from([Comparison.AT_LEAST, Comparison.AT_MOST]),
)
def test_merging_keeps_the_strictest_and_loses_none(
    values: list[float], comparison: Comparison
) -> None:
    gates = [
        GateSpec(
            id=f"g{n}", metric="m", role=Role.COMPARE, comparison=comparison,
            threshold=v, source=f"f:{n}",
        )
        for n, v in enumerate(values)
    ]  # fmt: skip
    (winner,) = merge(gates, [step(Role.COMPARE)])
    strictest = max(values) if comparison is Comparison.AT_LEAST else min(values)
    assert winner.threshold == strictest
    assert len(winner.overrides) == len(values) - 1


def cited_memo(pointer: str, command: str = "python scripts/nb_compare.py -- -N 5") -> Memo:
    """A memo with one comparison that points at a document."""
    text = f"How-To Map:\n- `{command}`\nPointers:\n- {pointer} — what must hold.\n"
    return parse_memo(text.encode(), name="m")


def correlations(memo: Memo, root: Path) -> list[tuple[float, str, tuple[str, ...]]]:
    """Threshold, source and looser ones of the correlation gates."""
    gates = compile_plan(memo, documents=Documents(cited=citations.read(memo, root))).gates
    return [(g.threshold, g.source, g.overrides) for g in gates if g.metric == "correlation"]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A root with a specification, a plan and a ledger."""
    for name in ("specs/spec-a.md", "plans/active/x.md", "docs/fix_plan.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Title\nThe comparison needs corr >= 0.97 on the full frame.\n\nother\n")
    return tmp_path


@pytest.mark.parametrize("pointer", ["specs/spec-a.md:2", "plans/active/x.md:1-3"])
def test_a_cited_specification_or_plan_sets_a_threshold(documents: Path, pointer: str) -> None:
    source = f"{pointer.partition(':')[0]}:2"
    looser = ("0.95 (default of nb_compare.py)",)
    assert correlations(cited_memo(pointer), documents) == [(0.97, source, looser)]


@pytest.mark.parametrize(
    "pointer",
    ["docs/fix_plan.md:2", "specs/spec-a.md:4", "specs/spec-a.md:99", "../specs/spec-a.md:2",
     "specs/none.md:2", "/etc/spec.md:1"],
)  # fmt: skip
def test_what_is_not_cited_for_a_threshold_sets_none(documents: Path, pointer: str) -> None:
    assert correlations(cited_memo(pointer), documents / "specs" / "..") == []


def test_a_link_out_of_the_project_is_not_followed(documents: Path, tmp_path: Path) -> None:
    root = documents / "inner"
    root.mkdir()
    (root / "spec.md").symlink_to(documents / "specs" / "spec-a.md")
    assert correlations(cited_memo("spec.md:2"), root) == []


def test_a_threshold_on_the_command_line_counts(documents: Path) -> None:
    memo = cited_memo("specs/spec-a.md:2", "nb-compare --threshold 0.999 -- -N 5")
    assert correlations(memo, documents) == [(0.999, "m:2", ("0.97 (specs/spec-a.md:2)",))]
