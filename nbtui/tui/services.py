"""What the app asks of the rest of nbtui: one narrow record of functions, replaced in tests.

The functions that read files or start processes are called from thread workers only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nbtui.memo.plan import Plan
from nbtui.preflight.model import CheckResult
from nbtui.store import RunState
from nbtui.tui.model import Facts, PlanView


@dataclass(frozen=True, slots=True)
class Services:
    """The app's arms and eyes."""

    load: Callable[[], PlanView]
    """Read the memo and compile it; raises :class:`nbtui.errors.NbtuiError`."""
    facts: Callable[[], Facts]
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
    forecast: Callable[[Plan], Mapping[str, float]]
    """Seconds each stage took before (median of the latest runs)."""
    commands: Callable[[Plan], Mapping[str, tuple[str, ...]]]
    """The words of every stage's command with the program that will be executed."""
    view_file: Callable[[Path, bool, int], None]
    """Show a file in ``$PAGER``, or in ``$EDITOR`` when the flag is set, at a line (from 1; 0 for
    its beginning); the app is suspended."""
    fix: Callable[[], int] = lambda: 0
    """Accept every mechanical fix of lint; return how many there were."""
    exports: Path = Path("reports") / "exports"
    """Where exported pictures go: outside of every bundle, in a folder that git ignores."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
