"""A run that was interrupted is taken up again: only what nothing could have changed is kept."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan
from nbtui.store import read
from tests.faults.harness.site import Run, Site
from tests.nbtui.run.lab import plan_of, shell, summary_step

pytestmark = pytest.mark.timeout(300)
FIRST = "logs/1.log"
Act = Callable[[Site, Path], object]


def plan_at(site: Site) -> Plan:
    """Return a plan whose first stage never prints the same twice, and whose second one waits."""
    wait = f"until [ -e '{site.gate}' ]; do sleep 0.02; done"
    return plan_of(shell(1, "date +%s%N"), shell(2, f"echo begun; {wait}"), summary_step(3))


def interrupted(site: Site) -> Run:
    """Return a run whose supervisor was killed in its second stage."""
    run = site.start(plan_at(site)).said("begun", "logs/2.log")
    os.kill(run.supervisor, signal.SIGKILL)
    run.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED)
    site.let_go()
    return run


def test_a_completed_stage_is_taken_over(site: Site) -> None:
    first = interrupted(site)
    second = site.start(plan_at(site), resume=first.bundle)
    second.ends(Verdict.CLEARED, ExitCode.CLEARED)
    assert (second.bundle / FIRST).read_bytes() == (first.bundle / FIRST).read_bytes()
    assert first.bundle.name in (second.bundle / "phase_a_summary.md").read_text()
    streams = [read(run.bundle).stages[0].streams for run in (first, second)]
    assert streams[0].spans
    assert streams[0] == streams[1]


def log_altered(_: Site, earlier: Path) -> None:
    (earlier / FIRST).chmod(0o644)
    (earlier / FIRST).write_text("1\n")


def commit_moved(site: Site, _: Path) -> None:
    site.lab.git("commit", "--quiet", "--allow-empty", "--message", "meanwhile")


def golden_changed(site: Site, _: Path) -> None:
    golden = site.root / "golden" / "image.bin"
    golden.chmod(0o644)
    golden.write_bytes(b"other" * 100)
    golden.chmod(0o444)
    site.golden = b"other" * 100


def variable_changed(site: Site, _: Path) -> None:
    site.lab.env["OMP_NUM_THREADS"] = "1"


@pytest.mark.parametrize(
    "act",
    [log_altered, commit_moved, golden_changed, variable_changed],
    ids=lambda act: act.__name__,
)
def test_a_stage_is_run_again_where_anything_changed(site: Site, act: Act) -> None:
    first = interrupted(site)
    before = (first.bundle / FIRST).read_bytes()
    act(site, first.bundle)
    second = site.start(plan_at(site), resume=first.bundle)
    second.ends(Verdict.CLEARED, ExitCode.CLEARED)
    assert (second.bundle / FIRST).read_bytes() not in {before, b"1\n"}


def test_a_run_killed_while_it_resumes_is_closed_like_any_other(site: Site) -> None:
    first = interrupted(site)
    site.gate.unlink()
    second = site.start(plan_at(site), resume=first.bundle).said("begun", "logs/2.log")
    os.kill(second.supervisor, signal.SIGKILL)
    second.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, "ended without closing the run")
    site.let_go()
    third = site.start(plan_at(site), resume=second.bundle)
    third.ends(Verdict.CLEARED, ExitCode.CLEARED)


@pytest.mark.parametrize("name", ["cleared", "open"])
def test_what_was_not_interrupted_is_not_resumed(site: Site, name: str) -> None:
    site.let_go()
    plan = plan_at(site)
    done = site.start(plan)
    done.ends(Verdict.CLEARED, ExitCode.CLEARED)
    if name == "open":
        (done.bundle / "SHA256SUMS").unlink()
    said = site.start(plan, resume=done.bundle).returns(ExitCode.VERIFY_FAILED)
    assert "only an interrupted one is resumed" in said
