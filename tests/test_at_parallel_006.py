"""AT-PARALLEL-006: a reflection at the Bragg angle lies at D tan 2θ."""

import math

import numpy as np
import pytest

from engine.parity.peaks import find_peaks
from tests.acceptance import Judge, Sides

EDGE_A = 100.0
ORDER = 4


@pytest.mark.parametrize("distance_mm", [50.0, 100.0, 200.0])
@pytest.mark.parametrize("wavelength_A", [0.7, 1.0, 1.5])
def test_bragg(sides: Sides, hold: Judge, distance_mm: float, wavelength_A: float) -> None:
    """Turned by θ about Z, the planes 0 4 0 reflect against the slow axis, along -slow."""
    theta = math.asin(wavelength_A * ORDER / (2 * EDGE_A))
    # The beam meets the detector at slow index 100 and fast index 30.
    pair = sides(
        f"-cell {EDGE_A} {EDGE_A} {EDGE_A} 90 90 90 -N 7 -default_F 100 -pixel 0.1",
        "-detpixels_f 64 -detpixels_s 160 -Xbeam 13 -Ybeam 3 -oversample 1",
        f"-misset 0 0 {math.degrees(theta)!r} -lambda {wavelength_A} -distance {distance_mm}",
    )
    expected = np.array([130 - distance_mm * math.tan(2 * theta) / 0.1, 30])
    assert expected[0] > 5, "the spot is not on the detector"
    offsets = []
    for image in pair.both:
        peaks = find_peaks(image)
        away = np.linalg.norm(peaks.positions - expected, axis=1)
        nearest = int(away.argmin())
        # As bright as the direct beam, save for solid angle and polarisation.
        assert peaks.heights[nearest] > 0.9 * math.cos(2 * theta) ** 5 * peaks.heights[0]
        offsets.append(float(away[nearest]))
    hold(pair, peak_offset_px=max(offsets))
