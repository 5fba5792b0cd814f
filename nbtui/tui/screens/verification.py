"""Verification: a bundle held against its own hashes and figures, in another process."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.binding import BindingType
from textual.message import Message
from textual.widget import Widget

from nbtui.errors import NbtuiError
from nbtui.tui.actions import VERIFICATION, bindings_for
from nbtui.tui.document import Block, Code, Gap, Para
from nbtui.tui.guide import Go, Mode, Next
from nbtui.tui.model import Model
from nbtui.tui.pages import verification_pages
from nbtui.tui.screens.base import ModeScreen
from nbtui.tui.services import Verified
from nbtui.tui.widgets.page import Page


class Checked(Message):
    """The verification has ended; or it could not be made, and ``trouble`` says why."""

    def __init__(self, found: Verified | None, trouble: str = "") -> None:
        super().__init__()
        self.found = found
        self.trouble = trouble


class VerificationScreen(ModeScreen):
    """One page: what is wrong first, then everything that was looked at.

    Parameters
    ----------
    bundle
        The run's folder.
    asked_in
        The mode it is shown in, and goes back to.
    """

    MODE = Mode.RESULTS
    PLACE = VERIFICATION
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(VERIFICATION)]
    AUTO_FOCUS = "#verification"

    def __init__(self, bundle: Path, asked_in: Mode) -> None:
        super().__init__()
        self._bundle = bundle
        self._asked_in = asked_in
        self._found: Verified | None = None
        self._trouble = ""
        self._left = threading.Event()

    @property
    def shown_in(self) -> Mode:
        """The mode that it stands in."""
        return self._asked_in

    def body(self) -> Iterable[Widget]:
        """Return the page."""
        yield Page(f"Verification · {self._bundle.name}", id="verification")

    def on_mount(self) -> None:
        """Begin to verify."""
        super().on_mount()
        self._verify()

    def on_unmount(self) -> None:
        """End a verification that nobody waits for any more."""
        self._left.set()

    @work(thread=True, exclusive=True, group="verification", exit_on_error=False)
    def _verify(self) -> None:
        try:
            found = self.guide_app.services.verify(self._bundle, self._left)
        except (NbtuiError, OSError) as error:
            self.post_message(Checked(None, str(error)))
            return
        self.post_message(Checked(found))

    def on_checked(self, event: Checked) -> None:
        """Show what was found."""
        self._found, self._trouble = event.found, event.trouble
        self.show_again()
        self.query_one(Page).scroll_home(animate=False)

    def announce(self, model: Model) -> Next:  # noqa: ARG002 - the base's signature
        """Return what ``enter`` does here."""
        return Next(Go.HERE, f"back to {self._asked_in.label} (esc)")

    def do_next(self) -> None:
        """Go back."""
        self.dismiss()

    def action_back(self) -> None:
        """Go back."""
        self.dismiss()

    def action_verify_again(self) -> None:
        """Look at everything once more: files may have been restored."""
        self._found, self._trouble = None, ""
        self.show_again()
        self._verify()

    def action_copy_verify(self) -> None:
        """Copy the command that verifies this bundle."""
        self.guide_app.copy(verification_pages.command(self._bundle), "the command")

    def show_body(self, model: Model) -> None:  # noqa: ARG002 - the bundle is its own model
        """Show what was found, or that it is being looked for."""
        page = self.query_one(Page)
        if self._trouble:
            trouble: list[Block] = [
                Para("This bundle could not be verified.", "bold $warning"),
                Gap(),
                Code(self._trouble),
                Gap(),
                Para("r tries again; enter goes back.", "$muted"),
            ]
            page.show(trouble)
        elif self._found is not None:
            page.show(verification_pages.result(self._found))
        else:
            page.show(verification_pages.at_work(self._bundle))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to look again once it has ended."""
        if action == "verify_again":
            return self._found is not None or bool(self._trouble)
        return super().check_action(action, parameters)
