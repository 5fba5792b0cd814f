"""AT-PARALLEL-023: explicit missetting angles turn the crystal about X, then Y, then Z."""

import pytest

from tests.acceptance import Judge, Sides, largest_difference
from tests.theory import lab_rotation, mosflm_plane, photons, real_axes

CELL = (61.0, 72.0, 83.0, 90.0, 90.0, 90.0)
N = (5, 6, 7)
SHAPE, PIXEL_MM, DISTANCE_MM, WAVELENGTH_A = (80, 96), 0.3, 100.0, 1.2


@pytest.mark.parametrize(
    "angles",
    [(0, 0, 0), (10.5, 0, 0), (0, 20.25, 0), (0, 0, 30.75), (15, 20.5, 30.25), (-170, 65, 200)],
)
def test_explicit(sides: Sides, hold: Judge, angles: tuple[float, float, float]) -> None:
    """Every pixel is the sum of the waves of 210 cells in that orientation."""
    pair = sides(
        f"-cell {' '.join(map(str, CELL))} -Na {N[0]} -Nb {N[1]} -Nc {N[2]} -default_F 100",
        f"-lambda {WAVELENGTH_A} -distance {DISTANCE_MM} -pixel {PIXEL_MM} -oversample 1",
        f"-detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]} -misset {angles[0]} {angles[1]}",
        str(angles[2]),
    )
    plane = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM)
    axes = real_axes(CELL, lab_rotation(*angles))
    expected = photons(plane, axes, N, WAVELENGTH_A, amplitude=100)
    hold(pair, by_hand_difference=max(largest_difference(i, expected) for i in pair.both))
