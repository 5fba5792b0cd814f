"""AT-PARALLEL-024: a random orientation is the seed's, the same in both programs."""

import math
import re

import numpy as np
import pytest

from tests.acceptance import Judge, Sides, largest_difference

LINE = (
    "-cell 70 80 90 90 90 90 -N 5 -default_F 100 -lambda 1.2 -distance 100 -pixel 0.3 "
    "-detpixels_f 96 -detpixels_s 80 -oversample 1"
)
# What the original program draws (spec 6.4), degrees.
KNOWN = {
    12345: (105.720754730633, -34.9513183631866, -97.8235714406551),
    123: (-95.1374834435608, -23.6873815845987, 35.3522796474191),
}


def random(seed: int) -> str:
    """Return the flags; the seed comes first, or it would be read as angles (Q-MISSETSEED)."""
    return f"-misset_seed {seed} -misset random"


@pytest.mark.parametrize("seed", KNOWN)
def test_known_seeds(sides: Sides, hold: Judge, seed: int) -> None:
    """Both programs draw the original's angles, and print them."""
    pair = sides(LINE, random(seed))
    printed = re.search(r"random orientation misset angles:(.*) deg", pair.console)
    assert printed is not None
    assert pair.experiment.crystal.misset_rad is not None
    angles = np.array(
        [
            [float(word) for word in printed[1].split()],
            [math.degrees(angle) for angle in pair.experiment.crystal.misset_rad],
        ]
    )
    hold(pair, angle_error_deg=float(np.abs(angles - KNOWN[seed]).max()))


@pytest.mark.parametrize("seed", [1, 123, 987654])
def test_explicit(sides: Sides, hold: Judge, seed: int) -> None:
    """The angles drawn are ordinary missetting angles."""
    pair = sides(LINE, random(seed))
    assert pair.experiment.crystal.misset_rad is not None
    angles = [repr(math.degrees(angle)) for angle in pair.experiment.crystal.misset_rad]
    said = sides(LINE, f"-misset {' '.join(angles)}")
    hold(
        pair,
        c_difference=largest_difference(pair.c, said.c),
        port_difference=largest_difference(pair.double, said.double),
    )


def test_other_seeds(sides: Sides, hold: Judge) -> None:
    """Other seeds are other orientations: images without resemblance."""
    images = [
        image.ravel() for seed in (1, 123, 987654) for image in sides(LINE, random(seed)).both
    ]
    table = np.atleast_2d(np.corrcoef(images))
    same = np.kron(np.eye(3), np.ones((2, 2))).astype(bool)
    hold(largest_resemblance=float(np.abs(table[~same]).max()))
