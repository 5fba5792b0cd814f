"""Gates with their past: a cell for each earlier run, an arrow, and the figures in words."""

from pathlib import Path

import pytest

from nbtui.evidence.gates import hold
from nbtui.evidence.records import Collected, Metric
from nbtui.memo.plan import Comparison, GateSpec, Role
from nbtui.tui.widgets.gate_table import GateLine, GateTable, course, movement
from nbtui.tui.widgets.page import Page
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, text_of


def line(comparison: str, threshold: float, value: float, *before: float) -> GateLine:
    gate = GateSpec(
        id="g", metric="m", role=Role.COMPARE, comparison=Comparison(comparison),
        threshold=threshold, source="docs/x.md:1",
    )  # fmt: skip
    figures = (Metric(name="m", value=value, source="summary.json#m"),)
    result = hold(gate, Collected(step_id="s", metrics=figures))
    return GateLine("Compare", gate, result, before=before)


@pytest.mark.parametrize(
    ("gate", "cells", "arrow"),
    [
        (line(">=", 0.9, 1.0, 0.96, 0.8), "▅✗█", ("↗", "better by 0.2")),
        (line(">=", 0.9, 0.7, 1.0), "█✗", ("↘", "worse by 0.3")),
        (line("<=", 1.0, 0.25, 2.0, 0.5), "✗▅▇", ("↗", "better by 0.25")),
        (line("<=", 1.0, 0.5, 0.25), "▇▅", ("↘", "worse by 0.25")),
        (line("==", 1.0, 1.0, 1.0), "██", ("=", "unchanged")),
        (line("==", 1.0, 1.0, 3.0), "✗█", ("↗", "better by 2")),
        (line(">=", 0.9, 1.0), "█", ("", "")),
    ],
)
def test_each_earlier_run_has_a_cell_and_this_one_is_the_last(
    gate: GateLine, cells: str, arrow: tuple[str, str]
) -> None:
    assert course(gate).plain == cells
    assert movement(gate) == arrow


def test_a_card_tells_the_past_in_words() -> None:
    said = [t.plain for t in GateTable((line(">=", 0.9, 1.0, 0.96, 0.8),)).lines(78)]
    assert said[-1].strip() == "▅✗█ ↗ better by 0.2 · 2 runs before, last 0.8"
    first = [t.plain for t in GateTable((line(">=", 0.9, 1.0),)).lines(78)]
    assert first[-1].strip() == "first run of these parameters"


def test_a_wide_table_has_a_column_for_it() -> None:
    head, row = (t.plain for t in GateTable((line(">=", 0.9, 1.0, 0.96, 0.8),)).lines(130))
    at = head.index("runs before")
    assert row[at : at + 5] == "▅✗█ ↗"
    assert len(head) <= 130


def test_where_nothing_was_looked_up_there_is_no_line_for_it() -> None:
    gate = line(">=", 0.9, 1.0)
    plain = GateLine(gate.stage, gate.gate, gate.result)
    assert len(GateTable((plain,)).lines(78)) == 3
    assert "runs before" not in GateTable((plain,)).lines(130)[0].plain


@pytest.mark.parametrize("width", [60, 130])
def test_a_stages_gates_are_found_below_gates_with_a_past(width: int) -> None:
    first, second = line(">=", 0.9, 1.0, 0.95), line(">=", 0.9, 1.0)
    table = GateTable((first, GateLine("Last", second.gate, second.result)))
    drawn = [t.plain for t in table.lines(width)]
    assert "Last" in drawn[table.line_of("Last", width)]


@pytest.mark.asyncio
@pytest.mark.timeout(300)
async def test_results_show_how_the_gates_stood_before(tmp_path: Path) -> None:
    first, *_, last = recorded.several(tmp_path)
    for bundle, told in (
        (last, "█✗✗ = unchanged · 2 runs before"),
        (first, "first run of these parameters"),
    ):
        app = Stage(root=tmp_path).app(attach=bundle)
        async with app.run_test(size=(80, 24)) as pilot:
            await idle(pilot)
            assert told in text_of(app.screen.query_one("#outcome", Page))
