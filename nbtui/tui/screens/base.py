"""What every mode has: header, body, the line that announces ``enter``, and the keys."""

from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import ScreenResume
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import Worker

from nbtui.tui.actions import actions_for
from nbtui.tui.guide import Mode, Next, next_step
from nbtui.tui.guiding import Guiding
from nbtui.tui.model import Model
from nbtui.tui.widgets.key_bar import KeyBar
from nbtui.tui.widgets.next_bar import NextBar
from nbtui.tui.widgets.run_header import RunHeader

TOO_SMALL = (
    "This terminal is too small for nbtui.\n\n"
    "It needs 60 columns and 16 lines; 80 x 24 is comfortable.\n"
    "A run goes on, whatever the terminal.\n\nq quits."
)


class ModeScreen(Screen[None]):
    """Base of the modes: a view of the model that owns nothing."""

    MODE: ClassVar[Mode]
    PLACE: ClassVar[str] = ""
    """Whose actions are in force here; the mode's own when empty."""
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - declared by Textual, not as a ClassVar
        (0, "-tiny"),
        (60, "-narrow"),
        (100, "-normal"),
        (150, "-wide"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012 - declared by Textual, not as a ClassVar
        (0, "-flat"),
        (16, "-low"),
        (30, "-tall"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._possible: tuple[bool | None, ...] = ()

    @property
    def shown_in(self) -> Mode:
        """The mode whose part of the way this is."""
        return self.MODE

    @property
    def place(self) -> str:
        """The place of the registry of actions that this screen is."""
        return self.PLACE or self.MODE.value

    def announce(self, model: Model) -> Next:
        """Return what ``enter`` does here."""
        return next_step(model, self.MODE)

    def do_next(self) -> None:
        """Do what was announced, where the screen itself does it."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Let the app tell of an unexpected error in one of this screen's workers."""
        self.guide_app.tell_of(event.worker)

    @property
    def guide_app(self) -> Guiding:
        """The app, as far as a screen may know it."""
        return cast("Guiding", self.app)

    def compose(self) -> ComposeResult:
        """Lay out the frame around the mode's own body."""
        yield RunHeader(self.shown_in)
        with Container(id="body"):
            yield from self.body()
        yield Static(TOO_SMALL, id="too-small", markup=False)
        yield NextBar()
        yield KeyBar()

    def body(self) -> Iterable[Widget]:
        """Return the mode's own widgets."""
        raise LookupError(f"{type(self).__name__} has no body")

    def show_body(self, model: Model) -> None:
        """Bring the mode's own widgets up to date with ``model``."""
        raise LookupError(f"{type(self).__name__} shows nothing of {model}")

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show(self.guide_app.model)

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Catch up with what happened while another mode was on screen."""
        # A theme that was changed meanwhile has been noticed already; the rest is as it was.
        event.refresh_styles = not self.is_mounted
        if self.is_mounted:
            self.show(self.guide_app.model)

    def on_resize(self) -> None:
        """Lay the rows out for the new width."""
        self.call_after_refresh(self.show_again)

    def on_rows_resized(self) -> None:
        """Lay the rows out for their own new width, which may be known later than the screen's."""
        self.show_again()

    def show_again(self) -> None:
        """Show the same model once more."""
        self.show(self.guide_app.model)

    def show(self, model: Model) -> None:
        """Bring everything up to date with the model."""
        self.query_one(RunHeader).show(model)
        self.show_body(model)
        self.show_announcement()
        self.refresh_keys()

    def show_announcement(self) -> None:
        """Say what ``enter`` does now."""
        model = self.guide_app.model
        newest = model.ground.newest
        last = f"newest run {newest}, 5 lists all" if newest else ""
        if model.run is not None:
            last = model.run.last_event
        self.query_one(NextBar).show(self.announce(model), last)

    def refresh_keys(self) -> None:
        """Draw the footer again, but only when other actions are possible than before.

        The model changes four times a second, and the footer is rebuilt from nothing each time.
        """
        actions = actions_for(self.place)
        possible = tuple(self.check_action(a.action, ()) for a in actions)
        if possible != self._possible:
            self._possible = possible
            self.refresh_bindings()

    def on_next_bar_pressed(self) -> None:
        """Do what the bar announces."""
        self.guide_app.action_next()

    def on_run_header_chosen(self, event: RunHeader.Chosen) -> None:
        """Go to the mode that was clicked."""
        self.guide_app.go(event.mode)

    @property
    def narrow(self) -> bool:
        """Whether only one pane at a time has room."""
        return self.size.width < 100


def help_text(place: str) -> str:
    """Return the help page of a place (Markdown beside the screen's module)."""
    return (Path(__file__).parent / f"{place}.md").read_text(encoding="utf-8")
