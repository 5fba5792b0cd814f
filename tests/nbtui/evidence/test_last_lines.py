"""The end of a log in the blocker report, and the message that the end does not show."""

from pathlib import Path
from typing import Any

import pytest

from nbtui.evidence import last_lines
from nbtui.evidence.last_lines import render
from nbtui.evidence.streams import Span, Stream, Told

TRACE = b"Traceback:\n  ValueError\n"


def told(*parts: tuple[bytes, Stream]) -> tuple[bytes, Told]:
    """Return what was written, and what is told of it."""
    data, known = b"", Told()
    for text, stream in parts:
        known = known.plus([Span(len(data), len(data) + len(text), stream)])
        data += text
    return data, known


def report(bundle: Path, *parts: tuple[bytes, Stream]) -> str:
    data, known = told(*parts)
    (bundle / "1.log").write_bytes(data)
    return render(bundle, "1.log", known)


def lines(first: int, last: int) -> bytes:
    return b"".join(b"line %d\n" % n for n in range(first, last + 1))


def test_which_of_the_last_lines_came_through_stderr_is_said(tmp_path: Path) -> None:
    text = report(
        tmp_path, (lines(1, 30), Stream.STDOUT), (TRACE, Stream.STDERR), (b"end", Stream.UNTOLD),
        (b"!\n", Stream.STDERR), (b"last", Stream.STDERR),
    )  # fmt: skip
    assert "1.log:15:" in text
    assert "1.log:14:" not in text
    assert "1.log:34: last" in text
    assert text.endswith("\nThrough stderr came lines 31-32, 34.\n")


@pytest.mark.parametrize("after", [lines(33, 90), lines(33, 20_000)])
def test_a_message_before_the_end_is_shown_too(tmp_path: Path, after: bytes) -> None:
    text = report(
        tmp_path, (lines(1, 30), Stream.STDOUT), (TRACE, Stream.STDERR), (after, Stream.STDOUT),
        (b"cut ", Stream.STDERR), (b"off", Stream.STDOUT),
    )  # fmt: skip
    end = text.partition("## Last lines through stderr\n")[2]
    assert end == "\n```text\n1.log:31: Traceback:\n1.log:32:   ValueError\n```\n"


def test_where_nothing_is_told_nothing_is_said(tmp_path: Path) -> None:
    text = report(tmp_path, (b"a\n", Stream.UNTOLD), (b"b\n", Stream.STDOUT))
    assert text == "## Last lines of 1.log\n\n```text\n1.log:1: a\n1.log:2: b\n```\n"
    assert "wrote nothing" in report(tmp_path)


def test_more_lines_than_are_shown_are_left_out(tmp_path: Path) -> None:
    text = report(tmp_path, (lines(1, 50), Stream.STDERR), (lines(51, 80), Stream.STDOUT))
    assert "1.log:41: line 41" in text
    assert "1.log:40:" not in text


def test_a_progress_bar_of_many_pieces_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int | None] = []

    def lines_of(bundle: Path, log: str, until: int | None = None) -> list[Any]:
        counted.append(until)
        return whole(bundle, log, until)

    whole = last_lines._lines
    monkeypatch.setattr(last_lines, "_lines", lines_of)
    bar = [(b"\r 1 %", Stream.STDERR), (b"line\n", Stream.STDOUT)] * 300
    text = report(tmp_path, (TRACE, Stream.STDERR), *bar)
    assert "1.log:1: Traceback:" in text.partition("## Last lines through stderr\n")[2]
    assert counted == [None, len(TRACE + bar[0][0])]
