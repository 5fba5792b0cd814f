"""AT-PARALLEL-015: one quantity, said in different units."""

import pytest
from scipy import constants

from tests.acceptance import Judge, Sides, largest_difference

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
