"""What blocked a run, from what the run stored, and the command that asks."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from nbtui.commands.root import group
from nbtui.diagnose.examine import diagnose
from nbtui.diagnose.model import Diagnosis
from nbtui.diagnose.sources import case_of_bundle
from nbtui.errors import NothingComparedError
from nbtui.exit_codes import ExitCode
from tests.nbtui.conftest import Git
from tests.nbtui.diagnose.planted import BASE, Bench, cache_of
from tests.nbtui.diagnose.stored import STAMP, stored_run
from tests.nbtui.diagnose.test_examine import spots
from tests.nbtui.faces import NBTUI, PATIENCE_S
from tests.nbtui.history.bundles import Bundle


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBTUI_CACHE_DIR", str(tmp_path / "cache"))


def quickly(bundle: Path, root: Path) -> Diagnosis:
    return diagnose(case_of_bundle(bundle, root), run_programs=False)


def asked(*words: str) -> Result:
    return CliRunner().invoke(group, list(words), standalone_mode=False)


def printed(bench: Bench, folder: Path) -> str:
    argv = [str(bench.reference), *BASE, "-floatfile", "f", "-intfile", "i", "-nopgm", "-nonoise"]
    done = subprocess.run(argv, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def test_the_reports_of_a_run_tell_of_the_cache(reference_binary: Path, tmp_path: Path) -> None:
    bench = Bench(reference_binary, tmp_path)
    cache_of(bench, bench.side("dirty"))
    consoles = printed(bench, bench.side("dirty")), printed(bench, bench.side("clean"))
    bundle = stored_run(tmp_path / "project", (spots(), spots() * 2), consoles)
    found = quickly(bundle, tmp_path / "project")
    assert found.finding is not None
    assert found.finding.cause == "hidden input"
    hidden = next(s for s in found.steps if s.id == "hidden-inputs")
    assert hidden.lines[0].source.startswith(f"reports/test/phase_a/{STAMP}/full/c_stdout.txt:")


def test_a_run_that_was_moved_is_read_where_it_is(tmp_path: Path) -> None:
    bundle = stored_run(tmp_path, (spots(), spots() * 2))
    elsewhere = tmp_path / "archive" / STAMP
    shutil.move(bundle, elsewhere)
    found = quickly(elsewhere, tmp_path)
    assert found.finding is not None
    assert found.finding.cause == "scale"
    skipped = {s.id: s.skipped for s in found.steps}
    assert skipped["repeats"] == "nothing is run"


def test_stages_of_different_experiments_are_named(tmp_path: Path) -> None:
    bundle = stored_run(tmp_path, (spots(), spots()), hashes=("a" * 64, "b" * 64))
    found = quickly(bundle, tmp_path)
    assert found.finding is not None
    assert found.finding.cause == "different experiments"
    assert "01-compare and 02-pytest are different experiments: N a and b" in found.sentence


def test_a_run_without_a_comparison_has_nothing_to_explain(tmp_path: Path) -> None:
    bundle = Bundle(STAMP).write(tmp_path)
    with pytest.raises(NothingComparedError):
        case_of_bundle(bundle, tmp_path)
    assert NothingComparedError.exit_code is ExitCode.NOTHING_TO_DO


def test_the_reference_is_held_against_what_is_recorded(repo: Path, git: Git) -> None:
    bundle = stored_run(repo, (spots(), spots()))
    image = bundle / "full" / "c_float.bin"
    golden = repo / "golden_data" / "case" / "image.bin"
    golden.parent.mkdir(parents=True)
    shutil.copy(image, golden)
    git("add", "golden_data")
    git("commit", "--quiet", "-m", "golden")
    asked_for = ["--c", str(golden), "--py", str(image), "--root", str(repo), "--json"]
    same = json.loads(asked("diagnose", *asked_for).stdout)
    assert same["agree"] is True
    (spots() * 2).tofile(golden)
    other = json.loads(asked("diagnose", *asked_for).stdout)
    assert other["cause"] == "stale reference"
    assert "git blob" in other["sentence"]
    golden.with_name("SHA256SUMS").write_text(f"{'0' * 64}  image.bin\n")
    listed = json.loads(asked("diagnose", *asked_for).stdout)
    assert "SHA256SUMS:1 says 0000000000000000..." in listed["sentence"]


def test_the_command_tells_of_a_run_and_of_earlier_ones(tmp_path: Path) -> None:
    images = (spots(), spots() * 2)
    for stamp in ("20260101T000000Z", "20260102T000000Z"):
        stored_run(tmp_path, images, stamp=stamp)
    done = asked("diagnose", "--quick", "--root", str(tmp_path))
    assert done.return_value == ExitCode.BLOCKED  # likely is not explained
    assert "Likely: One ratio everywhere, port / C = 2" in done.stdout
    assert "earlier runs: this failure was seen 1 times before" in done.stdout
    assert "confirm: python3 -c" in done.stdout


def test_commits_are_searched_from_the_last_pass_on(tmp_path: Path) -> None:
    stored_run(tmp_path, (spots(), spots() * 2), stamp="20260102T000000Z")
    words = ("diagnose", "--since", "pass", "--json", "--root", str(tmp_path))
    done = asked(*words)
    assert getattr(done.exception, "exit_code", None) == ExitCode.USAGE
    assert "no earlier run passed" in str(done.exception)
    Bundle("20260101T000000Z", commit="d" * 40, parameter_hash="a" * 64).write(tmp_path)
    steps = json.loads(asked(*words).stdout)["steps"]
    assert [s["skipped"] for s in steps if s["id"] == "commits"] == [
        f"git has no commit {'d' * 40}"
    ]


def test_the_command_takes_two_images(tmp_path: Path) -> None:
    x = spots()
    for name, pixels in (("a.bin", x), ("b.bin", np.ascontiguousarray(x.T))):
        pixels.tofile(tmp_path / name)
    done = asked(
        "diagnose", "--c", str(tmp_path / "a.bin"), "--py", str(tmp_path / "b.bin"),
        "--root", str(tmp_path),
    )  # fmt: skip
    assert done.return_value == ExitCode.CLEARED
    assert "The port's image is transposed" in done.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("--c", "x"), ("--py", "x"), ("20260101T000000Z", "-lambda"), ("--args", "-N 5"),
        ("--c", "x", "--py", "x", "--quick"), ("--c", "nowhere", "--py", "nowhere"),
        ("--c", "true", "--py", "true", "--args", "-hkl missing.hkl"),
        ("--quick", "--since", "HEAD"), ("--c", "x", "--py", "x", "--since", "pass"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = asked("diagnose", "--root", str(tmp_path), *words)
    assert done.exception is not None
    assert getattr(done.exception, "exit_code", None) == ExitCode.USAGE


def test_ended_by_a_signal_it_leaves_no_simulator(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\necho $$ > "$0.pid"\nexec sleep 600\n')
    program.chmod(0o755)
    argv = [NBTUI, "diagnose", "--c", str(program), "--py", str(program), "--root", str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, cwd=tmp_path) as asking:
        noted = program.with_name("program.pid")
        until = time.monotonic() + PATIENCE_S
        while not (noted.is_file() and noted.read_text().strip()):
            assert time.monotonic() < until
            time.sleep(0.02)
        asking.send_signal(signal.SIGTERM)
        assert asking.wait(PATIENCE_S) == ExitCode.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)
