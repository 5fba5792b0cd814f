"""What must be mended in Textual itself, each with its reason and its end."""

import codecs
import contextlib
import os
import shutil
import sys
from collections.abc import Callable
from typing import Any, Protocol, TextIO, cast

from textual import message_pump
from textual.app import App
from textual.content import Content
from textual.css.stylesheet import Stylesheet
from textual.drivers import linux_driver, linux_inline_driver
from textual.drivers._writer_thread import WriterThread
from textual.geometry import Region
from textual.timer import Timer
from textual.widget import Widget

from nbtui.tui.graphics.late import LateAnswers


class _Decoder(Protocol):
    def decode(self, data: bytes, final: bool = False) -> str:
        """Return the text of bytes."""


_Factory = Callable[[str], Callable[[], _Decoder]]


class _Driver(Protocol):
    getincrementaldecoder: _Factory


def _tolerant(encoding: str) -> Callable[[], _Decoder]:
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


class _Listening:
    """A decoder that takes late answers of the terminal out of what was typed."""

    def __init__(self, decoder: _Decoder, late: LateAnswers) -> None:
        self._decoder = decoder
        self._late = late

    def decode(self, data: bytes, final: bool = False) -> str:
        """Return what was typed."""
        return self._late.without(self._decoder.decode(data, final))


def overhear_late_answers() -> None:
    """Keep answers that come after the wait for them from being taken for keys.

    Textual hands on an escape sequence that it does not know letter by letter. It has no hook
    before its parser; this function goes when it has one.
    """
    late = LateAnswers()
    for module in (linux_driver, linux_inline_driver):
        driver = cast("_Driver", module)
        driver.getincrementaldecoder = _listening(driver.getincrementaldecoder, late)


def _listening(made: _Factory, late: LateAnswers) -> _Factory:
    return lambda encoding: lambda: _Listening(made(encoding)(), late)


class _Writer(WriterThread):
    """Goes on emptying its queue when the terminal is gone.

    Textual's ends with the first write that fails. Its queue takes thirty pieces, and the app
    waits for room in it, in vain, when it has drawn more than that until it ends.
    """

    _left = False

    def stop(self) -> None:
        """Stop the thread, and block until it finished."""
        self._left = True
        super().stop()

    def run(self) -> None:
        """Write, or drop what cannot be written, until told to stop."""
        while True:
            try:
                super().run()
            except OSError:
                if not self._left or self._queue.qsize():
                    continue
            return


def outlive_a_lost_terminal() -> None:
    """Let the app end, not hang, when its terminal has gone; see :class:`_Writer`."""
    vars(linux_driver)["WriterThread"] = _Writer


def terminal_size(otherwise: tuple[int, int] = (80, 24)) -> tuple[int, int]:
    """Return columns and lines of the terminal itself, whatever COLUMNS and LINES say."""
    for stream in (sys.__stderr__, sys.__stdin__, sys.__stdout__):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            columns, lines = os.get_terminal_size(cast("TextIO", stream).fileno())
            if columns > 0 and lines > 0:
                return columns, lines
    return shutil.get_terminal_size(otherwise)


def ask_the_terminal_for_its_size() -> None:
    """Let the app follow its terminal where a shell or a program has exported COLUMNS and LINES.

    Textual believes these two before the terminal: the app kept the size it was started with.
    """
    asked = "_get_terminal_size"
    setattr(linux_driver.LinuxDriver, asked, lambda _driver: terminal_size())


class ParsedOnce(Stylesheet):
    """A style sheet that is parsed again only where its variables or its text have changed.

    Textual forgets what it parsed each time a screen brings rules of its own, and when a theme is
    set: the app's first frame came after three times the same work. Made for
    ``App.stylesheet``; goes when Textual keeps what it has.
    """

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache.maxsize = 512  # one for each widget's own rules, and all are wanted

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the variables; with the same ones as before, everything stays."""
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse what is not known yet; after an error the rules are those of before."""
        self.parse()


class SureTimer(Timer):
    """A timer that fires, however late: one that is to fire once has no next time to wait for.

    Textual's looks at the clock, and again, and skips what has passed in between. Where the
    thread has to wait longer than the delay just there, for a processor or for another thread
    of Python's, one that fires once never does. Behind 8 ms Textual takes over a terminal's new
    size, no later one before that has happened; behind :meth:`App.delay_update` it draws again.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self._repeat is not None:
            self._skip = False


def fire_every_timer() -> None:
    """Make every timer a :class:`SureTimer`; goes when Textual's own fires late."""
    message_pump.Timer = SureTimer  # type: ignore[attr-defined]


def send(app: App[Any], sequence: str) -> None:
    """Write a control sequence in order with the frames that Textual writes.

    Its writer runs in a thread of its own, and whatever else writes to the terminal may land
    within a frame. Textual has no public way in; ``App.copy_to_clipboard`` takes this one.
    """
    if app._driver is not None:
        app._driver.write(sequence)


def backlog(app: App[Any]) -> int:
    """Return how many writes wait for a terminal that is slower than the app."""
    queue = getattr(getattr(app._driver, "_writer_thread", None), "_queue", None)
    return int(queue.qsize()) if queue is not None else 0


def retitle(widget: Widget, title: Content) -> None:
    """Change the title in a widget's border and draw only the border's line anew.

    Setting ``border_title`` draws the whole widget again, even if nothing has changed: over
    a picture of real pixels that shows.
    """
    if title == getattr(widget, "_retitled", None):
        return
    widget._retitled = title  # type: ignore[attr-defined]
    widget._border_title = title
    left, above = widget.content_offset
    widget.refresh(Region(-left, -above, widget.outer_size.width, 1))
