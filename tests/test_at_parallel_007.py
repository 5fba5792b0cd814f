"""AT-PARALLEL-007: turning the detector moves every spot along its own ray."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from engine.parity.peaks import find_peaks, match
from tests.acceptance import Judge, Sides
from tests.theory import lab_rotation, mosflm_plane

SHAPE, PIXEL_MM, DISTANCE_MM = (200, 240), 0.15, 80.0
BEAM_PX = (105.0, 130.0)  # slow and fast index of the direct beam
LINE = (
    "-cell 61 72 83 90 90 90 -misset 12 -7 25 -N 7 -default_F 100 -lambda 1.2 -nopolar "
    f"-distance {DISTANCE_MM} -pixel {PIXEL_MM} -detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]} "
    f"-Xbeam {BEAM_PX[0] * PIXEL_MM!r} -Ybeam {BEAM_PX[1] * PIXEL_MM!r} -oversample 1"
)
TWOTHETA_AXIS = np.array([0.0, 0.0, -1.0])  # MOSFLM's
TURNS = {
    "rotx": (12, 0, 0, 0),
    "roty": (0, -9, 0, 0),
    "rotz": (0, 0, 7, 0),
    "twotheta": (0, 0, 0, 11),
    "all": (5, 3, 2, 10),
}
COUNT = 25


@pytest.mark.parametrize("turn", TURNS)
def test_turned(sides: Sides, hold: Judge, turn: str) -> None:
    """The 25 strongest spots are where the rays of the upright detector's spots arrive."""
    x, y, z, twotheta = TURNS[turn]
    flags = f"-detector_rotx {x} -detector_roty {y} -detector_rotz {z} -twotheta {twotheta}"
    pair = sides(LINE, flags)
    swing = Rotation.from_rotvec(np.radians(twotheta) * TWOTHETA_AXIS)
    upright = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM, BEAM_PX)
    turned = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM, BEAM_PX, swing * lab_rotation(x, y, z))
    limit = hold.limit("max_peak_distance_px")
    c_and_port = pair.peaks(COUNT, limit)
    fractions = []
    for straight, image in zip(sides(LINE).both, pair.both, strict=True):
        spots = find_peaks(image).positions
        # Rays that pass the upright detector by have no spot to compare with.
        origins = upright.hit(turned.direction(spots))
        seen = np.all((origins > 2) & (origins < np.array(SHAPE) - 3), axis=1)
        strongest = origins[seen][:COUNT]
        assert len(strongest) == COUNT
        mine, theirs = match(strongest, find_peaks(straight).positions)
        arrived = turned.hit(upright.direction(find_peaks(straight).positions[theirs]))
        apart = np.linalg.norm(spots[seen][mine] - arrived, axis=1)
        fractions.append(np.count_nonzero(apart <= limit) / COUNT)
    hold(
        pair,
        matched_fraction=c_and_port.matched_fraction,
        max_peak_distance_px=c_and_port.max_distance_px,
        arrived_fraction=min(fractions),
    )
