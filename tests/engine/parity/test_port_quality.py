"""Quality of the port on the canonical case: the rows of the strategy that name it."""

from pathlib import Path

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.golden import generate
from engine.golden.cases import CASES_FILE, load
from engine.parity import thresholds
from engine.parity.images import ArrayImage
from engine.parity.metrics import measure
from engine.simulator import simulate

CASE = "high_resolution_4096"


def test_the_canonical_image_in_float32(project_root: Path, reference_binary: Path) -> None:
    path = generate.ensure(CASE, project_root, program=reference_binary)
    case = load(project_root / CASES_FILE).find(CASE)
    port = simulate(Experiment.from_args(list(case.args))).numpy()
    golden = np.fromfile(path, "<f4").reshape(case.shape)
    found = measure(ArrayImage(golden), ArrayImage(port))
    strategy = project_root / "docs/development/testing_strategy.md"
    rows = thresholds.load(strategy)
    gates = thresholds.select(rows, "compare") + thresholds.select(rows, f"compare {CASE}")
    assert {row.metric for row in gates} >= {"max_abs_diff_relative", "rmse_relative"}
    failed = [row.id for row in gates if not row.holds(found.number(row.metric))]
    assert not failed, f"{failed}: {found.values}"


@pytest.mark.parametrize("metric", ["correlation", "rmse_relative", "nonfinite"])
def test_every_gate_of_the_strategy_is_a_measure(project_root: Path, metric: str) -> None:
    rows = thresholds.load(project_root / "docs/development/testing_strategy.md")
    flat = measure(ArrayImage(np.ones((2, 2))), ArrayImage(np.ones((2, 2))))
    names = {r.metric for r in rows if r.applies_to.startswith("compare")}
    assert metric in names
    assert names <= set(flat.values)
