"""Which experiment is timed: the canonical one, and the same at another number of pixels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.parity.arguments import c_real
from engine.parity.errors import UsageError

DEFAULT_ARGS = (
    "-lambda", "0.5", "-cell", "100", "100", "100", "90", "90", "90", "-N", "5",
    "-default_F", "100", "-distance", "500", "-detpixels", "4096", "-pixel", "0.05",
)  # fmt: skip
"""The golden case ``high_resolution_4096``: the comparison's own experiment."""

_DEFAULT_SIZE_MM = 102.4
_DEFAULT_PIXEL_MM = 0.1
# (keyword, exact token, axes) of specification 3.4; axis 0 is slow, 1 is fast.
_COUNTS = (
    ("-detpixels", True, (0, 1)),
    ("-detpixels_f", False, (1,)),
    ("-detpixels_x", False, (1,)),
    ("-detpixels_s", False, (0,)),
    ("-detpixels_y", False, (0,)),
)
_SIZES = (
    ("-detsize", True, (0, 1)),
    ("-detsize_f", False, (1,)),
    ("-detsize_s", False, (0,)),
)
_IN_PIXELS = ("-roi", "-ORGX", "-ORGY", "-img", "-mask")


@dataclass(frozen=True, slots=True)
class Grid:
    """The detector of an experiment: pixels ``(slow, fast)`` and pixel size in millimetres."""

    shape: tuple[int, int]
    pixel_mm: float

    @classmethod
    def of(cls, args: Sequence[str]) -> "Grid":
        """Return the grid that arguments ask for, defaults included (specification 5.1)."""
        counts, sizes, pixel = [0, 0], [_DEFAULT_SIZE_MM] * 2, _DEFAULT_PIXEL_MM
        for word, operand in pairwise([*args, ""]):
            value = c_real(operand)
            for axis in _axes(word, _COUNTS):
                counts[axis] = int(value)
            for axis in _axes(word, _SIZES):
                sizes[axis] = value
            if word.startswith("-") and "-pixel" in word:
                pixel = value
        if pixel <= 0:
            raise UsageError(f"pixel size {pixel:g} mm", where="-pixel", fix="give it in mm, > 0")
        slow, fast = (n or math.ceil(s / pixel - 0.5) for n, s in zip(counts, sizes, strict=True))
        return cls((slow, fast), pixel)


def at_size(args: Sequence[str], size: int) -> tuple[str, ...]:
    """Return the arguments for ``size`` x ``size`` pixels over the same field of view.

    The pixel size changes in inverse proportion, so that the detector stays as large. Given
    the experiment's own number of pixels, the arguments come back untouched.

    Raises
    ------
    UsageError
        The experiment is not square, or says something in units of pixels.
    """
    grid = Grid.of(args)
    if grid.shape == (size, size):
        return tuple(args)
    slow, fast = grid.shape
    if slow != fast:
        raise UsageError(
            f"the experiment has {slow} x {fast} pixels and cannot be made {size} x {size}",
            where="--sizes",
            fix="leave --sizes out: the experiment then runs at its own size",
        )
    for word in args:
        if word.startswith("-") and any(key in word for key in _IN_PIXELS):
            raise UsageError(
                f"{word} is in units of pixels and would mean something else at {size} pixels",
                where="--sizes",
                fix=f"leave out --sizes or {word}",
            )
    kept: list[str] = []
    words = iter(args)
    for word in words:
        if _axes(word, _COUNTS) or _axes(word, _SIZES) or _is_pixel(word):
            next(words, None)
        else:
            kept.append(word)
    pixel = grid.pixel_mm * slow / size
    return ("-detpixels", str(size), "-pixel", f"{pixel:.10g}", *kept)


def _is_pixel(word: str) -> bool:
    return word.startswith("-") and "-pixel" in word


def _axes(word: str, table: tuple[tuple[str, bool, tuple[int, ...]], ...]) -> tuple[int, ...]:
    for keyword, exact, axes in table:
        if word == keyword if exact else word.startswith("-") and keyword in word:
            return axes
    return ()
