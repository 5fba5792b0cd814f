"""AT-PARALLEL-001: the default beam centre scales with the size of the detector."""

import math

import pytest

from engine.parity.peaks import find_peaks
from tests.acceptance import Judge, Sides

# A small cell: no other reflection is as near to Ewald's sphere as the direct beam.
CRYSTAL = "-cell 10 10 10 90 90 90 -N 40 -default_F 100 -lambda 1 -distance 100 -oversample 1"


@pytest.mark.parametrize(
    ("slow", "fast"), [(64, 64), (128, 128), (256, 256), (512, 512), (1024, 1024), (64, 160)]
)
def test_centre(sides: Sides, hold: Judge, slow: int, fast: int) -> None:
    """The direct beam is the brightest spot, half a pixel beyond the middle (MOSFLM)."""
    pair = sides(CRYSTAL, f"-pixel 0.1 -detpixels_f {fast} -detpixels_s {slow}")
    peaks = [find_peaks(image).positions[0] for image in pair.both]
    hold(
        pair,
        distance_to_centre_px=max(math.dist(peak, (slow / 2, fast / 2)) for peak in peaks),
        distance_to_beam_px=max(
            math.dist(peak, (slow / 2 + 0.5, fast / 2 + 0.5)) for peak in peaks
        ),
    )
