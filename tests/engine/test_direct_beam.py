"""The one pixel that a round crystal's formula cannot compute: why C and the engine differ there.

3(sin x/x - cos x)/x² subtracts two numbers near one that differ by x²/3. Both are rounded to
2⁻⁵³, so the quotient errs by up to 3·2⁻⁵²/x²: beyond 1e-7 below x = 1e-4, wholly below 1e-8.
Only a pixel in the direct beam comes so near to a reflection, 000; there x is the rounding of
the geometry. The reference follows the formula, as the original does; the engine takes a series,
whose limit is 1.
"""

import json
import math
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.experiment import Experiment
from engine.simulator import simulate
from engine.trace import trace_pixel

WORDS = (
    "-default_F 100 -lambda 1.1 -distance 90 -pixel 0.2 -detpixels_f 37 -detpixels_s 29 -xds "
    "-cell 60 70 80 80 95 100 -Na 5 -Nb 6 -Nc 7 -round_xtal -misset 10 20 30 -oversample 1 "
)
SLOW, FAST = 14, 18
CELLS = (5, 6, 7)
AMPLITUDE = 5 * 6 * 7 * 0.723601254558268
BORDER = 1e-4
"""Below this x the rounding of the formula is larger than 1e-7."""


def argument(values: dict[str, Any]) -> float:
    """The x of a pixel, from its traced indices."""
    off = (h - h0 for h, h0 in zip(values["hkl"], values["hkl0"], strict=True))
    return math.pi * math.sqrt(sum((d * n) ** 2 for d, n in zip(off, CELLS, strict=True)))


def formula(x: float) -> float:
    """What float64 makes of it."""
    return 3.0 * (math.sin(x) / x - math.cos(x)) / (x * x)


@pytest.fixture
def traced(reference_binary: Path, tmp_path: Path) -> Any:
    """Return a function that gives C's image and its trace of the direct-beam pixel."""

    def run(words: str) -> tuple[np.ndarray, dict[str, Any]]:
        line = [*words.split(), "-noprogress", "-nopgm", "-nonoise", "-floatfile", "c.bin"]
        trace = ["-trace_pixel", str(SLOW), str(FAST)]
        done = subprocess.run(
            [reference_binary, *line, *trace], cwd=tmp_path, check=True, capture_output=True,
            text=True,
        )  # fmt: skip
        lines = [json.loads(w) for w in done.stdout.splitlines() if w.startswith('{"name"')]
        return np.fromfile(tmp_path / "c.bin", "<f4").reshape(29, 37), {
            v["name"]: v["value"] for v in lines
        }

    return run


@pytest.mark.parametrize("shift", ["0", "1e-9", "3e-8", "1e-7", "1e-6", "1e-5"])
def test_the_difference_is_the_formulas_rounding_and_only_there(traced: Any, shift: str) -> None:
    words = f"{WORDS} -Xbeam {3.7 + float(shift):.12g} -Ybeam 2.9"
    image, theirs = traced(words)
    experiment = Experiment.from_args(words.split())
    ours = simulate(experiment, dtype=torch.float64).numpy()
    mine = {v.name: v.value for v in trace_pixel(experiment, None, SLOW, FAST)}
    x = argument(theirs)
    assert theirs["F_latt"] == pytest.approx(AMPLITUDE * formula(x), rel=1e-12, abs=1e-12)
    limit = 1.0 - x * x / 10.0
    assert mine["F_latt"] == pytest.approx(AMPLITUDE * limit, rel=1e-9)
    assert abs(formula(x) - limit) <= 3.0 * 2.0**-52 / (x * x)
    unequal = np.abs(ours - image) > 2e-7 * np.abs(ours).max()
    assert np.count_nonzero(unequal) <= 1
    if unequal.any():
        assert unequal[SLOW, FAST]
        assert x < BORDER
