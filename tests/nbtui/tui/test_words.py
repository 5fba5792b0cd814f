"""Figures and curves as people read them; states that need no colour."""

import pytest

from nbtui.memo.plan import Comparison, GateSpec, Role
from nbtui.tui.widgets.gate_table import GateLine, GateTable, margin_fraction
from nbtui.tui.words import (
    CHECKS,
    KINDS,
    PHASES,
    STAGES,
    duration,
    figure,
    meter,
    size,
    sparkline,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.84, "0.8 s"), (42.4, "42 s"), (187, "3:07"), (3727, "1:02:07"), (-1, "0.0 s")],
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (608e6, "608 MB"), (999_700, "1 MB"), (1.43e9, "1.43 GB")],
)
def test_size(count: float, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "undefined"),
        (0.721177, "0.721177"),
        (1.0, "1"),
        (1 - 6e-14, "1 − 6.0e-14"),
        (1 + 2e-12, "1 + 2.0e-12"),
        (9.705081816e-11, "9.705e-11"),
    ],
)
def test_a_figure_close_to_one_says_how_close(value: float | None, words: str) -> None:
    assert figure(value) == words


def test_a_curve_keeps_its_peak_when_it_is_squeezed() -> None:
    values = [1.0] * 100
    values[37] = 8.0
    line = sparkline(values, 10)
    assert len(line) == 10
    assert line[3] == "█"
    assert line.count("█") == 1


def test_a_short_curve_grows_from_the_left() -> None:
    assert sparkline([1.0, 1.0], 5) == "██   "
    assert sparkline([], 4) == "    "


@pytest.mark.parametrize(
    ("fraction", "bar"), [(0, "····"), (1, "████"), (0.5, "██··"), (7, "████"), (0.28, "█▏··")]
)
def test_meter(fraction: float, bar: str) -> None:
    assert meter(fraction, 4) == bar


def _gate(comparison: str, threshold: float) -> GateSpec:
    return GateSpec(
        id="g",
        metric="m",
        role=Role.COMPARE,
        comparison=Comparison(comparison),
        threshold=threshold,
        source="x:1",
    )


@pytest.mark.parametrize(
    ("comparison", "threshold", "value", "left"),
    [
        (">=", 0.999, 1.0, 1.0),
        (">=", 0.999, 0.9995, 0.5),
        (">=", 0.999, 0.72, 0.0),
        ("<=", 1.0, 0.25, 0.75),
        ("<=", 1.0, 3.0, 0.0),
        ("<=", 0.0, 0.0, 1.0),
        (">=", 2.0, 3.0, 0.5),
        ("==", 1.0, 1.0, 1.0),
        (">=", 0.5, None, 0.0),
    ],
)
def test_margin(comparison: str, threshold: float, value: float | None, left: float) -> None:
    assert margin_fraction(_gate(comparison, threshold), value) == pytest.approx(left)


def test_no_two_states_of_a_kind_look_alike_without_colour() -> None:
    for table in (PHASES, STAGES, CHECKS, KINDS):
        marks = [(m.glyph, m.word) for m in table.values()]
        assert len(set(marks)) == len(marks)
        assert all(glyph and word for glyph, word in marks)


@pytest.mark.parametrize("width", [48, 80, 140])
def test_a_stages_gates_are_found_where_they_are_drawn(width: int) -> None:
    gate = _gate(">=", 0.999)
    table = GateTable(tuple(GateLine(stage, gate) for stage in ("one", "one", "two", "three")))
    drawn = [line.plain for line in table.lines(width)]
    for stage in ("one", "two", "three"):
        assert stage in drawn[table.line_of(stage, width)]
    assert table.line_of("unknown", width) == 0
