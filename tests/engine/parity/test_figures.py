"""The pictures: a single wrong pixel stays visible, and colours mean what is said."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from PIL import Image

from engine.parity.figures import (
    NOT_A_NUMBER,
    block_extreme,
    difference_table,
    intensity_table,
    render,
)
from engine.parity.images import ArrayImage


def decoded(data: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def drawn(c: NDArray[np.float32], py: NDArray[np.float32], side: int) -> dict[str, object]:
    figures = render(ArrayImage(c), ArrayImage(py), max_side=side)
    return {n: decoded(getattr(figures, n)) for n in ("c", "py", "diff")}


def test_one_wrong_pixel_of_a_large_image_shows_with_its_sign() -> None:
    c = np.ones((300, 500), np.float32)
    py = c.copy()
    py[123, 457] += 1e-3
    py[7, 3] -= 5e-4
    diff = decoded(render(ArrayImage(c), ArrayImage(py), max_side=100).diff)
    assert diff.shape == (60, 100, 3)
    np.testing.assert_array_equal(diff[123 // 5, 457 // 5], difference_table()[255])
    red, _, blue = (int(v) for v in diff[7 // 5, 3 // 5])
    assert blue > red
    middle = difference_table()[128]
    assert (diff == middle).all(axis=2).sum() == 60 * 100 - 2


def test_a_bright_pixel_survives_pooling_and_a_region_is_cut_out() -> None:
    c = np.full((64, 64), 1e-3, np.float32)
    c[40, 50] = 10.0
    image = ArrayImage(c)
    whole = decoded(render(image, image, max_side=8).c)
    np.testing.assert_array_equal(whole[5, 6], intensity_table()[255])
    part = decoded(render(image, image, (40, 44, 48, 56), max_side=8).c)
    assert part.shape == (4, 8, 3)
    np.testing.assert_array_equal(part[0, 2], intensity_table()[255])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_no_numbers_are_marked(bad: float) -> None:
    c = np.ones((40, 40), np.float32)
    py = c.copy()
    py[17, 23] = bad
    figures = render(ArrayImage(c), ArrayImage(py), max_side=40)
    assert tuple(decoded(figures.diff)[17, 23]) == NOT_A_NUMBER
    assert tuple(decoded(figures.c)[17, 23]) != NOT_A_NUMBER


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_images_without_light_can_be_drawn(value: float) -> None:
    flat = ArrayImage(np.full((5, 7), value, np.float32))
    assert decoded(render(flat, flat).c).shape == (5, 7, 3)


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 12)),
               elements=st.floats(-9, 9, width=32)),
    st.integers(1, 5),
)  # fmt: skip
def test_pooling_keeps_the_largest_magnitude(image: NDArray[np.float32], block: int) -> None:
    pooled = block_extreme(image, block)
    for i in range(pooled.shape[0]):
        for j in range(pooled.shape[1]):
            square = image[i * block : (i + 1) * block, j * block : (j + 1) * block]
            assert abs(pooled[i, j]) == np.abs(square).max()
            assert pooled[i, j] in square


def luminance(table: NDArray[np.uint8]) -> NDArray[np.float64]:
    linear = (table.astype(np.float64) / 255) ** 2.2
    out: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return out


def test_intensity_colours_never_get_darker() -> None:
    steps = np.diff(luminance(intensity_table()))
    assert steps.min() > -2e-3
    assert luminance(intensity_table())[-1] > 10 * luminance(intensity_table())[0]


def test_difference_colours_are_lightest_in_the_middle_and_alike_at_both_ends() -> None:
    light = luminance(difference_table())
    assert light.argmax() in range(126, 130)
    assert abs(light[0] - light[-1]) < 0.1
