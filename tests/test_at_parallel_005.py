"""AT-PARALLEL-005: one experiment, said in every convention, is one image.

The conventions name the beam's spot differently and put the laboratory's axes elsewhere. The
crystal is turned with the axes, so that the physics stays the same.
"""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.acceptance import Judge, Sides, largest_difference
from tests.theory import NO_ROTATION, lab_rotation, misset

PIXEL_MM = 0.2
SLOW_MM, FAST_MM = 7.3, 11.9  # the direct beam, from the outer edge of the first pixel
SIZE_SLOW_MM = 96 * PIXEL_MM
LINE = (
    "-cell 61 72 83 90 90 90 -N 5 -default_F 100 -lambda 1.1 -distance 100 -oversample 1 "
    f"-detpixels_f 112 -detpixels_s 96 -pixel {PIXEL_MM} -nopolar"
)
ORIENTATION = lab_rotation(10, 20, 30)
# MOSFLM's beam, fast and slow axes are X, Z and -Y; those of XDS and DIALS are Z, X and Y.
TO_XDS = Rotation.from_matrix([[0, 0, 1], [0, -1, 0], [1, 0, 0]])
# ADXV's are Z, X and -Y, which is left-handed: turn by the mirror's negative instead. A lattice
# whose reflections are all alike does not notice the inversion.
TO_ADXV = Rotation.from_matrix([[0, 0, -1], [0, -1, 0], [-1, 0, 0]])
HALF = PIXEL_MM / 2
MOSFLM = f"-mosflm -Xbeam {SLOW_MM - HALF!r} -Ybeam {FAST_MM - HALF!r}"
ORIGIN = f"-ORGX {FAST_MM / PIXEL_MM + 0.5!r} -ORGY {SLOW_MM / PIXEL_MM + 0.5!r}"
SAID = {
    "denzo Xbeam": (f"-denzo -Xbeam {SLOW_MM} -Ybeam {FAST_MM}", NO_ROTATION),
    "adxv Xbeam": (f"-adxv -Xbeam {FAST_MM} -Ybeam {SIZE_SLOW_MM - SLOW_MM!r}", TO_ADXV),
    "xds ORGX": (f"-xds {ORIGIN}", TO_XDS),
    "dials ORGX": (f"-dials {ORIGIN}", TO_XDS),
    "custom Xbeam": (f"-spindle_axis 0 0 1 -Xbeam {FAST_MM} -Ybeam {SLOW_MM}", NO_ROTATION),
    "custom Xclose": (f"-spindle_axis 0 0 1 -Xclose {FAST_MM} -Yclose {SLOW_MM}", NO_ROTATION),
    "custom ORGX": (f"-spindle_axis 0 0 1 {ORIGIN}", NO_ROTATION),
}


@pytest.mark.parametrize("said", SAID)
def test_conventions(sides: Sides, hold: Judge, said: str) -> None:
    """Each way to say it gives the image that MOSFLM's way gives."""
    flags, axes = SAID[said]
    first = sides(LINE, misset(ORIENTATION), MOSFLM)
    pair = sides(LINE, misset(axes * ORIENTATION), flags)
    hold(
        pair,
        c_difference=largest_difference(pair.c, first.c),
        port_difference=largest_difference(pair.double, first.double),
    )


@pytest.mark.parametrize("ignored", ["-Xclose 3 -Yclose 4", "-Xbeam 3 -Ybeam 4"])
def test_ignored_centres(sides: Sides, ignored: str) -> None:
    """XDS has its centre from ORGX alone (spec 7.3, Q-XCLOSE)."""
    flags, axes = SAID["xds ORGX"]
    plain = sides(LINE, misset(axes * ORIENTATION), flags)
    more = sides(LINE, misset(axes * ORIENTATION), flags, ignored)
    for one, other in zip(plain.both, more.both, strict=True):
        assert np.array_equal(one, other)
