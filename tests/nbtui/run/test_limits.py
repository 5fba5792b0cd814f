"""Limits: room, clocks and the machine lock; a stage's log, its environment, its forecast."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from nbtui.evidence.records import Verdict
from nbtui.project import Settings
from nbtui.run import locks, process
from nbtui.run.events import GuardChecked
from nbtui.run.guards import Hashes, golden_folder
from nbtui.run.limits import Limits, clock_offset_s
from tests.nbtui.run.lab import Lab, plan_of, shell

pytestmark = pytest.mark.timeout(300)


class Clocks:
    """A wall clock and a monotonic one that can drift apart."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 1, 1, tzinfo=UTC)
        self.mono_s = 50.0

    def now(self) -> datetime:
        return self.wall

    def mono_ns(self) -> int:
        return int(self.mono_s * 1e9)

    def sleep(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.mono_s += seconds


def limits(bundle: Path, clock: Clocks, **more: object) -> Limits:
    plan = plan_of(shell(1, "true"), min_available_memory_bytes=1000)
    fields: dict[str, object] = {
        "plan": plan, "settings": Settings(min_free_disk_bytes=1), "bundle": bundle,
        "clock": clock, "began": clock_offset_s(clock), "env": {}, "memory": lambda: 1000,
    }  # fmt: skip
    return Limits(**(fields | more))  # type: ignore[arg-type]


def broken(of: Limits, *, another: bool = True) -> list[GuardChecked]:
    return [g for g in of.check("then", another=another) if not g.ok]


@pytest.mark.parametrize(("wall_s", "slept"), [(0.0, True), (1.5, True), (86400.0, False),
                                               (-86400.0, False)])  # fmt: skip
def test_a_clock_that_is_set_breaks_the_guard(tmp_path: Path, wall_s: float, slept: bool) -> None:
    clock = Clocks()
    of = limits(tmp_path, clock)
    clock.sleep(600.0)
    assert broken(of) == []
    clock.wall += timedelta(seconds=wall_s)
    found = broken(of)
    assert (found == []) is slept
    if found:
        assert (found[0].guard, f"{wall_s:+.1f} s" in found[0].found) == ("clock", True)


def test_room_is_asked_for_as_long_as_a_stage_follows(tmp_path: Path) -> None:
    of = limits(tmp_path, Clocks(), memory=lambda: 999, settings=Settings(
        min_free_disk_bytes=1 << 62))  # fmt: skip
    assert [g.guard for g in broken(of)] == ["free-memory", "free-disk"]
    assert broken(of, another=False) == []


def test_what_the_run_wrote_itself_was_free_before(tmp_path: Path) -> None:
    (tmp_path / "image.bin").write_bytes(b"0" * 5_000_000)
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    own = limits(tmp_path, Clocks(), settings=Settings(min_free_disk_bytes=free // 2))
    assert broken(own) == []
    assert "5.0 MB written by this run" in next(
        g.found for g in own.check("then", another=True) if g.guard == "free-disk"
    )


@pytest.mark.parametrize("how", ["deleted", "replaced"])
def test_a_lock_file_that_is_taken_away_protects_nobody(tmp_path: Path, how: str) -> None:
    env = {locks.LOCK_DIR_VARIABLE: str(tmp_path)}
    lock = locks.acquire(env)
    of = limits(tmp_path, Clocks(), env=env, lock_fd=lock.fd)
    assert broken(of) == []
    (file,) = tmp_path.glob("*.lock")
    file.unlink()
    if how == "replaced":
        other = locks.acquire(env)
    (found,) = broken(of)
    assert found.guard == "machine-lock"
    lock.close()
    if how == "replaced":
        other.close()


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "image.bin"
    path.write_bytes(b"one")
    before = path.stat()
    hashes = Hashes()
    first = hashes.of(path)
    with monkeypatch.context() as patched:
        patched.setattr("nbtui.run.guards.sha256_file", lambda _: "never")
        assert hashes.of(path) == first
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # as if nothing had been
    assert hashes.of(path) not in {first, "sha256 never"}


@pytest.mark.parametrize(
    ("image", "folder"),
    [
        ("golden_data/case/image.bin", "golden_data"),
        ("tests/golden_data/case/image.bin", "tests/golden_data"),
        ("data/case/image.bin", "data/case"),
    ],
)
def test_the_golden_data_are_the_whole_folder(image: str, folder: str) -> None:
    assert golden_folder(image) == folder


def test_each_stage_gets_the_environment_that_was_planned(lab: Lab) -> None:
    # It lasts until the journal says that somebody looked. The journal holds this command too,
    # which its own pattern must not match.
    said = "grep -q 'child-[e]nvironment' $OUTDIR/events.jsonl"
    state = lab.run(plan_of(shell(1, f"until {said}; do sleep 0.01; done")))
    assert state.verdict is Verdict.CLEARED, state.reason
    seen = [g for g in state.guards if g.guard == "child-environment"]
    assert [(g.ok, g.when) for g in seen] == [(True, "start of 01-command")]


def test_an_environment_that_differs_is_told_by_name() -> None:
    argv = [sys.executable, "-S", "-c", "input()"]
    planned = {"A": "1", "B": "2"}
    with subprocess.Popen(argv, env=planned, stdin=subprocess.PIPE) as child:
        assert process.differing_environment(child.pid, argv, planned) == ()
        other = {"A": "another", "B": "2", "NEW": "1"}
        assert process.differing_environment(child.pid, argv, other) == ("A", "NEW")
        # of a program that it has become meanwhile nothing can be said
        assert process.differing_environment(child.pid, ["/bin/sh", "-c", "x"], other) is None
        child.communicate(b"\n")
    assert process.differing_environment(child.pid, argv, planned) is None


def test_a_later_run_knows_what_the_stage_took(lab: Lab) -> None:
    plan = plan_of(shell(1, "sleep 0.2"))
    first = lab.run(plan)
    assert first.stages[0].forecast_s is None
    outcome = first.stages[0].outcome
    assert outcome is not None
    assert outcome.sampling_s > 0
    second = lab.run(plan)
    assert second.stages[0].forecast_s == outcome.wall_s
    short = msgspec.structs.replace(plan.steps[0], timeout_s=outcome.wall_s / 2)
    third = lab.run(msgspec.structs.replace(plan, steps=(short,)))
    assert "no output; it took" in third.reason
    assert any("is shorter than" in note for note in third.notes)
