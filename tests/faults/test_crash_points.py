"""Supervisor and recovery are killed at their N-th flush, rename or write, for every N there is."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan
from nbtui.run.catalog import is_sealed
from nbtui.run.recover import recover, recover_dead
from nbtui.store import read
from tests.faults.harness.site import Site, assert_sealed, kept
from tests.faults.harness.strace import KILLED, flawed, require
from tests.nbtui.run.lab import plan_of, shell, summary_step

pytestmark = pytest.mark.timeout(600)
CLEARED = plan_of(shell(1, "echo begun"), summary_step(2))
BLOCKED = plan_of(shell(1, "echo begun; exit 7"), summary_step(2))
MOST = 1000
SHARES = 2


@contextmanager
def named(point: str) -> Iterator[None]:
    """Add to a failure where the process had been killed."""
    try:
        yield
    except (Exception, AssertionError) as error:
        error.add_note(f"killed at {point}")
        raise


def every_point(
    site: Site, plan: Plan, call: str, last: Verdict, *, first: int = 1, step: int = 1
) -> int:
    """Kill the supervisor at every N and recover each time; return the last N that killed it."""
    supervisors = flawed(site)
    for number in range(first, MOST, step):
        bundle, status = supervisors.run(plan, call, f"signal=SIGKILL:when={number}")
        with named(f"{call} {number}"):
            if status != KILLED:
                assert assert_sealed(bundle).verdict is last
                return number - step
            assert_recovers(site, bundle, last)
        shutil.rmtree(bundle)
    pytest.fail("the run has no end")


def assert_recovers(site: Site, bundle: Path, last: Verdict) -> None:
    """Check that a killed run is closed with nothing lost, and with no verdict it had not got."""
    before, found = kept(bundle), read(bundle)
    verdict, blocker = found.verdict, found.blocker
    assert verdict in {None, last}
    assert verdict is not None or not is_sealed(bundle)
    recover(bundle)
    state = assert_sealed(bundle, before)
    assert state.verdict is (verdict or Verdict.INTERRUPTED)
    log = bundle / "logs/1.log"
    if state.verdict is not Verdict.CLEARED and log.exists() and not state.stage("02-summary"):
        assert (
            log.stat().st_size == 0 or "logs/1.log:1: begun" in (bundle / "blockers.md").read_text()
        )
    if blocker is not None:
        assert blocker.reason in (bundle / "blockers.md").read_text()
    site.assert_untouched()


class Flushes:
    first: int

    def test_a_supervisor_killed_at_every_flush(self, site: Site) -> None:
        last = every_point(site, CLEARED, "fsync", Verdict.CLEARED, first=self.first, step=SHARES)
        assert last > 50


class Writes:
    first: int

    def test_a_supervisor_killed_at_every_write(self, site: Site) -> None:
        last = every_point(site, CLEARED, "write", Verdict.CLEARED, first=self.first, step=SHARES)
        assert last > 70


# Two classes each, which take turns: a class is what one worker does.
class TestOddFlushes(Flushes):
    first = 1


class TestEvenFlushes(Flushes):
    first = 2


class TestOddWrites(Writes):
    first = 1


class TestEvenWrites(Writes):
    first = 2


class TestRenames:
    @pytest.mark.parametrize(
        ("plan", "last"),
        [(CLEARED, Verdict.CLEARED), (BLOCKED, Verdict.BLOCKED)],
        ids=["cleared", "blocked"],
    )
    def test_a_supervisor_killed_at_every_rename(
        self, site: Site, plan: Plan, last: Verdict
    ) -> None:
        assert every_point(site, plan, "rename", last) > 6


class TestLaunchers:
    def test_a_launcher_killed_at_every_flush(self, site: Site) -> None:
        require()
        for number in range(1, MOST):
            flaw = f"inject=fsync:signal=SIGKILL:when={number}"
            tracer = ("strace", "-o", os.devnull, "-e", "trace=fsync", "-e", flaw)
            run = site.start(CLEARED, wrap=tracer)
            if run.front.wait() not in {KILLED, -KILLED + 128}:
                run.ends(Verdict.CLEARED, ExitCode.CLEARED)
                break
            with named(f"fsync {number} of the launcher"):
                recover_dead(site.root)
                for bundle in site.bundles():
                    assert assert_sealed(bundle).verdict is Verdict.INTERRUPTED
        assert number > 3


class TestRecoveries:
    @pytest.mark.parametrize("call", ["fsync", "rename"])
    def test_a_recovery_killed_at_every_point(self, site: Site, call: str) -> None:
        runs = flawed(site)
        # The third rename publishes how the stage ended: killed there, nobody judged it.
        bundle, status = runs.run(BLOCKED, "rename", "signal=SIGKILL:when=3")
        assert status == KILLED
        dead = shutil.copytree(bundle, site.home / "dead")
        for number in range(1, MOST):
            with named(f"{call} {number} of the recovery"):
                if runs.recover(bundle, call, f"signal=SIGKILL:when={number}") != KILLED:
                    assert number > 3
                    assert_sealed(bundle)
                    return
                before = kept(bundle)
                recover(bundle)
                assert assert_sealed(bundle, before).verdict is Verdict.INTERRUPTED
            shutil.rmtree(bundle)
            shutil.copytree(dead, bundle)
        pytest.fail("the recovery has no end")
