"""What the app asks of the rest of nbtui: one narrow record of functions, replaced in tests.

The functions that read files or start processes are called from thread workers only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from nbtui.errors import BundleError
from nbtui.memo.plan import Plan
from nbtui.preflight.model import CheckResult
from nbtui.project import Project
from nbtui.store import RunState
from nbtui.tui.model import Facts, Ground, PlanView

if TYPE_CHECKING:
    from nbtui.checklist.sheet import Sheet
    from nbtui.diagnose.model import Say
    from nbtui.explaining import Explanation
    from nbtui.history.compare import Comparison
    from nbtui.history.margins import Earlier
    from nbtui.history.query import Query
    from nbtui.history.records import RunRecord
    from nbtui.history.trends import Trend
    from nbtui.memo.lint import Remedy
    from nbtui.run.forecast import Forecast
    from nbtui.verify.model import Report


@dataclass(frozen=True, slots=True)
class Past:
    """Earlier runs: those a query asks for, how every experiment fared, and where they are."""

    runs: tuple["RunRecord", ...] = ()
    trends: tuple["Trend", ...] = ()
    root: Path = Path()


def _no_past(_query: "Query") -> Past:
    return Past()


def _no_sheet(plan: Plan, _run: RunState | None) -> "Sheet":
    raise BundleError("there is no checklist here", where=plan.memo_name)


def _no_explanation(bundle: Path, _run: bool, _say: "Say") -> "Explanation":
    raise BundleError("there is no diagnosis here", where=str(bundle))


def _no_lead(plan: Plan) -> Path:
    raise BundleError("no run can be led here", where=plan.memo_name)


def _nobody_listens(bundle: Path, *_said: object) -> None:
    raise BundleError("this run takes no messages", where=str(bundle))


def _nobody_mends(plan: Plan, fix: "Remedy") -> int:
    raise BundleError("no fix can be accepted here", where=f"{plan.memo_name} {fix.step_id}")


def _no_comparison(a: str, b: str) -> "Comparison":
    raise BundleError("there is no history here", where=f"{a}, {b}")


@dataclass(frozen=True, slots=True)
class Verified:
    """What ``nbtui verify`` says of a bundle."""

    report: "Report"
    integrity: str
    """The first of its two answers, in words."""
    exit_code: int


def _no_verification(bundle: Path, _left: Event) -> Verified:
    raise BundleError("nothing can be verified here", where=str(bundle))


@dataclass(frozen=True, slots=True)
class Services:
    """The app's arms and eyes."""

    load: Callable[[], PlanView]
    """Read the memo and compile it; raises :class:`nbtui.errors.NbtuiError`."""
    facts: Callable[[], Facts]
    ground: Callable[[], Ground]
    """What is there before the first run."""
    check_all: Callable[[Plan], Iterator[CheckResult]]
    check_one: Callable[[Plan, str], tuple[CheckResult, ...]]
    start: Callable[[Plan], Path]
    """Start the detached supervisor and return its bundle."""
    cancel: Callable[[Path, bool], bool]
    """Ask the supervisor to stop; with the flag set, at once."""
    alive: Callable[[RunState], bool]
    settle: Callable[[Path], object]
    """Seal the run of a supervisor that died."""
    active: Callable[[], Path | None]
    """The run of this project that is under way."""
    bundle_plan: Callable[[Path], Plan | None]
    """The plan a bundle was made with."""
    forecast: Callable[[Plan], "Mapping[str, Forecast]"]
    """What earlier runs of each stage's command took, by step."""
    commands: Callable[[Plan], Mapping[str, tuple[str, ...]]]
    """The words of every stage's command with the program that will be executed."""
    view_file: Callable[[Path, bool, int, Event], None]
    """Show a file in ``$PAGER``, or in ``$EDITOR`` when the flag is set, at a line (from 1; 0 for
    its beginning), until it is closed or the event is set; the app is suspended."""
    fix: Callable[[], int] = lambda: 0
    """Accept every mechanical fix of lint; return how many there were."""
    accept: Callable[[Plan, "Remedy"], object] = _nobody_mends
    """Accept one fix of the plan that is shown."""
    take_back: Callable[[Plan, "Remedy"], int] = _nobody_mends
    """Drop an accepted fix and those that build on it; return how many."""
    past: Callable[["Query"], Past] = _no_past
    """The project's runs, brought up to date; raises :class:`nbtui.errors.NbtuiError`."""
    earlier: Callable[[RunState], "Earlier"] = lambda _run: {}
    """What earlier runs of the same parameters measured for each gate of a run."""
    compare: Callable[[str, str], "Comparison"] = _no_comparison
    """Two bundles (relative to the project's root) side by side."""
    sheet: Callable[[Plan, RunState | None], "Sheet"] = _no_sheet
    """The checklist of a plan, filled in from a run."""
    lead: Callable[[Plan], Path] = _no_lead
    """Start a run that waits for its operator at questions, manual steps and the signature."""
    attest: Callable[[Path, str, bool, str, str, str], None] = _nobody_listens
    """Say of a step of a led run: done or not, note, name, initials."""
    answer: Callable[[Path, str, str, str, str], None] = _nobody_listens
    """Answer a step's question: text, what becomes of the step, name."""
    confirm: Callable[[Path, str, bool], None] = _nobody_listens
    """Say whether the command that an answer made is to run."""
    explain: Callable[[Path, bool, "Say"], "Explanation"] = _no_explanation
    """Why a run's two sides differ: its bundle, whether programs may run, who hears of steps."""
    verify: Callable[[Path, Event], Verified] = _no_verification
    """Verify a bundle in another process, which ends when the event is set."""
    exports: Path = Path("reports") / "exports"
    """Where exported pictures go: outside of every bundle, in a folder that git ignores."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def exports_of(project: Project) -> Path:
    """Return the folder that a project's exported pictures go to."""
    return project.root / project.settings.reports / "exports"
