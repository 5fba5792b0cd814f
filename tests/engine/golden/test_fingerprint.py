"""A fingerprint agrees with other last bits of the same image, and with nothing else."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.golden import fingerprint

Image = NDArray[np.float32]


def _pattern(slow: int = 96, fast: int = 128) -> Image:
    s, f = np.mgrid[0:slow, 0:fast]
    peaks = np.sin(s / 5.0) ** 8 * np.sin(f / 7.0 + s / 50.0) ** 8
    image: Image = (100 * peaks + 0.01 * s + 0.003 * f).astype(np.float32)
    return image


def test_statistics_are_those_of_double_precision() -> None:
    image = _pattern()
    wide = image.astype(np.float64)
    got = fingerprint.statistics(image)
    assert got["max"] == wide.max()
    assert got["mean"] == pytest.approx(wide.mean(), rel=1e-14)
    assert got["rms"] == pytest.approx(np.sqrt(np.mean(wide**2)), rel=1e-14)
    assert got["rmsd"] == pytest.approx(wide.std(), rel=1e-12)
    assert got["sum"] == pytest.approx(wide.sum(), rel=1e-14)


def test_samples_hold_the_corners_and_the_brightest_pixel() -> None:
    image = _pattern()
    positions = fingerprint.sample_positions(image)
    assert len(set(positions)) == 256
    assert {(0, 0), (0, 127), (95, 0), (95, 127)} <= set(positions)
    brightest = np.unravel_index(int(image.argmax()), image.shape)
    assert (int(brightest[0]), int(brightest[1])) in positions
    assert positions == fingerprint.sample_positions(image.copy())


def test_an_image_without_256_pixels_has_no_fingerprint() -> None:
    with pytest.raises(ValueError, match="too small"):
        fingerprint.of(np.zeros((10, 20), np.float32))


@settings(max_examples=25, deadline=None)
@given(arrays(np.int8, (96, 128), elements=st.integers(-1, 1)))
def test_one_last_bit_up_or_down_anywhere_agrees(steps: NDArray[np.int8]) -> None:
    image = _pattern() + np.float32(1)
    moved = (image.view(np.int32) + steps).view(np.float32)
    found = fingerprint.compare(moved, fingerprint.of(image))
    assert found.agrees
    assert found.worst < 2e-7


def _one_pixel(image: Image) -> Image:
    changed = image.copy()
    changed[np.unravel_index(int(image.argmax()), image.shape)] *= np.float32(1.0001)
    return changed


def _corner_lost(image: Image) -> Image:
    changed = image.copy()
    changed[-3:, -3:] = 0
    return changed


def _not_a_number(image: Image) -> Image:
    changed = image.copy()
    changed[0, 0] = np.nan
    return changed


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image * np.float32(1.01),
        lambda image: np.roll(image, 1, axis=0),
        lambda image: np.roll(image, 1, axis=1),
        lambda image: image[::-1],
        lambda image: image[:, ::-1],
        lambda image: image + np.float32(0.001),
        _one_pixel,
        _corner_lost,
        _not_a_number,
    ],
    ids=["scale", "slow", "fast", "flip", "mirror", "offset", "peak", "corner", "nan"],
)
def test_another_image_does_not_agree(change: Callable[[Image], Image]) -> None:
    image = _pattern()
    found = fingerprint.compare(np.ascontiguousarray(change(image)), fingerprint.of(image))
    assert not found.agrees
    assert found.worst_at
    assert not found.worst <= fingerprint.TOLERANCE
