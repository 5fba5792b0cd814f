"""AT-PARALLEL-013: the same experiment is the same image, and float64 is the C program's."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from engine.simulator import simulate
from tests.acceptance import Judge, Sides, relative_difference

DETECTOR = "-distance 100 -pixel 0.3 -detpixels_f 96 -detpixels_s 80 -lambda 1.1 -oversample 2"
CASES = {
    "cubic": "-cell 100 100 100 90 90 90 -N 5 -default_F 100",
    "triclinic": "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 7 -default_F 100 -polar 0.9",
    "tilted": "-cell 61 72 83 90 90 90 -misset 5 -6 7 -N 5 -default_F 100 -detector_rotx 8 "
    "-detector_roty -7 -detector_rotz 6 -twotheta 12 -phi 3 -mosaic 0.3 -mosaic_domains 4",
}


@pytest.fixture
def threads() -> Iterator[None]:
    """Leave the number of threads as it was."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("case", CASES)
def test_float64(sides: Sides, hold: Judge, case: str) -> None:
    """Pixel by pixel, bright or dark: what differs is float32 in the C program's file."""
    pair = sides(DETECTOR, CASES[case])
    hold(pair, relative_difference=relative_difference(pair.double, pair.c))


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("case", CASES)
def test_itself(sides: Sides, hold: Judge, case: str) -> None:
    """Neither a second run nor the number of threads changes a float64 image."""
    pair = sides(DETECTOR, CASES[case])
    again = []
    for count in (1, 2, 3):
        torch.set_num_threads(count)
        again.append(simulate(pair.experiment, dtype=torch.float64).numpy())
    hold(pair, relative_difference=max(relative_difference(i, pair.double) for i in again))


@pytest.mark.parametrize("case", CASES)
def test_twice(sides: Sides, case: str) -> None:
    """A second run of either program gives the same bits."""
    pair, again = sides(DETECTOR, CASES[case]), sides(DETECTOR, CASES[case], "-noprogress")
    assert np.array_equal(pair.c, again.c)
    assert np.array_equal(pair.port, again.port)
