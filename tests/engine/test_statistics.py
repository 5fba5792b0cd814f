"""Statistics in one pass of strips against plain float64 arithmetic (spec 12.1)."""

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.statistics import STRIP_PIXELS, statistics

SIDES = (900, 130)
WORDS = ["-cell", "100", "-default_F", "1", "-detpixels_f", "130", "-detpixels_s", "900"]


def _image() -> np.ndarray:
    image = np.random.default_rng(3).gamma(0.3, 20.0, SIDES).astype(np.float32)
    image[500] += 1e3
    return image


@pytest.mark.parametrize("roi", [[], ["-roi", "7", "99", "3", "870"]])
def test_figures_of_many_strips(roi: list[str]) -> None:
    experiment = Experiment.from_args([*WORDS, "-oversample", "2", *roi])
    image = _image()
    assert image.size > STRIP_PIXELS
    mask = np.ones(SIDES, bool)
    mask[100:200, 20:60] = False
    image[~mask] = 0.0
    region = np.s_[3:871, 7:100] if roi else np.s_[:, :]
    part, rendered = image[region].astype(np.float64), mask[region].sum()
    found = statistics(experiment, image, mask)
    mean = part.sum() / rendered
    assert found.mean == pytest.approx(mean, rel=1e-13)
    assert found.rms == pytest.approx(np.sqrt((part**2).sum() / (rendered - 1)), rel=1e-7)
    deviations = ((part - mean) ** 2).sum()
    assert found.rmsd == pytest.approx(np.sqrt(deviations / (part.size - 1)), rel=1e-12)
    assert found.max_I == part.max()


def test_the_maximum_is_the_first_and_at_its_last_sub_pixel() -> None:
    experiment = Experiment.from_args([*WORDS, "-oversample", "2", "-pixel", "0.1"])
    image = np.zeros(SIDES, np.float32)
    image[700, 5] = image[899, 9] = 3.0
    found = statistics(experiment, image)
    assert (found.max_fast_m, found.max_slow_m) == pytest.approx((5.75e-4, 700.75e-4))


def test_a_nearly_flat_image_keeps_its_spread() -> None:
    experiment = Experiment.from_args(WORDS)
    noise = np.random.default_rng(3).normal(0.0, 1e-3, SIDES)
    image = (1000.0 + np.linspace(0, 1e-2, SIDES[0])[:, None] + noise).astype(np.float32)
    exact = image.astype(np.float64).std(ddof=1)
    assert statistics(experiment, image).rmsd == pytest.approx(exact, rel=1e-9)


def test_an_image_without_light_has_no_maximum() -> None:
    found = statistics(Experiment.from_args(WORDS), np.zeros(SIDES, np.float32))
    assert (found.max_I, found.max_fast_m, found.mean, found.rms, found.rmsd) == (0.0,) * 5
