"""Stages that hang, die, ignore signals, leave processes behind or run out of memory."""

import os
import signal

import pytest

from nbtui.evidence.records import StageOutcome, Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan
from nbtui.run.events import StageSignalled
from nbtui.run.journal import JOURNAL, parse
from nbtui.store import RunState
from tests.faults.harness.site import Run, Site
from tests.nbtui.run.lab import plan_of, python, shell

pytestmark = pytest.mark.timeout(300)
# Python would make an exception of SIGINT; what ends by it has the default action.
ASLEEP = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_DFL)
print("asleep", flush=True)
time.sleep(600)
"""
DEAF = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"


def followed(script: str, **more: object) -> Plan:
    """Return a plan whose second stage must not run."""
    return plan_of(shell(1, script, **more), shell(2, "echo never"))


def blocked(run: Run, because: str) -> StageOutcome:
    """Wait for a blocked run; return how its only stage ended."""
    state = run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, because)
    assert [s.step_id for s in state.stages] == ["01-command"]
    outcome = state.stages[0].outcome
    assert outcome is not None
    return outcome


def signalled(state: RunState) -> list[str]:
    """Return the signals that the journal tells of."""
    lines = parse((state.bundle / JOURNAL).read_bytes()).lines
    return [line.event.signal for line in lines if isinstance(line.event, StageSignalled)]


def test_a_silent_hang_ends_at_its_deadline(site: Site) -> None:
    outcome = blocked(site.start(followed("sleep 600", timeout_s=0.3)), "deadline of 0.3 s passed")
    assert outcome.timed_out
    assert outcome.signal == "SIGTERM"


def test_a_stage_that_ignores_term_is_killed(site: Site) -> None:
    run = site.start(followed(DEAF)).said("deaf")
    site.run("cancel", run.bundle.name, code=ExitCode.CLEARED)
    state = run.ends(Verdict.CANCELLED, ExitCode.INTERRUPTED)
    assert state.stages[0].outcome is not None
    assert state.stages[0].outcome.signal == "SIGKILL"
    assert signalled(state) == ["SIGTERM", "SIGKILL"]


def test_a_stopped_stage_is_woken_to_hear_term(site: Site) -> None:
    outcome = blocked(site.start(followed("kill -STOP $$; sleep 600", timeout_s=0.3)), "deadline")
    assert outcome.signal == "SIGTERM"


@pytest.mark.parametrize("name", ["KILL", "HUP", "TERM", "INT", "SEGV", "ABRT"])
def test_a_stage_ended_by_a_signal_names_it(site: Site, name: str) -> None:
    run = site.start(plan_of(python(1, ASLEEP), shell(2, "echo never"))).said("asleep")
    os.kill(run.stage, getattr(signal, f"SIG{name}"))
    outcome = blocked(run, f"killed by SIG{name}")
    assert (outcome.exit_code, outcome.signal) == (None, f"SIG{name}")


@pytest.mark.parametrize(
    "how",
    [
        "sleep 600 &",
        "setsid sleep 600 </dev/null >/dev/null 2>&1 &",
        "(setsid sh -c 'sleep 600; :' &) &",
    ],
    ids=["background", "daemon", "twice-forked"],
)
def test_a_process_left_behind_is_named_and_ended(site: Site, how: str) -> None:
    outcome = blocked(site.start(followed(f"{how} echo done; exit 0")), "left ")
    assert outcome.exit_code == 0
    assert any("sleep 600" in name for name in outcome.leftovers)
