"""What ``nbtui verify`` answers: integrity and verdict apart, exit codes, without torch."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nbtui.errors import BundleError
from nbtui.exit_codes import ExitCode
from nbtui.verify.check import verify
from nbtui.verify.face import integrity, run
from nbtui.verify.model import Level, Status
from tests.nbtui.run.lab import Lab
from tests.nbtui.small_bundle import STRATEGY
from tests.nbtui.verify.forgery import flip, replace, reseal

NO_TORCH = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "textual"}:
            raise ImportError(f"{name} is not on this machine")
sys.meta_path.insert(0, Refuse())
sys.argv = ["nbtui", "verify", *sys.argv[1:]]
from nbtui.cli import main
main()
"""


def test_a_machine_without_torch_verifies_everything(bundle_copy: Path) -> None:
    argv = [sys.executable, "-c", NO_TORCH, str(bundle_copy), "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=bundle_copy.parent)
    assert done.returncode == ExitCode.CLEARED, done.stdout + done.stderr
    record = json.loads(done.stdout)
    assert record["integrity"].startswith("intact")
    assert record["verdict"] == "cleared"
    levels = {f["level"] for f in record["findings"] if f["status"] == "ok"}
    assert {"form", "complete", "intact", "journal", "attestation", "figures"} <= levels


def test_the_bundled_program_needs_the_standard_library_alone(bundle_copy: Path) -> None:
    program = str(bundle_copy / "verify.py")
    done = subprocess.run(
        [sys.executable, "-I", "-S", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "not checked here: figures" in done.stdout
    assert not (bundle_copy / "__pycache__").exists()


def test_the_bundled_program_is_python_3_8() -> None:
    import ast

    from nbtui.evidence.views import verifier

    ast.parse(verifier(), feature_version=(3, 8))


def test_a_verdict_that_is_not_the_required_one_is_another_answer(
    bundle_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(bundle_copy, require="cleared") == ExitCode.CLEARED
    assert run(bundle_copy, require="blocked") == ExitCode.BLOCKED
    assert "integrity: intact" in capsys.readouterr().out


def test_an_altered_bundle_fails_whatever_its_verdict(
    bundle_copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flip(bundle_copy / "full_frame" / "c_float.bin")
    assert run(bundle_copy, require="cleared", as_json=True) == ExitCode.VERIFY_FAILED
    record = json.loads(capsys.readouterr().out)
    assert record["exit_code"] == ExitCode.VERIFY_FAILED
    assert record["verdict"] == "cleared"
    assert "full_frame/c_float.bin" in {
        f["file"] for f in record["findings"] if f["status"] == "bad"
    }


def test_images_that_are_gone_leave_figures_that_nobody_can_derive(bundle_copy: Path) -> None:
    (bundle_copy / "full_frame" / "py_float.bin").unlink()
    reseal(bundle_copy)
    report = verify(bundle_copy)
    assert not report.sound
    assert any("cannot be re-derived" in f.what for f in report.of(Status.UNKNOWN))


def test_a_figure_of_the_summary_is_held_against_the_images(bundle_copy: Path) -> None:
    path = bundle_copy / "full_frame" / "summary.json"
    record = json.loads(path.read_text())
    record["metrics"]["relative_l2"] /= 2
    path.write_text(json.dumps(record))
    reseal(bundle_copy)
    told = [f.what for f in verify(bundle_copy).of(Status.BAD)]
    assert any("relative_l2" in what and "its images say" in what for what in told)


def test_a_test_report_that_says_something_else_is_named(bundle_copy: Path) -> None:
    replace(bundle_copy / "stages" / "02-pytest" / "junit.xml", "<testcase", "<testcase_")
    reseal(bundle_copy)
    assert any(
        f.file == "stages/02-pytest/junit.xml" and f.level is Level.FIGURES
        for f in verify(bundle_copy).of(Status.BAD)
    )


def test_beside_its_project_the_commit_is_asked_too(sealed_bundle: Path, small_lab: Lab) -> None:
    report = verify(sealed_bundle)
    assert report.sound
    assert any("is what commit" in f.what for f in report.of(Status.OK))
    assert any("other runs of the same plan (0)" in f.what for f in report.findings)


def test_the_ledger_at_head_contradicts_another_hash(
    sealed_bundle: Path, small_lab: Lab, tmp_path: Path
) -> None:
    import hashlib

    digest = hashlib.sha256((sealed_bundle / "SHA256SUMS").read_bytes()).hexdigest()
    clone = tmp_path / "clone"
    shutil.copytree(small_lab.root, clone, symlinks=True)
    lab = Lab(clone, small_lab.env)
    bundle = clone / sealed_bundle.relative_to(small_lab.root)
    ledger = clone / "docs" / "fix_plan.md"
    for said, status in ((digest, Status.OK), ("0" * 64, Status.BAD)):
        ledger.write_text(f"* {sealed_bundle.name}: cleared, SHA256SUMS `{said}`\n")
        lab.git("add", ".")
        lab.git("commit", "--quiet", "--message", "ledger")
        found = [f for f in verify(bundle).findings if f.level is Level.LEDGER]
        assert [f.status for f in found] == [status]


def test_a_folder_that_is_no_bundle_is_said_to_be_none(tmp_path: Path) -> None:
    report = verify(tmp_path)
    assert {f.file for f in report.of(Status.BAD)} >= {"SHA256SUMS", "events.jsonl"}
    assert integrity(report).startswith("NOT")
    with pytest.raises(BundleError, match="no such folder"):
        verify(tmp_path / "nowhere")


def test_the_bundle_holds_the_document_that_its_gates_cite(bundle_copy: Path) -> None:
    assert (bundle_copy / "sources" / "docs" / "strategy.md").read_text() == STRATEGY


def test_nothing_secret_of_the_environment_is_in_the_bundle(bundle_copy: Path) -> None:
    for path in bundle_copy.rglob("*"):
        if path.is_file():
            assert b"canary-4711" not in path.read_bytes(), path.name
