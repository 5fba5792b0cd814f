"""Two runs at once, and locks of processes that are no more."""

import json
import os
import platform
import signal

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from tests.faults.harness.site import Site, eventually
from tests.nbtui.run.lab import plan_of, shell

pytestmark = pytest.mark.timeout(300)
PLAN = plan_of(shell(1, "echo begun"))


def test_of_two_runs_at_once_the_second_is_refused(site: Site) -> None:
    first = site.start(site.held_plan()).said("begun")
    said = site.start(PLAN).returns(ExitCode.TEMPORARY)
    assert f"process {first.supervisor}, {first.bundle}" in said
    assert site.bundles() == (first.bundle,)
    site.let_go()
    first.ends(Verdict.CLEARED, ExitCode.CLEARED)
    site.start(PLAN).ends(Verdict.CLEARED, ExitCode.CLEARED)


def test_of_many_that_start_at_once_one_runs(site: Site) -> None:
    runs = [site.start(site.held_plan()) for _ in range(4)]
    eventually(lambda: sum(run.front.poll() is not None for run in runs) == 3, "three refusals")
    refused = [run for run in runs if run.front.poll() is not None]
    (winner,) = (run for run in runs if run not in refused)
    for run in refused:
        assert "another run" in run.returns(ExitCode.TEMPORARY)
    assert site.bundles() == (winner.bundle,)
    site.let_go()
    winner.ends(Verdict.CLEARED, ExitCode.CLEARED)


@pytest.mark.parametrize("holder", ["dead", "reused"])
def test_a_stale_lock_is_taken_over_and_nobody_is_killed(site: Site, holder: str) -> None:
    """The kernel drops the lock with its holder; what the file still says is of no weight."""
    folder = site.home / "locks"
    folder.mkdir()
    pid = os.getpid() if holder == "reused" else 2**22 - 1
    record = {"pid": pid, "bundle": str(site.root / "gone"), "since": "2020-01-01T00:00:00.000Z"}
    (folder / f"run-{platform.node() or 'localhost'}.lock").write_text(json.dumps(record))
    site.start(PLAN).ends(Verdict.CLEARED, ExitCode.CLEARED)


def test_the_lock_of_a_killed_supervisor_is_free_though_its_stage_lives(site: Site) -> None:
    dead = site.start(plan_of(shell(1, "echo begun; sleep 600"))).said("begun")
    dead.loses_all()
    site.start(PLAN).ends(Verdict.CLEARED, ExitCode.CLEARED)
    dead.ends(Verdict.INTERRUPTED, ExitCode.INTERRUPTED, front=-signal.SIGKILL)
