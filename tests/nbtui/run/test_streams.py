"""What a run records of its stages' stdout and stderr."""

import pytest

from nbtui.evidence.streams import Stream
from nbtui.run.events import Sampled, StageEnded, StreamsTold
from nbtui.run.journal import JOURNAL, parse
from nbtui.store import RunState
from tests.nbtui.run.lab import Lab, plan_of, python

pytestmark = pytest.mark.timeout(300)


def of_stderr(state: RunState) -> bytes:
    log = (state.bundle / state.stages[0].log).read_bytes()
    return b"".join(log[s.start : s.end] for s in state.stages[0].streams.stderr)


SAY = """
import os, sys, time
def say(stream, text):
    stream.write(text)
    stream.flush()
def looked():
    # Of two samples that are written from now on, the second is also taken from now on.
    def sampled():
        with open(os.environ["OUTDIR"] + "/events.jsonl", "rb") as journal:
            return journal.read().count(b"stage.sample")
    last = sampled() + 2
    while sampled() < last:
        time.sleep(0.02)
"""


def test_what_came_through_stderr_is_recorded_while_the_stage_runs(lab: Lab) -> None:
    script = "say(sys.stderr, 'oh\\n'); looked(); say(sys.stdout, 'well\\n'); looked(); sys.exit(1)"
    state = lab.run(plan_of(python(1, SAY + script)))
    assert of_stderr(state) == b"oh\n"
    assert [s.stream for s in state.stages[0].streams.spans] == [Stream.STDERR, Stream.STDOUT]
    events = [line.event for line in parse((state.bundle / JOURNAL).read_bytes()).lines]
    first, last = (n for n, event in enumerate(events) if isinstance(event, StreamsTold))
    sampled = [n for n, event in enumerate(events) if isinstance(event, Sampled)]
    # What came through stderr at once, what came through stdout alone when all was over.
    assert first < sampled[-1] < last
    assert isinstance(events[last + 1], StageEnded)
    assert "Through stderr came line 1." in (state.bundle / "blockers.md").read_text()
    lab.assert_sound(state.bundle)
