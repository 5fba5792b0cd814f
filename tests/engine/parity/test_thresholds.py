"""The table of acceptance thresholds: read exactly or refused."""

from pathlib import Path

import pytest

from engine.parity import thresholds
from engine.parity.errors import ThresholdTableError

STRATEGY = Path(__file__).parents[3] / "docs/development/testing_strategy.md"
HEAD = "| id | applies to | scope | metric | comparison | threshold | binding | why |\n"
RULE = "|---|---|---|---|---|---|---|---|\n"
ROW = "| a | compare | full frame | correlation | >= | 0.999 | yes | pattern |\n"


def table(tmp_path: Path, rows: str, heading: str = "### 2.5 Acceptance\n\n") -> Path:
    path = tmp_path / "strategy.md"
    path.write_text("# Title\n\n## 2 Tests\n\n" + heading + rows + "\n### 2.6 Next\n\n| x |\n")
    return path


def test_a_row_is_read_with_its_line(tmp_path: Path) -> None:
    (row,) = thresholds.load(table(tmp_path, HEAD + RULE + ROW))
    assert row == thresholds.Threshold(
        "a", "correlation", "full frame", ">=", 0.999, True, "compare", 9, "pattern"
    )


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("", "no table"),
        (HEAD.replace(" metric ", " figure ") + RULE + ROW, "column missing: metric"),
        (HEAD + RULE + ROW.replace(">=", ">"), "not one of"),
        (HEAD + RULE + ROW.replace("0.999", "nan"), "not a number"),
        (HEAD + RULE + ROW.replace("0.999", "about 1"), "not a number"),
        (HEAD + RULE + ROW.replace("yes", "maybe"), "neither yes nor no"),
        (HEAD + RULE + ROW.replace("pattern", ""), "empty cell: why"),
        (HEAD + RULE + ROW.replace("| pattern", "| pattern | more"), "9 cells"),
        (HEAD + RULE + ROW + ROW, "already on line 9"),
    ],
)
def test_a_doubtful_table_is_refused(tmp_path: Path, rows: str, complaint: str) -> None:
    with pytest.raises(ThresholdTableError, match=complaint):
        thresholds.load(table(tmp_path, rows))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ThresholdTableError, match="cannot be read"):
        thresholds.load(tmp_path / "nowhere.md")


@pytest.mark.parametrize(
    ("comparison", "measured", "holds", "margin"),
    [
        (">=", 0.999, True, 0.0),
        (">=", 0.9989, False, -1e-4),
        ("<=", 0.5, True, 0.499),
        ("<=", 1.0, False, -1e-3),
        ("==", 0.999, True, 0.0),
        ("==", 1.0, False, -1e-3),
        (">=", None, False, None),
        ("<=", float("nan"), False, None),
    ],
)
def test_holding_a_value_against_a_row(
    comparison: str, measured: float | None, holds: bool, margin: float | None
) -> None:
    row = thresholds.Threshold("a", "m", "s", comparison, 0.999, True, "compare", 1)
    assert row.holds(measured) is holds
    if margin is None:
        assert row.margin(measured) is None
    else:
        assert row.margin(measured) == pytest.approx(margin)


def test_the_strategy_of_this_project_holds_every_gate() -> None:
    rows = thresholds.load(STRATEGY)
    full_frame = {t.metric: t.value for t in thresholds.select(rows, "compare")}
    assert full_frame == {
        "correlation": 0.999,
        "sum_ratio_deviation": 5e-3,
        "relative_l2": 1e-3,
        "worst_tile_relative_l2": 1e-2,
        "log_correlation_deviation": 1e-6,
        "radial_deviation": 2e-3,
        "nonfinite": 0,
    }
    highres = thresholds.select(rows, "AT-PARALLEL-012 high_resolution_4096")
    assert {(t.metric, t.comparison, t.value) for t in highres} == {
        ("nonfinite", "==", 0),
        ("correlation", ">=", 0.95),
        ("max_peak_distance_px", "<=", 1.0),
        ("matched_fraction", ">=", 0.95),
    }
    assert all(t.binding for t in rows)
    lines = STRATEGY.read_text(encoding="utf-8").splitlines()
    assert all(lines[t.line - 1].startswith(f"| {t.id} |") for t in rows)
