"""The golden images, and those of the original program, against both precisions."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine import cli
from engine.experiment import Experiment
from engine.simulator import simulate

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "golden_data"
SHARED = ROOT.parent / "shared" / "reference"

FLOAT32_ROUNDING = 6e-8
"""The reference images are stored as float32: half a unit in the last place of the maximum."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far an image is from a reference image."""

    correlation: float
    sum_ratio: float
    largest: float
    rmse: float


def compare(found: torch.Tensor, expected: NDArray[np.float32]) -> Agreement:
    x, y = found.double().numpy(), expected.astype(np.float64)
    peak = float(y.max())
    return Agreement(
        float(np.corrcoef(x.ravel(), y.ravel())[0, 1]),
        float(x.sum() / y.sum()),
        float(np.abs(x - y).max()) / peak,
        float(np.sqrt(np.square(x - y).mean())) / peak,
    )


def check_float64(experiment: Experiment, expected: NDArray[np.float32]) -> None:
    found = compare(simulate(experiment, dtype=torch.float64), expected)
    assert found.largest <= 1e-9 + FLOAT32_ROUNDING
    assert found.correlation >= 1.0 - 1e-12
    assert abs(found.sum_ratio - 1.0) <= 2e-8


def golden_cases() -> list[dict[str, object]]:
    path = GOLDEN / "cases.json"
    return json.loads(path.read_text())["cases"] if path.is_file() else []


@pytest.mark.parametrize("case", golden_cases(), ids=lambda case: str(case["id"]))
def test_golden_images(case: dict[str, object]) -> None:
    path = GOLDEN / str(case["id"]) / "image.bin"
    if not path.is_file():
        pytest.skip(f"{path.relative_to(ROOT)} is not there: run nb-golden generate")
    experiment = Experiment.from_args([str(word) for word in _list(case["args"])])
    expected = np.fromfile(path, "<f4").reshape(experiment.shape)
    found = compare(simulate(experiment), expected)
    assert found.correlation >= 0.9999999
    assert found.largest <= 2e-6
    assert found.rmse <= 1e-7
    assert abs(found.sum_ratio - 1.0) <= 1e-6
    check_float64(experiment, expected)


def _list(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def shared_cases() -> list[dict[str, object]]:
    path = SHARED / "cases.json"
    return json.loads(path.read_text()) if path.is_file() else []


@pytest.mark.shared
@pytest.mark.parametrize("case", shared_cases(), ids=lambda case: str(case["id"]))
def test_images_of_the_original_program(
    case: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in _list(case["inputs"]):
        shutil.copy(SHARED / "inputs" / str(name), tmp_path)
    monkeypatch.chdir(tmp_path)
    args = [str(word) for word in _list(case["args"])]
    experiment = Experiment.from_args(args)
    expected = np.load(SHARED / "images" / f"{case['id']}.npz")["image"]
    assert list(experiment.shape) == case["shape"]
    image = simulate(experiment)
    found = compare(image, expected)
    assert found.correlation >= 0.999999
    assert found.largest <= 2e-6
    assert abs(found.sum_ratio - 1.0) <= 1e-6
    check_float64(experiment, expected)
    # In front: what follows -misset_seed means something (Q-MISSETSEED).
    quiet = ["-floatfile", "float.bin", "-nonoise", "-nopgm", "-noprogress"]
    assert cli.run([*quiet, *args]) == 0
    assert np.array_equal(np.fromfile("float.bin", "<f4").reshape(image.shape), image.numpy())
