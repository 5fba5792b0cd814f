"""The way from memo to verdict in a real terminal of 80 x 24, by keys alone, screen by screen.

Stand-in programs (:mod:`nbtui.demo`) make the run short; all the rest is real: the app in tmux,
git, preflight, the supervisor, the bundle.
"""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from nbtui.demo.project import environment, make
from nbtui.exit_codes import ExitCode
from nbtui.run.catalog import bundles
from nbtui.verify.check import verify
from tests.nbtui.tui.tmux import Terminal, needs_tmux, terminal

pytestmark = [needs_tmux, pytest.mark.slow, pytest.mark.timeout(600)]

NBTUI = str(Path(sys.executable).with_name("nbtui"))


def _environ(home: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "PAGER", "LESS", "TMUX"}}
    return {
        **environment(kept),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PAGER": shutil.which("less") or "more",
        "NBTUI_LOCK_DIR": str(home / "locks"),
    }


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """Return a newcomer's environment."""
    (tmp_path / "home").mkdir()
    return _environ(tmp_path / "home")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project whose port agrees."""
    make(tmp_path / "project", blocked=False)
    return tmp_path / "project"


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Return a project whose port has a fault."""
    make(tmp_path / "project", blocked=True)
    return tmp_path / "project"


@pytest.fixture
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a short path: a socket's has at most 107 bytes."""
    folder = tmp_path_factory.mktemp("t")
    yield folder / "s"
    shutil.rmtree(folder, ignore_errors=True)


def walk_to_run(at: Terminal) -> None:
    """Go from the plan to a run under way: three times ``enter`` and one ``y``."""
    at.page("1 Plan ✓", "run preflight")
    at.press("Enter")
    at.page("2 Preflight ✓", "start the run (2 stages; asks first)")
    at.press("Enter")
    at.dialog("Start the run?", "y  start the run", "esc  not now", "nb-compare")
    at.press("y")


def test_the_way_from_memo_to_verdict(
    project: Path, environ: Mapping[str, str], socket: Path
) -> None:
    with terminal(project, NBTUI, environ, socket=socket) as at:
        _plan_and_preflight(at, project)
        at.press("Enter")
        at.dialog("Start the run?", "y  start the run", "esc  not now", "plan hash", "nb-compare")
        at.press("y")
        at.page(
            "✓ CLEARED", "✓ passed   Preflight", "✓ passed   Full-frame comparison",
            "nb_compare.log", "enter ▸  read the verdict",
        )  # fmt: skip
        (bundle,) = bundles(project)
        at.press("Enter")
        at.page(
            "7 of 7 gates passed", "The evidence is sealed.", bundle.name,
            f"bundle      {bundle.relative_to(project)}",
            "enter ▸  open demo_summary.md (q comes back)",
        )  # fmt: skip
        at.press("Enter")
        at.wait("# [DEMO-001] What a finished run looks like: cleared")
        at.press("q")
        at.page("7 of 7 gates passed")
        at.resize(200, 60)
        at.page("1 Plan ✓  ───  2 Preflight ✓", "7 of 7 gates passed", "─ Evidence ─")
        at.resize(80, 24)
        at.page("7 of 7 gates passed", but="───  2 Preflight")
        at.press("5")
        at.page(
            "Runs · 1 · by stamp", f"{bundle.name} ✓ CLEARED", "memo        input.md",
            f"enter ▸  open {bundle.name} under Results",
        )  # fmt: skip
        at.press("6")
        at.page(
            "Checklist · 4 of 4 done · cleared", "STAMP, OUTDIR and folders", "☑ done",
            "Signature below the whole list",
        )  # fmt: skip
        at.press("q")
        assert at.left() == ExitCode.CLEARED
    report = verify(bundle)
    assert report.sound, report


def _plan_and_preflight(at: Terminal, project: Path) -> None:
    """Read the memo and every page of the plan, let preflight look, and start nothing yet."""
    at.page(
        "Start here", "no run yet", "What next", "7 to hold", "2 warnings",
        "enter ▸  run preflight (lint: 2 warnings)",
    )  # fmt: skip
    at.press("m")
    at.page("Memo · input.md", "Summary: A demonstration")
    at.press("m")
    at.page("Start here", "What next", but="Memo · input.md")
    at.press("Down")
    at.page("plan hash", "bundle      reports/demo/phase_a/<STAMP>/")
    at.press("Down")
    at.page("! warn  ", "where     input.md:")
    at.press("Down", "Down", "Down")
    at.page("sum_ratio_deviation", "<= 0.005")
    at.press("End", "Up")
    at.page("Full-frame comparison", "--py-bin ./programs/port", "≠1")
    at.press("Enter")
    at.page(
        "2 Preflight ✓", "Checks · ", "✓ ok     Environment NB_C_BIN", "found ", "expected ",
        "enter ▸  start the run (2 stages; asks first)",
    )  # fmt: skip
    assert not bundles(project)


def test_a_blocked_run_and_the_way_out_of_it(
    faulty: Path, environ: Mapping[str, str], socket: Path
) -> None:
    command = f"{NBTUI}; {NBTUI} attach >/dev/null"
    with terminal(faulty, command, environ, socket=socket) as at:
        walk_to_run(at)
        at.page(
            "✗ BLOCKED", "✗ FAILED   Full-frame comparison", "– not run  Summary",
            "enter ▸  read the verdict",
        )  # fmt: skip
        at.press("Enter")
        at.page(
            "1 of 7 gates passed", "sum_ratio_deviation", "What it means",
            "enter ▸  open blockers.md (q comes back)",
        )  # fmt: skip
        (first,) = bundles(faulty)
        at.press("y")
        told = at.page("Copied the path", "blockers.md")
        assert str(first / "blockers.md") in told.message
        at.press("Enter")
        at.wait("# BLOCKED: [DEMO-001]", "Reason ")
        at.press("q")
        at.page("1 of 7 gates passed")
        at.press("x")
        at.dialog("Search for the cause?", "r  may run programs", "o  only read")
        at.press("o")
        at.page("Diagnosis · ", "How it was found", "back to the verdict (esc)")
        at.press("Escape")
        at.page("1 of 7 gates passed")
        at.press("a")
        at.page("2 Preflight ✓", "start the run (2 stages; asks first)")
        at.press("Enter")
        at.dialog("Start the run?")
        at.press("y")
        at.page("● RUNNING")
        at.press("d")
        left = at.wait("goes on; nbtui shows it")
        second = bundles(faulty)[0]
        assert second != first
        assert f"nbtui attach {second.name}" in left.joined
        assert at.left() == ExitCode.BLOCKED
    for bundle in (first, second):
        assert verify(bundle).sound
