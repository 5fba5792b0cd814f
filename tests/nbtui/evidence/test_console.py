"""Console reports: what is read, what was not asked for, what differs between two sides."""

import subprocess
from pathlib import Path

import pytest

from engine.experiment import Experiment
from engine.report import before, summary
from nbtui.evidence.console import (
    HKLS,
    STRUCTURE_FACTORS,
    Listener,
    Reading,
    may_hold_readings,
    read_line,
    wanted,
)
from nbtui.memo.cases import load

ARGS = [
    "-lambda", "0.5", "-cell", "100", "100", "100", "90", "90", "90", "-N", "5", "-default_F",
    "100", "-distance", "500", "-detpixels", "64", "-pixel", "0.05", "-oversample", "2",
    "-fluence", "1e15", "-nointerpolate",
]  # fmt: skip
REFERENCE = Path(__file__).parents[3] / "build" / "reference" / "nanoBragg"


def readings(lines: list[str]) -> dict[str, str]:
    assert all(may_hold_readings(line.encode()) for line in lines if read_line(line))
    return {r.name: r.value for line in lines for r in read_line(line)}


def findings(args: list[str], said: dict[str, str]) -> list[str]:
    listener = Listener(wanted(args))
    heard = (listener.hear("f", "c", Reading(n, v)) for n, v in said.items())
    return [problem for problem in heard if problem]


def test_the_ports_own_report_says_what_was_asked_for() -> None:
    experiment = Experiment.from_args(ARGS)
    said = readings([*before(experiment), *summary(experiment, None, 0)])
    assert said == {
        HKLS: "0", "default_F": "100", "crystal shape": "parallelpiped", "N": "5x5x5",
        "oversample": "2", "wavelength_m": "5e-11", "fluence": "1e+15", "distance_m": "0.5",
        "pixel_m": "5e-05", "pixels": "64x64",
    }  # fmt: skip
    assert findings(ARGS, said) == []
    assert wanted(ARGS).keys() == said.keys() - {"crystal shape"} | {STRUCTURE_FACTORS}


@pytest.mark.skipif(not REFERENCE.exists(), reason="the C reference is not built here")
def test_the_c_programs_report_reads_alike(tmp_path: Path) -> None:
    argv = [str(REFERENCE), *ARGS, "-nopgm", "-nonoise", "-floatfile", "f.bin"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True)
    said = readings(done.stdout.splitlines())
    assert findings(ARGS, said) == []
    assert {"maximum", "N", "fluence", "distance_m", "oversample"} <= said.keys()
    # and with the file that started all this: nobody named it, the program reads it
    table = tmp_path / "some.hkl"
    table.write_text("0 0 1 10\n1 1 1 20\n-1 -1 -1 5\n")
    hkl = [str(REFERENCE), *ARGS, "-hkl", str(table), "-floatfile", "g.bin"]
    subprocess.run(hkl, cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "Fdump.bin").exists()
    stale = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True)
    (found,) = findings(ARGS, readings(stale.stdout.splitlines()))
    assert "no reflection list was asked for" in found


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("reading Fs from Fdump.bin", STRUCTURE_FACTORS, "Fdump.bin"),
        ("warning: structure factors come from Fdump.bin, which no flag", STRUCTURE_FACTORS,
         "Fdump.bin"),
        ("  173166 initialized hkls (all others =100)", HKLS, "173166"),
        ("  parallelpiped xtal: 1x1x1 cells", "N", "1x1x1"),
        (" auto-selected tricubic interpolation of structure factors", "interpolation", "tricubic"),
        ("  incident fluence: nan photons/m^2", "fluence", "nan"),
        ("max_I = 1.54283e+02  at 0.1 0.2", "maximum", "1.54283e+02"),
    ],
)  # fmt: skip
def test_lines_of_the_original_are_read(line: str, name: str, value: str) -> None:
    assert Reading(name, value) in read_line(line)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        (STRUCTURE_FACTORS, "Fdump.bin", "read structure factors from Fdump.bin"),
        (HKLS, "173166", "173166 reflections"),
        ("N", "1x1x1", "N 1x1x1; 5x5x5 was asked for"),
        ("oversample", "1", "oversample 1; 2 was asked for"),
        ("wavelength_m", "6.2e-10", "6.2e-10; 5e-11 was asked for"),
        ("fluence", "1.25932e+29", "fluence"),
        ("fluence", "nan", "fluence nan"),
        ("distance_m", "0.501", "distance_m"),
        ("pixels", "64x65", "pixels"),
        ("default_F", "0", "default_F"),
    ],
)
def test_a_value_that_nobody_asked_for_is_named(name: str, value: str, words: str) -> None:
    (found,) = findings(ARGS, {name: value})
    assert words in found
    assert "the C program" in found


@pytest.mark.parametrize(
    ("args", "name", "value"),
    [
        (["-hkl", "a.hkl"], HKLS, "12"),
        (["-dump", "a.bin"], STRUCTURE_FACTORS, "a.bin"),
        (["-N", "5", "-Nb", "3"], "N", "5x3x5"),
        (["-N", "0"], "N", "1x1x1"),
        ([], "N", "1x1x1"),
        (["-xtalsize", "0.01"], "N", "7x7x7"),
        (["-flux", "1e12", "-fluence", "3"], "fluence", "1e20"),
        (["-distance", "100", "-detector_roty", "20"], "distance_m", "0.094"),
        (["-distance", "100", "-img", "a.img"], "distance_m", "0.2"),
        (["-lambda", "1", "-lambda", "2"], "wavelength_m", "2e-10"),
        (["-oversample", "2", "-oversample_thick"], "oversample", "2"),
    ],
)
def test_what_the_arguments_leave_open_or_say_is_no_finding(
    args: list[str], name: str, value: str
) -> None:
    assert findings(args, {name: value}) == []


def test_two_sides_are_held_against_each_other() -> None:
    listener = Listener({})
    assert listener.hear("a", "c", Reading("N", "1x1x1")) is None
    assert listener.hear("b", "py", Reading("N", "5x5x5")) is None  # another comparison
    assert listener.hear("a", "py", Reading("N", "5x5x5")) == "N differs: C 1x1x1, port 5x5x5"
    assert listener.hear("a", "c", Reading("maximum", "154.20")) is None
    assert listener.hear("a", "py", Reading("maximum", "154.21")) is None
    assert "maximum differs" in (listener.hear("a", "py", Reading("maximum", "20")) or "")


def test_arguments_that_are_not_known_say_nothing_but_a_hidden_file_does() -> None:
    listener = Listener(wanted(None))
    assert listener.hear("a", "log", Reading("N", "5x5x5")) is None
    assert listener.hear("a", "log", Reading("pixels", "64x64")) is None
    assert listener.hear("a", "log", Reading("pixels", "128x128")) is None  # the next size
    assert "in another" in (listener.hear("a", "log", Reading("N", "1x1x1")) or "")
    assert "Fdump.bin" in (listener.hear("a", "log", Reading(STRUCTURE_FACTORS, "Fdump.bin")) or "")
    tests = Listener({}, comparing=False, hidden=False)
    assert tests.hear("a", "log", Reading(STRUCTURE_FACTORS, "Fdump.bin")) is None


@pytest.mark.parametrize("case", load(Path(__file__).parents[3]).items(), ids=lambda c: c[0])
def test_no_golden_case_is_accused(case: tuple[str, tuple[str, ...]]) -> None:
    experiment = Experiment.from_args(list(case[1]))
    said = readings([*before(experiment), *summary(experiment, None, 0)])
    assert findings(list(case[1]), said) == []
