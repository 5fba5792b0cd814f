"""AT-PARALLEL-017: detectors seen edge-on, and scattering sideways and back."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.acceptance import Judge, Sides, largest_difference
from tests.theory import Plane, lab_rotation, mosflm_plane, photons, real_axes

CELL = (61.0, 72.0, 83.0, 90.0, 90.0, 90.0)
N = (5, 6, 7)
SHAPE, PIXEL_MM, DISTANCE_MM, WAVELENGTH_A = (64, 80), 0.4, 100.0, 1.3
LINE = (
    f"-cell {' '.join(map(str, CELL))} -misset 11 -8 5 -Na {N[0]} -Nb {N[1]} -Nc {N[2]} "
    f"-default_F 100 -lambda {WAVELENGTH_A} -distance {DISTANCE_MM} -pixel {PIXEL_MM} "
    f"-detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]} -oversample 1"
)
AXES = real_axes(CELL, lab_rotation(11, -8, 5))


@pytest.mark.parametrize(
    "tilt", [(0, 80, 0), (0, -85, 0), (0, 0, 85), (0, 0, -89), (0, 89.9, 0), (30, 80, 0)]
)
def test_edge_on(sides: Sides, hold: Judge, tilt: tuple[float, float, float]) -> None:
    """A detector nearly along the beam: spots are drawn out, and pixels cover little."""
    flags = "-detector_rotx {} -detector_roty {} -detector_rotz {}".format(*tilt)
    pair = sides(LINE, flags)
    plane = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM, tilt=lab_rotation(*tilt))
    expected = photons(plane, AXES, N, WAVELENGTH_A, amplitude=100)
    hold(pair, by_hand_difference=max(largest_difference(i, expected) for i in pair.both))


@pytest.mark.parametrize("twotheta", [60, 90, 120, 175])
def test_sideways_and_back(sides: Sides, hold: Judge, twotheta: float) -> None:
    """XDS swings the detector about the sample, by X: to the side and behind."""
    pair = sides(LINE, f"-xds -twotheta {twotheta}")
    x, y, z = np.eye(3)
    swing = Rotation.from_rotvec(np.radians(twotheta) * x)
    middle = PIXEL_MM / 2 * (SHAPE[1] * x + SHAPE[0] * y)
    corner = swing.apply(DISTANCE_MM * z - middle)
    plane = Plane(SHAPE, PIXEL_MM, corner, swing.apply(x), swing.apply(y))
    expected = photons(plane, AXES, N, WAVELENGTH_A, amplitude=100, incident=z, electric=x)
    hold(pair, by_hand_difference=max(largest_difference(i, expected) for i in pair.both))
