"""AT-PARALLEL-021: turning the spindle is turning the crystal."""

import numpy as np
import pytest

from tests.acceptance import Judge, Sides, largest_difference, relative_difference

LINE = (
    "-cell 61 72 83 90 90 90 -N 6 -default_F 100 -lambda 1.2 -distance 100 -pixel 0.3 "
    "-detpixels_f 96 -detpixels_s 80 -oversample 1"
)


@pytest.mark.parametrize("phi", [0.5, 17.0, 90.0, -133.0])
def test_spindle(sides: Sides, hold: Judge, phi: float) -> None:
    """MOSFLM's spindle is Z: φ is the third missetting angle."""
    pair, turned = sides(LINE, f"-phi {phi}"), sides(LINE, f"-misset 0 0 {phi}")
    hold(
        pair, turned,
        relative_difference=relative_difference(pair.double, pair.c),
        c_difference=largest_difference(pair.c, turned.c),
        port_difference=largest_difference(pair.double, turned.double),
    )  # fmt: skip


@pytest.mark.parametrize("axis", ["1 0 0", "0 1 0", "0 0 2"])
def test_axis(sides: Sides, hold: Judge, axis: str) -> None:
    """Any spindle, of any length, turns by the angle that missetting about it does."""
    angles = {"1 0 0": "21 0 0", "0 1 0": "0 21 0", "0 0 2": "0 0 21"}[axis]
    pair = sides(LINE, f"-spindle_axis {axis} -phi 21")
    turned = sides(LINE, f"-spindle_axis {axis} -misset {angles}")
    hold(
        pair, turned,
        relative_difference=relative_difference(pair.double, pair.c),
        c_difference=largest_difference(pair.c, turned.c),
        port_difference=largest_difference(pair.double, turned.double),
    )  # fmt: skip


def test_sweep(sides: Sides, hold: Judge) -> None:
    """A sweep in four steps is the mean of four stills, at the beginnings of the steps."""
    pair = sides(LINE, "-phi 10 -osc 2 -phisteps 4")
    stills = [sides(LINE, f"-phi {phi}") for phi in (10, 10.5, 11, 11.5)]
    hold(
        pair,
        relative_difference=relative_difference(pair.double, pair.c),
        c_difference=largest_difference(pair.c, np.mean([s.c for s in stills], axis=0)),
        port_difference=largest_difference(
            pair.double, np.mean([s.double for s in stills], axis=0)
        ),
    )
