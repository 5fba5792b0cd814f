"""What a led run asks of its operator: an answer, an attestation, the signature."""

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from nbtui.run.events import Asked
from nbtui.run.operator import How, initials_of
from nbtui.tui.document import Block, Para, edge
from nbtui.tui.pages import checklist_pages
from nbtui.tui.widgets.page import Page


@dataclass(frozen=True, slots=True)
class Told:
    """What the operator said: ``how`` is ``done``, ``not-done`` or one of :class:`How`."""

    how: str
    text: str
    by: str
    initials: str = ""


ANSWERS = (
    (How.COMMAND.value, "run this command"),
    (How.HAND.value, "I do it by hand"),
    (How.LEAVE_OUT.value, "leave it out, for this reason"),
)
ATTESTATIONS = (("done", "done, I sign"), ("not-done", "not done"))
"""What can be said, and how its key is named: enter, F2, F3."""


class AskDialog(ModalScreen[Told | None]):
    """A question, the fields to fill, and what the keys say.

    Parameters
    ----------
    asked
        What the run waits for.
    name
        Whose word it is, unless another name is written.
    proposal
        The command line that the tool proposes as an answer.
    """

    CSS_PATH = "dialogs.tcss"
    AUTO_FOCUS = "#said"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "later", "Later", show=False),
        Binding("f2", "say(1)", "Second", show=False),
        Binding("f3", "say(2)", "Third", show=False),
    ]

    def __init__(self, asked: Asked, name: str, proposal: str = "") -> None:
        super().__init__()
        self._asked = asked
        self._who = name
        self._proposal = proposal
        self._ways = ANSWERS if asked.what == "answer" else ATTESTATIONS

    def compose(self) -> ComposeResult:
        """Lay out question, fields and keys."""
        answering = self._asked.what == "answer"
        what = "command line, or the reason to leave it out" if answering else "note: done and seen"
        with Vertical(id="dialog") as frame:
            frame.border_title = edge(checklist_pages.TITLES[self._asked.what])
            yield Page(id="dialog-text")
            yield Static(what, classes="label", markup=False)
            yield Input(self._proposal, id="said")
            yield Static("name", classes="label", markup=False)
            yield Input(self._who, id="name")
            if not answering:
                yield Static("initials", classes="label", markup=False)
                yield Input(initials_of(self._who), id="initials")
            yield Static(self._keys(), id="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Show the question."""
        blocks: list[Block] = [Para(self._asked.text, "bold")]
        blocks += [Para(line, "$muted") for line in self._asked.details]
        self.query_one(Page).show(blocks)

    def on_resize(self, event: Resize) -> None:
        """Leave room for the fields."""
        self.query_one(Page).styles.max_height = max(event.size.height - 14, 2)

    def _keys(self) -> Content:
        names = ("enter", "F2", "F3")
        parts = []
        for key, (_, word) in zip(names, self._ways, strict=False):
            parts.append(Content.styled(f" {key} ", "bold $background on $accent"))
            parts.append(Content(f" {word}   "))
        parts.append(Content.styled(" esc ", "bold $background on $muted"))
        return Content.assemble(*parts, " later")

    def on_input_submitted(self) -> None:
        """Say the first thing."""
        self.action_say(0)

    def action_say(self, number: int) -> None:
        """Say one of the things, with what was written."""
        if number >= len(self._ways):
            return
        how = self._ways[number][0]
        text = self.query_one("#said", Input).value.strip()
        by = self.query_one("#name", Input).value.strip()
        if not text and how != How.HAND:
            self.notify("Write it first: an empty word is none.")
            self.query_one("#said", Input).focus()
            return
        if not by:
            self.notify("Whose word is it? A name is needed.")
            self.query_one("#name", Input).focus()
            return
        initials = self.query("#initials")
        short = initials.first(Input).value.strip() if initials else ""
        self.dismiss(Told(how, text, by, short))

    def action_later(self) -> None:
        """Say nothing yet; the run waits."""
        self.dismiss(None)
