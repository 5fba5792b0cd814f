"""Pictures as sixels: bands of six rows, for each colour a line of six-bit columns, run by run.

All runs of all bands are found and written by whole-array operations: a pane has a quarter of a
million of them, too many to be looked at one by one between two keys.
"""

import numpy as np
from numpy.typing import NDArray

from nbtui.tui.graphics.picture import Picture, Pixels

BAND = 6
_OFFSET = 0x3F
_LONG = 4
"""From this length on a run is written as a count."""
_LARGEST_COUNT = 9999

_Numbers = NDArray[np.int64]


def encode(picture: Picture, place: tuple[int, int]) -> str:
    """Return what draws a picture at a place and puts the cursor back.

    Parameters
    ----------
    picture
        What to draw.
    place
        Row and column of characters, from 0.
    """
    high, wide = picture.pixels.shape
    registers = "".join(
        f"#{n};2;{r};{g};{b}"
        for n, (r, g, b) in enumerate((picture.palette.astype(int) * 100 + 127) // 255)
    )
    body = _body(picture.pixels, len(picture.palette)).decode("ascii")
    at = f"\x1b7\x1b[{place[0] + 1};{place[1] + 1}H"
    return f'{at}\x1bP0;1;0q"1;1;{wide};{high}{registers}{body}\x1b\\\x1b8'


def _body(pixels: Pixels, colours: int) -> bytes:
    bands = -(-pixels.shape[0] // BAND)
    wide = pixels.shape[1]
    bits = np.zeros((bands, colours, wide), np.uint8)
    columns = np.arange(wide)
    for y, line in enumerate(pixels):
        # Each column of a row has one colour: no place is written twice.
        bits[y // BAND, line, columns] |= np.uint8(1 << y % BAND)
    used = bits.any(axis=2)
    lines = bits[used]
    band_of, colour_of = np.nonzero(used)
    text, ends = _runs(lines)
    out = bytearray()
    start, previous = 0, 0
    for band, colour, end in zip(band_of.tolist(), colour_of.tolist(), ends.tolist(), strict=True):
        out += b"-" * (band - previous) if band != previous else b"$" if out else b""
        out += b"#%d" % colour
        out += text[start:end]
        start, previous = end, band
    return bytes(out)


def _runs(lines: NDArray[np.uint8]) -> tuple[bytes, _Numbers]:
    """Return all lines written out one after the other, and where each ends."""
    count, wide = lines.shape
    change = np.ones((count, wide), bool)
    change[:, 1:] = lines[:, 1:] != lines[:, :-1]
    starts = np.flatnonzero(change)
    lengths = np.diff(starts, append=count * wide)
    values = lines.ravel()[starts]
    owner = starts // wide
    # Nothing need be written to the right of a line's last point.
    wanted = ~((values == 0) & (starts + lengths == (owner + 1) * wide))
    lengths, values, owner = lengths[wanted], values[wanted], owner[wanted]
    digits = np.where(
        lengths >= 1000, 4, np.where(lengths >= 100, 3, np.where(lengths >= 10, 2, 1))
    )
    sizes = np.where(lengths < _LONG, lengths, digits + 2)
    ends = np.cumsum(sizes)
    out = np.repeat((values + _OFFSET).astype(np.uint8), sizes)
    long = lengths >= _LONG
    first = (ends - sizes)[long]
    out[first] = ord("!")
    number, width = lengths[long], digits[long]
    for place in range(int(width.max(initial=0))):
        has = width > place
        digit = number[has] // 10 ** (width[has] - 1 - place) % 10
        out[first[has] + 1 + place] = digit + ord("0")
    per_line = np.bincount(owner, weights=sizes, minlength=count)
    return out.tobytes(), np.cumsum(per_line).astype(np.int64)
