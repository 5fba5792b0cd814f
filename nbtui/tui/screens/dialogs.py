"""The questions the app asks and the messages that must be seen: each a modal screen."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from nbtui.memo.plan import StepKind
from nbtui.run.events import Asked
from nbtui.tui.document import Block, Bullet, Code, Gap, Heading, Pair, Para, edge, render
from nbtui.tui.model import PlanView
from nbtui.tui.widgets.page import Page
from nbtui.tui.words import KINDS, duration


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer: its key, its word, and what the dialog returns."""

    key: str
    word: str
    value: str
    style: str = "$accent"


SIZES = [(0, "-narrow"), (100, "-normal")]
"""A dialog takes a narrow terminal whole: what is to be confirmed is to be seen."""
_LOW = 30
_LABELS = 11
"""Columns of a label: beside it a hash of 64 digits fits on a line of 80."""


def _room(screen_height: int) -> int:
    """Return the lines a dialog's text may take: all or nine tenths, less frame and keys."""
    return max((screen_height if screen_height < _LOW else screen_height * 9 // 10) - 4, 3)


class Dialog(ModalScreen[str | None]):
    """Blocks of text and a line of keys; ``escape`` always means: nothing happens.

    Parameters
    ----------
    title, blocks, choices
        What is asked, and the answers there are.
    escape
        What ``escape`` means, in words.
    """

    CSS_PATH = "dialogs.tcss"
    AUTO_FOCUS = "Page"
    HORIZONTAL_BREAKPOINTS = SIZES
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Back", show=False)]

    def __init__(
        self, title: str, blocks: Sequence[Block], choices: Sequence[Choice], escape: str = "back"
    ) -> None:
        super().__init__()
        self._title = title
        self._blocks = tuple(blocks)
        self._choices = tuple(choices)
        self._escape = escape
        for choice in self._choices:
            self._bindings.bind(choice.key, f"answer('{choice.value}')", choice.word, show=False)

    def compose(self) -> ComposeResult:
        """Lay out text and keys."""
        with Vertical(id="dialog") as frame:
            frame.border_title = edge(self._title)
            yield Page(id="dialog-text")
            yield Static(self._keys(), id="dialog-keys", markup=False)

    def on_mount(self) -> None:
        """Show the text."""
        self.query_one(Page).show(self._blocks)

    def on_resize(self, event: Resize) -> None:
        """Give the text all the height there is, but never that of the keys."""
        self.query_one(Page).styles.max_height = _room(event.size.height)
        self.call_after_refresh(self._tell_of_more)

    def _tell_of_more(self) -> None:
        more = self.query_one(Page).max_scroll_y > 0
        self.query_one("#dialog-keys", Static).update(self._keys(more=more))

    def _keys(self, *, more: bool = False) -> Content:
        parts: list[Content] = []
        ends = [Choice("esc", self._escape, "", "$muted")]
        ends += [Choice("↑↓", "there is more", "", "$muted")] if more else []
        for choice in (*self._choices, *ends):
            parts.append(Content.styled(f" {choice.key} ", f"bold $background on {choice.style}"))
            parts.append(Content(f" {choice.word}   "))
        return Content.assemble(*parts)

    def action_answer(self, value: str) -> None:
        """Give the answer."""
        self.dismiss(value)

    def action_close(self) -> None:
        """Give none."""
        self.dismiss(None)


def confirm_answer(asked: Asked) -> Dialog:
    """Return the question before an answer's command runs: the command, what deviates, lint."""
    blocks: list[Block] = [Code(asked.text), *(Bullet(line) for line in asked.details)]
    choices = [Choice("y", "run it", "yes", "$success"), Choice("n", "ask again", "no")]
    return Dialog("Run this command?", blocks, choices, "later")


def confirm_start(
    view: PlanView, commands: Mapping[str, tuple[str, ...]], *, led: bool = False
) -> Dialog:
    """Return the question before a run: every command as it will be executed.

    A led run also waits for its operator at questions, manual steps and the signature.
    """
    from nbtui.memo.danger import dangers  # noqa: PLC0415  (knows every program's options)

    plan = view.plan
    blocks: list[Block] = [
        Para(
            "These commands run, exactly as shown, one after the other, without a shell. "
            "A detached supervisor runs them; closing this terminal does not stop it."
        ),
        Gap(),
        Pair("bundle", f"{plan.artifacts_root}/<new STAMP>/", column=_LABELS),
        Pair("plan hash", plan.digest(), "$accent", column=_LABELS),
    ]
    settings = [v for v in plan.environment if v.value is not None]
    blocks += [
        Pair("env" if i == 0 else "", f"{v.name}={v.value}", column=_LABELS)
        for i, v in enumerate(settings)
    ]
    deviations = plan.all_deviations()
    if deviations:
        told = f"{len(deviations)}, listed under Plan"
        blocks.append(Pair("deviations", told, "$warning", column=_LABELS))
    for number, step in enumerate(plan.stages, 1):
        blocks += [Gap(), Heading(f"{number}  {step.title}", f"limit {duration(step.timeout_s)}")]
        if step.command is None:
            blocks.append(Para("done by nbtui itself", "$muted", indent=2))
            continue
        blocks.append(Code(shlex.join(commands.get(step.id, step.command.argv))))
        blocks += [Pair("  DANGER", danger, "$error") for danger in dangers(step.command)]
        blocks += [Pair("  env", f"{k}={v}") for k, v in step.command.env.items()]
        blocks.append(Pair("  log", step.command.log))
    by_hand = [s for s in plan.steps if s.kind is not StepKind.RUNNABLE]
    choices = [Choice("y", "start the run", "start", "$success")]
    if led:
        blocks += [Gap(), Heading("You are asked for", "the run waits for you there")]
        blocks += [Bullet(s.title, KINDS[s.kind].glyph, KINDS[s.kind].style) for s in by_hand]
        blocks.append(Bullet("your signature below the whole list", "□", "$accent"))
        choices = [Choice("y", "lead the run", "lead", "$success")]
    elif by_hand:
        blocks += [
            Gap(),
            Heading("Left for a person", "6 leads through these too"),
            *(Bullet(s.title, KINDS[s.kind].glyph, KINDS[s.kind].style) for s in by_hand),
        ]
    return Dialog("Lead a run?" if led else "Start the run?", blocks, choices, "not now")


def confirm_cancel(*, again: bool) -> Dialog:
    """Return the question before a run is cancelled."""
    if again:
        text = "The run is being cancelled already. Kill the stage at once?"
        choice = Choice("k", "kill it now", "kill", "$error")
    else:
        text = (
            "The stage is asked to end, then ended; what it wrote is kept and the bundle is "
            "sealed as cancelled. The STAMP is used up."
        )
        choice = Choice("c", "cancel the run", "cancel", "$error")
    return Dialog("Cancel the run?", [Para(text)], [choice], "let it run")


def confirm_leave() -> Dialog:
    """Return the question before leaving while a run started here is under way."""
    return Dialog(
        "Leave while the run is under way?",
        [
            Para("The run belongs to its supervisor, not to this app."),
            Gap(),
            Bullet("Detach: it goes on; nbtui attach shows it again.", "d", "bold $accent"),
            Bullet("Cancel: it is stopped and sealed; then quit with q.", "c", "bold $error"),
        ],
        [Choice("d", "detach", "detach"), Choice("c", "cancel the run", "cancel", "$error")],
        "stay",
    )


def ask_diagnosis() -> Dialog:
    """Return the question whether the search for a cause may run the two programs."""
    return Dialog(
        "Search for the cause?",
        [
            Para("What the run left is read first: reports, hashes, images. Nothing is changed."),
            Gap(),
            Bullet("r: if these do not explain it, both programs are run again, small and traced, "
                   "in an empty folder.", "▸", "$accent"),
            Bullet("o: only what the run left is read.", "▸", "$accent"),
        ],
        [Choice("r", "may run programs", "run"), Choice("o", "only read", "read")],
    )  # fmt: skip


def choose_export(folder: str) -> Dialog:
    """Return the question in which form to write what is shown."""
    return Dialog(
        "Export what is shown",
        [
            Bullet("PNG: the picture at full size, at most 2048 pixels a side.", "p"),
            Bullet("SVG: this screen as it is.", "s"),
            Bullet("CSV: the values of every dot, and both curves.", "c"),
            Gap(),
            Pair("into", folder),
        ],
        [
            Choice("p", "PNG", "png"),
            Choice("s", "SVG", "svg"),
            Choice("c", "CSV", "csv"),
        ],
    )


def failure(what: str, detail: str) -> Dialog:
    """Return the message after something went wrong in the app itself."""
    return Dialog(
        "This did not work",
        [
            Para(what, "bold $error"),
            Gap(),
            Code(detail),
            Gap(),
            Para("The app goes on; a run, if there is one, is not affected.", "$muted"),
        ],
        [Choice("y", "copy this message", "copy")],
        "close",
    )


class HelpScreen(ModalScreen[None]):
    """A mode's help page and its keys."""

    CSS_PATH = "dialogs.tcss"
    HORIZONTAL_BREAKPOINTS = SIZES
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1,enter", "close", "Close", show=False)
    ]

    def __init__(self, text: str, keys: Sequence[Block]) -> None:
        super().__init__()
        self._text = text
        self._keys_text = Static("", markup=False)
        self._keys_blocks = tuple(keys)

    def compose(self) -> ComposeResult:
        """Lay out the page."""
        # Who asks for no help does not wait for a parser of Markdown.
        from textual.widgets import Markdown  # noqa: PLC0415

        with Vertical(id="dialog"):
            with VerticalScroll(id="help-text"):
                yield Markdown(self._text, open_links=False)
                yield self._keys_text
            keys = Content.assemble(
                (" esc ", "bold $background on $muted"),
                " close   ",
                (" ↑↓ ", "bold $background on $muted"),
                " the keys stand below",
            )
            yield Static(keys, id="dialog-keys", markup=False)

    def on_resize(self, event: Resize) -> None:
        """Wrap the keys for the new width, and use the new height."""
        self.query_one("#help-text").styles.max_height = _room(event.size.height)
        self.call_after_refresh(self._draw_keys)

    def _draw_keys(self) -> None:
        width = self.query_one("#help-text").scrollable_content_region.width
        self._keys_text.update(render(self._keys_blocks, width))

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)
