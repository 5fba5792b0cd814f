"""``nbtui status --watch`` and ``nbtui recover``, as a shell would start them."""

import json

import psutil
import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.run.catalog import is_sealed
from nbtui.run.journal import JOURNAL
from nbtui.store import read
from tests.nbtui.dying import kill_supervisor
from tests.nbtui.faces import Desk, json_lines
from tests.nbtui.run.lab import processes_with

pytestmark = pytest.mark.timeout(300)


def test_watching_ends_with_the_runs_own_exit_code(desk: Desk) -> None:
    desk.hold()
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    watcher = desk.start("status", "--watch", "--json")
    assert watcher.stdout is not None
    first = json.loads(watcher.stdout.readline())
    assert first["supervised"] is True
    assert first["verdict"] is None
    # whoever only watches lets the stage go first
    stage = read(bundle).stages[0].pid
    assert stage is not None
    for viewer in (watcher.pid, batch.pid):
        assert psutil.Process(viewer).nice() > psutil.Process(stage).nice()
    desk.let_go()
    rest, _ = watcher.communicate()
    assert watcher.returncode == ExitCode.CLEARED
    assert json_lines(rest)[-1]["verdict"] == "cleared"
    assert batch.wait() == ExitCode.CLEARED
    after = desk.run("status", bundle.name, "--watch")
    assert after.returncode == ExitCode.CLEARED
    assert f"run {bundle.name}: cleared" in after.stdout
    log = desk.run("log", "--step", read(bundle).stages[0].step_id)
    assert (log.returncode, log.stdout) == (ExitCode.CLEARED, "begun\nended\n")


def test_a_dead_run_is_seen_and_closed_on_request(desk: Desk) -> None:
    desk.hold()
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    working = desk.run("recover")
    assert working.returncode == ExitCode.NOTHING_TO_DO
    assert "is still worked on" in working.stderr
    started = read(bundle).started
    assert started is not None
    batch.kill()  # the viewer first: it would close the run itself
    batch.wait()
    kill_supervisor(bundle)
    seen = desk.run("status", "--watch")
    assert seen.returncode == ExitCode.INTERRUPTED
    assert "nbtui recover closes the run" in seen.stdout
    assert not is_sealed(bundle)
    done = desk.run("recover", "--json")
    assert done.returncode == ExitCode.CLEARED, done.stderr
    (record,) = json.loads(done.stdout)["closed"]
    assert (record["stamp"], record["verdict"]) == (bundle.name, "interrupted")
    assert is_sealed(bundle)
    assert read(bundle).verdict is Verdict.INTERRUPTED
    assert b"begun" in (bundle / "attempt_failed.log").read_bytes()
    assert "ended without closing" in (bundle / "blockers.md").read_text()
    assert processes_with(started.facts["token"]) == []
    again = desk.run("recover", bundle.name)
    assert again.returncode == ExitCode.NOTHING_TO_DO
    assert "is sealed" in again.stderr


def test_a_damaged_journal_is_not_sealed_but_what_it_left_is_ended(desk: Desk) -> None:
    desk.hold()
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    started = read(bundle).started
    assert started is not None
    batch.kill()
    batch.wait()
    kill_supervisor(bundle)
    whole = (bundle / JOURNAL).read_bytes()
    (bundle / JOURNAL).write_bytes(whole + b"no line at all\n")
    done = desk.run("recover", "--all")
    assert done.returncode == ExitCode.VERIFY_FAILED
    assert "altered or damaged" in done.stderr or "cannot be read" in done.stderr
    assert not is_sealed(bundle)
    assert processes_with(started.facts["token"]) == []
    listed = desk.run("runs")
    assert listed.returncode == ExitCode.VERIFY_FAILED
    assert bundle.name in listed.stderr
    (bundle / JOURNAL).write_bytes(whole)  # for whoever tidies up after this test


def test_where_nothing_is_open_there_is_nothing_to_close(desk: Desk) -> None:
    assert desk.run("recover", "--all").returncode == ExitCode.NOTHING_TO_DO
    assert desk.run("recover", "--all", "20260101T000000Z").returncode == ExitCode.USAGE
