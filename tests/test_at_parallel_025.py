"""AT-PARALLEL-025: the maximum of a region is where Bragg's law has it, in both programs."""

import math

import numpy as np
import pytest

from engine.parity.peaks import find_peaks
from tests.acceptance import Judge, Sides, brightest
from tests.theory import (
    diffracted,
    lab_rotation,
    misset,
    mosflm_plane,
    reciprocal_axes,
    towards_bragg,
)

CELL = (61.0, 72.0, 83.0, 90.0, 90.0, 90.0)
SHAPE, PIXEL_MM, DISTANCE_MM, WAVELENGTH_A = (320, 400), 0.1, 100.0, 1.0
START = lab_rotation(20, -30, 40)
AROUND = 7  # less than half the distance of two spots


@pytest.mark.parametrize("hkl", [(2, 1, 1), (-3, 4, 1), (1, -5, 2), (4, 3, -6), (-1, -2, -7)])
def test_maximum(sides: Sides, hold: Judge, hkl: tuple[int, int, int]) -> None:
    """The reflection on Ewald's sphere is the region's maximum; outside nothing is rendered."""
    start = START.apply(reciprocal_axes(CELL))
    orientation = towards_bragg(start, hkl, WAVELENGTH_A) * START
    ray = diffracted(orientation.apply(reciprocal_axes(CELL)), hkl, WAVELENGTH_A)
    expected = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM).hit(ray)
    slow, fast = (round(x) for x in expected)
    assert AROUND < slow < SHAPE[0] - AROUND
    assert AROUND < fast < SHAPE[1] - AROUND
    pair = sides(
        f"-cell {' '.join(map(str, CELL))} -N 5 -default_F 100 {misset(orientation)}",
        f"-lambda {WAVELENGTH_A} -distance {DISTANCE_MM} -pixel {PIXEL_MM} -oversample 1",
        f"-detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]}",
        f"-roi {fast - AROUND} {fast + AROUND} {slow - AROUND} {slow + AROUND}",
    )
    outside = np.ones(SHAPE, bool)
    outside[slow - AROUND : slow + AROUND + 1, fast - AROUND : fast + AROUND + 1] = False
    for image in pair.both:
        assert not image[outside].any()
    vertices = [find_peaks(image).positions[0] for image in pair.both]
    hold(
        pair,
        c_to_port_px=math.dist(brightest(pair.c), brightest(pair.port)),
        bragg_offset_px=float(max(np.linalg.norm(v - expected) for v in vertices)),
    )
