"""Blocks of text fit their width and keep their columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para, alike, render, visible

_TEXT = st.text(alphabet=st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]))


@given(text=_TEXT, width=st.integers(24, 120))
def test_no_line_is_wider_than_the_pane(text: str, width: int) -> None:
    blocks: list[Block] = [
        Heading(text, "note"),
        Pair("label", text),
        Para(text, indent=2),
        Code(text),
        Bullet(text),
        Gap(),
    ]
    for line in render(blocks, width).split("\n", allow_blank=True):
        assert line.cell_length <= width


def test_further_lines_of_a_value_stay_in_its_column() -> None:
    lines = render([Pair("found", "word " * 20)], 40).plain.splitlines()
    assert len(lines) > 2
    assert lines[0].startswith("found       word")
    assert all(line.startswith(" " * 12 + "word") for line in lines[1:])


def test_a_command_keeps_every_word() -> None:
    command = "nb-compare --outdir reports/x -- -lambda 0.5 -cell 100 100 100 90 90 90"
    shown = render([Code(command)], 30).plain
    assert shown.replace("▏ ", "").split() == command.split()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x1b[2J", "␛[2J"), ("a\tb", "a   b"), ("\x7f", "␡"), ("\u202e", "\ufffd"), ("µ²≥", "µ²≥")],
)
def test_control_characters_are_shown_not_obeyed(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_change_of_colour_is_a_change() -> None:
    red, green = (Para(Content.styled("0.5", style)) for style in ("$error", "$success"))
    assert alike([red, Gap()], [red, Gap()])
    assert not alike([red], [green])
    assert not alike([red], [red, Gap()])


def test_brackets_are_text() -> None:
    assert render([Para("[b]x[/b]"), Bullet(Content("[i]"))], 40).plain == "[b]x[/b]\n• [i]"
