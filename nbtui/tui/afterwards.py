"""What the first frame does not need: imported when it is asked for, by one thread at a time.

Reading memos, starting runs and the other modes bring in most of nbtui. The frame is drawn
first; a worker imports the rest behind it.
"""

import threading
from collections.abc import Mapping
from dataclasses import fields
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbtui.project import Project
from nbtui.tui.aside import Launcher
from nbtui.tui.guide import Mode
from nbtui.tui.services import Services, exports_of

if TYPE_CHECKING:
    from nbtui.tui.screens.base import ModeScreen

_ONE_AT_A_TIME = threading.RLock()
"""Two threads that import a package and a part of it at once may each wait for the other."""
_PLAIN = frozenset({"exports", "now"})
"""The services that are there without anything else."""


def real(project: Project, memo_path: Path | None, env: Mapping[str, str]) -> Services:
    """Return the services of :func:`nbtui.tui.wiring.real`, made when the first is asked.

    Call it before the priority of this thread changes; see :class:`nbtui.tui.aside.Launcher`.
    """
    launcher = Launcher()

    @cache
    def made() -> Services:
        from nbtui.tui import wiring  # noqa: PLC0415  (half of nbtui)

        return wiring.real(project, memo_path, env, launcher)

    def ask(name: str, *given: Any) -> Any:
        with _ONE_AT_A_TIME:
            services = made()
        return getattr(services, name)(*given)

    late = {f.name: partial(ask, f.name) for f in fields(Services) if f.name not in _PLAIN}
    return Services(exports=exports_of(project), **late)


def screen_of(mode: Mode) -> "ModeScreen":
    """Return a new screen of a mode."""
    with _ONE_AT_A_TIME:
        return class_of(mode)()


def import_every_mode() -> None:
    """Import the screens of all modes, so that the first visit does not wait for it."""
    for mode in Mode:
        with _ONE_AT_A_TIME:
            class_of(mode)


def import_images() -> None:
    """Import what pictures need."""
    with _ONE_AT_A_TIME:
        import nbtui.tui.screens.images  # noqa: F401, PLC0415  (NumPy takes a tenth of a second)


def class_of(mode: Mode) -> "type[ModeScreen]":
    """Return the class of a mode's screens."""
    match mode:
        case Mode.PLAN:
            from nbtui.tui.screens.plan import PlanScreen  # noqa: PLC0415

            return PlanScreen
        case Mode.PREFLIGHT:
            from nbtui.tui.screens.preflight import PreflightScreen  # noqa: PLC0415

            return PreflightScreen
        case Mode.RUN:
            from nbtui.tui.screens.run import RunScreen  # noqa: PLC0415

            return RunScreen
        case Mode.RESULTS:
            from nbtui.tui.screens.results import ResultsScreen  # noqa: PLC0415

            return ResultsScreen
        case Mode.HISTORY:
            from nbtui.tui.screens.history import HistoryScreen  # noqa: PLC0415

            return HistoryScreen
        case Mode.CHECKLIST:
            from nbtui.tui.screens.checklist import ChecklistScreen  # noqa: PLC0415

            return ChecklistScreen
