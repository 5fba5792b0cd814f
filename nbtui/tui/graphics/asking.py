"""What a terminal says it can draw: asked once, before the app takes over the keyboard.

All questions go out in one write. The last one, for its device attributes, is answered by every
terminal in use, and terminals answer in order: its answer ends the wait, so that a terminal which
does not know the other questions costs one round trip, and only a silent one the whole patience.
"""

import os
import re
import select
import termios
import time
import tty
from dataclasses import dataclass

PATIENCE_S = 0.3
"""The longest that the start waits for a terminal."""

CELL_SIZE = "\x1b[16t"
NAME = "\x1b[>0q"
KITTY = "\x1b_Gi=1,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
REGISTERS = "\x1b[?1;3;256S"
"""Asks for 256 colours in sixels; the answer is how many there are."""
ATTRIBUTES = "\x1b[c"
QUESTIONS = CELL_SIZE + NAME + KITTY + REGISTERS + ATTRIBUTES

_ATTRIBUTES = re.compile(r"\x1b\[\?([\d;]*)c")
_CELL_SIZE = re.compile(r"\x1b\[6;(\d+);(\d+)t")
_NAME = re.compile(r"\x1bP>\|([^\x1b]*)\x1b\\")
_KITTY = re.compile(r"\x1b_G[^\x1b]*;OK\x1b\\")
_REGISTERS = re.compile(r"\x1b\[\?1;0;(\d+)S")
_SIXEL_ATTRIBUTE = "4"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the terminal said.

    Attributes
    ----------
    complete
        Whether the last question was answered in time.
    name
        What the terminal calls itself, with its version; empty when it does not tell.
    kitty, sixel
        Which kinds of graphics it says it has.
    cell
        ``(wide, high)`` pixels of a character, if it told.
    colours
        How many colours sixels have, if it told.
    """

    complete: bool = False
    name: str = ""
    kitty: bool = False
    sixel: bool = False
    cell: tuple[int, int] | None = None
    colours: int | None = None


def understood(said: str) -> Answers:
    """Return what a terminal's bytes mean; anything else between them is passed over."""
    attributes = _ATTRIBUTES.search(said)
    size, name = _CELL_SIZE.search(said), _NAME.search(said)
    registers = _REGISTERS.search(said)
    cell = (int(size[2]), int(size[1])) if size else None
    return Answers(
        complete=attributes is not None,
        name=name[1] if name else "",
        kitty=_KITTY.search(said) is not None,
        sixel=attributes is not None and _SIXEL_ATTRIBUTE in attributes[1].split(";"),
        cell=cell if cell and all(cell) else None,
        colours=int(registers[1]) if registers else None,
    )


def ask(keyboard: int, screen: int, patience_s: float = PATIENCE_S) -> Answers:
    """Ask the terminal, and wait for its answers.

    Parameters
    ----------
    keyboard, screen
        File descriptors of the terminal, to read from and to write to.
    patience_s
        The longest this takes, seconds.

    Returns
    -------
    Answers
        What was said in time; nothing where the descriptors are no terminal.
    """
    try:
        before = termios.tcgetattr(keyboard)
    except termios.error:
        return Answers()
    said = b""
    try:
        # Neither echoed nor held until a line ends.
        tty.setcbreak(keyboard, termios.TCSANOW)
        os.write(screen, QUESTIONS.encode())
        deadline = time.monotonic() + patience_s
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([keyboard], [], [], left)[0]:
                break
            part = os.read(keyboard, 4096)
            said += part
            if not part or _ATTRIBUTES.search(said.decode("latin-1")):
                break
    except OSError:
        pass
    finally:
        termios.tcsetattr(keyboard, termios.TCSANOW, before)
    return understood(said.decode("latin-1"))
