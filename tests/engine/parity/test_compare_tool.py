"""``nb-compare`` as a program, against simulators with one fault each."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from engine.parity.cli import main
from engine.parity.metrics import compare_files

Maker = Callable[..., Path]
PATIENCE_S = 120.0
"""Ends a hang; it does not judge a busy machine."""
ARGS = ["-lambda", "0.5", "-N", "5", "-detpixels_f", "80", "-detpixels_s", "60"]


@pytest.fixture
def compare(
    tmp_path: Path, fake_program: Maker, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Return a runner of ``nb-compare`` in a folder of its own."""
    monkeypatch.delenv("NB_C_BIN", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(
        *options: str, c: str = "none", py: str = "noise", args: list[str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        c_bin, py_bin = fake_program("c", c), fake_program("py", py)
        words = ["--outdir", "out", "--c-bin", str(c_bin), "--py-bin", str(py_bin)]
        code = main([*words, *options, "--", *(ARGS if args is None else args)])
        path = tmp_path / "out" / "summary.json"
        text = path.read_text() if path.exists() else "{}"
        return code, json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))

    return run


Compare = Callable[..., tuple[int, dict[str, Any]]]


def test_agreeing_images_pass_and_everything_is_kept(compare: Compare, tmp_path: Path) -> None:
    code, summary = compare()
    assert code == summary["exit_code"] == 0
    assert summary["shape"] == [60, 80]
    assert summary["args"] == ARGS
    assert summary["gate"]["passed"] is True
    assert summary["gate"]["source"] == "default"
    assert summary["metrics"]["correlation"] > 0.9999999
    assert summary["peaks"]["matched_fraction"] == 1.0
    assert summary["parameters"]["hash"]
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert names == {
        "summary.json", "c_float.bin", "py_float.bin", "c.png", "py.png", "diff.png",
        "c_stdout.txt", "c_stderr.txt", "py_stdout.txt", "py_stderr.txt",
    }  # fmt: skip
    for side in ("c", "py"):
        assert summary[side]["exit_code"] == 0
        assert summary[side]["wall_s"] > 0
        assert summary[side]["peak_rss_bytes"] > 1_000_000


def test_metrics_can_be_derived_again_from_the_stored_images(
    compare: Compare, tmp_path: Path
) -> None:
    _, summary = compare("--roi", "5", "50", "10", "70")
    out = tmp_path / "out"
    again = compare_files(out / "c_float.bin", out / "py_float.bin", (60, 80), (5, 50, 10, 70))
    assert summary["roi"] == [5, 50, 10, 70]
    assert summary["metrics"]["correlation"] == pytest.approx(again.correlation, abs=1e-15)
    assert tuple(summary["metrics"]["max_abs_diff_at"]) == again.max_abs_diff_at


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("unrelated", 3, ""),
        ("nan", 3, ""),
        ("exit", 2, "exit code 9: usage: nothing to simulate"),
        ("crash", 2, "killed by SIGSEGV"),
        ("silent", 2, "no console report"),
        ("default-N", 0, ""),
        ("fdump", 2, "structure factors nobody named: reading Fs from Fdump.bin"),
        ("truncated", 5, "19196 bytes"),
        ("no-image", 5, "no image"),
        ("grid:70", 4, "70 x 70"),
    ],
)
@pytest.mark.parametrize("side", ["c", "py"])
def test_each_fault_has_its_exit_code_and_words(
    compare: Compare, fault: str, code: int, words: str, side: str
) -> None:
    found, summary = compare(**{side: fault})
    assert (found, summary["exit_code"]) == (code, code)
    assert words in summary.get("error", "")
    assert summary["gate"] is None or summary["gate"]["passed"] is (code == 0)


def test_images_of_nan_have_no_metrics_but_a_reason(compare: Compare) -> None:
    _, summary = compare(py="nan")
    assert summary["metrics"]["correlation"] is None
    assert summary["metrics"]["nonfinite_py"] == 1
    assert summary["gate"]["measured"] is None
    assert any("NaN or infinite" in note for note in summary["notes"])


def test_scale_passes_correlation_but_shows_in_the_other_figures(compare: Compare) -> None:
    code, summary = compare(c="scale:1.01")
    assert code == 0
    assert summary["metrics"]["sum_ratio_deviation"] == pytest.approx(0.0099, abs=1e-4)
    assert summary["metrics"]["relative_l2"] > 9e-3


def test_different_effective_parameters_are_refused_with_both_values(
    compare: Compare, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, summary = compare(py="default-N", args=["-lambda", "0.5", "-detpixels", "64"])
    assert code == 2
    assert summary["gate"] is None
    assert summary["metrics"] is None
    assert summary["parameters"]["hash"] is None
    assert summary["parameters"]["differences"] == [{"name": "N", "c": "1 1 1", "py": "5 5 5"}]
    out, err = capsys.readouterr()
    assert "N: C 1 1 1, port 5 5 5" in err
    assert "parameters DIFFER" in out
    assert (tmp_path / "out/c_float.bin").exists()


def test_a_transposed_image_has_the_right_size_and_fails(compare: Compare) -> None:
    code, summary = compare(py="transpose")
    assert code == 3
    assert summary["peaks"]["matched_fraction"] < 0.5


def test_the_threshold_decides_and_its_source_is_recorded(compare: Compare) -> None:
    code, summary = compare("--threshold", "1.0", py="noise")
    assert code == 3
    assert summary["gate"]["source"] == "--threshold"
    assert summary["gate"]["threshold"] == 1.0


def test_a_hanging_program_is_ended_with_its_group(compare: Compare) -> None:
    # The side that runs first: the other one, which answers, would have to be quick.
    code, summary = compare("--timeout", "1", c="hang")
    assert code == 2
    assert summary["c"]["timed_out"] is True
    assert summary["c"]["signal"] in {"SIGTERM", "SIGKILL"}
    assert "was ended after" in summary["error"]


def test_another_grid_is_resampled_on_demand(compare: Compare, tmp_path: Path) -> None:
    square = ["-lambda", "0.5", "-N", "5", "-detpixels", "60"]
    code, summary = compare("--resample", py="grid:120", args=square)
    assert summary["shape"] == [60, 60]
    assert code in {0, 3}
    assert any("resampled by area" in note for note in summary["notes"])
    assert summary["py"]["image"] == "py_resampled.bin"
    original = np.fromfile(tmp_path / "out" / summary["py"]["original_image"], "<f4")
    again = np.fromfile(tmp_path / "out/py_resampled.bin", "<f4")
    assert original.sum(dtype=float) == pytest.approx(again.sum(dtype=float), rel=1e-6)


def test_output_paths_in_the_arguments_are_never_written(compare: Compare, tmp_path: Path) -> None:
    golden = tmp_path / "golden.bin"
    golden.write_bytes(b"precious")
    _, summary = compare(args=[*ARGS, "-floatfile", "golden.bin", "-intimage", "int.img"])
    assert golden.read_bytes() == b"precious"
    assert not (tmp_path / "int.img").exists()
    assert not (tmp_path / "leftover.img").exists()
    assert summary["args"] == ARGS
    assert any("golden.bin was replaced" in note for note in summary["notes"])


def test_a_stale_cache_in_the_current_folder_is_not_read(compare: Compare, tmp_path: Path) -> None:
    (tmp_path / "Fdump.bin").write_bytes(b"stale")
    code, summary = compare()
    assert code == 0
    assert summary["parameters"]["c"]["hkls"] == "0"


def test_results_of_an_earlier_call_are_gone(compare: Compare, tmp_path: Path) -> None:
    compare()
    code, summary = compare(py="crash")
    assert code == 2
    assert summary["metrics"] is None
    assert not (tmp_path / "out/py_float.bin").exists()
    assert not (tmp_path / "out/diff.png").exists()


def test_the_same_image_twice_is_noted(compare: Compare) -> None:
    _, summary = compare(py="none")
    assert "the two float images are byte-identical" in summary["notes"]


def test_the_same_program_twice_is_noted(
    fake_program: Maker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = str(fake_program())
    out = tmp_path / "out"
    assert main(["--outdir", str(out), "--c-bin", program, "--py-bin", program, "--", *ARGS]) == 0
    assert "same program" in capsys.readouterr().out


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start in an empty folder, without a C program in the environment."""
    monkeypatch.delenv("NB_C_BIN", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("empty_folder")
@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        (["--", *ARGS], 1, "NB_C_BIN"),
        (["--c-bin", "/bin/true"], 1, "no nanoBragg arguments"),
        (["--c-bin", "no/such", "--", *ARGS], 2, "no such program"),
        (["--c-bin", __file__, "--", *ARGS], 2, "not executable"),
        (["--c-bin", "/bin/true", "--py-bin", "'", "--", *ARGS], 1, "--py-bin"),
        (["--nonsense", "--", *ARGS], 1, "--nonsense"),
        (["-lambda", "0.5"], 1, "--help"),
        (["--threshold", "nan", "--c-bin", "/bin/true", "--", *ARGS], 1, "--threshold"),
        (["--threshold", "2", "--", *ARGS], 1, "--threshold"),
        (["--roi", "1", "2", "3", "x", "--", *ARGS], 1, "--roi"),
        (["--outdir", "/dev/null/x", "--c-bin", "/bin/true", "--", *ARGS], 5, "cannot be used"),
    ],
)
def test_usage_and_start_errors(
    argv: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == code
    assert words in capsys.readouterr().err


def test_a_missing_input_file_is_named(compare: Compare) -> None:
    code, summary = compare(args=[*ARGS, "-hkl", "nowhere.hkl"])
    assert code == 5
    assert "nowhere.hkl" in summary["error"]


def test_a_region_outside_is_a_usage_error(compare: Compare) -> None:
    code, summary = compare("--roi", "0", "61", "0", "80")
    assert code == 1
    assert "half-open" in summary["error"] or "exclusive" in summary["error"]


def test_the_environment_names_the_c_program(
    fake_program: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NB_C_BIN", str(fake_program("c").relative_to(tmp_path)))
    py = str(fake_program("py"))
    assert main(["--outdir", "out", "--py-bin", py, "--quiet", "--", *ARGS]) == 0


def test_json_and_quiet(compare: Compare, capsys: pytest.CaptureFixture[str]) -> None:
    _, summary = compare("--json")
    assert json.loads(capsys.readouterr().out) == summary
    compare("--quiet")
    assert capsys.readouterr().out == ""


def test_the_result_table_names_measured_threshold_and_margin(
    compare: Compare, capsys: pytest.CaptureFixture[str]
) -> None:
    compare()
    out = capsys.readouterr().out
    assert ">= 0.999" in out
    assert "margin 0.000999" in out or "margin 0.001" in out
    assert "PASS" in out


def test_term_ends_the_simulator_too(fake_program: Maker, tmp_path: Path) -> None:
    marker = f"sleeper-{os.getpid()}"
    hanging = fake_program(marker, "hang")
    tool = subprocess.Popen(
        [sys.executable, "-m", "engine.parity.cli", "--outdir", str(tmp_path / "out"),
         "--c-bin", str(hanging), "--py-bin", str(hanging), "--", *ARGS],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        started = _wait_for(lambda: _running(marker))
        assert started
        tool.send_signal(signal.SIGTERM)
        assert tool.wait(timeout=PATIENCE_S) == 128 + signal.SIGTERM
        assert _wait_for(lambda: not _running(marker))
    finally:
        tool.kill()
        tool.wait()


def test_one_program_that_fails_ends_the_other(compare: Compare) -> None:
    code, summary = compare(c="crash", py="hang")
    assert code == 2
    assert "SIGSEGV" in summary["error"]
    assert summary["py"] is None


def _wait_for(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def _running(marker: str) -> bool:
    lines = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    return any(marker in " ".join(line) and "engine.parity.cli" not in line for line in lines)
