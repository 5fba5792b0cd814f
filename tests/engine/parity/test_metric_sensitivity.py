"""Which measure sees which fault: each wrong image is caught by a named one."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from engine.parity.metrics import Metrics, compare_arrays

Array = NDArray[np.float64]
RELATIVE_L2, SUM_DEVIATION, CORRELATION = 1e-3, 5e-3, 0.999


def image() -> Array:
    y, x = np.mgrid[0:200, 0:240].astype(np.float64)
    spots = (np.cos(0.31 * x + 0.05 * y) * np.cos(0.27 * y - 0.04 * x)) ** 6
    out: Array = spots * np.exp(-(((x - 80) / 150) ** 2) - ((y - 120) / 120) ** 2) + 1e-5
    return out


def passes(found: Metrics) -> set[str]:
    """Return the binding full-frame gates that let this comparison through."""
    gates = {
        "correlation": found.correlation is not None and found.correlation >= CORRELATION,
        "sum": (
            found.sum_ratio_deviation is not None and found.sum_ratio_deviation <= SUM_DEVIATION
        ),
        "relative_l2": found.relative_l2 is not None and found.relative_l2 <= RELATIVE_L2,
        "nonfinite": found.nonfinite == 0,
    }
    return {name for name, ok in gates.items() if ok}


def noisy(scale: float) -> Callable[[Array], Array]:
    return lambda a: a * (1 + scale * np.random.default_rng(0).standard_normal(a.shape))


HARMLESS: dict[str, Callable[[Array], Array]] = {
    "identical": lambda a: a.copy(),
    "one ULP": noisy(6e-8),
    "noise 1e-4": noisy(1e-4),
}
WRONG: dict[str, tuple[Callable[[Array], Array], str]] = {
    "scale 1.004": (lambda a: a * 1.004, "relative_l2"),
    "scale 1.01": (lambda a: a * 1.01, "sum"),
    "2x - mean": (lambda a: 2 * a - a.mean(), "relative_l2"),
    "shift 0.05 px": (lambda a: ndimage.shift(a, (0, 0.05), mode="nearest"), "relative_l2"),
    "shift 0.5 px": (lambda a: ndimage.shift(a, (0.5, 0), mode="nearest"), "correlation"),
    "mirrored": (lambda a: a[:, ::-1], "correlation"),
    "last row black": (lambda a: np.vstack([a[:-1], 0 * a[-1:]]), "relative_l2"),
    "every 64th row stale": (
        lambda a: np.where(np.arange(200)[:, None] % 64 == 63, np.roll(a, 1, 0), a),
        "relative_l2",
    ),
    "radial gain": (lambda a: a * np.linspace(1, 0.97, 240), "sum"),
    "half precision": (lambda a: np.trunc(a * 256) / 256, "relative_l2"),
    "one NaN": (lambda a: np.where(a == a.max(), np.nan, a), "nonfinite"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_noise_passes_every_gate(name: str) -> None:
    found = compare_arrays(image(), HARMLESS[name](image()))
    assert passes(found) == {"correlation", "sum", "relative_l2", "nonfinite"}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_image_is_caught_by_the_named_gate(name: str) -> None:
    change, catcher = WRONG[name]
    assert catcher not in passes(compare_arrays(image(), change(image())))
