"""AT-PARALLEL-010: a pixel counts in proportion to the solid angle it covers."""

import math

import numpy as np
import pytest

from tests.acceptance import Judge, Sides
from tests.theory import Plane, Reals, lab_rotation, mosflm_plane

F = 100.0
SHAPE, PIXEL_MM = (40, 56), 0.5
# One cell scatters alike everywhere, and fluence and electron radius cancel by default.
LINE = (
    f"-cell 100 100 100 90 90 90 -N 1 -default_F {F} -nopolar -lambda 1 -oversample 1 "
    f"-pixel {PIXEL_MM} -detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]}"
)
TILTS = [(0, 0, 0), (0, 25, 0), (0, 0, -40), (10, 20, 30)]


def triangle(a: Reals, b: Reals, c: Reals) -> Reals:
    """Return the exact solid angle of triangles (van Oosterom and Strackee), steradian."""
    lengths = [np.linalg.norm(v, axis=-1) for v in (a, b, c)]
    numerator = np.abs(np.einsum("...i,...i", a, np.cross(b, c)))
    denominator = math.prod(lengths)
    for (p, q), other in (((a, b), 2), ((a, c), 1), ((b, c), 0)):
        denominator = denominator + np.einsum("...i,...i", p, q) * lengths[other]
    return np.asarray(2 * np.arctan2(numerator, denominator))


def exact(plane: Plane) -> Reals:
    """Return the solid angle of every pixel as two triangles, steradian."""
    centre = plane.points_mm()
    along, down = plane.pixel_mm / 2 * plane.fast, plane.pixel_mm / 2 * plane.slow
    corners = [centre + s * down + f * along for s, f in ((-1, -1), (-1, 1), (1, 1), (1, -1))]
    return triangle(*corners[:3]) + triangle(corners[0], *corners[2:])


@pytest.mark.parametrize("tilt", TILTS)
@pytest.mark.parametrize("distance_mm", [50, 100])
def test_solid_angle(
    sides: Sides, hold: Judge, distance_mm: float, tilt: tuple[float, float, float]
) -> None:
    """Area times cosine over the square of the distance, on a detector turned any way."""
    flags = "-detector_rotx {} -detector_roty {} -detector_rotz {}".format(*tilt)
    pair = sides(LINE, f"-distance {distance_mm}", flags)
    omega = exact(mosflm_plane(SHAPE, PIXEL_MM, distance_mm, tilt=lab_rotation(*tilt)))
    errors = [np.abs(image / (F**2 * omega) - 1).max() for image in pair.both]
    sums = [abs(image.sum() / (F**2 * omega.sum()) - 1) for image in pair.both]
    hold(pair, pixel_error=float(max(errors)), detector_error=float(max(sums)))


@pytest.mark.parametrize("tilt", TILTS)
def test_point_pixel(sides: Sides, hold: Judge, tilt: tuple[float, float, float]) -> None:
    """A pixel without area has neither size nor obliquity: 1/R², in metres."""
    flags = "-detector_rotx {} -detector_roty {} -detector_rotz {}".format(*tilt)
    pair = sides(LINE, "-point_pixel -distance 50", flags)
    points = mosflm_plane(SHAPE, PIXEL_MM, 50.0, tilt=lab_rotation(*tilt)).points_mm()
    expected = F**2 / (np.linalg.norm(points, axis=-1) / 1000) ** 2
    errors = [np.abs(image / expected - 1).max() for image in pair.both]
    hold(pair, pixel_error=float(max(errors)))


def test_inverse_square(sides: Sides, hold: Judge) -> None:
    """On the axis of an upright detector the count falls as the distance squared."""
    # XDS has the direct beam on the middle pixel of an odd number.
    line = LINE.replace("-detpixels_f 56 -detpixels_s 40", "-detpixels 3 -xds")
    distances = [30.0, 100.0, 1000.0]
    images = [sides(line, f"-distance {d}").both for d in distances]
    found = np.array([[image[1, 1] for image in both] for both in images])
    laws = F**2 * (PIXEL_MM / np.array(distances)) ** 2
    hold(pixel_error=float(np.abs(found / laws[:, None] - 1).max()))
