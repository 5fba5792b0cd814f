"""A pane's dots and marks as pixels of few colours, ready for any encoding."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbtui.images.peaks import Found
from nbtui.images.scale import COLOURS, HIDDEN, Indices, Table

EMPTY = HIDDEN + 1
"""Index of a dot outside the image."""
SHADE = 4
"""Neighbouring colours drawn as one: 64 steps are enough for the eye."""
_SHADES = COLOURS // SHADE
_BLACK, _WHITE = _SHADES + 2, _SHADES + 3
_RADIUS_PX = 6
_GAP_PX = 3
_ARM_PX = 14

Pixels = NDArray[np.uint8]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something drawn over the image around a dot: a spot, or the cursor when ``found`` is None."""

    row: int
    column: int
    found: Found | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Indices into a palette.

    Attributes
    ----------
    pixels
        ``[row, column]``.
    palette
        Red, green and blue of each index, 0 to 255.
    """

    pixels: Pixels
    palette: Pixels


def paint(
    dots: Indices,
    colours: Table,
    marks: Sequence[Mark],
    *,
    dot_px: int,
    size: tuple[int, int],
    outside: tuple[int, int, int],
) -> Picture:
    """Return dots and marks as a picture.

    Parameters
    ----------
    dots
        Colour of each dot; :data:`EMPTY` outside of the image.
    colours
        The view's colours, as :func:`nbtui.images.scale.table` makes them.
    marks
        Drawn in this order.
    dot_px
        Screen pixels that a dot is high and wide.
    size
        Pixels high and wide; what the dots leave over at the end is outside.
    outside
        Red, green and blue around the image.
    """
    pixels = np.full(size, _SHADES + 1, np.uint8)
    small = np.where(dots < COLOURS, dots // SHADE, dots - COLOURS + _SHADES).astype(np.uint8)
    large = small.repeat(dot_px, 0).repeat(dot_px, 1)[: size[0], : size[1]]
    pixels[: large.shape[0], : large.shape[1]] = large
    for mark in marks:
        _stamp(pixels, mark, dot_px)
    middles = colours[SHADE // 2 : COLOURS : SHADE]
    extra = np.array([colours[HIDDEN], outside, (0, 0, 0), (255, 255, 255)], np.uint8)
    return Picture(pixels, np.concatenate([middles, extra]))


def _stamp(pixels: Pixels, mark: Mark, dot_px: int) -> None:
    """Draw a white figure with a black rim: one of the two is seen on any colour."""
    core = _figure(mark.found)
    rim = core.copy()
    for axis in (0, 1):
        rim = rim | np.roll(rim, 1, axis) | np.roll(rim, -1, axis)
    half = core.shape[0] // 2
    top, left = (n * dot_px + dot_px // 2 - half for n in (mark.row, mark.column))
    rows = slice(max(top, 0), min(top + core.shape[0], pixels.shape[0]))
    columns = slice(max(left, 0), min(left + core.shape[1], pixels.shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    part = (
        slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    )  # fmt: skip
    under = pixels[rows, columns]
    under[rim[part]] = _BLACK
    under[core[part]] = _WHITE


def _figure(found: Found | None) -> _Mask:
    reach = (_ARM_PX if found is None else _RADIUS_PX) + 1
    y, x = np.abs(np.mgrid[-reach : reach + 1, -reach : reach + 1])
    match found:
        case Found.MATCHED:
            out: _Mask = np.abs(np.hypot(y, x) - _RADIUS_PX) <= 0.7
        case Found.MOVED:
            out = np.abs(y + x - _RADIUS_PX) <= 0.5
        case Found.MISSING:
            out = (y == x) & (y < _RADIUS_PX)
        case Found.SPURIOUS:
            out = (np.minimum(y, x) == 0) & (np.maximum(y, x) < _RADIUS_PX)
        case None:
            out = (np.minimum(y, x) == 0) & (np.maximum(y, x) > _GAP_PX) & (y + x <= _ARM_PX)
    return out


def coarse(dots: Indices, size: tuple[int, int], *, signed: bool) -> Indices:
    """Return fewer dots of the same picture: the largest of each block, or the most extreme.

    Parameters
    ----------
    dots
        Colour of each dot.
    size
        Rows and columns wanted, at most as many as there are.
    signed
        Whether the middle colour stands for zero.
    """
    if dots.shape == size:
        return dots
    rows, columns = (np.arange(n) * have // n for n, have in zip(size, dots.shape, strict=True))
    # What is outside has the largest index; it must not win against the image's edge.
    inside = np.where(dots == EMPTY, -1, dots)

    def most(values: Indices) -> Indices:
        reduced: Indices = np.maximum.reduceat(np.maximum.reduceat(values, rows, 0), columns, 1)
        return reduced

    high = most(inside)
    if not signed:
        return np.where(high < 0, EMPTY, high).astype(np.int16)
    low = (COLOURS - 1) - most(np.where(inside < 0, -1, COLOURS - 1 - inside))
    farther = np.where(COLOURS - 1 - low > high, low, high)
    chosen = np.where(high >= HIDDEN, HIDDEN, farther)
    return np.where(high < 0, EMPTY, chosen).astype(np.int16)
