"""The command: report, files, exit codes, start-up."""

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.cli import run
from engine.experiment import Experiment
from engine.formats.fdump import write_fdump
from engine.formats.hkl import read_hkl
from engine.parity.parameters import EffectiveParameters
from engine.simulator import simulate

SMALL = "-cell 60 70 80 90 90 90 -N 5 -default_F 100 -lambda 1 -detpixels_f 48 -detpixels_s 40"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_writes_what_the_function_computes(folder: Path) -> None:
    assert run([*SMALL.split(), "-floatfile", "f.bin"]) == 0
    written = np.fromfile("f.bin", "<f4").reshape(40, 48)
    assert np.array_equal(written, simulate(Experiment.from_args(SMALL.split())).numpy())
    assert {path.name for path in folder.iterdir()} == {
        "f.bin",
        "intimage.img",
        "image.pgm",
        "noiseimage.img",
    }


def test_files_and_their_switches(folder: Path) -> None:
    assert run([*SMALL.split(), "-nopgm", "-nonoise", "-intfile", "i.img"]) == 0
    assert {path.name for path in folder.iterdir()} == {"floatimage.bin", "i.img"}


def test_peculiarities_of_the_files_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    run([*SMALL.split(), "-adc", "-3"])
    assert "negative counts of the noise image wrap around to 65535 (Q-ADCNEG)" in (
        capsys.readouterr().err
    )
    run([*SMALL.split(), "-adc", "-3", "-corrected"])
    assert "Q-ADCNEG" not in capsys.readouterr().err


CONSOLE_LINES = [
    SMALL,
    f"{SMALL} -misset random -misset_seed 7 -xds -phi 5 -osc 2 -phisteps 3 -mosaic 1",
    f"{SMALL} -cell 70 80 90 75 85 95 -polar 0.9 -oversample 1 -detector_rotx 4 -twotheta 12",
    f"{SMALL} -N 2 -pivot sample -spindle_axis 0 1 0 -roi 4 20 6 30 -adc 10",
]


@pytest.mark.parametrize("line", CONSOLE_LINES)
def test_the_report_tells_the_same_experiment_as_the_reference(
    line: str, reference_binary: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = subprocess.run(
        [reference_binary, *line.split()], capture_output=True, text=True, check=True
    ).stdout
    assert run(line.split()) == 0
    ours = capsys.readouterr().out
    expected = EffectiveParameters.from_run(theirs, line.split())
    assert EffectiveParameters.from_run(ours, line.split()).values == expected.values
    for start in ("max_I", "mean=", "solid angle", "intfile_scale", "XDS incident", "crystal is"):
        # Six digits are printed, and the last may be rounded either way.
        assert _numbers(ours, start) == pytest.approx(_numbers(theirs, start), rel=1e-5)


def _numbers(text: str, start: str) -> list[float]:
    line = next(line for line in text.splitlines() if line.startswith(start))
    return [float(number) for number in re.findall(r"-?\d[\d.]*(?:e[-+]\d+)?", line)]


def test_a_hidden_cache_is_read_and_said_loudly(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "few.hkl").write_text("0 0 0 3\n1 1 1 4\n")
    write_fdump(folder / "Fdump.bin", read_hkl(folder / "few.hkl", 1.0))
    assert run([*SMALL.split(), "-noprogress"]) == 0
    told = capsys.readouterr()
    assert "reading Fs from Fdump.bin" in told.out
    assert "  8 initialized hkls (all others =100)" in told.out
    assert "Fdump.bin in the current folder is read because no -hkl was given" in told.err


def test_reading_a_list_leaves_a_cache(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "few.hkl").write_text("0 0 0 3\n1 1 1 4\n")
    assert run([*SMALL.split(), "-hkl", "few.hkl", "-dump", "cache"]) == 0
    assert (folder / "cache").is_file()
    assert "cache is written" in capsys.readouterr().err


def test_the_end_of_interpolation_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "few.hkl").write_text("-2 -2 -2 3\n2 2 2 4\n")
    line = [*SMALL.split(), "-hkl", "few.hkl", "-interpolate"]
    assert run(line) == 0
    assert "Q-INTERPOFF" in capsys.readouterr().err
    assert run([*line, "-corrected"]) == 0
    assert "Q-INTERPOFF" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("-N 5", 9, "no structure factors"),
        ("-N 5 -default_F 3", 9, "no unit cell"),
        (f"{SMALL} -lamda 1 --strict-args", 2, "did you mean -lambda"),
        (f"{SMALL} -detector_abs", 2, "needs 1 operand"),
        (f"--strict-args {SMALL} -lambda", 2, "needs 1 operand"),
        (f"{SMALL} -lambda 0", 2, "wavelength must be positive"),
        (f"{SMALL} -point_pixel -oversample_omega -oversample 3 -mosaic 1", 2, "not finite"),
        (f"{SMALL} -divsteps 1", 2, "no direction of this divergence"),
        (f"{SMALL} -hkl none.hkl", 5, "none.hkl: cannot read"),
        (f"{SMALL} -floatfile none/x.bin", 5, "none/x.bin: cannot write"),
        (f"{SMALL} --dtype half", 2, "--dtype: expects float32 or float64"),
        (f"{SMALL} --device nowhere", 2, "--device: this device is not available"),
    ],
)
def test_exit_codes(line: str, code: int, message: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(line.split()) == code
    complaint = [text for text in capfd.readouterr().err.splitlines() if "nanobragg: " in text]
    assert len(complaint) == 1
    assert message in complaint[0]


def test_missing_inputs_print_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 9
    assert "usage: nanobragg" in capsys.readouterr().out


def test_debug_shows_where_it_happened(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL.split(), "-lambda", "0", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_show_config_simulates_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*SMALL.split(), "--show-config"]) == 0
    config = json.loads(capsys.readouterr().out)
    assert config["sampling"]["oversample"] == 2
    assert config["steps"] == 4
    assert config["detector"]["pixels_slow"] == 40
    assert not list(folder.iterdir())


def test_timings_are_written(folder: Path) -> None:
    assert run([*SMALL.split(), "--timings", "t.json"]) == 0
    timings = json.loads((folder / "t.json").read_text())
    assert set(timings) == {"import_s", "setup_s", "simulate_s", "write_s", "total_s"}
    parts = sum(value for name, value in timings.items() if name != "total_s")
    assert 0.0 < parts <= timings["total_s"]


def test_progress_lines_can_be_switched_off(capsys: pytest.CaptureFixture[str]) -> None:
    run(SMALL.split())
    assert "100% done" in capsys.readouterr().out
    run([*SMALL.split(), "-noprogress"])
    assert "% done" not in capsys.readouterr().out


def command(*words: str, **options: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-m", "engine", *words],
        capture_output=True, text=True, check=False, **options,
    )  # fmt: skip


def test_threads_and_float64_as_a_process(folder: Path) -> None:
    done = command(*SMALL.split(), "--threads", "1", "--dtype", "float64", "-floatfile", "d.bin")
    assert done.returncode == 0, done.stderr
    run([*SMALL.split(), "-floatfile", "s.bin"])
    double, single = np.fromfile("d.bin", "<f4"), np.fromfile("s.bin", "<f4")
    assert np.abs(double - single).max() <= 2e-6 * double.max()
    assert not np.array_equal(double, single)


def test_a_disk_that_fills_up_leaves_no_half_written_image(folder: Path) -> None:
    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = command(
        *SMALL.split(), "-floatfile", "f.bin", preexec_fn=small_disk,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.returncode == 5
    assert "f.bin: cannot write" in done.stderr
    assert not list(folder.iterdir())


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    first = subprocess.Popen(
        [sys.executable, "-m", "engine", *SMALL.split()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert first.stdout is not None
    first.stdout.close()
    _, complaints = first.communicate(timeout=60)
    assert "Traceback" not in complaints
    assert first.returncode == 5


PROBES = [
    "import engine, engine.cli",
    "import engine.cli; engine.cli.run(['--help'])",
    "import engine.cli; engine.cli.run(['--version'])",
    f"import engine.cli; engine.cli.run('{SMALL} --show-config'.split())",
    "import engine.cli; engine.cli.run(['-lamda', '1', '--strict-args'])",
]


@pytest.mark.parametrize("probe", PROBES)
def test_what_simulates_nothing_does_not_import_torch(probe: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{probe}; import sys; assert 'torch' not in sys.modules"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_help_imports_no_numpy_either() -> None:
    probe = "import engine.cli, sys; engine.cli.run(['--help']); assert 'numpy' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Exit codes" in done.stdout
