"""When the evidence itself cannot be written: said, never made up."""

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nbtui.errors import PlanError, RecordingError
from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import encode
from nbtui.run import launch
from nbtui.run.catalog import bundles
from nbtui.run.recover import recover
from nbtui.store import read
from tests.nbtui.run.lab import Lab, plan_of, shell

pytestmark = pytest.mark.timeout(300)


def tmpfs(folder: Path, options: str) -> None:
    """Mount a small file system, or skip: only root may."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root")


def test_a_full_disk_ends_the_run_as_interrupted(lab: Lab) -> None:
    reports = lab.root / "reports"
    tmpfs(reports, "size=2m")
    try:
        fill = shell(1, "echo begun; cat /dev/zero >> $OUTDIR/fill; exit 0", timeout_s=60.0)
        bundle = lab.start(plan_of(fill, shell(2, "echo never")))
        state = lab.finish(bundle)
        assert state.verdict is Verdict.INTERRUPTED
        assert state.exit_code == ExitCode.INTERRUPTED
        assert "No space left on device" in state.reason
        lab.assert_sound(bundle)
        assert state.stage("02-command") is None
        assert (bundle / "blockers.md").stat().st_size > 0
    finally:
        subprocess.run(["umount", "--lazy", str(reports)], check=False)


def test_no_room_at_all_is_no_verdict(lab: Lab) -> None:
    """Journal and blocker report do not fit: the supervisor says so and leaves the run open."""
    bundle = lab.root / "reports/test/phase_a/20260101T000000Z"
    for folder in ("logs", "stages/01-command"):
        (bundle / folder).mkdir(parents=True)
    (bundle / "plan.json").write_bytes(encode(plan_of(shell(1, "echo begun; sleep 600"))))
    done = subprocess.run(
        [sys.executable, "-m", "nbtui.run.supervisor", str(bundle), "--root", str(lab.root)],
        cwd=lab.root,
        # Python would cache modules cut off at the limit, for every later process to trip over.
        env=lab.env | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600)),
        check=False,
    )
    assert done.returncode == ExitCode.INTERRUPTED
    assert "could not be recorded" in done.stderr or "cannot be written" in done.stderr
    assert read(bundle).verdict is None
    assert not (bundle / "phase_a_summary.md").exists()
    lab.bundles.append(bundle)
    assert recover(bundle).verdict is Verdict.INTERRUPTED
    lab.assert_sound(bundle)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes through permission bits")
def test_reports_that_cannot_be_written_start_nothing(lab: Lab) -> None:
    (lab.root / "reports").mkdir(mode=0o500)
    with pytest.raises(RecordingError, match="chmod u\\+w"):
        launch.start_plan(lab.root, b"memo", plan_of(shell(1, "true")), lab.env)


@pytest.mark.parametrize(
    "root",
    [
        "../outside",
        "/tmp/outside",
        "reports/../../outside",
        "",
        "reports/$(touch outside)/p",
        "reports/a;touch outside/p",
        "reports/-rf/p",
        "reports/.git/hooks",
        "reports/a\x1b[2J/p",
        "reports/a\u202eb/p",
        "reports/a\nb/p",
        f"reports/{'x' * 101}/p",
        "reports/a*/p",
    ],
    ids=repr,
)
def test_a_bundle_never_leaves_the_project(lab: Lab, root: str) -> None:
    with pytest.raises(PlanError):
        launch.start_plan(
            lab.root, b"memo", plan_of(shell(1, "true"), artifacts_root=root), lab.env
        )
    assert not (lab.root.parent / "outside").exists()
    assert not (lab.root / "reports").exists()


def test_a_bundle_may_have_any_letters_in_its_name(lab: Lab) -> None:
    state = lab.run(plan_of(shell(1, "true"), artifacts_root="reports/Gr\u00fcne Phase/p (2)"))
    assert state.verdict is Verdict.CLEARED, state.reason
    lab.assert_sound(state.bundle)


def test_reports_behind_a_symbolic_link_are_refused(lab: Lab, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (lab.root / "reports").symlink_to(elsewhere)
    with pytest.raises(PlanError, match="symbolic link"):
        launch.start_plan(lab.root, b"memo", plan_of(shell(1, "true")), lab.env)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    "more",
    [
        {"summary_name": "../summary.md"},
        {"folders": ("../logs",)},
        {"steps": (shell(1, "true", artifacts=("/etc/passwd",)),)},
        {"steps": (shell(1, "true", artifacts=("$OUTDIR/../x",)),)},
    ],
    ids=["summary", "folder", "absolute", "dots"],
)
def test_a_plan_that_would_write_elsewhere_starts_nothing(lab: Lab, more: dict[str, Any]) -> None:
    with pytest.raises(PlanError, match=r"own folder only"):
        launch.start_plan(lab.root, b"memo", plan_of(**{"steps": (), **more}), lab.env)
    assert bundles(lab.root) == ()


def test_two_stages_never_share_a_log(lab: Lab) -> None:
    with pytest.raises(PlanError, match="same log"):
        launch.start_plan(lab.root, b"m", plan_of(shell(1, "true"), shell(1, "true")), lab.env)
