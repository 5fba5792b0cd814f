"""AT-PARALLEL-026: the absolute position of the reflections of a triclinic crystal."""

import numpy as np
import pytest

from engine.parity.peaks import find_peaks
from tests.acceptance import Judge, Sides
from tests.theory import (
    BEAM,
    diffracted,
    lab_rotation,
    misset,
    mosflm_plane,
    reciprocal_axes,
    towards_bragg,
)

CELL = (70.0, 80.0, 90.0, 75.0, 85.0, 95.0)
SHAPE, PIXEL_MM, DISTANCE_MM, WAVELENGTH_A = (320, 400), 0.1, 100.0, 1.0
BEAM_PX = (170.0, 180.0)
START = lab_rotation(-15, 10, 25)


@pytest.mark.parametrize("hkl", [(3, 0, 0), (0, -4, 0), (1, 2, -3), (-2, 5, 4), (4, -3, 5)])
@pytest.mark.parametrize("roll", [0.0, 70.0])
def test_position(sides: Sides, hold: Judge, hkl: tuple[int, int, int], roll: float) -> None:
    """Brought on Ewald's sphere, a reflection lies where the metric tensor says.

    nanoBragg's own c* (Q-CELL) is 0.04° off for this cell: less than a tenth of a pixel.
    """
    first = lab_rotation(roll, 0, 0) * START
    orientation = towards_bragg(first.apply(reciprocal_axes(CELL)), hkl, WAVELENGTH_A) * first
    ray = diffracted(orientation.apply(reciprocal_axes(CELL)), hkl, WAVELENGTH_A)
    expected = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM, BEAM_PX).hit(ray)
    assert np.all((expected > 3) & (expected < np.array(SHAPE) - 4)), "off the detector"
    pair = sides(
        f"-cell {' '.join(map(str, CELL))} -N 5 -default_F 100 {misset(orientation)}",
        f"-lambda {WAVELENGTH_A} -distance {DISTANCE_MM} -pixel {PIXEL_MM} -oversample 1",
        f"-Xbeam {BEAM_PX[0] * PIXEL_MM!r} -Ybeam {BEAM_PX[1] * PIXEL_MM!r}",
        f"-detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]}",
    )
    cosine = ray @ BEAM
    full = 100**2 * 5**6 * (PIXEL_MM / DISTANCE_MM) ** 2 * cosine**3 * (1 + cosine**2) / 2
    offsets = []
    for image in pair.both:
        peaks = find_peaks(image)
        away = np.linalg.norm(peaks.positions - expected, axis=1)
        # All cells in phase, but for what half a pixel from the nearest centre costs.
        assert 0.8 * full < peaks.heights[away.argmin()] <= 1.001 * full
        offsets.append(away.min())
    hold(pair, peak_offset_px=float(max(offsets)))
