"""What children may do, and what is written down about it."""

import signal
import subprocess
import sys
from itertools import pairwise

import pytest

from nbtui.evidence.records import StageOutcome, Verdict
from nbtui.run.sampler import descendants
from nbtui.store import RunState
from tests.nbtui.run.lab import Lab, plan_of, python, shell

pytestmark = pytest.mark.timeout(300)


def outcome(state: RunState, number: int = 0) -> StageOutcome:
    found = state.stages[number].outcome
    assert found is not None
    return found


def log(state: RunState) -> bytes:
    return (state.bundle / state.stages[0].log).read_bytes()


def test_stdin_is_closed_and_both_streams_go_to_the_log(lab: Lab) -> None:
    state = lab.run(plan_of(shell(1, "cat; printf 'out '; echo err >&2; printf 'end'")))
    assert log(state) == b"out err\nend"
    assert state.verdict is Verdict.CLEARED


def test_a_helper_that_ends_a_little_later_is_no_leftover(lab: Lab) -> None:
    helper = "(while kill -0 $$ 2>/dev/null; do sleep 0.01; done)"  # until its parent is gone
    state = lab.run(plan_of(shell(1, f"{helper} & exit 0")))
    assert state.verdict is Verdict.CLEARED, state.reason


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
