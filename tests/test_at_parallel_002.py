"""AT-PARALLEL-002: the pattern lies where it lies in millimetres, whatever the pixels."""

import math

import numpy as np
import pytest

from tests.acceptance import Image, Judge, Sides
from tests.theory import Reals, diffracted, lab_rotation, mosflm_plane, reciprocal_axes

PIXELS_MM = (0.05, 0.1, 0.2, 0.4)
SIDE_MM, DISTANCE_MM, WAVELENGTH_A = 25.6, 100.0, 1.0
CELL = (100.0, 100.0, 100.0, 90.0, 90.0, 90.0)
BRAGG_DEG = math.degrees(math.asin(WAVELENGTH_A * 3 / (2 * CELL[1])))
# The reflection 0 3 0 is on Ewald's sphere; its spot is 0.3 mm wide.
LINE = (
    f"-cell 100 100 100 90 90 90 -N 5 -default_F 100 -misset 0 0 {BRAGG_DEG!r} "
    f"-lambda {WAVELENGTH_A} -distance {DISTANCE_MM} -detsize {SIDE_MM} -denzo -nopolar"
)


def sampled(pixel_mm: float) -> str:
    """Return flags that sample the detector every 0.05 mm, whatever the pixel."""
    return f"-pixel {pixel_mm} -oversample {round(pixel_mm / PIXELS_MM[0])}"


def centroid_mm(image: Image, pixel_mm: float, expected_mm: tuple[float, float]) -> Reals:
    """Return the slow and fast centre of the photons within half a millimetre of a spot."""
    slow, fast = ((np.arange(n) + 0.5) * pixel_mm for n in image.shape)
    near_slow = np.abs(slow - expected_mm[0]) < 0.5
    near_fast = np.abs(fast - expected_mm[1]) < 0.5
    photons = image[np.ix_(near_slow, near_fast)]
    rows, columns = photons.sum(axis=1), photons.sum(axis=0)
    centre = np.array([rows @ slow[near_slow], columns @ fast[near_fast]])
    return np.asarray(centre / photons.sum())


@pytest.mark.parametrize("pixel_mm", PIXELS_MM)
def test_position(sides: Sides, hold: Judge, pixel_mm: float) -> None:
    """A spot off the centre is where Bragg's law puts it, in millimetres."""
    # DENZO reads X along slow and Y along fast, without MOSFLM's half pixel (spec 7.2).
    pair = sides(LINE, sampled(pixel_mm), "-Xbeam 15.2 -Ybeam 10.4")
    turned = lab_rotation(0, 0, BRAGG_DEG).apply(reciprocal_axes(CELL))
    plane = mosflm_plane((1, 1), 1.0, DISTANCE_MM, (15.2 - 0.5, 10.4 - 0.5))
    expected = tuple(plane.hit(diffracted(turned, (0, 3, 0), WAVELENGTH_A)) + 0.5)
    offsets = [np.linalg.norm(centroid_mm(i, pixel_mm, expected) - expected) for i in pair.both]
    hold(pair, centroid_offset_mm=float(max(offsets)))


@pytest.mark.parametrize("pixel_mm", PIXELS_MM[1:])
def test_photons(sides: Sides, hold: Judge, pixel_mm: float) -> None:
    """Merging pixels moves no photon: a coarse image is the fine one, summed in blocks."""
    # DENZO's default centre moves with the pixel: name it.
    coarse, fine = (
        sides(LINE, sampled(p), "-Xbeam 12.8 -Ybeam 12.8") for p in (pixel_mm, PIXELS_MM[0])
    )
    block = round(pixel_mm / PIXELS_MM[0])
    n = coarse.c.shape[0]
    differences = [
        np.abs(merged - rough).sum() / merged.sum()
        for rough, merged in (
            (one, other.reshape(n, block, n, block).sum(axis=(1, 3)))
            for one, other in zip(coarse.both, fine.both, strict=True)
        )
    ]
    hold(coarse, moved_photons=float(max(differences)))
