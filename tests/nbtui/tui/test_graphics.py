"""Pictures of real pixels: what a terminal says, what is chosen, and what is sent."""

import base64
import io
import os
import pty
import re
import termios
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from textual.pilot import Pilot

from nbtui.errors import ConfigError
from nbtui.images.peaks import Found
from nbtui.images.scale import HIDDEN, Indices, table
from nbtui.images.views import View
from nbtui.tui import compat
from nbtui.tui.graphics import kitty, sixel
from nbtui.tui.graphics.asking import QUESTIONS, Answers, ask, understood
from nbtui.tui.graphics.canvas import Canvas
from nbtui.tui.graphics.choice import Drawn, Graphics, choose
from nbtui.tui.graphics.late import LateAnswers
from nbtui.tui.graphics.picture import EMPTY, Mark, Picture, coarse, paint
from nbtui.tui.screens.images import ImagesScreen
from nbtui.tui.widgets.image_view import ImageView
from tests.nbtui.images.made import images, write_pair
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, idle, press

pytestmark = pytest.mark.timeout(300)

KITTY_SAYS = "\x1b[6;20;10t\x1bP>|kitty(0.35.2)\x1b\\\x1b_Gi=1;OK\x1b\\\x1b[?62;c"
XTERM_SAYS = "\x1b[6;18;9t\x1bP>|XTerm(379)\x1b\\\x1b[?1;0;256S\x1b[?63;1;2;4;6;9;15;22c"
WEZTERM_SAYS = "\x1b[6;20;10t\x1bP>|WezTerm 20240203\x1b\\\x1b_Gi=1;OK\x1b\\\x1b[?65;4;6;18;22c"
PLAIN_SAYS = "\x1b[?62;22c"


def test_a_terminal_is_understood_whatever_lies_between_its_answers() -> None:
    assert understood("j" + KITTY_SAYS.replace("\x1bP", "x\x1bP")) == Answers(
        complete=True, name="kitty(0.35.2)", kitty=True, cell=(10, 20)
    )
    assert understood(XTERM_SAYS) == Answers(
        complete=True, name="XTerm(379)", sixel=True, cell=(9, 18), colours=256
    )
    assert understood("\x1b_Gi=1;ENOTSUP:no\x1b\\\x1b[?64c") == Answers(complete=True)
    assert understood("\x1b[6;0;0t\x1b[?6") == Answers()


@pytest.mark.parametrize(
    ("environ", "says", "drawn"),
    [
        ({}, KITTY_SAYS, Drawn.KITTY),
        ({}, KITTY_SAYS.replace("kitty(0.35.2)", "ghostty 1.2.0"), Drawn.KITTY),
        ({}, KITTY_SAYS.replace("0.35.2", "0.26.5"), Drawn.HALF_BLOCK),
        ({}, KITTY_SAYS.replace("kitty(0.35.2)", "new"), Drawn.HALF_BLOCK),
        ({}, XTERM_SAYS, Drawn.SIXEL),
        ({}, XTERM_SAYS.replace("256S", "16S"), Drawn.HALF_BLOCK),
        ({}, WEZTERM_SAYS, Drawn.SIXEL),
        ({}, WEZTERM_SAYS.replace("\x1b[6;20;10t", ""), Drawn.HALF_BLOCK),
        ({}, PLAIN_SAYS, Drawn.HALF_BLOCK),
        ({}, "", Drawn.HALF_BLOCK),
        ({"NBTUI_IMAGES": "kitty"}, "", Drawn.KITTY),
        ({"NBTUI_IMAGES": "auto"}, XTERM_SAYS, Drawn.SIXEL),
    ],
)
def test_what_is_known_to_work_is_taken(environ: dict[str, str], says: str, drawn: Drawn) -> None:
    chosen = choose({"TERM": "xterm"} | environ, lambda: understood(says))
    assert chosen.drawn is drawn
    assert chosen.why
    assert chosen.late is not bool(says)


@pytest.mark.parametrize(
    "environ",
    [
        {"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"},
        {"TERM": "screen", "STY": "1.pts"},
        {"TERM": "xterm", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"},
        {"TERM": "linux"},
        {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"},
        {"TERM": "xterm", "NBTUI_IMAGES": "half-block"},
    ],
)
def test_nobody_is_asked_where_the_answer_is_known(environ: dict[str, str]) -> None:
    def never() -> Answers:
        raise AssertionError("asked")

    assert choose(environ, never).drawn is Drawn.HALF_BLOCK
    forced = choose(environ | {"NBTUI_IMAGES": "sixel"}, Answers)
    in_browser = "TEXTUAL_DRIVER" in environ
    assert forced.drawn is (Drawn.HALF_BLOCK if in_browser else Drawn.SIXEL)


def test_a_way_of_drawing_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ConfigError, match="half-block, sixel, kitty"):
        choose({"NBTUI_IMAGES": "png"}, Answers)


def test_a_terminal_is_asked_without_echo_and_left_as_it_was() -> None:
    ours, terminal = pty.openpty()
    before = termios.tcgetattr(terminal)

    def answer() -> None:
        asked = b""
        while not asked.endswith(b"\x1b[c"):
            asked += os.read(ours, 100)
        assert asked.decode() == QUESTIONS
        for part in (KITTY_SAYS[:9], KITTY_SAYS[9:]):
            os.write(ours, part.encode())

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        assert ask(terminal, terminal, 60.0).kitty
        thread.join()
        assert ask(terminal, terminal, 0.01) == Answers()
        assert termios.tcgetattr(terminal) == before
    finally:
        os.close(ours)
        os.close(terminal)


def test_what_is_no_terminal_is_not_asked() -> None:
    source, sink = os.pipe()
    try:
        assert ask(source, sink, 60.0) == Answers()
    finally:
        os.close(source)
        os.close(sink)


@pytest.mark.parametrize("says", [KITTY_SAYS, XTERM_SAYS, PLAIN_SAYS])
def test_answers_that_come_late_are_no_keys(says: str) -> None:
    stream = f"a\x1b[A{says}b\x1b[?2026;2$y"
    for cut in (n for n in range(1, len(stream)) if not stream[:n].endswith(("\x1b", "\x1b["))):
        late = LateAnswers()
        typed = late.without(stream[:cut]) + late.without(stream[cut:])
        assert typed == "a\x1b[Ab\x1b[?2026;2$y"
        assert late.without(says) == says, "afterwards nothing is touched"


def test_a_key_never_waits_for_an_answer_that_may_not_come() -> None:
    late = LateAnswers()
    for key in ("\x1b", "\x1b[", "q", "\x1b[1;2A", "\x1bO"):
        assert late.without(key) == key


def undo_sixels(text: str) -> tuple[np.ndarray, dict[int, tuple[int, ...]]]:
    """Return the indices and the palette that a terminal would show."""
    found = re.fullmatch(
        r'\x1b7\x1b\[\d+;\d+H\x1bP[\d;]*q"1;1;(\d+);(\d+)(.*)\x1b\\\x1b8', text, re.S
    )
    assert found
    wide, high = int(found[1]), int(found[2])
    out = np.full((high + 5, wide), -1)
    palette: dict[int, tuple[int, ...]] = {}
    x = y = colour = 0
    for n, rgb, repeat, char, move in re.findall(
        r"#(\d+)((?:;\d+){4})?|(?:!(\d+))?([?-~])|([$-])", found[3]
    ):
        if rgb:
            palette[int(n)] = tuple(int(v) for v in rgb.split(";")[2:])
        elif n:
            colour = int(n)
        elif char:
            for _ in range(int(repeat or 1)):
                for bit in range(6):
                    if ord(char) - 63 >> bit & 1:
                        out[y + bit, x] = colour
                x += 1
        else:
            x, y = 0, y + 6 * (move == "-")
    return out[:high], palette


@pytest.mark.parametrize("shape", [(1, 1), (6, 40), (17, 1203), (25, 33)])
def test_sixels_show_every_pixel(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(7)
    pixels = random.integers(0, 5, shape, dtype=np.uint8)
    pixels[:, shape[1] // 3 :] = 3
    palette = np.array([[255, 0, 128], [0, 0, 0], [255, 255, 255], [1, 2, 3], [9, 9, 9]], np.uint8)
    shown, colours = undo_sixels(sixel.encode(Picture(pixels, palette), (2, 3)))
    np.testing.assert_array_equal(shown, pixels)
    assert colours[0] == (100, 0, 50)
    assert len(colours) == 5


def test_a_kitty_picture_arrives_whole_and_is_placed_by_its_number() -> None:
    pixels = np.random.default_rng(7).integers(0, 68, (120, 200), dtype=np.uint8)
    palette = np.arange(68 * 3, dtype=np.uint8).reshape(68, 3)
    sent = kitty.upload(Picture(pixels, palette), 0x123456, (6, 20))
    parts = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", sent)
    assert parts[0][0].startswith(f"a=T,U=1,f=100,q=2,i={0x123456},r=6,c=20,m=1")
    assert [keys[-1] for keys, _ in parts] == ["1"] * (len(parts) - 1) + ["0"]
    assert all(len(data) <= 4096 for _, data in parts)
    data = base64.b64decode("".join(data for _, data in parts))
    shown = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    np.testing.assert_array_equal(shown, palette[pixels])
    (segment,) = kitty.row(0x123456, 4, 3)
    assert segment.text == "".join(f"\U0010eeee\u0312{c}" for c in "\u0305\u030d\u030e")
    assert segment.style
    assert segment.style.color
    assert tuple(segment.style.color.get_truecolor()) == (0x12, 0x34, 0x56)
    assert kitty.LARGEST == 297


def test_marks_are_seen_on_any_colour_and_cut_at_the_edge() -> None:
    for shade in (0, 255, HIDDEN, EMPTY):
        dots = np.full((40, 50), shade, np.int16)
        marks = [Mark(row, 2 + 9 * n, found) for n, found in enumerate(Found) for row in (0, 20)]
        picture = paint(
            dots, table(View.C, grey=False), [*marks, Mark(39, 49)],
            dot_px=3, size=(122, 155), outside=(1, 2, 3),
        )  # fmt: skip
        shown = picture.palette[picture.pixels]
        assert tuple(shown[-1, -1]) == (1, 2, 3), "what the dots leave over"
        for mark in marks:
            left = max(mark.column * 3 - 9, 0)
            part = shown[51:69, left : left + 18].reshape(-1, 3)
            assert {(0, 0, 0), (255, 255, 255)} <= {tuple(c) for c in part.tolist()}


def test_fewer_dots_lose_no_peak_and_no_sign() -> None:
    dots = np.full((40, 60), 10, np.int16)
    dots[17, 23] = 200
    dots[30, 40] = HIDDEN
    dots[:, 50:] = EMPTY
    few = coarse(dots, (8, 13), signed=False)
    assert few[3, 5] == 200
    assert few[6, 8] == HIDDEN
    assert (few[:, -2:] == EMPTY).all()
    signed: Indices = np.full((40, 60), 128, np.int16)
    signed[3, 3], signed[3, 4], signed[20, 20] = 5, 140, 255
    few = coarse(signed, (8, 12), signed=True)
    assert few[0, 0] == 5
    assert few[4, 4] == 255
    assert coarse(dots, dots.shape, signed=False) is dots


def test_dots_are_never_coarser_than_half_blocks() -> None:
    tiny = Canvas(Graphics(Drawn.SIXEL, cell=(2, 4)), lambda _text: None)
    assert tiny.dots((10, 20)) == (20, 20)
    assert not Canvas(Graphics(Drawn.KITTY), lambda _text: None).fits((20, 298))


@asynccontextmanager
async def shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drawn: Drawn
) -> AsyncIterator[tuple[Pilot[int], ImageView, list[str]]]:
    """Yield an app on images, in a terminal that draws real pixels."""
    sent: list[str] = []
    monkeypatch.setattr(compat, "send", lambda _app, text: sent.append(text))
    bundle = recorded.gate_blocked(tmp_path).bundle
    write_pair(bundle, *images())
    app = Stage(exports=tmp_path / "exports").app(attach=bundle, graphics=Graphics(drawn, "x"))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await idle(pilot)
        await press(pilot, "i")
        image = app.screen.query_one(ImageView)
        while not sent:
            await pilot.pause(0.01)
        yield pilot, image, sent


def screen_text(pilot: Pilot[int]) -> str:
    return "".join(
        segment.text for strip in pilot.app.screen._compositor.render_strips() for segment in strip
    )


@pytest.mark.asyncio
async def test_kitty_pictures_stand_in_the_cells_and_give_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(tmp_path, monkeypatch, Drawn.KITTY) as (pilot, image, sent):
        assert kitty.PLACEHOLDER in screen_text(pilot)
        assert "· kitty" in screen_text(pilot)
        before = image.pixel
        count = len(sent)
        await press(pilot, "right")
        assert image.pixel != before
        assert len(sent) == count + 1
        await press(pilot, "e")
        assert kitty.PLACEHOLDER not in screen_text(pilot), "a dialog is over half blocks"
        await press(pilot, "s")
        (svg,) = (tmp_path / "exports").glob("*.svg")
        assert kitty.PLACEHOLDER not in svg.read_text()
        assert "▀" in svg.read_text()
        assert kitty.PLACEHOLDER in screen_text(pilot)
        sent.clear()
        pilot.app.theme = "nb-mono"
        await idle(pilot)
        assert sent, "another theme has other colours"
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, ImagesScreen)
        assert sent[-1].count("a=d,d=I") == 2


@pytest.mark.asyncio
async def test_sixels_go_over_half_blocks_and_give_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with shown(tmp_path, monkeypatch, Drawn.SIXEL) as (pilot, image, sent):
        assert "\x1bPq" in sent[0].replace("0;1;0", "")
        assert "▀" in screen_text(pilot)
        shape = undo_sixels(sent[-1])[0].shape
        region = image.scrollable_content_region
        assert shape == (region.height * 16, region.width * 8)
        assert f"\x1b[{region.y + 1};{region.x + 1}H" in sent[-1]
        await idle(pilot)
        sent.clear()
        await press(pilot, "shift+right")
        while not sent:
            await pilot.pause(0.01)
        await press(pilot, "e")
        sent.clear()
        await press(pilot, "escape")
        while not sent:
            await pilot.pause(0.01)
        pilot.app.notify("over the picture\n" * 9, timeout=600)
        while not image._covered:
            await pilot.pause(0.01)
        sent.clear()
        image.changed()
        await idle(pilot)
        while image._waiting is not None:
            await pilot.pause(0.01)
        assert not sent, "nothing is drawn over a notice"
