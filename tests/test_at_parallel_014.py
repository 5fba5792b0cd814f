"""AT-PARALLEL-014: the noise image counts photons: Poisson, other seeds other photons."""

import itertools
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.cli import run
from tests.acceptance import Judge, Sides
from tests.theory import Reals, mosflm_plane, photons, real_axes

SHAPE, PIXEL_MM, DISTANCE_MM = (96, 128), 0.5, 60.0
CELL = (50.0, 50.0, 50.0, 90.0, 90.0, 90.0)
AMPLITUDE, ADC = 100.0, 30
R_E_SQUARED_M2 = 7.94079248018965e-30
LINE = (
    f"-cell 50 50 50 90 90 90 -N 1 -default_F {AMPLITUDE} -lambda 1 -distance {DISTANCE_MM} "
    f"-pixel {PIXEL_MM} -detpixels_f {SHAPE[1]} -detpixels_s {SHAPE[0]} -oversample 1 -adc {ADC} "
    "-noisefile noise.img -nopgm -noprogress"
)
# One cell scatters alike in all directions, and the sum over cells says how much.
SHADE = photons(
    mosflm_plane(SHAPE, PIXEL_MM, DISTANCE_MM), real_axes(CELL), (1, 1, 1), 1.0,
    amplitude=AMPLITUDE,
)  # fmt: skip
SEEDS = (1, 2)
Count = Callable[[float, int], tuple[Reals, Reals, Reals]]


def read_counts(path: Path) -> Reals:
    """Return the photons of an SMV image of 16 bits behind a header of 512 bytes."""
    words = np.frombuffer(path.read_bytes()[512:], "<u2").reshape(SHAPE)
    return words.astype(float) - ADC


@pytest.fixture
def count(sides: Sides, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Count:
    """Return what gives the mean of every pixel and both programs' counts."""

    def counts(brightest: float, seed: int) -> tuple[Reals, Reals, Reals]:
        fluence = float(brightest / SHADE.max() / R_E_SQUARED_M2)
        words = shlex.split(f"{LINE} -seed {seed} -fluence {fluence!r}")
        found = []
        for name in ("c", "port"):
            folder = tmp_path / f"{name}-{seed}"
            folder.mkdir(exist_ok=True)
            if name == "c":
                subprocess.run([sides.program, *words], cwd=folder, check=True, capture_output=True)
            else:
                monkeypatch.chdir(folder)
                # In float64 the rounded float image is the C program's, and so is the noise.
                assert run([*words, "--dtype", "float64"]) == 0
            found.append(read_counts(folder / "noise.img"))
        return brightest * SHADE / SHADE.max(), found[0], found[1]

    return counts


@pytest.mark.parametrize("brightest", [5.0, 60.0, 5000.0])
def test_poisson(count: Count, hold: Judge, brightest: float) -> None:
    """Mean and variance are the expectation; chance is given four standard deviations."""
    scores, fields, same = [], [], []
    for seed in SEEDS:
        mean, *counted = count(brightest, seed)
        deviations = [(image - mean) / np.sqrt(mean) for image in counted]
        n = mean.size
        for z in deviations:
            # The fourth moment of Poisson's law makes the variance's variance (2 + 1/mean)/n.
            spread = np.sqrt((2 + np.mean(1 / mean)) / n)
            scores += [abs(z.mean()) * np.sqrt(n), abs(np.mean(z**2) - 1) / spread]
        fields += [z.ravel() for z in deviations[:1]]
        same.append(float(np.mean(counted[0] == counted[1])))
    resemblance = [
        abs(float(a @ b)) / np.sqrt(a.size) for a, b in itertools.combinations(fields, 2)
    ]
    hold(
        largest_score=float(max(scores)),
        resemblance_score=float(max(resemblance)),
        same_counts=min(same),
    )


def test_same_seed(count: Count, tmp_path: Path) -> None:
    """The same seed counts the same photons again, in either program."""
    _, *first = count(60.0, 7)
    _, *second = count(60.0, 7)
    for one, again in zip(first, second, strict=True):
        assert np.array_equal(one, again)
    assert np.ptp(first[0]) > 0
