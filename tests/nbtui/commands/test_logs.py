"""``nbtui log``: the very bytes of a stage's log, or what of them came through stderr."""

import io
import json
import os
import sys
from pathlib import Path

import pytest
from click import UsageError

from nbtui.commands.logs import show
from nbtui.evidence.streams import Span, Stream
from nbtui.exit_codes import ExitCode
from nbtui.run import events as ev
from tests.nbtui.tui import recorded

LOG = b"out\nerr \xff\x1b[31m\nboth\nlast"
SPANS = (
    Span(0, 4, Stream.STDOUT), Span(4, 15, Stream.STDERR), Span(15, 20, Stream.UNTOLD),
    Span(20, 24, Stream.STDERR),
)  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> recorded.Recorder:
    made = recorded.running(tmp_path)
    (made.bundle / "logs/nb_compare.log").write_bytes(LOG)
    return made


def printed(
    capture: pytest.CaptureFixture[bytes], bundle: Path, step: str = "", **how: bool
) -> tuple[int, bytes, str]:
    asked = {"stderr": False, "mark": False, "as_json": False} | how
    code = show(bundle, step, **asked)
    said = capture.readouterr()
    return code, said.out, said.err.decode()


def test_the_bytes_are_the_logs_own(
    run: recorded.Recorder, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert printed(capsysbinary, run.bundle) == (ExitCode.CLEARED, LOG, "")
    assert printed(capsysbinary, run.bundle, "03")[1] == recorded.BENCHMARK_LOG
    for step in ("05", "0", "nothing"):
        with pytest.raises(UsageError, match="--step one of 03-benchmark, 04-nb-compare"):
            show(run.bundle, step, stderr=False, mark=False, as_json=False)


def test_what_came_through_stderr_is_chosen_and_marked(
    run: recorded.Recorder, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    run.write(ev.StreamsTold(step_id="04-nb-compare", spans=SPANS))
    code, out, err = printed(capsysbinary, run.bundle, stderr=True)
    assert (code, out) == (ExitCode.CLEARED, b"err \xff\x1b[31m\nlast")
    assert err == "logs/nb_compare.log: 4 bytes stdout, 15 bytes stderr, 5 bytes untold\n"
    marked = printed(capsysbinary, run.bundle, mark=True)[1]
    lines = b"  out\n\xe2\x96\x8e err \xff\x1b[31m\n  both\n\xe2\x96\x8e last"
    assert marked == lines
    record = json.loads(printed(capsysbinary, run.bundle, as_json=True)[1])
    assert record["spans"] == [[s.start, s.end, s.stream.value] for s in SPANS]
    assert record["bytes"] == len(LOG)


@pytest.mark.parametrize("why_not", ["", "its log was cut"])
def test_nothing_told_is_not_taken_for_nothing_on_stderr(
    run: recorded.Recorder, capsysbinary: pytest.CaptureFixture[bytes], why_not: str
) -> None:
    if why_not:
        run.write(ev.StreamsTold(step_id="04-nb-compare", why_not=why_not))
    code, out, err = printed(capsysbinary, run.bundle, stderr=True)
    assert (code, out) == (ExitCode.NOTHING_TO_DO, b"")
    assert err.strip() == (
        f"stdout and stderr are not told apart: {why_not}" if why_not
        else "nothing of logs/nb_compare.log is recorded as having come through stderr"
    )  # fmt: skip


def test_of_an_empty_log_all_is_known(
    run: recorded.Recorder, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    (run.bundle / "logs/nb_compare.log").write_bytes(b"")
    assert printed(capsysbinary, run.bundle, stderr=True)[:2] == (ExitCode.CLEARED, b"")


def test_a_terminal_is_not_steered(
    run: recorded.Recorder,
    capsysbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert b"err \\xff\\x1b[31m\n" in printed(capsysbinary, run.bundle)[1]


def test_who_reads_no_further_is_no_damage_of_the_log(
    run: recorded.Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe))
        with pytest.raises(BrokenPipeError):
            show(run.bundle, "", stderr=False, mark=False, as_json=False)
