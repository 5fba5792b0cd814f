"""The 97 images of the original program beside the checkout, where they are."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.engine.reference.runs import Reference

FOLDER = Path(__file__).parents[4] / "shared" / "reference"
CASES: list[dict[str, Any]] = (
    json.loads((FOLDER / "cases.json").read_text(encoding="utf-8")) if FOLDER.is_dir() else []
)
PARAMETERS = [pytest.param(case, id=case["id"]) for case in CASES] or [
    pytest.param({}, id="none", marks=pytest.mark.skip(f"no reference images in {FOLDER}"))
]


@pytest.mark.shared
@pytest.mark.parametrize("case", PARAMETERS)
def test_image_and_report_are_the_originals(
    case: dict[str, Any], reference: Reference, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for name in case["inputs"]:
        shutil.copy(FOLDER / "inputs" / name, folder)
    outputs = case.get("outputs", {})
    quiet = [] if outputs else ["-nonoise", "-nopgm"]
    run = reference(["-noprogress", *quiet, *case["args"]], folder)
    assert run.exit_code == 0, run.stderr
    assert run.sha256() == case["sha256"]
    for output in outputs.values():
        assert hashlib.sha256(run.data(output["file"])).hexdigest() == output["sha256"]
    _check_report(run.stdout, case["printed"])


def _check_report(report: str, printed: dict[str, Any]) -> None:
    """The numbers that the original program printed stand in the report, digit for digit."""
    mean, rms, rmsd = printed["mean_rms_rmsd"]
    assert f"mean= {mean:g} rms= {rms:g} rmsd= {rmsd:g}" in report
    assert f"distance={printed['distance_m']:g} " in report
    assert "Unit Cell: " + " ".join(f"{x:g}" for x in printed["cell"]) in report
    assert f"  {printed['sources']} sources\n" in report
    assert f"  {printed['phi_steps']} phi steps " in report
    assert f"  {printed['mosaic_domains']} mosaic domains " in report
