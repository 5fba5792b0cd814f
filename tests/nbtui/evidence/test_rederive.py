"""Claims are checked against the pixels that were stored."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.parity.metrics import compare_arrays
from nbtui.evidence.collectors.compare import FIGURES
from nbtui.evidence.rederive import agree, rederive

RNG = np.random.default_rng(7)
C = RNG.gamma(0.5, 10.0, (32, 24)).astype("<f4")
PY = (C * (1 + 1e-6 * RNG.standard_normal(C.shape))).astype("<f4")


def stored(folder: Path, roi: tuple[int, int, int, int] | None = None) -> Path:
    """Write a comparison as nb-compare does."""
    folder.mkdir()
    hashes = {}
    for side, image in (("c", C), ("py", PY)):
        image.tofile(folder / f"{side}.bin")
        hashes[side] = hashlib.sha256(image.tobytes()).hexdigest()
    metrics = compare_arrays(C, PY, roi)
    claims: dict[str, Any] = {
        "shape": [32, 24],
        "roi": roi,
        "metrics": {name: getattr(metrics, name) for name in FIGURES},
        "c": {"image": "c.bin", "image_sha256": hashes["c"]},
        "py": {"image": "py.bin", "image_sha256": hashes["py"]},
    }
    (folder / "summary.json").write_text(json.dumps(claims))
    return folder / "summary.json"


@pytest.mark.parametrize("roi", [None, (3, 20, 5, 24)])
def test_true_claims_agree(tmp_path: Path, roi: tuple[int, int, int, int] | None) -> None:
    derived = rederive("s", stored(tmp_path / "out", roi), tmp_path)
    assert derived.problems == ()
    assert {f.name for f in derived.figures} == set(FIGURES)
    assert derived.source == "out/summary.json"


@pytest.mark.parametrize("name", ["correlation", "sum_ratio", "rmse", "max_abs_diff", "c_sum"])
def test_a_claim_beyond_rounding_is_named_with_both_values(tmp_path: Path, name: str) -> None:
    path = stored(tmp_path / "out")
    claims = json.loads(path.read_text())
    claims["metrics"][name] *= 1 + 1e-8
    path.write_text(json.dumps(claims))
    (problem,) = rederive("s", path, tmp_path).problems
    assert problem.startswith(f"{name}: the stage claims {claims['metrics'][name]!r}")


def test_a_claim_of_undefined_is_a_claim(tmp_path: Path) -> None:
    path = stored(tmp_path / "out")
    claims = json.loads(path.read_text())
    claims["metrics"]["correlation"] = None
    path.write_text(json.dumps(claims))
    assert "claims None" in rederive("s", path, tmp_path).problems[0]


def test_a_changed_pixel_is_noticed(tmp_path: Path) -> None:
    path = stored(tmp_path / "out")
    image = np.fromfile(path.parent / "py.bin", "<f4")
    image[100] += 1.0
    image.tofile(path.parent / "py.bin")
    problems = rederive("s", path, tmp_path).problems
    assert any("max_abs_diff" in p for p in problems)
    assert any("the py image has SHA-256" in p for p in problems)


@pytest.mark.parametrize(
    "more",
    [
        {"shape": [32, 25]},
        {"shape": "32x24"},
        {"shape": [32, True]},
        {"roi": [0, 1]},
        {"roi": [30, 40, 0, 24]},
        {"c": {}},
        {"py": {"image": "../../elsewhere.bin"}},
        {"py": {"image": "absent.bin"}},
    ],
)
def test_what_cannot_be_rederived_says_why(tmp_path: Path, more: dict[str, Any]) -> None:
    (tmp_path / "elsewhere.bin").write_bytes(C.tobytes())
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    path = stored(bundle / "out")
    path.write_text(json.dumps(json.loads(path.read_text()) | more))
    (problem,) = rederive("s", path, bundle).problems
    assert problem.startswith("cannot be re-derived")


def test_rounding_is_forgiven_and_nothing_else() -> None:
    assert agree("rmse", 1.0, 1.0 + 1e-10)
    assert not agree("rmse", 1.0, 1.0 + 1e-8)
    assert agree("sum_ratio_deviation", 1e-8, 1e-8 + 1e-15)
    assert not agree("rmse", 1e-8, 1e-8 + 1e-15)
    assert agree("correlation", None, None)
    assert not agree("correlation", 1.0, None)
