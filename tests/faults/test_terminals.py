"""The terminal goes away, or its keys send signals: the run is none of its business."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pexpect
import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan, encode
from tests.faults.harness.site import FRONT, MEMO, PATIENCE_S, Run, Site, eventually, of_memo
from tests.nbtui.run.lab import plan_of, shell

pytestmark = pytest.mark.timeout(300)
SLEEPER = plan_of(shell(1, "echo begun; sleep 600"), shell(2, "echo never"))
APP = """
import sys
from pathlib import Path
from nbtui.project import find
from nbtui.tui.terminal import run
sys.exit(run(find(Path.cwd()), None, attach=Path(sys.argv[1])))
"""


@contextmanager
def terminal(site: Site, *words: str) -> Iterator["pexpect.spawn[bytes]"]:
    """Run a program in a terminal of its own for as long as the block lasts."""
    env = site.lab.env | {"TERM": "xterm-256color"}
    child = pexpect.spawn(
        sys.executable, list(words), cwd=str(site.root), env=env, timeout=PATIENCE_S
    )
    try:
        yield child
    finally:
        child.close(force=True)


@contextmanager
def batch(site: Site, plan: Plan) -> Iterator[tuple["pexpect.spawn[bytes]", Run]]:
    """Start a run in a terminal; wait until its stage speaks."""
    memo, file = site.home / "memo", site.home / "plan"
    memo.write_bytes(MEMO)
    file.write_bytes(encode(of_memo(plan)))
    with terminal(site, str(FRONT), str(site.root), str(memo), str(file)) as child:
        child.expect_exact(b"bundle ")
        path = child.readline().decode().strip()
        run = site.watch(path)
        run.said("begun")
        yield child, run


def left(child: "pexpect.spawn[bytes]") -> int:
    """Wait until the program is gone; return its exit code, negative for a signal."""
    eventually(lambda: not child.isalive(), "the end of the program in the terminal")
    return -child.signalstatus if child.signalstatus else int(child.exitstatus or 0)


def test_a_closed_terminal_takes_the_viewer_and_leaves_the_run(site: Site) -> None:
    with batch(site, site.held_plan()) as (child, run):
        child.ptyproc.fileobj.close()
        assert left(child) == ExitCode.HANGUP
    assert not run.state.ended
    site.let_go()
    shown = site.run("attach", run.bundle.name, code=ExitCode.CLEARED)
    assert "verdict: cleared" in shown
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)


def test_ctrl_c_cancels_in_order(site: Site) -> None:
    with batch(site, SLEEPER) as (child, run):
        child.sendintr()
        child.expect_exact(b"verdict: cancelled")
        assert left(child) == ExitCode.SIGINT
    run.ends(Verdict.CANCELLED, ExitCode.INTERRUPTED, "SIGINT")


def test_ctrl_c_twice_kills_at_once_and_still_seals(site: Site) -> None:
    site.lab.env["NBTUI_GRACE_S"] = "600"
    deaf = "trap '' TERM; echo begun; while :; do sleep 0.05; done"
    with batch(site, plan_of(shell(1, deaf))) as (child, run):
        child.sendintr()
        child.expect_exact(b"once more: at once")
        child.sendintr()
        child.expect_exact(b"verdict: cancelled")
        assert left(child) == ExitCode.SIGINT
    state = run.ends(Verdict.CANCELLED, ExitCode.INTERRUPTED, "SIGINT")
    assert state.stages[0].outcome is not None
    assert state.stages[0].outcome.signal == "SIGKILL"


def test_ctrl_z_stops_the_viewer_and_not_the_run(site: Site) -> None:
    with batch(site, site.held_plan()) as (child, run):
        child.sendcontrol("z")
        site.let_go()
        eventually(lambda: run.state.ended, "the end of the run")
        os.kill(child.pid, signal.SIGCONT)
        child.expect_exact(b"verdict: cleared")
        assert left(child) == ExitCode.CLEARED
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)


@pytest.mark.parametrize("how", ["closed", "killed", "hung up", "terminated"])
def test_an_app_that_loses_its_terminal_leaves_the_run(site: Site, how: str) -> None:
    run = site.start(site.held_plan()).said("begun")
    with terminal(site, "-c", APP, str(run.bundle)) as child:
        child.expect_exact(b"RUNNING")
        code: int = ExitCode.HANGUP
        if how == "closed":
            child.ptyproc.fileobj.close()
        else:
            number, code = {
                "killed": (signal.SIGKILL, -signal.SIGKILL),
                "hung up": (signal.SIGHUP, ExitCode.HANGUP),
                "terminated": (signal.SIGTERM, ExitCode.SIGTERM),
            }[how]
            os.kill(child.pid, number)
            child.expect(pexpect.EOF)
        assert left(child) == code
    assert not run.state.ended
    site.let_go()
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)
