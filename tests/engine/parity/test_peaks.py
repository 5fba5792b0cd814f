"""Peak matching: harmless noise never fails it, a real displacement always does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import ndimage
from scipy.optimize import linear_sum_assignment

from engine.parity.peaks import (
    CAPTURE_PX,
    HYSTERESIS,
    compare_peaks,
    enough_peaks,
    find_peaks,
    match,
)

Array = NDArray[np.float64]


def lattice(size: int = 300, pitch: float = 25.0) -> Array:
    """Return a pattern with the full symmetry of a square, like the canonical image.

    Spots are centred between pixels (four equal maxima each) and come in groups of four and
    eight equally strong ones.
    """
    axis = np.arange(size) - (size - 1) / 2
    line = np.cos(np.pi * axis / pitch) ** 16
    radius = np.hypot(axis[:, None], axis[None, :])
    out: Array = line[:, None] * line[None, :] * np.exp(-((radius / 150) ** 2)) + 1e-6
    return out


def slanted(size: int = 300) -> Array:
    """Return a pattern without any symmetry."""
    y, x = np.mgrid[0:size, 0 : size + 40].astype(np.float64)
    spots = (np.cos(0.21 * x + 0.03 * y) * np.cos(0.19 * y - 0.02 * x)) ** 8
    out: Array = spots * np.exp(-(((x - 120) / 200) ** 2) - ((y - 170) / 160) ** 2) + 1e-6
    return out


def noisy(image: Array, scale: float, seed: int) -> Array:
    return image * (1 + scale * np.random.default_rng(seed).standard_normal(image.shape))


def test_the_symmetric_pattern_is_symmetric() -> None:
    image = lattice()
    assert np.array_equal(image, image.T)
    assert np.array_equal(image, image[::-1])


@pytest.mark.parametrize("pattern", [lattice, slanted])
@pytest.mark.parametrize("scale", [0.0, 6e-8, 1e-6, 1e-4])
@pytest.mark.parametrize("seed", range(5))
def test_noise_never_moves_or_loses_a_peak(pattern: object, scale: float, seed: int) -> None:
    assert callable(pattern)
    image = pattern().astype(np.float32)
    found = compare_peaks(image, noisy(image, scale, seed).astype(np.float32), limit_px=0.5)
    assert found.matched_fraction == 1.0
    assert (found.missing, found.spurious) == (0, 0)
    assert found.max_distance_px is not None
    assert found.max_distance_px < 0.05


@pytest.mark.parametrize("pattern", [lattice, slanted])
@pytest.mark.parametrize("moved", [(0.5, 0.0), (0.0, 1.0), (2.0, 0.0), (1.0, 1.0)])
def test_a_shift_is_measured(pattern: object, moved: tuple[float, float]) -> None:
    assert callable(pattern)
    image = pattern()
    found = compare_peaks(image, ndimage.shift(image, moved, mode="nearest"), limit_px=0.4)
    assert found.matched == 0
    assert found.mean_distance_px == pytest.approx(float(np.hypot(*moved)), abs=0.05)


def test_half_a_pixel_is_within_one_but_not_within_a_quarter() -> None:
    moved = ndimage.shift(slanted(), (0.5, 0.0), mode="nearest")
    assert compare_peaks(slanted(), moved, limit_px=1.0).matched_fraction == 1.0
    assert compare_peaks(slanted(), moved, limit_px=0.25).matched_fraction == 0.0


def test_a_transposed_image_is_caught_unless_it_is_its_own_transpose() -> None:
    square = slanted()[:, :300]
    found = compare_peaks(square, np.ascontiguousarray(square.T))
    assert found.matched_fraction is not None
    assert found.matched_fraction < 0.5
    assert compare_peaks(lattice(), lattice().T).matched_fraction == 1.0


def test_missing_and_spurious_peaks_count_in_their_direction() -> None:
    image, without = slanted(), slanted()
    slow, fast = find_peaks(image).positions[0].round().astype(int)
    without[slow - 8 : slow + 9, fast - 8 : fast + 9] = 1e-6
    lost = compare_peaks(image, without)
    extra = compare_peaks(without, image)
    assert (lost.missing, lost.matched) == (1, 49)
    assert (extra.spurious, extra.matched) == (1, 49)
    assert lost.matched_fraction == 0.98


@pytest.mark.parametrize("factor", [1e-3, 0.5, 1e4])
def test_intensity_scale_does_not_matter(factor: float) -> None:
    assert compare_peaks(slanted(), factor * slanted()).matched_fraction == 1.0


def test_an_image_without_peaks_has_no_fraction() -> None:
    flat = np.zeros((50, 50))
    found = compare_peaks(flat, flat)
    assert found.matched_fraction is None
    assert found.max_distance_px is None
    one_sided = compare_peaks(slanted(100), np.full((100, 140), 7.0))
    assert one_sided.matched_fraction == 0.0


def test_a_plateau_is_one_peak_at_its_centroid() -> None:
    image = np.zeros((20, 20))
    image[5:8, 9:11] = 3.0
    found = find_peaks(image)
    np.testing.assert_array_equal(found.positions, [[6.0, 9.5]])
    np.testing.assert_array_equal(found.heights, [3.0])


def test_a_shelf_below_a_peak_is_none() -> None:
    image = np.zeros((20, 20))
    image[5:8, 5:15] = 1.0
    image[6, 9] = 2.0
    np.testing.assert_array_equal(find_peaks(image).positions, [[6.0, 9.0]])


def test_the_edge_and_nan_are_no_peaks() -> None:
    image = np.zeros((10, 10))
    image[0, 4] = image[9, 9] = 5.0
    image[5, 5] = np.nan
    assert not find_peaks(image).heights.size
    image[4, 3] = 1.0
    np.testing.assert_array_equal(find_peaks(image).positions, [[4.0, 3.0]])


@settings(max_examples=60)
@given(
    hnp.arrays(np.int8, st.tuples(st.integers(3, 9), st.integers(3, 9)), elements=st.integers(0, 3))
)
def test_plateaus_agree_with_flooding_pixel_by_pixel(levels: NDArray[np.int8]) -> None:
    image = levels.astype(np.float64)
    expected = set()
    for level in (1, 2, 3):
        labels, count = ndimage.label(image == level, np.ones((3, 3)))
        for n in range(1, count + 1):
            inside = labels == n
            around = ndimage.binary_dilation(inside, np.ones((3, 3), bool)) & ~inside
            edge = inside.copy()
            edge[1:-1, 1:-1] = False
            if not edge.any() and image[around].max() < level:
                expected.add((level, int(inside.sum())))
                centre = np.argwhere(inside).mean(axis=0)
                assert np.abs(find_peaks(image).positions - centre).max(axis=1).min() <= 0.5
    assert {h for h, _ in expected} == set(find_peaks(image).heights.tolist())


@pytest.mark.parametrize("levels", [3, 40, 10_000])
@pytest.mark.parametrize("count", [1, 7, 50])
def test_few_peaks_are_found_as_among_all(levels: int, count: int) -> None:
    # Few levels make many plateaus, which merge: then more maxima are needed for as many peaks.
    image = np.random.default_rng(levels).integers(0, levels, (150, 120)).astype(np.float64)
    every, enough = find_peaks(image), enough_peaks(image, count)
    assert len(enough.heights) <= len(every.heights)
    least = HYSTERESIS * every.heights[:count][-1]
    for name in ("positions", "heights"):
        found, expected = (getattr(p.down_to(least), name) for p in (enough, every))
        np.testing.assert_array_equal(found, expected)


points = hnp.arrays(
    np.float64, st.tuples(st.integers(0, 12), st.just(2)), elements=st.integers(0, 40).map(float)
)


@given(points, points)
def test_assignment_by_components_is_as_good_as_all_at_once(a: Array, b: Array) -> None:
    rows, columns = match(a, b)
    assert len(set(rows.tolist())) == len(rows)
    assert len(set(columns.tolist())) == len(columns)
    apart = np.linalg.norm(a[rows] - b[columns], axis=1)
    assert (apart < CAPTURE_PX).all()
    cost = apart.sum() + CAPTURE_PX * (min(len(a), len(b)) - len(rows))
    full = np.minimum(np.linalg.norm(a[:, None] - b[None], axis=2), CAPTURE_PX)
    best = full[linear_sum_assignment(full)].sum() if full.size else 0.0
    assert cost == pytest.approx(best)


def test_a_chain_is_not_shifted_to_pair_one_more() -> None:
    a = np.array([[0.0, 0.0], [0.0, 4.0], [0.0, 8.0]])
    b = np.array([[0.0, 4.0], [0.0, 8.0], [0.0, 12.0]])
    rows, columns = match(a, b)
    assert sorted(zip(rows.tolist(), columns.tolist(), strict=True)) == [(1, 0), (2, 1)]
