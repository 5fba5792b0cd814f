"""The log view: go to a line, a time, an error; wrap; copy what is in view."""

from pathlib import Path

import pytest
from textual.widgets import Input

from nbtui.evidence.streams import Span, Stream
from nbtui.run import events as ev
from nbtui.tui.widgets.file_log import STDERR, FileLog
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, press

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]


def _long_log(bundle: Path) -> None:
    lines = [f"line {n}" for n in range(1, 401)]
    lines[99] = "Error: one"
    lines[199] = "12:30:15 " + "word " * 60 + "end-of-long-line"
    lines[299] = "Error: two"
    (bundle / "logs/nb_compare.log").write_text("\n".join(lines) + "\n", encoding="utf-8")


async def test_lines_times_and_errors_are_gone_to(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    _long_log(bundle)
    async with Stage().app(attach=bundle).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        log = pilot.app.screen.query_one(FileLog)
        await press(pilot, "X")
        assert "Error: two" in log.lines_in_view()
        assert not log.following
        await press(pilot, "X")
        assert "Error: one" in log.lines_in_view()
        await press(pilot, "X")
        assert "Error: one" in log.lines_in_view()
        await press(pilot, "x")
        assert "Error: two" in log.lines_in_view()
        field = pilot.app.screen.query_one("#search", Input)
        for wanted, seen in (("250", "line 250"), ("12:30", "12:30:15"), ("9999", "12:30:15")):
            await press(pilot, "colon")
            field.value = wanted
            await press(pilot, "enter")
            assert seen in log.lines_in_view()
        assert "PAUSED" in str(log.border_title)


async def test_wrapped_lines_are_whole_and_what_is_in_view_is_copied(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    _long_log(bundle)
    async with Stage().app(attach=bundle).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        log = pilot.app.screen.query_one(FileLog)
        log.go_to_line(199)
        await idle(pilot)
        assert "end-of-long-line" not in pilot.app.export_screenshot()
        await press(pilot, "w")
        log.go_to_line(199)
        await idle(pilot)
        assert "end-of-long-line" in pilot.app.export_screenshot().replace("&#160;", " ")
        assert "wrapped" in str(log.border_title)
        await press(pilot, "Y")
        assert pilot.app.clipboard.startswith("12:30:15 word")
        await press(pilot, "G")
        assert "line 400" in log.lines_in_view()
        log.focus()
        await press(pilot, "up")
        assert not log.following
        assert "line 39" in log.lines_in_view()
        await press(pilot, "g")
        assert log.lines_in_view().startswith("line 1\n")


def _told(run: recorded.Recorder) -> None:
    """Let lines 40 to 42, half of line 43, and lines 200 and 350 have come through stderr."""
    lines = [f"line {n}\n" for n in range(1, 401)]
    (run.bundle / "logs/nb_compare.log").write_text("".join(lines), encoding="utf-8")
    ends = [len("".join(lines[:n])) for n in (39, 42, 199, 200, 300, 349, 350)]
    ends[1] += 3
    streams = (Stream.STDOUT, Stream.STDERR) * 2 + (Stream.UNTOLD, Stream.STDOUT, Stream.STDERR)
    starts = (0, *ends)
    spans = tuple(Span(a, b, s) for a, b, s in zip(starts, ends, streams, strict=False))
    run.write(ev.StreamsTold(step_id="04-nb-compare", spans=spans))


def _marked(log: FileLog) -> list[str]:
    """Return the rows of the pane that bear the mark, without it."""
    rows = [log.render_line(y).text for y in range(log.scrollable_content_region.height)]
    return [row.partition(STDERR)[2].rstrip() for row in rows if STDERR in row]


async def test_lines_that_came_through_stderr_are_marked_and_gone_to(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    _told(run)
    async with Stage().app(attach=run.bundle, theme="nb-mono").run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        log = pilot.app.screen.query_one(FileLog)
        assert STDERR in str(log.border_title)
        assert _marked(log) == []
        for key, seen in (("S", "line 350"), ("S", "line 200"), ("S", "line 40")):
            await press(pilot, key)
            assert seen in _marked(log)
        assert _marked(log) == ["line 40", "line 41", "line 42"]
        await press(pilot, "w")
        assert _marked(log) == ["line 40", "line 41", "line 42"]
        await press(pilot, "w", "s")
        assert _marked(log) == ["line 200"]
        await press(pilot, "s", "s")
        assert _marked(log) == ["line 350"]
        said = [str(n.message) for n in pilot.app._notifications]
        assert said == ["nothing further down came through stderr alone"]


@pytest.mark.parametrize(
    ("why_not", "said"),
    [
        ("", "nothing of this log is recorded as having come through stderr"),
        ("its log was cut", "stdout and stderr are not told apart: its log was cut"),
    ],
)
async def test_a_log_of_which_nothing_is_told_bears_no_mark(
    tmp_path: Path, why_not: str, said: str
) -> None:
    run = recorded.running(tmp_path)
    if why_not:
        _told(run)
        run.write(ev.StreamsTold(step_id="04-nb-compare", why_not=why_not))
    async with Stage().app(attach=run.bundle).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        log = pilot.app.screen.query_one(FileLog)
        assert STDERR not in str(log.border_title)
        await press(pilot, "g", "s")
        assert _marked(log) == []
        assert [str(n.message) for n in pilot.app._notifications] == [said]
