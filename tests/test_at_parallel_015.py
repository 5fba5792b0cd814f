"""AT-PARALLEL-015: one quantity, said in different units."""

import numpy as np
import pytest
from scipy import constants

from tests.acceptance import Judge, Sides, largest_difference
from tests.theory import BEAM, mosflm_plane

LINE = (
    "-cell 61 72 83 90 90 90 -Na 7 -Nb 5 -Nc 4 -misset 11 -8 5 -default_F 100 -oversample 1 "
    "-distance 100 -pixel 0.2 -detpixels_f 96 -detpixels_s 80"
)
# The energy of a photon times its wavelength, from the defining constants.
EV_ANGSTROM = constants.h * constants.c / constants.e * 1e10
PHOTONS, EXPOSURE_S, SIDE_MM = 3e12, 2.0, 0.05

XDS_AXES = (
    "-beam_vector 0 0 1 -fdet_vector 1 0 0 -sdet_vector 0 1 0 -odet_vector 0 0 1 "
    "-polar_vector 1 0 0 -spindle_axis 1 0 0"
)

F = 100.0
SHAPE, PIXEL_MM, DISTANCE_MM = (40, 56), 1.0, 40.0
# One cell scatters alike in all directions.
ALIKE = (
    f"-cell 50 50 50 90 90 90 -N 1 -default_F {F} -lambda 1 -oversample 1 -pixel {PIXEL_MM} "
    f"-detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]} -distance {DISTANCE_MM}"
)
R_E_SQUARED_M2, AVOGADRO = 7.94079248018965e-30, 6.02214179e23  # nanoBragg's (spec 1.3)

# Each with what it is in another unit.
SAME = {
    "wavelength": ("-lambda 1.2", f"-energy {EV_ANGSTROM / 1.2!r}"),
    "detector in millimetres": ("-detpixels_f 96 -detpixels_s 80", "-detsize_f 19.2 -detsize_s 16"),
    # A part of a cell counts as one: 6.5 cells of 61 Å are 396.5 Å, and 7 cells.
    "crystal in millimetres": (
        "-Na 7 -Nb 5 -Nc 4",
        f"-sample_x {6.5 * 61e-7!r} -sample_y {4.5 * 72e-7!r} -sample_z {3.5 * 83e-7!r}",
    ),
    "fluence": (
        f"-fluence {PHOTONS * EXPOSURE_S / (SIDE_MM / 1000) ** 2!r}",
        f"-flux {PHOTONS!r} -exposure {EXPOSURE_S} -beamsize {SIDE_MM}",
    ),
    "angles": ("-phi 0.5 -osc 0.2 -phisteps 2", "-phi 0.5 -osc 0.2 -phistep 0.1"),
    "beam centre in pixels": (
        "-xds -ORGX 40.5 -ORGY 33.25",
        f"{XDS_AXES} -Xbeam 8 -Ybeam 6.55",
    ),
}


@pytest.mark.parametrize("quantity", SAME)
def test_units(sides: Sides, hold: Judge, quantity: str) -> None:
    """Both ways to say it give one image."""
    first, second = SAME[quantity]
    line = f"{LINE} {first}" if first not in LINE else LINE
    # What the flags take the place of must not be said as well.
    one, pair = sides(line), sides(line.replace(first, second))
    assert one.args != pair.args
    hold(
        pair,
        c_difference=largest_difference(pair.c, one.c),
        port_difference=largest_difference(pair.double, one.double),
    )


def test_microns(sides: Sides, hold: Judge) -> None:
    """A sensor's thickness and its absorption depth are micrometres.

    It is taken in two halves, and nanoBragg weighs both by what the second absorbs (Q-LAYERS);
    one cell scatters alike into either.
    """
    depth_um, thickness_um = 500.0, 450.0
    pair = sides(ALIKE, f"-nopolar -detector_abs {depth_um} -detector_thick {thickness_um}")
    plane = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM)
    second = plane.points_mm() + thickness_um / 2000 * BEAM
    path = thickness_um / depth_um * np.linalg.norm(second, axis=-1) / (second @ BEAM)
    absorbed = np.exp(-path / 2) - np.exp(-path)
    expected = F**2 * plane.solid_angles() * 2 * absorbed
    hold(pair, by_hand_difference=max(largest_difference(i, expected) for i in pair.both))


def test_water(sides: Sides, hold: Judge) -> None:
    """Water's size is micrometres: molecules in its cube, each with F of 2.57 electrons."""
    side_um, fluence = 10.0, 1e24
    pair = sides(ALIKE, f"-nopolar -water {side_um} -fluence {fluence!r}")
    molecules = (side_um * 1e-6) ** 3 * 1e6 * AVOGADRO / 18.0
    # The background enters before the fluence and is multiplied by it again (Q-WATER).
    per_sr = R_E_SQUARED_M2 * fluence * (F**2 + 2.57**2 * R_E_SQUARED_M2 * fluence * molecules)
    expected = per_sr * mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM).solid_angles()
    hold(pair, by_hand_difference=max(largest_difference(i, expected) for i in pair.both))


def test_resolution(sides: Sides, hold: Judge) -> None:
    """The cut-off is in ångström: d = λ / (2 sin θ)."""
    dmin = 1.9
    pair = sides(ALIKE, f"-nopolar -dmin {dmin}")
    points = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM).points_mm()
    two_theta = np.arccos(points @ BEAM / np.linalg.norm(points, axis=-1))
    spacing = 1.0 / (2 * np.sin(two_theta / 2))
    assert spacing.min() < dmin < spacing.max()
    wrong = [np.count_nonzero((image > 0) != (spacing > dmin)) for image in pair.both]
    hold(pair, wrong_pixels=float(max(wrong)))
