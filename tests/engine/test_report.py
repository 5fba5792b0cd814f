"""The console report, line for line that of the C reference up to the pixel loop."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from engine import report
from engine.experiment import Experiment
from engine.formats.hkl import read_hkl
from engine.formats.mask import write_mask
from engine.formats.matrix import write_matrix

ORTHO = "-cell 60 70 80 90 90 90 -default_F 100 -detpixels 24 -N 3 -seed 1"
LINES = {
    "plain": ORTHO,
    "triclinic": "-cell 70 80 90 75 85 95 -default_F 7 -N 12 -detpixels_f 30 -detpixels_s 20 "
    "-misset 10 20 30 -energy 9000 -flux 1e12 -beamsize 0.03 -seed 9",
    "random": f"{ORTHO} -mosaic_spread 0.5 -misset_seed 7 -misset random",
    "scan": f"{ORTHO} -phi 10 -osc 1 -phistep 0.3 -oversample 2 -xds -twotheta 12",
    "grid": f"{ORTHO} -hdivrange 1 -hdivsteps 3 -vdivrange 2 -vdivsteps 4 -dispersion 2 "
    "-dispsteps 3 -polar_vector 1 1 0",
    "square": f"{ORTHO} -divergence 1 -divsteps 3 -square_div -dispersion 0.5 -round_xtal",
    "sensor": f"{ORTHO} -detector_abs 500 -detector_thick 450 -thicksteps 5 -oversample_thick",
    "thick": f"{ORTHO} -detector_thick 450 -oversample_polar -oversample_omega -gauss_xtal",
    "listed": f"{ORTHO} -sourcefile beam.txt -tophat_spots -adxv -roi 1 9 2 8",
    "matrix": "-mat some.mat -hkl few.hkl -default_F 3 -detpixels 24 -lambda 1.2 -Nb 2 -seed 1 "
    "-samplesize 0.0002",
    "mask": f"{ORTHO} -mask some.img -denzo -detsize 2.41",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES.keys())
def test_the_report_is_that_of_the_reference(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference_binary: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("beam.txt").write_text("0 0.02 -10 1 1e-10\n-10 0 0.01\n-10 0.03 0 2\n")
    Path("few.hkl").write_text("-3 0 0 10\n3 1 1 20\n0 4 2 30\n")
    write_matrix(Path("some.mat"), ((0.02, 0, 0.001), (0, 0.012, 0), (0.001, 0, 0.01)), 1.2e-10)
    write_mask(Path("some.img"), np.eye(24, dtype=bool))
    done = subprocess.run(
        [reference_binary, *line.split(), "-nonoise", "-nopgm", "-noprogress"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    experiment = Experiment.from_args(line.split())
    table = (
        None if experiment.structure_factors.hkl_file is None else read_hkl(Path("few.hkl"), 3.0)
    )
    noise_seed = -int(line.split("-seed ")[1].split(maxsplit=1)[0])
    found = [*report.before(experiment), *report.summary(experiment, table, noise_seed)]
    theirs = done.stdout.splitlines()
    expected = theirs[: next(i for i, text in enumerate(theirs) if text.startswith("  seed:")) + 1]
    assert [_plain(text) for text in found] == [_plain(text) for text in expected]


def _plain(line: str) -> str:
    """Return a line without the signs of negative zeros, which programs print either way."""
    return " ".join("0" if word == "-0" else word for word in line.split())
