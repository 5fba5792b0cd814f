"""Resampling by area: sums stay, averages are areas, and equal grids are untouched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parity.resample import resampled

sides = st.integers(1, 12)


@given(sides, sides, sides, sides)
def test_the_sum_stays(a: int, b: int, c: int, d: int) -> None:
    image = np.random.default_rng(a * 1000 + b).random((a, b)).astype(np.float32)
    found = resampled(image, (c, d))
    assert found.shape == (c, d)
    assert found.sum(dtype=float) == pytest.approx(image.sum(dtype=float), rel=1e-5)


@given(sides, sides)
def test_the_same_grid_changes_nothing(a: int, b: int) -> None:
    image = np.random.default_rng(b).random((a, b)).astype(np.float32)
    np.testing.assert_array_equal(resampled(image, (a, b)), image)


def test_four_pixels_become_one_and_one_becomes_four() -> None:
    image = np.arange(16, dtype=np.float32).reshape(4, 4)
    np.testing.assert_allclose(resampled(image, (2, 2)), [[10, 18], [42, 50]])
    np.testing.assert_allclose(resampled(image[:1, :1] + 4, (2, 2)), np.ones((2, 2)))


def test_a_pixel_across_an_edge_is_shared_by_area() -> None:
    image = np.array([[3.0, 6.0, 9.0]], np.float32)
    np.testing.assert_allclose(resampled(image, (1, 2)), [[6.0, 12.0]])
