"""AT-PARALLEL-027: every reflection has the intensity of its own structure factor."""

import itertools

import numpy as np

from engine.parity.peaks import find_peaks
from tests.acceptance import Judge, Sides
from tests.theory import Reals, lab_rotation, mosflm_plane, real_axes

CELL = (61.0, 72.0, 83.0, 90.0, 90.0, 90.0)
SHAPE, PIXEL_MM, DISTANCE_MM, WAVELENGTH_A = (160, 192), 0.25, 100.0, 1.2
ANGLES = (12.0, -7.0, 25.0)
LINE = (
    f"-cell {' '.join(map(str, CELL))} -misset {' '.join(map(str, ANGLES))} -N 6 "
    f"-lambda {WAVELENGTH_A} -distance {DISTANCE_MM} -pixel {PIXEL_MM} -oversample 1 "
    f"-detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]} -nointerpolate"
)
LIMIT = 9
ELSEWHERE = 17.0


def amplitude(hkl: Reals) -> Reals:
    """Return F of reflections ``[..., 3]``: a pattern without symmetry, Friedel's included."""
    h, k, l = np.moveaxis(hkl, -1, 0)  # noqa: E741 - the name of the index
    inside = np.abs(hkl).max(axis=-1) <= LIMIT
    return np.where(inside, 20.0 + 13.0 * np.mod(3 * h + 5 * k + 7 * l, 11), ELSEWHERE)


def test_ratios(sides: Sides, hold: Judge) -> None:
    """Divide by the image of F = 1: F² of the reflection that is nearest remains."""
    indices = np.array(list(itertools.product(range(-LIMIT, LIMIT + 1), repeat=3)), float)
    rows = np.column_stack([indices, amplitude(indices)])
    text = "".join("{:.0f} {:.0f} {:.0f} {:.1f}\n".format(*row) for row in rows)
    path = sides.input("pattern.hkl", text)
    pair = sides(LINE, f"-hkl {path} -default_F {ELSEWHERE}")
    uniform = sides(LINE, "-default_F 1")

    points = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM).points_mm()
    rays = points / np.linalg.norm(points, axis=-1, keepdims=True)
    q = (rays - np.array([1.0, 0.0, 0.0])) / WAVELENGTH_A
    nearest = np.round(q @ real_axes(CELL, lab_rotation(*ANGLES)).T)
    expected = amplitude(nearest) ** 2
    strong = find_peaks(uniform.c).strongest(150).positions.round().astype(int)
    seen = {tuple(nearest[tuple(place)]) for place in strong}
    beyond = [hkl for hkl in seen if max(map(abs, hkl)) > LIMIT]
    assert len(seen) > 80, "few reflections"
    assert beyond, "no reflection outside the list"

    errors = []
    for image, one in zip(pair.both, uniform.both, strict=True):
        lit = one > 1e-6 * one.max()
        errors.append(np.abs(image[lit] / one[lit] / expected[lit] - 1).max())
    hold(pair, intensity_error=float(max(errors)))
