"""AT-PARALLEL-004: MOSFLM's beam centre is half a pixel from XDS's."""

import numpy as np

from engine.parity.peaks import find_peaks
from tests.acceptance import Judge, Sides

CRYSTAL = "-cell 100 100 100 90 90 90 -N 5 -default_F 100 -lambda 1 -distance 100 -oversample 1"
PIXEL_MM = 0.1
BEAM_MM = 6.4


def test_half_a_pixel(sides: Sides, hold: Judge) -> None:
    """The same millimetres mean a pixel's centre to MOSFLM and the detector's edge to XDS."""
    detector = f"-detpixels 128 -pixel {PIXEL_MM}"
    mosflm = sides(CRYSTAL, detector, f"-mosflm -Xbeam {BEAM_MM} -Ybeam {BEAM_MM}")
    # ORGX counts from one, at the centre of the first pixel (spec 7.3).
    origin = BEAM_MM / PIXEL_MM + 0.5
    xds = sides(CRYSTAL, detector, f"-xds -ORGX {origin} -ORGY {origin}")
    shifts = [
        find_peaks(one).positions[0] - find_peaks(other).positions[0]
        for one, other in zip(mosflm.both, xds.both, strict=True)
    ]
    hold(
        mosflm, xds,
        smallest_shift_px=float(np.min(shifts)), largest_shift_px=float(np.max(shifts)),
    )  # fmt: skip
