"""What is timed: the comparison's experiment, and others over the same field of view."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.benchmark.experiment import DEFAULT_ARGS, Grid, at_size
from engine.parity.errors import UsageError

CASES = Path(__file__).parents[3] / "golden_data/cases.json"


def test_the_default_is_the_golden_case() -> None:
    cases = {c["id"]: c["args"] for c in json.loads(CASES.read_text(encoding="utf-8"))["cases"]}
    assert list(DEFAULT_ARGS) == cases["high_resolution_4096"]


@pytest.mark.parametrize(
    ("args", "shape", "pixel"),
    [
        ([], (1024, 1024), 0.1),
        (["-detpixels", "64"], (64, 64), 0.1),
        (["-detsize", "100", "-pixel", "0.2"], (500, 500), 0.2),
        (["-detpixels_f", "80", "-detpixels_y", "60"], (60, 80), 0.1),
        (["-detpixels", "9", "-detsize_f", "50"], (9, 9), 0.1),
        (["-detsize_s", "50", "-pixel", "0.5"], (100, 205), 0.5),
        (["-point_pixel", "-detpixels", "8", "-printout_pixel", "3", "4"], (8, 8), 0.1),
    ],
)
def test_the_grid_follows_nanobraggs_rules(
    args: list[str], shape: tuple[int, int], pixel: float
) -> None:
    assert Grid.of(args) == Grid(shape, pixel)


def test_the_own_size_leaves_the_arguments_alone() -> None:
    assert at_size(DEFAULT_ARGS, 4096) == DEFAULT_ARGS


@given(st.integers(1, 20000))
def test_the_field_of_view_stays(size: int) -> None:
    grid = Grid.of(at_size(DEFAULT_ARGS, size))
    assert grid.shape == (size, size)
    assert grid.pixel_mm * size == pytest.approx(4096 * 0.05)


def test_other_arguments_stay_in_order() -> None:
    found = at_size(["-N", "5", "-detsize", "102.4", "-lambda", "1", "-pixel", "0.1"], 512)
    assert found == ("-detpixels", "512", "-pixel", "0.2", "-N", "5", "-lambda", "1")


@pytest.mark.parametrize(
    "args",
    [
        ["-detpixels_f", "80", "-detpixels_s", "60"],
        ["-detpixels", "64", "-roi", "0", "9", "0", "9"],
        ["-detpixels", "64", "-ORGX", "32"],
        ["-pixel", "0"],
    ],
)
def test_what_cannot_be_scaled_is_refused(args: list[str]) -> None:
    with pytest.raises(UsageError):
        at_size(args, 32)
