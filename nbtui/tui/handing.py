"""What the app hands to the terminal: text to its clipboard, files to pager and editor."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event

from textual import work
from textual.app import SuspendNotSupported
from textual.events import Resize
from textual.geometry import Size

from nbtui.tui import compat
from nbtui.tui.graphics.choice import Graphics
from nbtui.tui.model import Model
from nbtui.tui.screens import dialogs
from nbtui.tui.services import Services
from nbtui.tui.surviving import SurvivingApp

_SETTLED_S = 0.1
"""By then the app has taken over the size that it was told of on its way back."""


@contextlib.contextmanager
def _keys_are_the_others() -> Iterator[None]:
    """Let an interrupt be for the program in the terminal; the app has the same group.

    An ignored signal would be ignored by that program too, a handled one is not.
    """
    before = {n: signal.getsignal(n) for n in (signal.SIGINT, signal.SIGQUIT)}
    for number in before:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class HandingApp(SurvivingApp):
    """Copies texts and shows files; what cannot be handed over is said."""

    services: Services
    model: Model
    graphics: Graphics

    def __init__(self) -> None:
        super().__init__()
        self._lent: Event | None = None
        self._code: int | None = None

    def tell_failure(self, what: str, detail: str) -> None:
        """Say what went wrong, and let it be copied."""

        def answer(value: str | None) -> None:
            if value == "copy":
                self.copy(f"{what}\n{detail}", "the message")

        self.push_screen(dialogs.failure(what, detail), answer)

    def copy(self, text: str, what: str) -> None:
        """Copy text through the terminal (OSC 52) and show it, for terminals that refuse."""
        self.copy_to_clipboard(text)
        self.notify(text, title=f"Copied {what}", markup=False)

    def copy_report_path(self) -> None:
        """Copy the path of blockers.md, or of the bundle of any other run."""
        bundle = self.model.bundle
        if bundle is None:
            return
        report = bundle / "blockers.md"
        self.copy(str(report if report.is_file() else bundle), "the path")

    def view_file(self, path: Path, *, edit: bool, line: int = 0) -> None:
        """Show a file in pager or editor, at a line (from 1), while the app waits."""
        if self._lent is None:
            self._lent = Event()
            self._lend(partial(self.services.view_file, path, edit, line), path, self._lent)

    @property
    def lent(self) -> bool:
        """Whether another program has the terminal."""
        return self._lent is not None

    def exit_when_back(self, code: int) -> None:
        """Leave; a program that has the terminal is ended before."""
        if self._lent is None:
            self.exit(code)
            return
        self._code = code if self._code is None else self._code
        self._lent.set()

    @work(group="lent", exit_on_error=False)
    async def _lend(self, show: Callable[[Event], None], path: Path, left: Event) -> None:
        trouble: OSError | None = None
        try:
            # Nothing is drawn meanwhile. An error that left the suspension would make it last.
            with self.suspend(), self.batch_update(), _keys_are_the_others():
                try:
                    await asyncio.to_thread(show, left)
                except OSError as error:
                    trouble = error
        except SuspendNotSupported:
            self.notify(str(path), title="No pager here; the file is", markup=False)
        finally:
            left.set()
            self._lent = None
        if self._code is not None:
            self.exit(self._code)
            return
        if trouble is not None:
            self.tell_failure("The file could not be shown.", str(trouble))
        self.refresh()
        self.set_timer(_SETTLED_S, self.measure)

    def measure(self) -> None:
        """Take over the terminal's size: a change while the app came back may have been lost.

        Textual asks for the size and passes it on in two steps; a signal between them tells of
        the new size first, and of the old one after that.
        """
        size = Size(*compat.terminal_size(self.size))
        if not self.is_headless and size != self.size:
            self.post_message(Resize(size, size))

    def action_suspend_process(self) -> None:
        """Put the app aside for its shell; in a browser there is none, and that is said."""
        if self._driver is None or not self._driver.can_suspend:
            self.tell_failure("There is no shell here.", "The app was not started from one.")
            return
        super().action_suspend_process()
