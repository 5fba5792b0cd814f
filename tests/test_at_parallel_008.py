"""AT-PARALLEL-008: a hundred reflections of a triclinic crystal."""

from engine.parity.peaks import compare_peaks
from tests.acceptance import Judge, Sides
from tests.theory import lab_rotation, mosflm_plane, photons, real_axes

CELL = (70.0, 80.0, 90.0, 82.0, 86.0, 97.0)
SHAPE, PIXEL_MM, DISTANCE_MM, WAVELENGTH_A = (256, 320), 0.2, 100.0, 1.1
N = (5, 6, 7)
COUNT = 100


def test_hundred_peaks(sides: Sides, hold: Judge) -> None:
    """The spots lie where the waves of 210 unit cells, added one by one, put them.

    nanoBragg's c* of a triclinic cell is a few hundredths of a degree off (Q-CELL): less than a
    pixel here, so that the textbook's cell serves as judge.
    """
    pair = sides(
        f"-cell {' '.join(map(str, CELL))} -misset 15 -25 35 -Na {N[0]} -Nb {N[1]} -Nc {N[2]}",
        f"-default_F 100 -lambda {WAVELENGTH_A} -distance {DISTANCE_MM} -pixel {PIXEL_MM}",
        f"-detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]} -oversample 1",
    )
    plane = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM)
    axes = real_axes(CELL, lab_rotation(15, -25, 35))
    expected = photons(plane, axes, N, WAVELENGTH_A, amplitude=100)
    limit = hold.limit("max_peak_distance_px")
    c_and_port = pair.peaks(COUNT, limit)
    by_hand = [compare_peaks(expected, image, count=COUNT, limit_px=limit) for image in pair.both]
    hold(
        pair,
        matched_fraction=c_and_port.matched_fraction,
        max_peak_distance_px=c_and_port.max_distance_px,
        by_hand_fraction=min(found.matched_fraction or 0.0 for found in by_hand),
    )
