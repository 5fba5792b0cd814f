"""How pictures are drawn in this terminal, and why."""

import fcntl
import os
import re
import struct
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from nbtui.errors import ConfigError
from nbtui.tui.graphics.asking import Answers

VARIABLE = "NBTUI_IMAGES"
AUTO = "auto"
USUAL_CELL = (8, 16)
"""Pixels of a character, wide and high, where a terminal that was chosen by name does not tell."""
COLOURS_NEEDED = 68
"""The shades of a picture, what is no number, the ground, and the marks' black and white."""
KITTY_WITH_PLACEHOLDERS = (0, 28)


class Drawn(StrEnum):
    """By what pictures are drawn; the value is its name on screen and in ``NBTUI_IMAGES``."""

    HALF_BLOCK = "half-block"
    SIXEL = "sixel"
    KITTY = "kitty"


@dataclass(frozen=True, slots=True)
class Graphics:
    """What was chosen.

    Attributes
    ----------
    drawn
        By what pictures are drawn.
    why
        In a few words.
    cell
        ``(wide, high)`` pixels of a character, as told at the start.
    late
        Whether answers may still come.
    """

    drawn: Drawn = Drawn.HALF_BLOCK
    why: str = ""
    cell: tuple[int, int] = USUAL_CELL
    late: bool = False

    @property
    def words(self) -> str:
        """What a pane says about itself."""
        return "half blocks" if self.drawn is Drawn.HALF_BLOCK else self.drawn.value


HALF_BLOCKS = Graphics(why="nothing was asked")
"""What every terminal can."""


def choose(
    environ: Mapping[str, str],
    ask: Callable[[], Answers],
    winsize_cell: tuple[int, int] | None = None,
) -> Graphics:
    """Return how to draw pictures.

    Parameters
    ----------
    environ
        ``NBTUI_IMAGES`` settles it; ``TERM``, ``TMUX`` and others tell where asking is no use.
    ask
        Asks the terminal; not called where nothing depends on it.
    winsize_cell
        Pixels of a character, wide and high, as the kernel's window size tells them.

    Raises
    ------
    ConfigError
        ``NBTUI_IMAGES`` has a value that is none.
    """
    wanted = environ.get(VARIABLE) or AUTO
    if wanted != AUTO and wanted not in set(Drawn):
        raise ConfigError(
            f"{VARIABLE} is {wanted!r}",
            where="environment",
            fix=f"use one of {', '.join((AUTO, *Drawn))}",
        )
    if wanted == Drawn.HALF_BLOCK:
        return Graphics(why=f"{VARIABLE} says so")
    if "TEXTUAL_DRIVER" in environ:
        return Graphics(why="the page in the browser has no graphics")
    pointless = _pointless(environ)
    if wanted == AUTO and pointless:
        return Graphics(why=pointless)
    answers = Answers() if pointless else ask()
    cell = winsize_cell or answers.cell
    late = not pointless and not answers.complete
    if wanted != AUTO:
        return Graphics(Drawn(wanted), f"{VARIABLE} says so", cell or USUAL_CELL, late)
    drawn, why = _best(answers, cell)
    return Graphics(drawn, why, cell or USUAL_CELL, late)


def _pointless(environ: Mapping[str, str]) -> str:
    """Return why there is no use in asking; empty when there may be."""
    if environ.get("TMUX") or environ.get("STY"):
        return "tmux and screen do not pass graphics through"
    # The Linux console and Apple's terminal print what they do not understand.
    if environ.get("TERM", "") in {"", "dumb", "linux", "vt100", "vt220"}:
        return "this terminal has no graphics"
    if environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return "this terminal has no graphics"
    return ""


def _best(answers: Answers, cell: tuple[int, int] | None) -> tuple[Drawn, str]:
    if not answers.complete:
        return Drawn.HALF_BLOCK, "the terminal did not answer in time"
    # Sixel first: a terminal that has both draws kitty's pictures but knows no placeholders.
    if answers.sixel and answers.colours is not None and answers.colours < COLOURS_NEEDED:
        return Drawn.HALF_BLOCK, f"the terminal's sixels have {answers.colours} colours only"
    if answers.sixel and cell:
        return Drawn.SIXEL, "the terminal has it"
    if answers.sixel:
        return Drawn.HALF_BLOCK, "the terminal does not tell the size of its characters"
    if answers.kitty and _knows_placeholders(answers.name):
        return Drawn.KITTY, "the terminal has it"
    return Drawn.HALF_BLOCK, "the terminal has no graphics that are known to work"


def _knows_placeholders(name: str) -> bool:
    """Whether a terminal of this name draws a picture where text stands for it."""
    if name.startswith("ghostty"):
        return True
    version = re.match(r"kitty\((\d+)\.(\d+)", name)
    return version is not None and ((int(version[1]), int(version[2])) >= KITTY_WITH_PLACEHOLDERS)


def real_cell(screen: int) -> tuple[int, int] | None:
    """Return the pixels of a character, wide and high, as the window size tells them now."""
    if not os.isatty(screen):
        return None
    try:
        told = fcntl.ioctl(screen, termios.TIOCGWINSZ, b"\0" * 8)
    except OSError:
        return None
    rows, columns, wide, high = struct.unpack("HHHH", told)
    if not (rows and columns and wide >= columns and high >= rows):
        return None
    return wide // columns, high // rows
