"""Pictures in kitty's graphics protocol, placed by characters that stand for them.

The picture is sent once under a number; then each cell it covers shows a placeholder, a character
of the private plane with two diacritics for row and column, whose colour is the number. So a
picture is text to the app: dialogs cover it, and it goes away when something else is written.
"""

import base64
import io

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from nbtui.tui.graphics.picture import Picture

PLACEHOLDER = "\U0010eeee"
_CHUNK = 4096
# The combining characters that the protocol counts rows and columns with, as ranges.
_COUNTING = """
305 30d-30e 310 312 33d-33f 346 34a-34c 350-352 357 35b 363-36f 483-487 592-595 597-599 59c-5a1
5a8-5a9 5ab-5ac 5af 5c4 610-617 657-65b 65d-65e 6d6-6dc 6df-6e2 6e4 6e7-6e8 6eb-6ec 730 732-733
735-736 73a 73d 73f-741 743 745 747 749-74a 7eb-7f1 7f3 816-819 81b-823 825-827 829-82d 951
953-954 f82-f83 f86-f87 135d-135f 17dd 193a 1a17 1a75-1a7c 1b6b 1b6d-1b73 1cd0-1cd2 1cda-1cdb
1ce0 1dc0-1dc1 1dc3-1dc9 1dcb-1dcc 1dd1-1de6 1dfe 20d0-20d1 20d4-20d7 20db-20dc 20e1 20e7 20e9
20f0 2cef-2cf1 2de0-2dff a66f a67c-a67d a6f0-a6f1 a8e0-a8f1 aab0 aab2-aab3 aab7-aab8 aabe-aabf
aac1 fe20-fe26 10a0f 10a38 1d185-1d189 1d1aa-1d1ad 1d242-1d244
"""


def _counted() -> str:
    out = []
    for word in _COUNTING.split():
        first, _, last = word.partition("-")
        out += [chr(n) for n in range(int(first, 16), int(last or first, 16) + 1)]
    return "".join(out)


DIACRITICS = _counted()
LARGEST = len(DIACRITICS)
"""Rows or columns that a placed picture has at most."""


def upload(picture: Picture, number: int, cells: tuple[int, int]) -> str:
    """Return what gives a picture its number and its size; one of that number is replaced.

    Parameters
    ----------
    picture
        What to send.
    number
        1 to 2^24 - 1.
    cells
        Rows and columns of characters it covers.
    """
    # Pillow only encodes, and only here: nothing else should wait for its import.
    from PIL import Image as Pillow  # noqa: PLC0415

    image = Pillow.fromarray(picture.pixels)
    image.putpalette(picture.palette.tobytes())
    stream = io.BytesIO()
    image.save(stream, "PNG", compress_level=1)
    data = base64.b64encode(stream.getvalue()).decode()
    chunks = [data[at : at + _CHUNK] for at in range(0, len(data), _CHUNK)]
    keys = f"a=T,U=1,f=100,q=2,i={number},r={cells[0]},c={cells[1]},"
    out = []
    for index, chunk in enumerate(chunks):
        more = int(index + 1 < len(chunks))
        out.append(f"\x1b_G{keys}m={more};{chunk}\x1b\\")
        keys = "q=2,"
    return "".join(out)


def forget(number: int) -> str:
    """Return what removes a picture from the terminal's memory."""
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"


def row(number: int, y: int, columns: int) -> Strip:
    """Return a line of characters that stand for a row of the picture."""
    text = "".join(f"{PLACEHOLDER}{DIACRITICS[y]}{DIACRITICS[x]}" for x in range(columns))
    colour = Color.from_rgb(number >> 16 & 255, number >> 8 & 255, number & 255)
    return Strip([Segment(text, Style(color=colour))], columns)
