"""Somebody changes repository, golden data or program while a stage runs."""

from collections.abc import Callable

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from tests.faults.harness.site import Site

pytestmark = pytest.mark.timeout(300)
Act = Callable[[Site], object]


def head_moved(site: Site) -> None:
    site.lab.git("commit", "--quiet", "--allow-empty", "--message", "meanwhile")


def branch_switched(site: Site) -> None:
    site.lab.git("switch", "--quiet", "--create", "elsewhere")


def file_staged(site: Site) -> None:
    (site.root / "new.txt").write_text("x")
    site.lab.git("add", "new.txt")


def file_changed(site: Site) -> None:
    with (site.root / "pyproject.toml").open("a") as stream:
        stream.write("# changed\n")


def report_staged(site: Site) -> None:
    site.lab.git("add", "--force", str(site.runs[0].bundle / "memo.md"))


def golden_touched(site: Site) -> None:
    golden = site.root / "golden" / "image.bin"
    golden.chmod(0o644)
    golden.write_bytes(site.golden + b"!")
    site.golden += b"!"  # nobody here puts it back


def golden_made_writable(site: Site) -> None:
    (site.root / "golden" / "image.bin").chmod(0o644)


def golden_added(site: Site) -> None:
    (site.root / "golden" / "more.bin").write_bytes(b"x")


def stray_file_appeared(site: Site) -> None:
    (site.root / "conftest.py").write_text("x")


def hidden_conftest_appeared(site: Site) -> None:
    (site.root / ".git" / "info" / "exclude").write_text("conftest.py\n")
    stray_file_appeared(site)


def reports_no_longer_ignored(site: Site) -> None:
    (site.root / ".gitignore").write_text("/golden/\n")
    site.lab.git("commit", "--quiet", "--all", "--message", "no rule")


def program_replaced(site: Site) -> None:
    other = site.root / "program.new"
    other.write_text("#!/bin/sh\nexit 0 # another build\n")
    other.chmod(0o755)
    other.rename(site.root / "program")


def hidden_input_appeared(site: Site) -> None:
    (site.root / "Fdump.bin").write_bytes(b"stale structure factors")


@pytest.mark.parametrize(
    ("act", "guard"),
    [
        (head_moved, "commit"),
        (branch_switched, "branch"),
        (file_staged, "index"),
        (file_changed, "tree"),
        (report_staged, "reports-untracked"),
        (stray_file_appeared, "tree"),
        (golden_touched, "golden-image"),
        (golden_made_writable, "golden-mode"),
        (golden_added, "golden-data"),
        (program_replaced, "c-binary"),
        (hidden_input_appeared, "hidden-inputs"),
    ],
    ids=lambda x: x.__name__ if callable(x) else "",
)
def test_a_change_during_a_stage_blocks_and_is_named(site: Site, act: Act, guard: str) -> None:
    run = site.start(site.held_plan()).said("begun")
    act(site)
    site.let_go()
    state = run.ends(Verdict.BLOCKED, ExitCode.BLOCKED)
    assert state.blocker is not None
    assert state.blocker.kind == "guard"
    broken = {g.guard: g for g in state.guards if not g.ok}
    assert guard in broken
    assert broken[guard].found != broken[guard].expected
    assert [s.step_id for s in state.stages] == ["01-command"]
    report = (run.bundle / "blockers.md").read_text()
    assert f"{guard} (after 01-command): {broken[guard].found[:40]}" in report


@pytest.mark.parametrize(
    ("act", "check"),
    [
        (branch_switched, "branch"),
        (file_staged, "staged"),
        (hidden_input_appeared, "hidden-input"),
        (stray_file_appeared, "clean-tree"),
        (hidden_conftest_appeared, "ignored-files"),
        (reports_no_longer_ignored, "reports-ignored"),
    ],
    ids=lambda x: x.__name__ if callable(x) else "",
)
def test_what_is_wrong_before_the_run_starts_nothing(site: Site, act: Act, check: str) -> None:
    act(site)
    run = site.start(site.held_plan())
    state = run.ends(Verdict.BLOCKED, ExitCode.NOT_STARTED)
    assert state.stages == ()
    assert state.blocker is not None
    assert check in state.blocker.reason
    assert state.blocker.fix
