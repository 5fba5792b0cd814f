"""AT-TOOLS-001: nb-compare says what the images on disk say.

Both programs are real. A wrong port is the C program behind a script with one fault.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from engine.parity.cli import main
from tests.acceptance import Sides

FAST, SLOW = 120, 90
LINE = (
    "-cell 70 80 90 85 95 100 -misset 10 20 30 -N 5 -default_F 100 -lambda 1.1 -distance 100 "
    f"-pixel 0.3 -detpixels_f {FAST} -detpixels_s {SLOW} -oversample 1"
)
Compare = Callable[..., tuple[int, dict[str, Any]]]

# A program that hands its arguments on and then spoils what was written.
FAULTY = """\
#!{python}
import pathlib, subprocess, sys
import numpy as np
# The port's own options begin with two dashes and have an operand.
code = subprocess.run([{program!r}, *sys.argv[1:]]).returncode
path = pathlib.Path(sys.argv[sys.argv.index("-floatfile") + 1])
image = np.fromfile(path, "<f4").reshape({slow}, {fast})
{fault}
image.astype("<f4").tofile(path)
sys.exit(code)
"""
FAULTS = {
    "none": "",
    "mirrored": "image = image[:, ::-1]",
    "shifted": "image = np.roll(image, 3, axis=1)",
    "brighter": "image = image * 1.01",
    "cropped": "image = image[:-1]",
    "failing": "code = 7",
}


@pytest.fixture
def compare(sides: Sides, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compare:
    """Return a runner of nb-compare; a fault replaces the engine by a faulty program."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NB_C_BIN", str(sides.program))

    def run(*options: str, fault: str | None = None) -> tuple[int, dict[str, Any]]:
        words = ["--outdir", "out", "--quiet", *options]
        if fault is not None:
            program = tmp_path / fault
            program.write_text(
                FAULTY.format(
                    python=sys.executable, program=str(sides.program), slow=SLOW, fast=FAST,
                    fault=FAULTS[fault],
                )
            )  # fmt: skip
            program.chmod(0o755)
            words += ["--py-bin", str(program)]
        code = main([*words, "--", *LINE.split()])
        return code, json.loads((tmp_path / "out/summary.json").read_text())

    return run


def test_engine(compare: Compare, tmp_path: Path) -> None:
    """The figures are those of the two files, by arithmetic that is written here."""
    code, summary = compare()
    assert code == summary["exit_code"] == 0
    c, port = (
        np.fromfile(tmp_path / f"out/{side}_float.bin", "<f4").reshape(SLOW, FAST).astype(float)
        for side in ("c", "py")
    )
    assert c.max() > 0
    assert not np.array_equal(c, port)  # two programs, two roundings
    found = summary["metrics"]
    assert found["correlation"] == pytest.approx(np.corrcoef(c.ravel(), port.ravel())[0, 1])
    assert found["sum_ratio"] == pytest.approx(port.sum() / c.sum(), abs=1e-12)
    assert found["rmse"] == pytest.approx(np.sqrt(np.mean((port - c) ** 2)), rel=1e-6)
    assert found["max_abs_diff"] == pytest.approx(np.abs(port - c).max(), rel=1e-12)
    assert found["relative_l2"] == pytest.approx(
        np.linalg.norm(port - c) / np.linalg.norm(c), rel=1e-6
    )
    at = tuple(found["max_abs_diff_at"])
    assert abs(port - c)[at] == np.abs(port - c).max()
    peaks = summary["peaks"]
    assert peaks["matched_fraction"] == 1.0
    assert peaks["max_distance_px"] < 1e-3
    assert summary["shape"] == [SLOW, FAST]
    assert summary["parameters"]["hash"]
    for name in ("c.png", "py.png", "diff.png"):
        with Picture.open(tmp_path / "out" / name) as picture:
            assert picture.size[0] >= FAST


@pytest.mark.parametrize(
    ("fault", "code"),
    [("none", 0), ("mirrored", 3), ("shifted", 3), ("brighter", 0), ("cropped", 5), ("failing", 2)],
)
def test_exit_codes(compare: Compare, fault: str, code: int) -> None:
    """Each fault has its code, and the summary says the same."""
    found, summary = compare(fault=fault)
    assert (found, summary["exit_code"]) == (code, code)


def test_peaks_and_scale(compare: Compare) -> None:
    """What correlation forgives is in the other figures; a shift is in the peaks."""
    _, brighter = compare(fault="brighter")
    assert brighter["metrics"]["sum_ratio"] == pytest.approx(1.01, rel=1e-6)
    assert brighter["metrics"]["relative_l2"] == pytest.approx(0.01, rel=1e-4)
    assert brighter["peaks"]["max_distance_px"] == pytest.approx(0, abs=1e-3)
    _, shifted = compare(fault="shifted")
    assert shifted["peaks"]["matched_fraction"] < 0.5
    assert shifted["metrics"]["sum_ratio"] == pytest.approx(1, abs=1e-3)


def test_region_and_threshold(compare: Compare, tmp_path: Path) -> None:
    """A region is rows and columns, half-open; an unmeetable threshold ends with 3."""
    code, summary = compare(
        "--roi", "10", "40", "20", "100", "--threshold", "0.9999", fault="mirrored"
    )
    assert code == 3
    c, port = (
        np.fromfile(tmp_path / f"out/{side}_float.bin", "<f4").reshape(SLOW, FAST)[10:40, 20:100]
        for side in ("c", "py")
    )
    expected = np.corrcoef(c.ravel().astype(float), port.ravel().astype(float))[0, 1]
    assert summary["metrics"]["correlation"] == pytest.approx(expected)
    assert summary["gate"]["threshold"] == 0.9999


def test_usage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing to run is a usage error, a missing program a failure to run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NB_C_BIN", raising=False)
    assert main(["--", *LINE.split()]) == 1
    assert main(["--c-bin", "nowhere/nanoBragg", "--", *LINE.split()]) == 2
    assert not list(tmp_path.iterdir())
