"""AT-PERF-001: nb-benchmark measures both programs in interleaved rounds and says how well."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.benchmark.cli import main
from tests.acceptance import Sides

LINE = "-cell 70 80 90 85 95 100 -N 5 -default_F 100 -lambda 1.1 -distance 100 -oversample 1"
SIDES = ("c_s", "py_cold_s", "py_warm_s")


def test_rounds(sides: Sides, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rounds of three runs; medians, quartiles and ratios follow from the samples kept."""
    monkeypatch.chdir(tmp_path)
    options = ["--iterations", "2", "--seed", "3", "--keep-artifacts", "--quiet"]
    words = ["--c-bin", str(sides.program), "--outdir", "out", "--threads", "1", *options]
    assert main([*words, "--", *LINE.split(), "-pixel", "0.4", "-detpixels", "96"]) == 0
    found = json.loads((tmp_path / "out/benchmark_results.json").read_text())
    assert found["order_seed"] == 3
    (entry,) = found["results"]
    assert [sorted(order) for order in entry["rounds"]] == [["c", "py_cold", "py_warm"]] * 2
    for side in SIDES:
        samples = entry[side]["samples"]
        assert len(samples) == 2
        assert min(samples) > 0
        quartiles = [entry[side][name] for name in ("q25", "median", "q75")]
        assert quartiles == pytest.approx(np.percentile(samples, [25, 50, 75]).tolist())
    for ratio, side in (("speedup_cold", "py_cold_s"), ("speedup_warm", "py_warm_s")):
        pairs = np.array(entry["c_s"]["samples"]) / np.array(entry[side]["samples"])
        expected = np.exp(np.median(np.log(pairs)))
        assert entry[ratio]["ratio"] == pytest.approx(expected)
        assert entry[ratio]["ci_low"] is None, "two rounds have no confidence interval"
    # A ratio of two wrong images is none: all three images are compared.
    images = [
        np.fromfile(tmp_path / "out" / name, "<f4").astype(float)
        for name in entry["images"].values()
    ]
    assert len(images) == 3
    for image in images[1:]:
        assert np.corrcoef(images[0], image)[0, 1] > 0.999999
    assert entry["gate"]["passed"] is True
    assert entry["peak_rss_bytes"]["c"] > 0
    assert entry["peak_rss_bytes"]["py"] > 0
    assert found["environment"]["omp_num_threads"] == "1"
