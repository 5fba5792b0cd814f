"""Apps on recorded runs: services that replay what a test wants and remember what was asked."""

import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Footer, Input, Static
from textual.widgets._footer import FooterKey
from textual.worker import WorkerState

from nbtui.checklist.sheet import Sheet, make_sheet
from nbtui.errors import BundleError, NbtuiError
from nbtui.history.compare import Comparison, compare
from nbtui.history.index import Index
from nbtui.history.margins import Earlier, earlier
from nbtui.history.query import Query, find
from nbtui.history.trends import trends
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Plan
from nbtui.preflight.model import CheckResult
from nbtui.run.forecast import Forecast
from nbtui.store import RunState
from nbtui.tui.app import NbtuiApp
from nbtui.tui.graphics.choice import HALF_BLOCKS, Graphics
from nbtui.tui.guide import Mode
from nbtui.tui.model import Facts, Ground, PlanView
from nbtui.tui.services import Past, Services, Verified
from nbtui.tui.widgets.next_bar import NextBar
from nbtui.tui.widgets.page import Page
from tests.nbtui.tui.recorded import (
    MEMO,
    START,
    good_checks,
    recorded_forecast,
    sample_plan,
)

if TYPE_CHECKING:
    from nbtui.memo.lint import Finding, Remedy


@dataclass
class Stage:
    """The world behind an app under test."""

    checks: tuple[CheckResult, ...] = field(default_factory=good_checks)
    findings: tuple["Finding", ...] = ()
    accepted: tuple["Remedy", ...] = ()
    verified: Verified | None = None
    """What a verification says; without it, it never ends by itself."""
    trouble: NbtuiError | None = None
    start: Callable[[Plan], Path] | None = None
    active: Path | None = None
    alive: bool = True
    seconds: float = 12.0
    asked: list[str] = field(default_factory=list)
    hold: threading.Event | None = None
    """What every check waits for."""
    reading: threading.Event | None = None
    """What the memo's reader and lint wait for."""
    exports: Path = Path("exports")
    ground: Ground = field(default_factory=Ground)
    forecast: dict[str, Forecast] = field(default_factory=recorded_forecast)
    root: Path | None = None
    """Where real bundles are; without it there is no history."""

    def services(self) -> Services:
        """Return services that replay this world."""
        return Services(
            load=self._load,
            facts=lambda: Facts(branch="main", sha="8d62f2ef61", dirty=False, host="beamline-7"),
            ground=lambda: self.ground,
            check_all=self._check_all,
            check_one=self._check_one,
            start=self._start,
            cancel=self._cancel,
            alive=lambda _state: self.alive,
            settle=lambda bundle: self.asked.append(f"settle {bundle.name}"),
            bundle_plan=lambda _bundle: sample_plan(),
            active=lambda: self.active,
            forecast=lambda _plan: self.forecast,
            commands=_commands,
            view_file=self._view_file,
            fix=self._fix,
            accept=self._accept,
            take_back=self._take_back,
            verify=self._verify,
            exports=self.exports,
            past=self._past,
            earlier=self._earlier,
            compare=self._compare,
            sheet=self._sheet,
            lead=self._start,
            attest=lambda _bundle, *said: self.asked.append(f"attest {said}"),
            answer=lambda _bundle, *said: self.asked.append(f"answer {said}"),
            confirm=lambda _bundle, *said: self.asked.append(f"confirm {said}"),
            now=self.now,
        )

    def now(self) -> datetime:
        """Return the frozen clock."""
        return START + timedelta(seconds=self.seconds)

    def _load(self) -> PlanView:
        self.asked.append("load")
        if self.reading:
            self.reading.wait()
        if self.trouble:
            raise self.trouble
        return PlanView(MEMO, sample_plan(), self.findings, accepted=self.accepted)

    def _fix(self) -> int:
        self.asked.append("fix")
        count, self.findings = len(self.findings), ()
        return count

    def _accept(self, _plan: Plan, fix: "Remedy") -> None:
        self.asked.append(f"accept {fix.step_id}")
        self.findings = tuple(f for f in self.findings if f.remedy != fix)
        self.accepted = (*self.accepted, fix)

    def _take_back(self, _plan: Plan, fix: "Remedy") -> int:
        self.asked.append(f"take back {fix.step_id}")
        self.accepted = tuple(f for f in self.accepted if f != fix)
        return 1

    def _verify(self, bundle: Path, left: threading.Event) -> Verified:
        self.asked.append(f"verify {bundle.name}")
        if self.verified is None:
            left.wait()
            raise BundleError("given up", where=bundle.name)
        return self.verified

    def _check_all(self, _plan: Plan) -> Iterator[CheckResult]:
        self.asked.append("check all")
        for result in self.checks:
            if self.hold:
                self.hold.wait()
            yield result

    def _check_one(self, _plan: Plan, check_id: str) -> tuple[CheckResult, ...]:
        self.asked.append(f"check {check_id}")
        return tuple(c for c in good_checks() if c.id == check_id)

    def _start(self, plan: Plan) -> Path:
        self.asked.append("start")
        if self.start is None:
            raise LookupError("this test starts nothing")
        return self.start(plan)

    def _view_file(self, path: Path, edit: bool, line: int, _left: threading.Event) -> None:
        at = f":{line}" if line else ""
        sys.stdout.write(f"{'edited' if edit else 'viewed'} {path.name}{at}\n")
        sys.stdout.flush()

    def _index(self) -> Index:
        if self.root is None:
            raise LookupError("this test has no bundles")
        return Index(self.root, path=self.root / "index.sqlite")

    def _past(self, query: Query) -> Past:
        if self.root is None:
            return Past()
        with self._index() as index:
            return Past(find(index, query), trends(index), self.root)

    def _earlier(self, run: RunState) -> Earlier:
        if self.root is None:
            return {}
        with self._index() as index:
            return earlier(index, run)

    def _compare(self, a: str, b: str) -> Comparison:
        with self._index() as index:
            first, second = (next(index.records("bundle = ?", (n,))) for n in (a, b))
            return compare(index, first, second)

    def _sheet(self, plan: Plan, run: RunState | None) -> Sheet:
        return make_sheet(plan, parse_memo(MEMO.encode(), name=plan.memo_name), Path(), {}, run)

    def _cancel(self, bundle: Path, force: bool) -> bool:
        self.asked.append(f"{'kill' if force else 'cancel'} {bundle.name}")
        return True

    def app(
        self,
        attach: Path | None = None,
        theme: str = "nb-dark",
        graphics: Graphics = HALF_BLOCKS,
    ) -> NbtuiApp:
        """Return an app on this world whose clock only the test moves."""
        return NbtuiApp(
            self.services(), attach=attach, theme_name=theme, live=False, graphics=graphics
        )


def _commands(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {
        s.id: (f".venv/bin/{s.command.argv[0]}", *s.command.argv[1:])
        for s in plan.stages
        if s.command
    }


_BUSY = {WorkerState.PENDING, WorkerState.RUNNING}


async def idle(pilot: Pilot[int], *, but: str = "") -> None:
    """Wait until no worker is at work, but those of one group, and every message was handled."""
    await pilot.pause()
    while busy := [w for w in pilot.app.workers if w.state in _BUSY and w.group != but]:
        await pilot.app.workers.wait_for_complete(busy)
        await pilot.pause()


async def drawn(pilot: Pilot[int], title: str) -> str:
    """Return a picture of the screen, once the footer shows the keys that are in force.

    Textual composes a footer anew some time after the keys changed, and no message tells when.
    """
    await idle(pilot)
    await settled(pilot)
    return pilot.app.export_screenshot(title=title)


async def settled(pilot: Pilot[int]) -> None:
    """Wait until the footer shows the keys that are in force, and let no cursor blink."""
    for line in pilot.app.screen.query(Input):
        line.cursor_blink = False
    while not _footer_shows_keys(pilot.app):
        await pilot.pause(0.01)
    await pilot.pause()


def _footer_shows_keys(app: App[int]) -> bool:
    in_force = {
        key.binding.action for key in app.screen.active_bindings.values() if key.binding.show
    }
    return all(
        {key.action for key in footer.query(FooterKey) if key.size.width} == in_force
        for footer in app.screen.query(Footer)
    )


def text_of(page: Page) -> str:
    """Return what a page says, without its line breaks and indents."""
    said = page.query_one(Static).content
    return " ".join(str(said).split())


def mode(app: NbtuiApp) -> Mode:
    """Return the mode on screen."""
    return app.mode


def lost(app: NbtuiApp) -> bool:
    """Return whether the run on show has lost its supervisor."""
    return app.model.lost


def announced(app: NbtuiApp) -> str:
    """Return what ``enter`` is announced to do."""
    return app.screen.query_one(NextBar).words


async def press(pilot: Pilot[int], *keys: str) -> None:
    """Press keys, each when everything has settled."""
    for key in keys:
        await pilot.press(key)
        await idle(pilot)
