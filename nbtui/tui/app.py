"""The app: one model, four views, and the way through them. It never owns a run."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath
from typing import Any, ClassVar

from textual import work
from textual.binding import BindingType
from textual.command import Provider
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from nbtui.errors import NbtuiError
from nbtui.exit_codes import ExitCode
from nbtui.tui import afterwards, themes
from nbtui.tui.actions import APP, bindings_for
from nbtui.tui.following import Follower
from nbtui.tui.graphics.choice import HALF_BLOCKS, Graphics
from nbtui.tui.guide import Go, Mode, Next, next_step, report_name
from nbtui.tui.messages import Attached, Failed, Found, Rechecked, Started, Told
from nbtui.tui.model import Model, PlanView, rechecked
from nbtui.tui.opening import OpeningApp
from nbtui.tui.pages.key_page import NO_CHANGES, key_blocks
from nbtui.tui.pages.plan_pages import FINDINGS
from nbtui.tui.pages.welcome import START
from nbtui.tui.palette import ActionProvider
from nbtui.tui.reading import ReadingApp
from nbtui.tui.screens import dialogs
from nbtui.tui.screens.base import ModeScreen, help_text
from nbtui.tui.screens.jump import JumpScreen
from nbtui.tui.screens.plan import PlanScreen
from nbtui.tui.services import Services
from nbtui.tui.words import CHECKS, PHASES

TICK_S = 0.25
FACTS_EVERY_S = 30.0
RESULT_STAYS_S = 3.0


class NbtuiApp(ReadingApp, OpeningApp):
    """Shows the model; workers tell it what they found, screens show it.

    Parameters
    ----------
    services
        What the app asks of the rest of nbtui.
    attach
        A run to show at once; otherwise a run under way is looked for.
    theme_name
        The theme to start with.
    keymap
        The operator's own keys, by the id of an action.
    live
        Whether the clock ticks by itself; tests call :meth:`tick`.
    graphics
        How pictures are drawn in this terminal.
    """

    TITLE = "nbtui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        "app.tcss",
        *(f"screens/{mode.value}.tcss" for mode in Mode),
    ]
    """With the rules of every mode: rules that a mode brought later would style all others anew."""
    MODES: ClassVar[dict[str, Any]] = {
        mode.value: partial(afterwards.screen_of, mode) for mode in Mode
    }
    DEFAULT_MODE = Mode.PLAN.value
    COMMANDS: ClassVar[set[type[Provider]]] = {ActionProvider}  # type: ignore[assignment]  # Textual also takes callables
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_for(APP)]
    ENABLE_COMMAND_PALETTE = True

    def __init__(
        self,
        services: Services,
        *,
        attach: Path | None = None,
        theme_name: str = themes.DEFAULT,
        keymap: Mapping[str, tuple[str, ...]] = NO_CHANGES,
        live: bool = True,
        graphics: Graphics = HALF_BLOCKS,
    ) -> None:
        super().__init__()
        self.services = services
        self.graphics = graphics
        self.keymap = keymap
        self.set_keymap({name: ",".join(keys) for name, keys in keymap.items()})
        self.model = Model(now=services.now())
        self.left_running: Path | None = None
        self._shown_first = attach
        self._live = self.survives = live
        self._follower: Follower | None = None
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = theme_name

    def change(self, **changes: Any) -> None:
        """Replace fields of the model and show it."""
        self.model = replace(self.model, **changes)
        if isinstance(self.screen, ModeScreen) and self.screen.is_mounted:
            self.screen.show(self.model)

    def on_mount(self) -> None:
        """Show a run that was asked for."""
        if self._shown_first is not None:
            self.follow(self._shown_first)
            self.go(Mode.RUN if self.model.active else Mode.RESULTS)

    def on_ready(self) -> None:
        """Read the memo, look at the repository and for a run under way: a frame has been drawn."""
        self.load_plan()
        self.read_facts()
        if self._shown_first is None:
            self.look_for_run()
        self.expect_modes()
        if self._live:
            self.set_interval(TICK_S, self.tick)
            self.set_interval(FACTS_EVERY_S, self.read_facts)

    def on_told(self, event: Told) -> None:
        """Take over what a worker found out."""
        self.change(**event.changes)

    def on_found(self, event: Found) -> None:
        """Add a check."""
        self.change(checks=(*self.model.checks, event.result))

    def on_rechecked(self, event: Rechecked) -> None:
        """Put the new results of a check in the place of the old ones."""
        checks = rechecked(self.model.checks, event.asked, event.results)
        self.change(checks=checks, rechecking="")
        # The result may be the same as before: that it was looked at again must be seen.
        for result in event.results:
            mark = CHECKS[result.status]
            title = f"{mark.glyph} {mark.word}: {result.title}, checked again"
            self.notify(result.found, title=title, markup=False, timeout=RESULT_STAYS_S)

    def on_failed(self, event: Failed) -> None:
        """Say what went wrong."""
        self.change(starting=False, checking=False, rechecking="", reading=False)
        detail = str(event.error)
        if not isinstance(event.error, NbtuiError):
            detail = f"{type(event.error).__name__}: {detail}"
        self.tell_failure(event.what, detail)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Turn an unexpected error of a worker into a message instead of a crash."""
        self.tell_of(event.worker)

    def tell_of(self, worker: Worker[Any]) -> None:
        """Tell of a worker's unexpected error, if it had one."""
        if worker.state is WorkerState.ERROR and isinstance(worker.error, Exception):
            what = f"An unexpected error in “{worker.name}”"
            self.post_message(Failed(what, worker.error))

    def run_checks(self) -> None:
        """Run every check again."""
        view = self.model.view
        if view is not None and not self.model.checking:
            self.change(checking=True, checked=False, checks=())
            self._check_all(view)

    @work(thread=True, exclusive=True, group="checks", exit_on_error=False)
    def _check_all(self, view: PlanView) -> None:
        for result in self.services.check_all(view.plan):
            self.post_message(Found(result))
        self.post_message(Told(checking=False, checked=True))

    def run_check(self, check_id: str) -> None:
        """Run one check again."""
        model = self.model
        if model.view is not None and model.checks and not (model.checking or model.rechecking):
            self.change(rechecking=check_id)
            self._check_one(model.view, check_id)

    @work(thread=True, exclusive=True, group="checks", exit_on_error=False)
    def _check_one(self, view: PlanView, check_id: str) -> None:
        results = self.services.check_one(view.plan, check_id)
        self.post_message(Rechecked(check_id, results))

    @work(thread=True, exclusive=True, group="start", exit_on_error=False)
    def _start(self, view: PlanView, *, led: bool = False) -> None:
        begin = self.services.lead if led else self.services.start
        try:
            bundle = begin(view.plan)
        except NbtuiError as error:
            self.post_message(Failed("The run was not started.", error))
            return
        self.post_message(Started(bundle))

    @work(thread=True, group="cancel", exit_on_error=False)
    def _cancel(self, bundle: Path, *, force: bool) -> None:
        if not self.services.cancel(bundle, force):
            self.post_message(Told(cancelling=False))

    @work(thread=True, exclusive=True, group="settle", exit_on_error=False)
    def _settle(self, bundle: Path) -> None:
        self.services.settle(bundle)

    def on_started(self, event: Started) -> None:
        """Follow the run that was started here."""
        self.change(starting=False, own=True, cancelling=False)
        self.follow(event.bundle)
        self.go(Mode.RUN)

    def on_attached(self, event: Attached) -> None:
        """Follow a run that was found under way."""
        if self._follower is None:
            self.follow(event.bundle)
            self.notify(f"Run {event.bundle.name} is under way; showing it.", title="Attached")
            self.go(Mode.RUN)

    def follow(self, bundle: Path) -> None:
        """Show a run from now on, live or long over."""
        self._follower = follower = Follower(bundle, self.services.alive)
        if follower.trouble:
            self.tell_failure("The journal cannot be read.", follower.trouble)
        plan = self.services.bundle_plan(bundle)
        self.change(
            run=follower.state, run_plan=plan, run_forecast={}, lost=False, now=self.services.now()
        )
        if plan is not None and not follower.state.ended:
            self.read_forecast(plan)

    def open_run(self, bundle: Path) -> None:
        """Show a run, live or long over."""
        self.follow(bundle)
        self.change(own=False, cancelling=False)
        self.go(Mode.RUN if self.model.active else Mode.RESULTS)

    def tick(self) -> None:
        """Read what the run's journal has gained; four times a second."""
        follower = self._follower
        if follower is None or self.lent:
            return
        if follower.state.ended and self.model.run is follower.state:
            return
        was_active = self.model.active
        could_read = not follower.trouble
        follower.poll()
        if follower.trouble and could_read:
            self.tell_failure("The journal cannot be read any further.", follower.trouble)
        if follower.lost and not self.model.lost:
            self._settle(follower.state.bundle)
        self.change(run=follower.state, lost=follower.lost, now=self.services.now())
        if was_active and follower.state.ended:
            self._ended()

    def _ended(self) -> None:
        self.change(cancelling=False)
        self.read_facts()
        mark = PHASES[self.model.run.phase] if self.model.run else None
        if mark and self.mode is not Mode.RUN:
            self.notify("4 shows why and what to do next.", title=f"{mark.glyph} {mark.word}")

    @property
    def exit_code(self) -> int:
        """The verdict's code when a run was followed to its end here, else 0."""
        follower = self._follower
        if follower is None or not follower.saw_it_live or not follower.state.ended:
            return int(ExitCode.CLEARED)
        return follower.state.exit_code or int(ExitCode.CLEARED)

    def go(self, mode: Mode) -> None:
        """Show a mode; in that mode already, its first screen."""
        if self.mode is not mode or not isinstance(self.screen, ModeScreen):
            self.show_mode(mode)
        elif len(self.screen_stack) > 1 and isinstance(self.screen, ModeScreen):
            self.pop_screen()

    def action_go(self, mode: str) -> None:
        """Show a mode by its name."""
        self.go(Mode(mode))

    def action_next(self) -> None:
        """Do the next sensible thing."""
        match self._announced().go:
            case Go.WAIT:
                return
            case Go.HERE | Go.FOLLOW:
                if isinstance(self.screen, ModeScreen):
                    self.screen.do_next()
            case Go.RELOAD:
                self.load_plan()
            case Go.SHOW_FINDINGS:
                self._show_findings()
            case Go.NEWCOMER:
                self.go(Mode.PLAN)
                self.call_after_refresh(self._select_row, START)
            case Go.CHECK:
                self.go(Mode.PREFLIGHT)
                self.run_checks()
            case Go.START:
                self.ask_start()
            case Go.WATCH:
                self.go(Mode.RUN)
            case Go.VERDICT | Go.ANSWER as go:
                self.go(Mode.RESULTS if go is Go.VERDICT else Mode.CHECKLIST)
            case Go.OPEN_REPORT | Go.SETTLE as go:
                self._finish(go)

    def _announced(self) -> Next:
        if isinstance(self.screen, ModeScreen):
            return self.screen.announce(self.model)
        return next_step(self.model, self.mode)

    def _show_findings(self) -> None:
        screen = self.screen
        if isinstance(screen, PlanScreen) and screen.selected == FINDINGS:
            self.load_plan()
            return
        self.go(Mode.PLAN)
        self.call_after_refresh(self._select_row, FINDINGS)

    def _select_row(self, row: str) -> None:
        if isinstance(self.screen, PlanScreen):
            self.screen.select(row)

    def _finish(self, go: Go) -> None:
        name = report_name(self.model)
        bundle = self.model.bundle
        if bundle is not None and go is Go.SETTLE:
            self._settle(bundle)
        elif bundle is not None and name:
            self.view_file(bundle / name, edit=False)

    def ask_start(self) -> None:
        """Show every command as it will be executed, and start only when told to."""
        view = self.model.view
        if view is None or self.model.active or self.model.starting:
            return

        def answer(value: str | None) -> None:
            if value == "start":
                self.change(starting=True)
                self._start(view)

        self.push_screen(dialogs.confirm_start(view, self.model.commands), answer)

    def ask_lead(self) -> None:
        """Show every command and what the operator is asked for, and lead a run when told to."""
        view = self.model.view
        if view is None or self.model.active or self.model.starting:
            return

        def answer(value: str | None) -> None:
            if value == "lead":
                self.change(starting=True)
                self._start(view, led=True)

        self.push_screen(dialogs.confirm_start(view, self.model.commands, led=True), answer)

    def ask_cancel(self) -> None:
        """Ask before a run is cancelled; asked again, offer to kill it."""
        if self.model.active:
            self.push_screen(dialogs.confirm_cancel(again=self.model.cancelling), self._answer)

    def _answer(self, value: str | None) -> None:
        bundle = self.model.bundle
        if bundle is None:
            return
        if value in {"cancel", "kill"} and self.model.active:
            self.change(cancelling=True)
            self._cancel(bundle, force=value == "kill")
        elif value == "detach":
            self.action_detach()

    def new_attempt(self) -> None:
        """Put the ended run aside and go back to preflight."""
        if self.model.active:
            return
        self.change(checks=(), checked=False)
        self.go(Mode.PREFLIGHT)
        self.run_checks()

    def action_help(self) -> None:
        """Explain the mode on screen and list its keys."""
        place = self.screen.place if isinstance(self.screen, ModeScreen) else self.mode.value
        self.push_screen(dialogs.HelpScreen(help_text(place), key_blocks(place, self.keymap)))

    def action_jump(self) -> None:
        """Show a letter on every pane; a letter goes there."""
        screen = self.screen
        panes = [w for w in screen.focus_chain if w.size]

        def go(target: Widget | None) -> None:
            if target is not None:
                target.focus()

        if panes:
            self.push_screen(JumpScreen(panes), go)

    def action_next_theme(self) -> None:
        """Walk through the themes."""
        self.use_theme(themes.after(self.theme))

    def use_theme(self, name: str) -> None:
        """Change the colours."""
        self.theme = name
        if isinstance(self.screen, ModeScreen):
            # Some pages hold colours of their own, such as an image's legend.
            self.screen.show_again()

    def action_leave(self) -> None:
        """Leave; ask first while a run started here is under way."""
        if self.model.own and self.model.active:
            self.push_screen(dialogs.confirm_leave(), self._answer)
        else:
            self.action_detach()

    async def action_quit(self) -> None:
        """Leave as ``q`` does; Textual's own way out knows nothing of runs."""
        self.action_leave()

    def action_detach(self) -> None:
        """Leave; a run goes on without the app."""
        self.end(self.exit_code)

    def end(self, code: int) -> None:
        """Leave with an exit code."""
        self.left_running = self.model.bundle if self.model.active else None
        self.exit_when_back(code)

    def get_system_commands(self, screen: Screen[Any]) -> Any:  # noqa: ARG002 - Textual's hook
        """Offer nothing twice: the registry has everything."""
        return ()
