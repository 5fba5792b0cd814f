"""Which measure sees which fault: each wrong image is caught by the named ones, none harmless is.

The pattern is the golden triclinic one, which has no symmetry; the faults are those that
ports and their tools have been seen to make.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from engine.golden import generate
from engine.parity.images import ArrayImage
from engine.parity.metrics import Measurement, measure

Array = NDArray[np.float32]
SIDE = 512

LIMITS: dict[str, float] = {
    # The acceptance thresholds of a comparison.
    "relative_l2": 1e-3,
    "worst_tile_relative_l2": 1e-2,
    "log_correlation_deviation": 1e-6,
    "radial_deviation": 2e-3,
    "nonfinite": 0,
    "correlation_deviation": 1e-3,
    "sum_ratio_deviation": 5e-3,
    # What the diagnosis goes by.
    "slope_deviation": 1e-3,
    "max_abs_diff_relative": 1e-3,
    "mismatch_fraction": 0.05,
    "ulp_p99": 3e4,
    "peaks_unmatched": 0,
    "peak_displacement_px": 0.02,
    "peak_height_deviation": 0.05,
}


@pytest.fixture(scope="module")
def image(project_root: Path, reference_binary: Path) -> Array:
    """Return the golden triclinic image."""
    path = generate.ensure("triclinic_P1", project_root, program=reference_binary)
    return np.fromfile(path, "<f4").reshape(SIDE, SIDE)


def failing(found: Measurement) -> set[str]:
    """Return the measures beyond their limits; what is undefined is beyond."""
    return {
        name
        for name, limit in LIMITS.items()
        if not ((value := found.number(name)) is not None and value <= limit)
    }


def noise(a: Array, scale: float) -> Array:
    out: Array = (a * (1 + scale * np.random.default_rng(0).standard_normal(a.shape))).astype("<f4")
    return out


def with_tile(a: Array, slow: int, fast: int, factor: float, side: int = 64) -> Array:
    out = a.copy()
    out[slow : slow + side, fast : fast + side] *= np.float32(factor)
    return out


def quiet_tile(a: Array) -> Array:
    """Blank the darkest tile that is still brighter than the background."""
    means = a.reshape(8, 64, 8, 64).mean(axis=(1, 3))
    slow, fast = np.unravel_index(np.argmin(means), means.shape)
    return with_tile(a, int(slow) * 64, int(fast) * 64, 0.0)


def weak_peak(a: Array, factor: float) -> Array:
    """Change one spot of about 3 % of the maximum."""
    heights = ndimage.maximum_filter(a, 11)
    at = np.argwhere((a == heights) & (a > 0.02 * a.max()) & (a < 0.05 * a.max()))
    slow, fast = next(p for p in at if min(p) > 8 and max(p) < SIDE - 8)
    return with_tile(a, slow - 5, fast - 5, factor, 11)


def radial_gain(a: Array) -> Array:
    y, x = np.mgrid[0:SIDE, 0:SIDE] - SIDE / 2
    out: Array = (a * (1 - 0.03 * np.hypot(x, y) / np.hypot(SIDE, SIDE) * 2)).astype("<f4")
    return out


def stale_rows(a: Array) -> Array:
    out = a.copy()
    out[64::64] = a[63:-1:64]
    return out


def bfloat16(a: Array) -> Array:
    return (a.view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)


def changed(a: Array, at: tuple[int, int], value: float) -> Array:
    out = a.copy()
    out[at] = value
    return out


def halves(a: Array) -> Array:
    out: Array = (a * np.where(np.arange(SIDE) < SIDE // 2, 1.003, 0.997)).astype("<f4")
    return out


def shifted(a: Array, by: tuple[float, float]) -> Array:
    out: Array = ndimage.shift(a.astype(np.float64), by, order=1, mode="nearest").astype("<f4")
    return out


HARMLESS: dict[str, Callable[[Array], Array]] = {
    "identical": lambda a: a.copy(),
    "one ULP": lambda a: noise(a, 6e-8),
    "noise 1e-4": lambda a: noise(a, 1e-4),
}

WRONG: dict[str, tuple[Callable[[Array], Array], set[str]]] = {
    "scale 1.004": (
        lambda a: (a * 1.004).astype("<f4"),
        {"relative_l2", "slope_deviation", "radial_deviation"},
    ),
    "offset": (
        lambda a: (a + 0.004 * a.mean()).astype("<f4"),
        {"log_correlation_deviation", "radial_deviation"},
    ),
    "2x - mean": (
        lambda a: (2 * a.astype(float) - a.mean(dtype=float)).astype("<f4"),
        {"relative_l2", "slope_deviation", "worst_tile_relative_l2", "log_correlation_deviation"},
    ),
    "shift 0.05 px": (
        lambda a: shifted(a, (0.0, 0.05)),
        {
            "relative_l2",
            "worst_tile_relative_l2",
            "log_correlation_deviation",
            "peak_displacement_px",
        },
    ),
    "shift 0.5 px": (
        lambda a: shifted(a, (0.5, 0.5)),
        {"relative_l2", "correlation_deviation", "peak_displacement_px"},
    ),
    "shifted by a row": (
        lambda a: np.roll(a, 1, axis=0),
        {"relative_l2", "correlation_deviation", "peak_displacement_px"},
    ),
    "transposed": (
        lambda a: np.ascontiguousarray(a.T),
        {"relative_l2", "correlation_deviation", "peaks_unmatched"},
    ),
    "mirrored": (lambda a: a[:, ::-1].copy(), {"relative_l2", "correlation_deviation"}),
    "quiet tile blank": (
        quiet_tile,
        {"worst_tile_relative_l2", "log_correlation_deviation", "radial_deviation"},
    ),
    "weaker half blank": (
        lambda a: np.where(a < np.median(a), 0, a).astype("<f4"),
        {"log_correlation_deviation", "radial_deviation"},
    ),
    "last row blank": (
        lambda a: np.vstack([a[:-1], 0 * a[-1:]]),
        {"relative_l2", "worst_tile_relative_l2"},
    ),
    "every 64th row stale": (stale_rows, {"relative_l2", "worst_tile_relative_l2"}),
    "one weak spot missing": (
        lambda a: weak_peak(a, 0.0),
        {"worst_tile_relative_l2", "log_correlation_deviation", "peaks_unmatched"},
    ),
    "one weak spot at 0.8": (
        lambda a: weak_peak(a, 0.8),
        {"log_correlation_deviation", "radial_deviation", "peak_height_deviation"},
    ),
    "radial gain": (radial_gain, {"relative_l2", "radial_deviation"}),
    "halves 0.3 % apart": (halves, {"relative_l2"}),
    "bfloat16": (bfloat16, {"relative_l2", "ulp_p99"}),
    "one NaN": (lambda a: changed(a, (17, 400), np.nan), {"nonfinite"}),
    "one infinity": (lambda a: changed(a, (17, 400), np.inf), {"nonfinite"}),
    "one hot pixel": (
        lambda a: changed(a, (3, 7), float(a.max())),
        {"max_abs_diff_relative", "worst_tile_relative_l2"},
    ),
}


def compared(c: Array, py: Array) -> Measurement:
    return measure(ArrayImage(c), ArrayImage(py))


@pytest.fixture(scope="module")
def caught(image: Array) -> Callable[[str], set[str]]:
    """Return a function that says which measures see a fault; each is measured once."""

    @cache
    def by(name: str) -> set[str]:
        return failing(compared(image, WRONG[name][0](image)))

    return by


@pytest.mark.parametrize("name", HARMLESS)
def test_no_measure_complains_about_a_harmless_change(name: str, image: Array) -> None:
    assert failing(compared(image, HARMLESS[name](image))) == set()


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_image_is_caught_by_the_named_measures(
    name: str, caught: Callable[[str], set[str]]
) -> None:
    assert WRONG[name][1] <= caught(name)


@pytest.mark.parametrize("name", WRONG)
def test_the_acceptance_thresholds_alone_catch_it(
    name: str, caught: Callable[[str], set[str]]
) -> None:
    binding = {
        "relative_l2", "worst_tile_relative_l2", "log_correlation_deviation", "radial_deviation",
        "nonfinite",
    }  # fmt: skip
    assert binding & caught(name)


def test_nothing_sees_swapped_axes_of_a_pattern_that_is_its_own_transpose(image: Array) -> None:
    symmetric = ((image + image.T) / 2).astype(np.float32)
    assert failing(compared(symmetric, np.ascontiguousarray(symmetric.T))) == set()
