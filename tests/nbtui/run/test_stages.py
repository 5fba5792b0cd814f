"""What children may do, and what is written down about it."""

import signal
import subprocess
import sys
from itertools import pairwise

import pytest

from nbtui.evidence.records import StageOutcome, Verdict
from nbtui.run import launch
from nbtui.run.events import StageSignalled
from nbtui.run.journal import JOURNAL, parse
from nbtui.run.sampler import descendants
from nbtui.store import RunState
from tests.nbtui.run.lab import Lab, assert_no_process_with, plan_of, python, shell

pytestmark = pytest.mark.timeout(300)


def outcome(state: RunState, number: int = 0) -> StageOutcome:
    found = state.stages[number].outcome
    assert found is not None
    return found


def log(state: RunState) -> bytes:
    return (state.bundle / state.stages[0].log).read_bytes()


def test_output_is_kept_byte_for_byte(lab: Lab) -> None:
    raw = rb"\0\377\303\050 \033]52;c;x\007 \033c \r50%%\r100%% last"
    state = lab.run(plan_of(shell(1, f"printf '{raw.decode()}'; echo err >&2; exit 1")))
    expected = b"\x00\xff\xc3\x28 \x1b]52;c;x\x07 \x1bc \r50%\r100% lasterr\n"
    assert log(state) == expected
    assert (state.bundle / "attempt_failed.log").read_bytes().endswith(expected)
    blockers = (state.bundle / "blockers.md").read_text()
    assert "\x1b" not in blockers
    assert "\r" not in blockers
    assert "logs/1.log:1: 100% lasterr" in blockers


def test_stdin_is_closed(lab: Lab) -> None:
    state = lab.run(plan_of(shell(1, "cat; echo end")))
    assert log(state) == b"end\n"
    assert state.verdict is Verdict.CLEARED


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGTERM"])
def test_a_death_by_signal_is_named(lab: Lab, name: str) -> None:
    state = lab.run(plan_of(shell(1, f"kill -{name[3:]} $$")))
    assert outcome(state).signal == name
    assert outcome(state).exit_code is None
    assert f"killed by {name}" in state.reason


def test_a_kill_that_nobody_here_sent_hints_at_memory(lab: Lab) -> None:
    state = lab.run(plan_of(shell(1, "kill -KILL $$")))
    assert "out of memory?" in state.reason


def test_a_deadline_ends_the_stage_and_says_so(lab: Lab) -> None:
    state = lab.run(plan_of(shell(1, "sleep 600", timeout_s=0.3)))
    assert outcome(state).timed_out
    assert outcome(state).signal == "SIGTERM"
    assert "deadline of 0.3 s passed" in state.reason
    lab.assert_sound(state.bundle)


def test_a_child_that_ignores_term_is_killed_after_the_grace(lab: Lab) -> None:
    script = "trap '' TERM; echo deaf; while :; do sleep 0.05; done"
    bundle = lab.start(plan_of(shell(1, script)))
    lab.logged(bundle, "logs/1.log", "deaf")
    assert launch.cancel(bundle)
    state = lab.finish(bundle)
    assert outcome(state).signal == "SIGKILL"
    chain = parse((state.bundle / JOURNAL).read_bytes())
    sent = [line.event.signal for line in chain.lines if isinstance(line.event, StageSignalled)]
    assert sent == ["SIGTERM", "SIGKILL"]


def test_a_stopped_child_hears_term(lab: Lab) -> None:
    state = lab.run(plan_of(shell(1, "kill -STOP $$; sleep 600", timeout_s=0.3)))
    assert outcome(state).signal == "SIGTERM"


@pytest.mark.parametrize("how", ["sleep 600 &", "setsid sleep 600 </dev/null >/dev/null 2>&1 &"])
def test_a_process_left_behind_is_found_named_and_ended(lab: Lab, how: str) -> None:
    state = lab.run(plan_of(shell(1, f"{how} echo done; exit 0"), shell(2, "true")))
    assert outcome(state).exit_code == 0
    assert len(outcome(state).leftovers) == 1
    assert "sleep 600" in outcome(state).leftovers[0]
    assert "left 1 processes running" in state.reason
    assert len(state.stages) == 1
    assert_no_process_with(state.facts["token"])


def test_a_helper_that_ends_a_little_later_is_no_leftover(lab: Lab) -> None:
    helper = "(while kill -0 $$ 2>/dev/null; do sleep 0.01; done)"  # until its parent is gone
    state = lab.run(plan_of(shell(1, f"{helper} & exit 0")))
    assert state.verdict is Verdict.CLEARED, state.reason


def test_exit_zero_without_the_promised_file_blocks(lab: Lab) -> None:
    stage = shell(1, "touch $OUTDIR/empty", artifacts=("$OUTDIR/empty", "$OUTDIR/absent"))
    state = lab.run(plan_of(stage))
    assert outcome(state).missing == ("empty", "absent")
    assert "missing or empty: empty, absent" in state.reason
    assert (
        "expected 2, present 0, missing: empty, absent"
        in (state.bundle / "blockers.md").read_text()
    )


def test_a_flood_goes_to_the_file_and_only_there(lab: Lab) -> None:
    script = "import sys; sys.stdout.write(('x' * 99 + '\\n') * 200_000); sys.exit(1)"
    state = lab.run(plan_of(python(1, script)))
    assert len(log(state)) == 20_000_000
    assert (state.bundle / "events.jsonl").stat().st_size < 100_000
    blockers = (state.bundle / "blockers.md").read_text()
    assert "logs/1.log:200000: x" in blockers
    assert "logs/1.log:199980:" not in blockers


def test_one_endless_line_is_cut_in_the_report_only(lab: Lab) -> None:
    state = lab.run(
        plan_of(python(1, "import sys; sys.stdout.write('y' * 3_000_000); sys.exit(1)"))
    )
    assert len(log(state)) == 3_000_000
    assert len((state.bundle / "blockers.md").read_text()) < 10_000


SAMPLED = """
import os, time
def sampled():
    with open(os.environ["OUTDIR"] + "/events.jsonl", "rb") as journal:
        return journal.read().count(b"stage.sample")
def look_on():
    # Of two samples that are written from now on, the second is also taken from now on.
    last = sampled() + 2
    while sampled() < last:
        time.sleep(0.02)
"""
"""A stage's own view of the samples that are taken of it."""


def test_peak_memory_and_cpu_come_from_the_kernel(lab: Lab) -> None:
    script = "b = bytearray(200_000_000); del b\nwhile time.process_time() < .3: pass\nlook_on()"
    state = lab.run(plan_of(python(1, SAMPLED + script)))
    assert outcome(state).peak_rss_bytes > 200_000_000
    assert outcome(state).cpu_s >= 0.3
    assert outcome(state).wall_s >= 0.3
    assert state.stages[0].samples[-1].rss_bytes < 150_000_000  # the curve misses the peak


def test_samples_show_the_whole_tree(lab: Lab) -> None:
    script = """
import resource, subprocess, sys
burn = "import time\\nwhile time.process_time() < 0.5: pass\\nprint(flush=True)\\ninput()"
words, pipe = [sys.executable, "-S", "-c", burn], subprocess.PIPE
with subprocess.Popen(words, stdin=pipe, stdout=pipe) as child:
    child.stdout.readline()
    look_on()
    child.communicate(b"\\n")
own = resource.getrusage(resource.RUSAGE_SELF)
sys.stdout.write(str(own.ru_utime + own.ru_stime))
"""
    state = lab.run(plan_of(python(1, SAMPLED + script)))
    assert state.verdict is Verdict.CLEARED
    samples = state.stages[0].samples
    times = [s.elapsed_s for s in samples]
    assert times == sorted(times)
    spans = [after - before for before, after in pairwise([0.0, *times])]
    used_s = sum(s.cpu_percent / 100 * span for s, span in zip(samples, spans, strict=True))
    # The child alone used half a second; how that spreads over the samples is the machine's.
    assert used_s - float(log(state)) > 0.2


def test_signals_have_their_defaults_in_the_child(lab: Lab) -> None:
    script = (
        "import signal, sys; ignored = [s.name for s in (signal.SIGHUP, signal.SIGTERM, "
        "signal.SIGINT, signal.SIGCHLD) if signal.getsignal(s) is signal.SIG_IGN]; "
        "blocked = signal.pthread_sigmask(signal.SIG_BLOCK, []); sys.exit(bool(ignored or blocked))"
    )
    assert lab.run(plan_of(python(1, script))).verdict is Verdict.CLEARED
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_the_tree_below_a_process_is_found_without_looking_at_all_others() -> None:
    starts = "import subprocess, sys; p = subprocess.Popen(['sleep', '60'])"
    ends = "print(p.pid, flush=True); sys.stdin.read(); p.kill(); p.wait()"
    argv = [sys.executable, "-S", "-c", f"{starts}; {ends}"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        below = int(parent.stdout.readline())
        assert descendants(parent.pid) in ([below], None)  # None where the kernel does not list
        parent.communicate(b"")
