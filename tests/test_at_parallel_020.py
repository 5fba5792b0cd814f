"""AT-PARALLEL-020: everything at once."""

import itertools

import numpy as np
import pytest

from tests.acceptance import Judge, Sides, largest_difference
from tests.theory import BEAM, SLOW, Reals, lab_rotation, mosflm_plane, photons, real_axes

SHAPE, PIXEL_MM, DISTANCE_MM, WAVELENGTH_A = (40, 50), 0.6, 100.0, 1.1
DETECTOR = (
    f"-lambda {WAVELENGTH_A} -distance {DISTANCE_MM} -pixel {PIXEL_MM} "
    f"-detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]}"
)
# Each part of the physics, none at its default.
ALL = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -Na 5 -Nb 6 -Nc 7 -mosaic 0.4 -mosaic_domains 2 "
    "-phi 3 -osc 1 -phisteps 2 -hdivrange 3 -hdivsteps 2 -dispersion 1 "
    "-dispsteps 2 -polar 0.9 -detector_rotx 5 -detector_roty -4 -detector_rotz 3 -twotheta 8 "
    "-Xbeam 13 -Ybeam 16 -oversample 2 -detector_abs 400 -detector_thick 300 "
    "-water 0.1 -fluence 3e28 -dmin 2.5"
)
KINDS = {
    "parallelepiped": "",
    "ellipsoid": "-round_xtal",
    "Gaussian": "-gauss_xtal",
    "top hat": "-tophat_spots -fudge 0.5",
    "XDS": "-xds",
    "curved": "-curved_det -noprogress",
    "sub-pixel factors": "-oversample_omega -oversample_polar -oversample_thick -roi 5 30 5 20",
}
PEAKS, LIMIT = 20, 9


@pytest.mark.parametrize("kind", KINDS)
def test_everything(sides: Sides, hold: Judge, kind: str) -> None:
    """Both programs agree on a pattern to which every part of the physics contributes."""
    pair = sides(DETECTOR, ALL, reflections(sides), "-nointerpolate", KINDS[kind])
    assert pair.c.max() > 10 * np.median(pair.c[pair.c > 0]), "all background"
    peaks = pair.peaks(PEAKS, hold.limit("max_peak_distance_px"))
    hold(
        pair,
        matched_fraction=peaks.matched_fraction,
        max_peak_distance_px=peaks.max_distance_px,
    )


def amplitude(hkl: Reals) -> Reals:
    """Return F of reflections ``[..., 3]``: a pattern without symmetry."""
    return np.asarray(30 + 7 * np.mod(hkl @ np.array([1, 3, 5]), 13))


def reflections(sides: Sides) -> str:
    """Return the flags of a list that holds F of every reflection up to the limit."""
    indices = np.array(list(itertools.product(range(-LIMIT, LIMIT + 1), repeat=3)))
    rows = np.column_stack([indices, amplitude(indices)])
    text = "".join("{} {} {} {}\n".format(*row) for row in rows.tolist())
    return f"-hkl {sides.input('all.hkl', text)} -default_F 15"


def between(hkl: Reals) -> Reals:
    """Return F at fractional indices, on polynomials through the four integers around.

    On each axis the weights are those that get 1, t, t² and t³ right.
    """
    below = np.floor(hkl)
    nodes = np.arange(-1.0, 3.0)
    powers = (hkl - below)[..., None] ** np.arange(4)
    h, k, l = np.moveaxis(powers @ np.linalg.inv(np.vander(nodes, increasing=True)), -2, 0)  # noqa: E741
    steps = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1)
    around = amplitude(below[..., None, None, None, :] + steps)
    return np.asarray(np.einsum("...a,...b,...c,...abc", h, k, l, around))


def test_tricubic(sides: Sides, hold: Judge) -> None:
    """Between reflections the amplitude is a cubic on each axis."""
    cell, cells = (21.0, 24.0, 27.0, 90.0, 90.0, 90.0), (3, 2, 4)
    pair = sides(
        DETECTOR, reflections(sides),
        f"-cell {' '.join(map(str, cell))} -misset 10 20 30 -Na 3 -Nb 2 -Nc 4 -interpolate "
        "-oversample 1",
    )  # fmt: skip
    plane = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM)
    axes = real_axes(cell, lab_rotation(10, 20, 30))
    rays = plane.points_mm()
    rays /= np.linalg.norm(rays, axis=-1, keepdims=True)
    hkl = (rays - BEAM) / WAVELENGTH_A @ axes.T
    assert np.abs(hkl).max() < LIMIT - 2, "beyond the list nanoBragg interpolates no more"
    expected = between(hkl) ** 2 * photons(plane, axes, cells, WAVELENGTH_A, amplitude=1)
    hold(pair, by_hand_difference=max(largest_difference(i, expected) for i in pair.both))


def test_sum_of_stills(sides: Sides, hold: Judge) -> None:
    """Divergence, bandwidth and spindle are the mean of stills, each added cell by cell."""
    cell, cells = (61.0, 72.0, 83.0, 90.0, 90.0, 90.0), (5, 4, 6)
    pair = sides(
        DETECTOR,
        f"-cell {' '.join(map(str, cell))} -misset 10 20 30 -Na 5 -Nb 4 -Nc 6 -default_F 100",
        "-nopolar -oversample 1 -phi 3 -osc 1.5 -phisteps 3",
        "-hdivrange 6 -hdivsteps 2 -vdivrange 4 -vdivsteps 2 -dispersion 2 -dispsteps 3",
    )
    plane = mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM)
    horizontal, vertical = (-3, 3), (-2, 2)  # milliradian, about the vertical and the field
    bandwidth = (0.99, 1.0, 1.01)
    stills = []
    for h, v, width, phi in itertools.product(horizontal, vertical, bandwidth, (3.0, 3.5, 4.0)):
        across = lab_rotation(0, np.degrees(h / 1000) * SLOW[1], 0)
        incident = (across * lab_rotation(0, 0, np.degrees(v / 1000))).apply(BEAM)
        axes = real_axes(cell, lab_rotation(0, 0, phi) * lab_rotation(10, 20, 30))
        wavelength = WAVELENGTH_A * width
        stills.append(
            photons(plane, axes, cells, wavelength, amplitude=100, kahn=None, incident=incident)
        )
    expected = np.mean(stills, axis=0)
    hold(pair, by_hand_difference=max(largest_difference(i, expected) for i in pair.both))
