"""AT-PARALLEL-003: a beam centre off the middle is where the command line puts it."""

import math

import pytest

from engine.parity.peaks import find_peaks
from tests.acceptance import Judge, Sides

# The direct beam's spot is 0.7 mm wide, and every other reflection fainter.
CRYSTAL = "-cell 10 10 10 90 90 90 -N 15 -default_F 100 -lambda 1 -distance 100 -oversample 1"


@pytest.mark.parametrize("pixel_mm", [0.1, 0.2])
@pytest.mark.parametrize(("x_mm", "y_mm"), [(6.4, 6.4), (4.0, 9.0), (10.5, 3.7), (2.03, 12.07)])
def test_offset(sides: Sides, hold: Judge, pixel_mm: float, x_mm: float, y_mm: float) -> None:
    """MOSFLM counts X along the slow axis and Y along the fast one, in pixel centres."""
    pair = sides(
        CRYSTAL, f"-detsize_f 16 -detsize_s 12.8 -pixel {pixel_mm} -Xbeam {x_mm} -Ybeam {y_mm}"
    )
    expected = (x_mm / pixel_mm, y_mm / pixel_mm)
    offsets = [math.dist(find_peaks(image).positions[0], expected) for image in pair.both]
    hold(pair, peak_offset_px=max(offsets))
