"""Files from the float image of the independent C reference: byte for byte what it writes."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import report
from engine.arguments import read_arguments
from engine.experiment import Experiment
from engine.outputs import outputs, write_outputs
from engine.statistics import statistics
from tests.engine.reference.canonical import CASES, words, write_inputs

# Every branch of the noise and every way to leave pixels out: dark, dim, bright, overloaded,
# region, mask, headers, offsets, mosaic draws before.
IDS = {
    *("C01", "C06", "C13", "C15", "C18", "C26", "C27", "C29", "C32", "C36", "C37", "C38", "C42"),
    *("C44", "C45", "C46", "C47", "C48", "C49", "C50", "C51", "C55"),
}  # fmt: skip
MORE = (
    ("-seed -5 -mosaic 0.5 -mosaic_domains 3", "noise that continues the mosaic draws"),
    ("-seed -5 -mosaic_seed -3 -misset_seed 7 -misset random", "and those of the missetting"),
    ("-seed 3 -adc -50 -scale 0.01", "offsets below zero"),
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test in a folder of its own."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the input files."""
    folder = tmp_path_factory.mktemp("inputs")
    write_inputs(folder)
    return folder


def _compare(binary: Path, line: list[str]) -> None:
    run = subprocess.run([binary, *line], check=True, capture_output=True, text=True)
    Path("Fdump.bin").unlink(missing_ok=True)
    experiment = Experiment.from_args(line)
    image = np.fromfile("floatimage.bin", "<f4").reshape(experiment.shape)
    names = "-floatfile float.bin -intfile int.img -pgmfile grey.pgm -noisefile noise.img"
    wanted = outputs(read_arguments([*line, *names.split()]))
    figures = statistics(experiment, image, experiment.mask())
    said = write_outputs(wanted, experiment, image, figures)
    pairs = {
        "float.bin": "floatimage.bin", "int.img": "intimage.img", "grey.pgm": "image.pgm",
        "noise.img": "noiseimage.img",
    }  # fmt: skip
    for mine, theirs in pairs.items():
        assert Path(mine).read_bytes() == Path(theirs).read_bytes(), theirs
    _, *lines = report.after(figures, 0.0)
    for text in (*lines, *said):
        assert text.startswith("writing") or f"{text}\n" in run.stdout


@pytest.mark.parametrize("case", [c for c in CASES if c["id"] in IDS], ids=lambda case: case["id"])
def test_canonical_cases(case: dict[str, Any], inputs: Path, reference_binary: Path) -> None:
    _compare(reference_binary, words(case, inputs))


@pytest.mark.parametrize("flags", [flags for flags, _ in MORE], ids=[what for _, what in MORE])
def test_other_flags(flags: str, reference_binary: Path) -> None:
    base = "-cell 100 110 90 90 90 90 -N 5 -default_F 100 -detpixels 16 -lambda 1 -noprogress"
    _compare(reference_binary, [*base.split(), *flags.split()])


def test_the_last_of_two_flags_decides_what_is_written() -> None:
    assert outputs(read_arguments(["-noisefile", "x.img", "-nonoise"])).noise_file is None
    assert outputs(read_arguments(["-nonoise", "-noisefile", "x.img"])).noise_file == Path("x.img")
    assert outputs(read_arguments([])).noise_file == Path("noiseimage.img")
