"""What must be mended in Textual itself, each with its reason and its end."""

import codecs
from collections.abc import Callable
from typing import Protocol, cast

from textual.drivers import linux_driver, linux_inline_driver


class _Driver(Protocol):
    getincrementaldecoder: Callable[[str], Callable[[], codecs.IncrementalDecoder]]


def _tolerant(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    """Return a decoder factory that replaces what it cannot decode."""
    decoder = codecs.getincrementaldecoder(encoding)
    return lambda: decoder(errors="replace")


def tolerate_legacy_mouse_reports() -> None:
    """Keep one undecodable byte on the keyboard's line from ending the app.

    A terminal that forgets SGR mouse mode (tmux re-attach, a reconnected SSH session)
    reports the mouse in the X10 form: ``ESC [ M`` and three raw bytes, where a column past
    95 is a byte >= 0x80. Textual's input thread decodes strictly, raises
    ``UnicodeDecodeError`` and takes the app down. With replacement the report is an
    unknown key and nothing more. ``tests/nbtui/tui/test_pty.py`` sends such bytes; this
    function goes when a Textual release passes that test without it.
    """
    for module in (linux_driver, linux_inline_driver):
        cast("_Driver", module).getincrementaldecoder = _tolerant
