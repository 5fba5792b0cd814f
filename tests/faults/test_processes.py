"""Stages that hang, die, ignore signals, leave processes behind or run out of memory."""

import os
import signal

import msgspec
import pytest

from nbtui.evidence.records import StageOutcome, Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan
from nbtui.run.events import StageSignalled
from nbtui.run.journal import JOURNAL, parse
from nbtui.store import RunState
from tests.faults.harness.site import Run, Site
from tests.nbtui.run.lab import plan_of, python, shell, step

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


def test_a_grandchild_that_holds_the_output_delays_nothing(site: Site) -> None:
    run = site.start(followed("sleep 600 & echo done"))
    outcome = blocked(run, "left 1 processes running")
    assert outcome.wall_s < 60.0  # the end was seen at once, not when the output was closed
    assert (run.bundle / "logs/1.log").read_text() == "done\n"


def test_a_burst_of_forks_is_ended_whole(site: Site) -> None:
    script = (
        "import os, time\n"
        "for _ in range(100):\n"
        "    if os.fork() == 0:\n"
        "        os.setsid(); time.sleep(600)\n"
        "print('forked', flush=True)\n"
        "time.sleep(600)\n"
    )
    run = site.start(plan_of(python(1, script), shell(2, "echo never"))).said("forked")
    site.run("cancel", run.bundle.name, code=ExitCode.CLEARED)
    run.ends(Verdict.CANCELLED, ExitCode.INTERRUPTED)


def test_a_stage_without_memory_says_so_and_its_peak_is_known(site: Site) -> None:
    script = "b = bytearray(100_000_000); print('had', flush=True); c = bytearray(2_000_000_000)"
    stage = python(1, script)
    assert stage.command is not None
    limited = ("prlimit", "--as=1000000000", *stage.command.argv)
    command = msgspec.structs.replace(stage.command, argv=limited)
    stage = msgspec.structs.replace(stage, command=command)
    run = site.start(plan_of(stage, shell(2, "echo never")))
    outcome = blocked(run, "exit code 1")
    assert "MemoryError" in (run.bundle / "blockers.md").read_text()
    assert outcome.peak_rss_bytes > 100e6


def test_a_stage_killed_for_memory_hints_at_it(site: Site) -> None:
    """What the kernel does to a program that takes too much: SIGKILL, and no word."""
    run = site.start(followed("echo begun; sleep 600")).said("begun")
    os.kill(run.stage, signal.SIGKILL)
    blocked(run, "killed by SIGKILL that this tool did not send (out of memory?)")


def test_success_without_the_promised_file_blocks(site: Site) -> None:
    promised = ("$OUTDIR/empty", "$OUTDIR/absent")
    run = site.start(followed("echo PASS; touch $OUTDIR/empty", artifacts=promised))
    outcome = blocked(run, "missing or empty: empty, absent")
    assert outcome.missing == ("empty", "absent")
    said = "expected 2, present 0, missing: empty, absent"
    assert said in (run.bundle / "blockers.md").read_text()


def test_a_program_that_cannot_be_started_blocks(site: Site) -> None:
    broken = site.home / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    outcome = blocked(
        site.start(plan_of(step(1, str(broken)), shell(2, "true"))), "cannot be started"
    )
    assert outcome.exit_code is None
