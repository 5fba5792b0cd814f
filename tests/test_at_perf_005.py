"""AT-PERF-005: the fast precision gives the image of the slow one.

Speed comes from float32 and from not recording gradients; neither may show.
"""

from collections.abc import Mapping

import pytest

from tests.acceptance import Judge, Sides, largest_difference

LINE = "-lambda 1.1 -distance 100 -pixel 0.3 -detpixels_f 64 -detpixels_s 48 -default_F 100"
CASES: Mapping[str, str] = {
    "one step": "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -oversample 1",
    "large crystal": "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 40 -oversample 3",
    "many steps": "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 20 -mosaic 0.5 -mosaic_domains 20 "
    "-hdivrange 2 -hdivsteps 3 -oversample 1",
    "round": "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 10 -round_xtal -oversample 2",
}


@pytest.mark.parametrize("case", CASES)
def test_precisions(sides: Sides, hold: Judge, case: str) -> None:
    """float32, the default, against float64 of the same engine, and against C."""
    pair = sides(LINE, CASES[case])
    hold(pair, precision_difference=largest_difference(pair.port, pair.double))
