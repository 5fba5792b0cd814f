"""AT-PARALLEL-011: polarisation as two dipoles have it."""

import numpy as np
import pytest

from tests.acceptance import Judge, Sides
from tests.theory import BEAM, FAST, Plane, Reals, mosflm_plane, thomson

SHAPE, PIXEL_MM, DISTANCE_MM = (48, 64), 2.0, 40.0
LINE = (
    "-cell 100 100 100 90 90 90 -N 1 -default_F 100 -lambda 1 -oversample 1 -point_pixel "
    f"-pixel {PIXEL_MM} -detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]} -distance {DISTANCE_MM}"
)
X, Y, Z = np.eye(3)
# Fast, slow and beam axis, electric field, and pixels from the middle to the direct beam.
FRAMES = {
    "mosflm": (Z, -Y, X, Z, 1.0),
    "adxv": (X, -Y, Z, X, 0.5),
    "xds": (X, Y, Z, X, 0.0),
    "dials": (X, Y, Z, Y, 0.0),
}


def expected(plane: Plane, kahn: float, electric: Reals, incident: Reals) -> Reals:
    """Return the polarisation factor of every pixel."""
    points = plane.points_mm()
    rays = points / np.linalg.norm(points, axis=-1, keepdims=True)
    return thomson(rays, kahn, electric, incident)


@pytest.mark.parametrize("kahn", [0.0, 0.5, 0.93, 1.0, -1.0])
def test_factor(sides: Sides, hold: Judge, kahn: float) -> None:
    """Out to 2θ of sixty degrees, with the field along the fast axis."""
    pair, plain = sides(LINE, f"-polar {kahn}"), sides(LINE, "-nopolar")
    factor = expected(mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM), kahn, FAST, BEAM)
    errors = [
        np.abs(weighted / one - factor).max()
        for weighted, one in zip(pair.both, plain.both, strict=True)
    ]
    hold(pair, factor_error=float(max(errors)))


@pytest.mark.parametrize("convention", FRAMES)
def test_direction(sides: Sides, hold: Judge, convention: str) -> None:
    """Each convention has its own direction of the field; DIALS's is vertical."""
    pair, plain = sides(LINE, f"-{convention} -polar 0.9"), sides(LINE, f"-{convention} -nopolar")
    fast, slow, beam, electric, beyond_middle = FRAMES[convention]
    corner = DISTANCE_MM * beam - PIXEL_MM * (
        (SHAPE[1] / 2 + beyond_middle) * fast + (SHAPE[0] / 2 + beyond_middle) * slow
    )
    factor = expected(Plane(SHAPE, PIXEL_MM, corner, fast, slow), 0.9, electric, beam)
    errors = [
        np.abs(weighted / one - factor).max()
        for weighted, one in zip(pair.both, plain.both, strict=True)
    ]
    hold(pair, factor_error=float(max(errors)))


def test_unpolarised(sides: Sides, hold: Judge) -> None:
    """A beam without polarisation scatters (1 + cos² 2θ) / 2, the same in every direction."""
    pair, plain = sides(LINE), sides(LINE, "-nopolar")
    points = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM).points_mm()
    cosine = points @ BEAM / np.linalg.norm(points, axis=-1)
    errors = [
        np.abs(weighted / one - (1 + cosine**2) / 2).max()
        for weighted, one in zip(pair.both, plain.both, strict=True)
    ]
    hold(pair, factor_error=float(max(errors)))
