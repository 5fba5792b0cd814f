"""The two lines on top: where one is and what state the run is in, and the way through."""

from rich.cells import cell_len
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from nbtui.preflight.model import CheckStatus
from nbtui.store import Phase
from nbtui.tui.document import visible
from nbtui.tui.guide import Mode
from nbtui.tui.model import Model
from nbtui.tui.words import LOST, PHASES, WAITING, Mark

_BRANCH = 12
"""Cells of a branch's name that the host's name does not take."""


def run_mark(model: Model) -> Mark:
    """Return the mark of the run on show."""
    if model.lost:
        return LOST
    if model.run is None:
        return Mark("·", "no run open" if model.ground.runs else "no run yet", "$muted")
    return PHASES[model.run.phase]


def mode_mark(model: Model, mode: Mode) -> Mark:
    """Return how far a mode's part of the way is."""
    done = Mark("✓", "done", "$success")
    failed = Mark("✗", "blocked", "bold $error")
    now = Mark("●", "now", "bold $primary")
    match mode:
        case Mode.PLAN:
            if model.view is None:
                return failed if model.trouble else WAITING
            return failed if model.view.blocking else done
        case Mode.PREFLIGHT:
            return _preflight_mark(model, done, failed, now)
        case Mode.RUN:
            if model.run is None:
                return WAITING
            if model.active:
                return now
            return done if model.run.phase is Phase.CLEARED else failed
        case Mode.RESULTS:
            if model.run is None or model.active:
                return WAITING
            return failed if model.run.phase is not Phase.CLEARED else done
        case Mode.HISTORY:
            return WAITING
        case Mode.CHECKLIST:
            asked = model.active and model.run is not None and model.run.waiting is not None
            return Mark("?", "asks", "bold $warning") if asked else WAITING


def _preflight_mark(model: Model, done: Mark, failed: Mark, now: Mark) -> Mark:
    if model.checking:
        return now
    if model.checked:
        return failed if model.blocked_checks else done
    checks = model.run.checks if model.run else ()
    if not checks:
        return WAITING
    return failed if any(c.status is CheckStatus.BLOCK for c in checks) else done


class RunHeader(Widget):
    """Run, branch, commit, host and state; below, the modes as a way to walk."""

    ALLOW_SELECT = False

    class Chosen(Message):
        """A mode was clicked."""

        def __init__(self, mode: Mode) -> None:
            super().__init__()
            self.mode = mode

    def __init__(self, mode: Mode) -> None:
        super().__init__()
        self._mode = mode
        self._model = Model()
        self._drawn = Content("")
        self._spans: list[tuple[int, int, Mode]] = []

    @property
    def mode(self) -> Mode:
        """The mode that is lit."""
        return self._mode

    def show(self, model: Model) -> None:
        """Show another moment; most of them look like the one before."""
        self._model = model
        if not self._drawn.is_same(self._lines()):
            self.refresh()

    def render(self) -> Content:
        """Draw both lines."""
        self._drawn = self._lines()
        return self._drawn

    def _lines(self) -> Content:
        width = self.size.width
        return Content("\n").join([self._identity(width), self._way(width)])

    def _identity(self, width: int) -> Content:
        model = self._model
        facts = model.facts
        mark = run_mark(model)
        stamp = model.run.bundle.name if model.run else ""
        right = Content.assemble(
            (f"{stamp}  " if stamp else "", "$foreground"), mark.content(), " "
        )
        left = Content.assemble((" nbtui ", "bold $background on $primary"), " ")
        branch = Content.styled(visible(facts.branch), "$foreground")
        commit = f"@{facts.sha[:7]}" if facts.sha else "no git repository"
        dirty = Content.styled(" ✎ dirty", "$warning") if facts.dirty else Content("")
        host = Content.styled(f"  {visible(facts.host)}", "$muted")
        room = width - left.cell_length - right.cell_length
        told = Content.styled(commit, "$foreground") + dirty
        if told.cell_length + host.cell_length + min(branch.cell_length, _BRANCH) + 2 <= room:
            told += host
        # A long name gives way; commit and flag say what the figures will belong to.
        name = branch.truncate(max(room - told.cell_length - 1, 0), ellipsis=True)
        where = (name + told).truncate(max(room, 0), ellipsis=True, pad=True)
        return left + where + right

    def _way(self, width: int) -> Content:
        parts = [Content(" ")]
        self._spans = []
        column = 1
        wide = width >= 100
        for mode in Mode:
            here = mode is self._mode
            mark = mode_mark(self._model, mode)
            name = Content.styled(
                f" {mode.key} {mode.label} ",
                "bold $foreground on $cursor-row" if here else "$muted",
            )
            state = Content.styled(f"{mark.glyph} ", mark.style)
            if here:
                state = Content.styled(f"{mark.glyph} ", f"{mark.style} on $cursor-row")
            walked = mode in {Mode.PLAN, Mode.PREFLIGHT, Mode.RUN}
            joint = Content.styled((" ─── " if walked else "     ") if wide else " ", "$rule")
            length = name.cell_length + state.cell_length
            self._spans.append((column, column + length, mode))
            column += length + cell_len(joint.plain)
            parts += [name, state, joint]
        return Content.assemble(*parts)

    def on_click(self, event: Click) -> None:
        """Go to the mode that was clicked."""
        if event.y != 1:
            return
        for first, last, mode in self._spans:
            if first <= event.x < last:
                self.post_message(self.Chosen(mode))
