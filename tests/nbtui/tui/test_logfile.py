"""A log is read by line from the file, whatever it holds and however it grows."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbtui.tui import logfile
from nbtui.tui.logfile import LogFile, clean


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(parts=st.lists(st.binary(max_size=60), max_size=8))
def test_lines_are_those_of_the_bytes_however_they_arrive(
    tmp_path: Path, parts: list[bytes]
) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"")
    log = LogFile(path)
    for part in parts:
        with path.open("ab") as stream:
            stream.write(part)
        log.poll()
    data = b"".join(parts)
    expected = data.split(b"\n")
    if expected[-1] == b"":
        expected.pop()
    assert [log.raw(n) for n in range(log.count)] == expected
    assert log.whole == data.count(b"\n")
    log.close()


@given(st.binary(max_size=80))
def test_a_line_never_holds_a_control_character(raw: bytes) -> None:
    assert clean(raw.replace(b"\n", b" ")).isprintable()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain", "plain"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]52;c;ZXZpbA==\x07after", "after"),
        (b"\x1b]0;title\x1b\\after", "after"),
        (b" 10%\r 20%\r 30%", " 30%"),
        (b"windows\r", "windows"),
        (b"bell\x07", "bell␇"),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
        (b"[bold]not markup[/bold]", "[bold]not markup[/bold]"),
    ],
)
def test_hostile_lines(raw: bytes, shown: str) -> None:
    assert clean(raw) == shown


def test_a_file_that_starts_again_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("one\ntwo\nthree\n")
    log = LogFile(path)
    log.poll()
    path.write_text("new\n")
    assert log.poll()
    assert (log.count, log.line(0)) == (1, "new")
    log.close()


def test_a_missing_file_has_no_lines(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "later")
    assert not log.poll()
    assert log.count == 0
    (tmp_path / "later").write_text("here\n")
    assert log.poll()
    assert log.line(0) == "here"
    log.close()


def test_a_huge_log_keeps_eight_bytes_a_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"0123456789 line of a stage\n" * 200_000)
    log = LogFile(path)
    log.poll()
    assert log.count == 200_000
    assert log.line(199_999).endswith("stage")
    held = {name: value for name, value in vars(log).items() if name != "_starts"}
    assert log._starts.itemsize * len(log._starts) < 2_000_000
    assert all(len(str(value)) < 500 for value in held.values())
    assert list(log.matches("LINE OF", 199_998, log.count)) == [199_998, 199_999]
    log.close()


def test_a_very_long_line_is_cut_on_screen_only(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * 100_000 + b"\nnext\n")
    log = LogFile(path)
    log.poll()
    assert len(log.line(0)) == logfile.MAX_LINE
    assert log.line(1) == "next"
    assert log.longest == logfile.MAX_LINE
    log.close()


def test_an_excerpt_is_numbered_from_one(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("a\nb\nc\n")
    log = LogFile(path)
    log.poll()
    assert log.excerpt(-5, 1) == [(1, "a"), (2, "b")]
    log.close()


def test_the_last_line_that_speaks_of_trouble_is_found(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"error: first\nfine\nValueError: no\nTraceback again\nfine\nfine\n")
    log = LogFile(path)
    log.poll()
    assert log.last_trouble() == 3
    path.write_bytes(b"fine\n")
    log.poll()
    assert log.last_trouble() is None
    log.close()


def test_trouble_and_times_are_found_in_both_directions(tmp_path: Path) -> None:
    path = tmp_path / "log"
    lines = ["10:00:00 begins", "fine", "Error: one", "10:15:03 goes on", "x" * 2_000_000]
    path.write_text("\n".join([*lines, "FATAL two", "end at 11:00"]) + "\n")
    log = LogFile(path)
    while log.poll():
        continue
    assert log.step_trouble(0, 1) == 2
    assert log.step_trouble(2, 1) == 5
    assert log.step_trouble(5, 1) is None
    assert log.step_trouble(log.count, -1) == 5
    assert log.step_trouble(5, -1) == 2
    assert log.step_trouble(2, -1) is None
    assert log.at_time("10:15") == 3
    assert log.at_time("10:59:59") == 6
    assert log.at_time("12:00") is None
    log.close()
    empty = LogFile(tmp_path / "none")
    assert empty.step_trouble(0, 1) is None
    assert empty.at_time("10:00") is None
