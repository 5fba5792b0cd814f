"""Traffic of a stage: recorded in its samples, and told in bytes per second."""

from collections.abc import Sequence

import msgspec
import pytest

from nbtui.run.events import Line, Sampled
from nbtui.run.throughput import mean, rates
from tests.nbtui.run.lab import Lab, plan_of, python


def sample(elapsed_s: float, read: int | None, written: int | None = 0) -> Sampled:
    return Sampled(
        step_id="s", elapsed_s=elapsed_s, cpu_percent=0.0, rss_bytes=1,
        read_bytes=read, written_bytes=written,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("samples", "found"),
    [
        ((), ()),
        ((sample(0.5, 100, 400), sample(1.0, 100, 400)), (1000.0, 0.0)),
        ((sample(1.0, 100), sample(1.01, 9_000), sample(2.0, 9_100)), (100.0, 9000.0)),
        ((sample(1.0, None, None), sample(2.0, None, None)), ()),
    ],
)
def test_rates_are_bytes_per_second_between_samples(
    samples: Sequence[Sampled], found: Sequence[float]
) -> None:
    assert rates(samples) == pytest.approx(found)


def test_the_mean_is_over_the_whole_stage() -> None:
    assert mean((sample(1.0, 0), sample(4.0, 100, 300))) == 100.0
    assert mean(()) is None
    assert mean((sample(1.0, None, None),)) is None


def test_a_journal_from_before_traffic_was_recorded_is_still_read() -> None:
    raw = (
        b'{"seq":1,"t":"2026-01-01T00:00:00.000Z","mono_ns":1,"prev":"","event":{"type":'
        b'"stage.sample","step_id":"s","elapsed_s":1.0,"cpu_percent":1.0,"rss_bytes":1}}'
    )
    event = msgspec.json.decode(raw, type=Line).event
    assert isinstance(event, Sampled)
    assert rates((event,)) == ()


def test_the_bundle_holds_what_the_whole_tree_moved(lab: Lab) -> None:
    script = """
import os, subprocess, sys, time
def sampled():
    with open(os.environ["OUTDIR"] + "/events.jsonl", "rb") as journal:
        return journal.read().count(b"stage.sample")
words = "open('/dev/null', 'wb').write(bytes(40_000_000)); open('/dev/zero', 'rb').read(30_000_000)"
subprocess.run([sys.executable, "-S", "-c", words], check=True)
last = sampled() + 2
while sampled() < last:
    time.sleep(0.02)
"""
    state = lab.run(plan_of(python(1, script)))
    samples = state.stages[0].samples
    last = samples[-1]
    assert last.read_bytes is not None
    assert last.written_bytes is not None
    assert 30_000_000 <= last.read_bytes < 60_000_000
    assert 40_000_000 <= last.written_bytes < 60_000_000
    # The last sample is taken when the tree has gone; what was moved stays moved.
    totals = [(s.read_bytes, s.written_bytes) for s in samples]
    assert totals == sorted(totals)
