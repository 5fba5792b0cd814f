"""AT-PARALLEL-022: detector and crystal turned together are turned by nobody."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.acceptance import Judge, Sides, largest_difference, relative_difference
from tests.theory import lab_rotation, misset

LINE = (
    "-cell 61 72 83 90 90 90 -N 6 -default_F 100 -lambda 1.2 -distance 100 -pixel 0.3 "
    "-detpixels_f 96 -detpixels_s 80 -oversample 1"
)
ORIENTATION = lab_rotation(12, -5, 8)


@pytest.mark.parametrize("angle", [7.0, -35.0, 120.0])
def test_about_the_beam(sides: Sides, hold: Judge, angle: float) -> None:
    """Along an unpolarised beam there is no up and no down."""
    plain = sides(LINE, misset(ORIENTATION))
    turned = misset(lab_rotation(angle, 0, 0) * ORIENTATION)
    pair = sides(LINE, turned, f"-detector_rotx {angle}")
    hold(
        pair,
        relative_difference=relative_difference(pair.double, pair.c),
        c_difference=largest_difference(pair.c, plain.c),
        port_difference=largest_difference(pair.double, plain.double),
    )


def laboratory(rotation: Rotation, pivot: str) -> str:
    """Return an experiment whose every direction is turned."""
    axes = {
        "-beam_vector": (1, 0, 0), "-fdet_vector": (0, 0, 1), "-sdet_vector": (0, -1, 0),
        "-odet_vector": (1, 0, 0), "-polar_vector": (0, 0, 1), "-spindle_axis": (0, 0, 1),
        "-twotheta_axis": (0, 1, 0),
    }  # fmt: skip
    words = [
        f"{flag} {' '.join(repr(float(x)) for x in rotation.apply(axis))}"
        for flag, axis in axes.items()
    ]
    # -twotheta_axis also sets the angle, so the angle comes after it (Q-2THAXIS).
    words += [f"-twotheta 15 -phi 20 -polar 0.8 -Xbeam 13 -Ybeam 11 -pivot {pivot}"]
    return " ".join([*words, misset(rotation * ORIENTATION)])


@pytest.mark.parametrize("pivot", ["beam", "sample"])
@pytest.mark.parametrize("angles", [(0, 0, 90), (33, -48, 71)])
def test_laboratory(
    sides: Sides, hold: Judge, angles: tuple[float, float, float], pivot: str
) -> None:
    """No direction of space is special: turn all, and the image stays."""
    plain = sides(LINE, laboratory(Rotation.identity(), pivot))
    pair = sides(LINE, laboratory(lab_rotation(*angles), pivot))
    hold(
        pair,
        relative_difference=relative_difference(pair.double, pair.c),
        c_difference=largest_difference(pair.c, plain.c),
        port_difference=largest_difference(pair.double, plain.double),
    )


@pytest.mark.parametrize(
    "turns",
    [
        "-phi 5 -detector_rotx 5 -detector_roty 3 -detector_rotz 2 -twotheta 10",
        "-phi -40 -osc 3 -phisteps 3 -detector_rotx -20 -detector_roty 14 -twotheta -25",
    ],
)
def test_combined(sides: Sides, hold: Judge, turns: str) -> None:
    """Everything turned at once, pixel by pixel."""
    pair = sides(LINE, misset(ORIENTATION), turns)
    assert np.ptp(pair.c) > 0
    hold(pair, relative_difference=relative_difference(pair.double, pair.c))
