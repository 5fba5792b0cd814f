"""Full disks, failing disks and folders that cannot be written: said, never made up."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.run.catalog import is_sealed
from nbtui.run.recover import recover
from nbtui.store import read
from tests.faults.harness import disks
from tests.faults.harness.site import FRONT, Site, assert_sealed, kept
from tests.faults.harness.strace import flawed
from tests.nbtui.run.lab import plan_of, shell, summary_step

pytestmark = pytest.mark.timeout(600)
PLAN = plan_of(shell(1, "echo begun"), summary_step(2))


def test_a_disk_filled_by_a_log_interrupts_and_the_reserve_records_it(site: Site) -> None:
    with disks.small(site.root / "reports", "size=3m"):
        flood = "echo begun; cat /dev/zero 2>/dev/null; exit 0"
        run = site.start(plan_of(shell(1, flood), shell(2, "echo never")))
        state = run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, "No space left on device")
        assert len(state.stages) == 1
        assert (run.bundle / "logs/1.log").read_bytes()[:6] == b"begun\n"


def test_a_disk_without_room_for_another_file_interrupts(site: Site) -> None:
    with disks.small(site.root / "reports", "size=8m,nr_inodes=100"):
        fill = (
            "echo begun; cd $OUTDIR; i=0; while : > file$i; do i=$((i+1)); done 2>/dev/null; exit 0"
        )
        run = site.start(plan_of(shell(1, fill), shell(2, "echo never")))
        run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, "No space left on device")


def test_a_limit_on_file_size_interrupts(site: Site) -> None:
    """The reserve is larger than the limit: nothing can be recorded before any stage runs."""
    run = site.start(PLAN, wrap=("prlimit", "--fsize=20000"))
    state = run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, "File too large")
    assert state.stages == ()


@pytest.mark.parametrize(
    "how", [disks.read_only, disks.immutable, disks.denied], ids=lambda how: how.__name__
)
def test_reports_that_cannot_be_written_start_nothing(
    site: Site, how: Callable[[Path], AbstractContextManager[None]]
) -> None:
    reports = site.root / "reports"
    with how(reports):
        said = site.start(PLAN).returns(ExitCode.INTERRUPTED)
        assert "cannot create the folder" in said
        assert "; fix: " in said
        assert "reports-writable" in site.run("preflight", "--json", code=ExitCode.NOT_STARTED)
    assert list(reports.iterdir()) == []
    site.start(PLAN).ends(Verdict.CLEARED, ExitCode.CLEARED)


@pytest.mark.parametrize("place", ["reports", "reports/test", "reports/test/phase_a"])
def test_reports_that_lead_elsewhere_are_refused(site: Site, place: str) -> None:
    elsewhere = site.home / "elsewhere"
    elsewhere.mkdir()
    (site.root / place).parent.mkdir(parents=True, exist_ok=True)
    (site.root / place).symlink_to(elsewhere)
    assert "symbolic link" in site.start(PLAN).returns(ExitCode.USAGE)
    assert list(elsewhere.iterdir()) == []


def test_an_unknown_user_may_read_and_not_write(site: Site) -> None:
    """Another user's process: permission bits hold for it even where the tests are root's."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    for folder in (site.home, *site.home.parents):
        if folder.stat().st_uid == 0 and "pytest-of" in str(folder):
            folder.chmod(0o755)
    site.lab.env["NBTUI_LOCK_DIR"] = str(site.home / "others-locks")
    (site.home / "others-locks").mkdir()
    (site.home / "others-locks").chmod(0o777)
    wrap = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    look = "import sys; open(sys.argv[1]).close(); import nbtui.cli"
    able = subprocess.run(
        [*wrap, sys.executable, "-P", "-c", look, str(FRONT)], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if able.returncode:
        pytest.skip(f"another user cannot read this checkout: {able.stderr.strip()[-200:]}")
    run = site.start(PLAN, wrap=wrap)
    said = run.returns(ExitCode.INTERRUPTED)
    assert "cannot create the folder: Permission denied" in said
    assert not (site.root / "reports").exists()


class TestFailingCalls:
    """The disk fails or fills up at the N-th call: journal, log, report or summary."""

    @pytest.mark.parametrize(
        ("call", "flaw", "every"),
        [
            ("fsync", "error=EIO:when={}", 6),
            ("write", "error=ENOSPC:when={}", 7),
            ("write", "error=ENOSPC:when={}+", 9),
            ("rename", "error=EIO:when={}", 1),
        ],
        ids=["flush", "write", "full", "rename"],
    )
    def test_a_call_that_fails_is_never_taken_as_recorded(
        self, site: Site, call: str, flaw: str, every: int
    ) -> None:
        runs = flawed(site)
        most = len(runs.calls(PLAN, call))
        verdicts = []
        for number in range(1, most + 1, every):
            bundle, status = runs.run(PLAN, call, flaw.format(number))
            verdicts.append(read(bundle).verdict)
            assert_honest(site, bundle, status)
            shutil.rmtree(bundle)
        harmed = [verdict for verdict in verdicts if verdict is not Verdict.CLEARED]
        assert len(harmed) > len(verdicts) // 2 > 3
        assert runs.run(PLAN, call, flaw.format(2 * most))[1] == ExitCode.CLEARED


class TestFullDisks:
    """The disk is full when a certain line is to be written, and stays full."""

    @pytest.mark.parametrize(
        ("call", "what"),
        [("write", "run.started"), ("write", "stage.started"), ("write", "stage.ended"),
         ("write", "# [TEST-001] a test: cleared"), ("write", "run.ended"),
         ("rename", "attestation.json"), ("rename", "SHA256SUMS")],
        ids=["journal", "stage begins", "stage ends", "summary", "verdict", "attestation", "seal"],
    )  # fmt: skip
    def test_a_disk_that_is_full_from_a_certain_line_on(
        self, site: Site, call: str, what: str
    ) -> None:
        runs = flawed(site)
        calls = runs.calls(PLAN, call)
        number = next(n for n, line in enumerate(calls, 1) if what in line)
        bundle, status = runs.run(PLAN, call, f"error=ENOSPC:when={number}+")
        assert status == ExitCode.INTERRUPTED
        assert_honest(site, bundle, status)


def assert_honest(site: Site, bundle: Path, status: int) -> None:
    """Check exit code against journal, then that recovery closes what is open."""
    before, state = kept(bundle), read(bundle)
    if state.verdict is Verdict.CLEARED and is_sealed(bundle):
        assert status == ExitCode.CLEARED
    else:
        assert status == ExitCode.INTERRUPTED
    recover(bundle)
    closed = assert_sealed(bundle, before)
    assert closed.verdict is (state.verdict or Verdict.INTERRUPTED)
    site.assert_untouched()
