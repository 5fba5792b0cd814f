"""The guided way: what ``enter`` does now, in words, for every mode and moment.

Pure functions from the model; the screens only show the words and call the action.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nbtui.evidence.records import Verdict
from nbtui.store import StageStatus
from nbtui.tui.model import Model


class Mode(StrEnum):
    """The app's rooms: the way from memo to verdict, then all runs, then the list to tick off."""

    PLAN = "plan"
    PREFLIGHT = "preflight"
    RUN = "run"
    RESULTS = "results"
    HISTORY = "history"
    CHECKLIST = "checklist"

    @property
    def key(self) -> str:
        """The digit that leads there."""
        return str(list(Mode).index(self) + 1)

    @property
    def label(self) -> str:
        """The mode's name on screen."""
        return self.value.capitalize()


class Go(StrEnum):
    """What ``enter`` can do; each has a method of the app."""

    WAIT = "wait"
    RELOAD = "reload"
    SHOW_FINDINGS = "show-findings"
    CHECK = "check"
    START = "start"
    WATCH = "watch"
    FOLLOW = "follow"
    VERDICT = "verdict"
    OPEN_REPORT = "open-report"
    SETTLE = "settle"
    ANSWER = "answer"
    NEWCOMER = "newcomer"
    HERE = "here"
    """The screen itself does it."""


@dataclass(frozen=True, slots=True)
class Next:
    """The next sensible thing and how it is announced."""

    go: Go
    words: str


def next_step(model: Model, mode: Mode) -> Next:
    """Return what ``enter`` does in ``mode``.

    Parameters
    ----------
    model
        What the app knows.
    mode
        The mode on screen.
    """
    if model.starting:
        return Next(Go.WAIT, "the supervisor is starting")
    match mode:
        case Mode.PLAN:
            return _from_plan(model)
        case Mode.PREFLIGHT:
            return _from_preflight(model)
        case Mode.RUN:
            return _from_run(model)
        case Mode.RESULTS:
            return _from_results(model)
        case Mode.HISTORY | Mode.CHECKLIST:
            return _from_run(model) if model.run else _from_preflight(model)


def _from_plan(model: Model) -> Next:
    if model.active:
        return Next(Go.WATCH, "watch the run that is under way")
    if model.view is None:
        if not model.trouble:
            return Next(Go.WAIT, "the memo is being read")
        return Next(Go.RELOAD, "mend the memo, then read it again")
    if model.reading:
        return Next(Go.WAIT, "the memo is read anew")
    if model.ground.elsewhere:
        return Next(Go.NEWCOMER, "see what to do: there is no project in this folder")
    blocking = model.view.blocking
    if blocking and model.view.only_asks:
        asked = _many(len(blocking), "open question")
        return Next(Go.ANSWER, f"to the checklist: a run led from there asks you ({asked})")
    if blocking:
        return Next(
            Go.SHOW_FINDINGS,
            f"see what lint found ({_blocking(blocking)}); again: read the memo anew",
        )
    if model.preflight_passed:
        return Next(Go.START, _start_words(model))
    return Next(Go.CHECK, _check_words(model))


def _from_preflight(model: Model) -> Next:
    if model.active:
        return Next(Go.WATCH, "watch the run that is under way")
    if model.checking:
        return Next(Go.WAIT, f"checks are running ({len(model.checks)} done)")
    if model.view is None or model.view.blocking or model.reading:
        return _from_plan(model)
    if not model.checked:
        return Next(Go.CHECK, _check_words(model))
    if model.blocked_checks:
        return Next(
            Go.CHECK, f"check again, once the fix is made ({_blocking(model.blocked_checks)})"
        )
    return Next(Go.START, _start_words(model))


def _from_run(model: Model) -> Next:
    run = model.run
    if run is None:
        return _from_preflight(model)
    if run.ended or model.lost:
        return Next(Go.VERDICT, "read the verdict")
    if model.cancelling:
        return Next(Go.WAIT, "the run is being cancelled and sealed")
    if run.waiting is not None:
        return Next(Go.ANSWER, "the run waits for you: go to the checklist")
    current = next((s for s in run.stages if s.status is StageStatus.RUNNING), None)
    if run.blocker is not None and current is None:
        return Next(Go.FOLLOW, "nothing to do: it is blocked, the evidence is being sealed")
    if current is None:
        return Next(Go.FOLLOW, "nothing to do: the supervisor is checking")
    position = run.stages.index(current) + 1
    total = max(len(model.shown_plan.stages) if model.shown_plan else 0, position)
    return Next(Go.FOLLOW, f"nothing to do: stage {position} of {total} is running, follow it")


def _from_results(model: Model) -> Next:
    run = model.run
    if run is None:
        return _from_preflight(model)
    if model.lost:
        return Next(Go.SETTLE, "seal what is left of this run")
    if not run.ended:
        return Next(Go.WATCH, "no verdict yet: watch the run")
    report = report_name(model)
    if not report:
        return Next(Go.CHECK, "check again, then make a new attempt")
    return Next(Go.OPEN_REPORT, f"open {report} (q comes back)")


def report_name(model: Model) -> str:
    """Return the file of the bundle that a person reads first, or an empty string."""
    run = model.run
    if run is None:
        return ""
    written = [path for path, _ in run.files]
    if run.verdict is Verdict.CLEARED:
        name = model.shown_plan.summary_name if model.shown_plan else ""
        candidates = [name, *(p for p in written if p.endswith("_summary.md"))]
    else:
        candidates = ["blockers.md"]
    return next((c for c in candidates if c and (run.bundle / c).is_file()), "")


def _check_words(model: Model) -> str:
    if model.run is not None:
        return "run preflight again, for a new attempt"
    warnings = len(model.view.wrong) if model.view else 0
    return f"run preflight (lint: {_many(warnings, 'warning')})" if warnings else "run preflight"


def _start_words(model: Model) -> str:
    stages = len(model.plan.stages) if model.plan else 0
    return f"start the run ({_many(stages, 'stage')}; asks first)"


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _blocking(what: Sequence[object]) -> str:
    return f"{len(what)} {'blocks' if len(what) == 1 else 'block'} the run"
