"""One pixel's quantities, line by line those of the independent C reference (spec 13)."""

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.cli import run
from engine.experiment import Experiment
from engine.simulator import simulate
from engine.trace import trace_pixel

BASE = "-cell 100 100 100 90 90 90 -N 5 -default_F 100 -distance 100 -detpixels 64 -lambda 1 "
WIDE = BASE + "-pixel 0.4 -oversample 1 "
CURVED = WIDE + "-misset 10 20 30 -distance 20 -curved_det "
BOX = BASE + "-N 2 -interpolate -hkl box.hkl -pixel 0.8 -oversample 1 "
G1 = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.4 -lambda 1.5 -polar 0.9 -phi 5 -detector_rotx 5 -detector_roty 3 "
    "-detector_rotz 2 -twotheta 15 -oversample 1"
)
G3 = BASE + "-pixel 0.2 -hdivrange 4 -hdivsteps 4 -vdivrange 2 -vdivsteps 3 -oversample 1"
G4 = WIDE.replace("-oversample 1", "-oversample 2 -oversample_omega") + "-distance 50"
ROUND = (
    "-cell 60 70 80 90 100 90 -Na 4 -Nb 6 -Nc 8 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.4 -lambda 1 -round_xtal -fudge 0.8 -misset 10 20 30 -oversample 1"
)
GAUSS = (
    "-cell 20 20 30 90 90 120 -Na 4 -Nb 3 -Nc 3 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.5 -lambda 1 -gauss_xtal -fudge 0.8 -misset 10 20 30 -oversample 1"
)
LAYERS = BASE + "-detector_abs 500 -detector_thick 450 -thicksteps 3 -oversample 2"
CUT = WIDE + "-hdivrange 300 -hdivsteps 3 -dmin 10 -water 2 -polar 0.7"
MENDED = CUT + " -oversample_polar -oversample_thick -detector_thick 3 -corrected"
TRACES = {
    "G1": (G1, (20, 45)),
    "G2 mosaic": (WIDE + "-mosaic 0.5", (20, 45)),
    "G3 sources": (G3, (20, 45)),
    "G4 running product": (G4, (30, 40)),
    "G5 first pixel": (WIDE + "-osc 1 -phisteps 5", (0, 0)),
    "G5 stale": (WIDE + "-osc 1 -phisteps 5", (0, 1)),
    "G6 sub-pixels": (BASE, (20, 45)),
    "round": (ROUND, (20, 45)),
    "gauss": (GAUSS, (20, 45)),
    "tophat": (WIDE + "-tophat_spots -fudge 3", (20, 45)),
    "curved": (CURVED + "-mosflm", (20, 45)),
    "curved xds": (CURVED + "-xds", (20, 45)),
    "curved corrected": (CURVED + "-corrected", (20, 45)),
    "layers": (LAYERS, (30, 40)),
    "interpolated": (BOX, (32, 33)),
    "no longer interpolated": (BOX, (63, 63)),
    "cut": (CUT, (3, 40)),
    "corrected": (MENDED, (3, 40)),
}
ROOM = {"setup": 1e-13, "diffracted": 1e-13, "hkl": 1e-11}
"""Largest difference, relative to the largest component; 1e-9 for what is not listed."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test in a folder of its own, with a reflection list."""
    monkeypatch.chdir(tmp_path)
    span = range(-6, 7)
    rows = (f"{h} {k} {m} {50 + 3 * h - k * m}\n" for h in span for k in span for m in span)
    Path("box.hkl").write_text("".join(rows))


def _reference(binary: Path, words: str) -> list[str]:
    line = [str(binary), *words.split(), "-noprogress", "-nopgm", "-nonoise"]
    stdout = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    Path("Fdump.bin").unlink(missing_ok=True)
    return stdout.splitlines()


def _numbers(quantity: dict[str, Any]) -> Any:
    value = np.atleast_1d(np.array(quantity["value"], dtype=float))
    # Only the square counts, and for even N the reduced index gives the other sign.
    return np.abs(value) if quantity["name"] == "F_latt" else value


@pytest.mark.parametrize(("words", "pixel"), TRACES.values(), ids=TRACES)
def test_lines_are_those_of_the_reference(
    words: str, pixel: tuple[int, int], reference_binary: Path
) -> None:
    slow, fast = pixel
    found = _reference(reference_binary, f"{words} -trace_pixel {slow} {fast}")
    theirs = [json.loads(line) for line in found if line.startswith("{")]
    experiment = Experiment.from_args(words.split())
    lines = trace_pixel(experiment, experiment.structure_factors.load(), slow, fast)
    ours = [json.loads(line.to_json()) for line in lines]
    assert [(q["name"], q["unit"]) for q in ours] == [(q["name"], q["unit"]) for q in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        kind = mine["name"].partition(".")[0]
        expected = _numbers(other)
        room = ROOM.get(kind, 1e-9) * np.abs(expected).max()
        np.testing.assert_allclose(_numbers(mine), expected, rtol=0, atol=room, err_msg=str(other))


def test_the_pixel_is_that_of_the_image() -> None:
    experiment = Experiment.from_args(f"{WIDE} -osc 1 -phisteps 5 -mosaic 1".split())
    image = simulate(experiment).double().numpy()
    for slow, fast in ((0, 0), (0, 1), (30, 31)):
        last = trace_pixel(experiment, None, slow, fast)[-2]
        assert last.name == "pixel_double"
        assert last.value == pytest.approx(image[slow, fast], rel=1e-4)


def test_the_command_prints_the_lines(capsys: pytest.CaptureFixture[str]) -> None:
    words = f"{BASE} -nonoise -nopgm -noprogress -trace_pixel 20 45"
    assert run(words.split()) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    experiment = Experiment.from_args(BASE.split())
    assert lines == [line.to_json() for line in trace_pixel(experiment, None, 20, 45)]


REFUSED = ["-trace_pixel 64 0", "-trace_pixel 5 5", "-printout -printout_pixel 0 64"]


@pytest.mark.parametrize("flag", REFUSED)
def test_a_pixel_that_is_not_rendered_is_refused(
    flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(f"{BASE} -roi 10 20 10 20 {flag}".split()) == 2
    assert "is not a rendered pixel" in capsys.readouterr().err
    assert not Path("floatimage.bin").exists()


@pytest.mark.parametrize(
    "words",
    [
        BASE.replace("-detpixels 64", "-detpixels 3") + "-printout -polar 0.5 -misset 1 2 3",
        BASE + "-printout_pixel 11 7 -mosaic 1 -oversample 2",
        BASE + "-printout -roi 3 4 5 6 -printout_pixel -1 2 -gauss_xtal",
    ],
)
def test_the_printout_is_that_of_the_reference(
    words: str, reference_binary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = _reference(reference_binary, f"{words} -seed 1")
    assert run(f"{words} -seed 1 -nonoise -nopgm -noprogress".split()) == 0
    ours = capsys.readouterr().out.splitlines()
    start = next(i for i, line in enumerate(theirs) if line.startswith("pixel fast"))
    stop = next(i for i, line in enumerate(theirs) if line.startswith("solid angle"))
    assert len(theirs) == len(ours)
    assert ours[start:stop] == theirs[start:stop]
