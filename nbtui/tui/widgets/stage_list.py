"""The stages of a run as rows: those of the plan, in order, with what the journal says."""

from textual.content import Content

from nbtui.preflight.model import CheckStatus
from nbtui.store import RunState, StageState, StageStatus
from nbtui.tui.document import visible
from nbtui.tui.model import Model
from nbtui.tui.widgets.rows import Row, columns
from nbtui.tui.words import STAGES, WAITING, Mark, duration, size

PREFLIGHT = "preflight"
_MARK = 10
_GAPS = 3


def current_stage(run: RunState | None) -> str:
    """Return the id of the row that matters now: running, failed, or the last one."""
    if run is None or not run.stages:
        return PREFLIGHT
    for status in (StageStatus.RUNNING, StageStatus.FAILED):
        found = next((s.step_id for s in run.stages if s.status is status), None)
        if found:
            return found
    with_log = [s.step_id for s in run.stages if s.log]
    return with_log[-1] if with_log else run.stages[-1].step_id


def stage_rows(model: Model, width: int) -> list[Row]:
    """Return preflight and the stages; stages that have not started come from the plan."""
    run = model.run
    steps = model.shown_plan.stages if model.shown_plan else ()
    states: dict[str, StageState] = {s.step_id: s for s in run.stages} if run else {}
    rows = [Row(PREFLIGHT, _preflight(run, width))]
    rows += [
        Row(step.id, _stage(step.id, states.pop(step.id, None), step.title, model, width))
        for step in steps
    ]
    rows += [Row(i, _stage(i, s, s.title, model, width)) for i, s in states.items()]
    return rows


def _preflight(run: RunState | None, width: int) -> Content:
    if run is None:
        return _row(WAITING, "Preflight", "", width)
    blocked = sum(c.status is CheckStatus.BLOCK for c in run.checks)
    if blocked:
        return _row(Mark("✗", "BLOCKED", "bold $error"), "Preflight", f"{blocked} block", width)
    if run.stages or run.ended:
        mark = STAGES[StageStatus.PASSED]
        return _row(mark, "Preflight", f"{len(run.checks)} checks", width)
    return _row(STAGES[StageStatus.RUNNING], "Preflight", f"{len(run.checks)} checks", width)


def _stage(step_id: str, stage: StageState | None, title: str, model: Model, width: int) -> Content:
    if stage is None:
        if model.run is not None and not model.active:
            return _row(Mark("–", "not run", "$muted"), title, "", width)
        before = model.shown_forecast.get(step_id)
        return _row(WAITING, title, f"about {duration(before.wall_s)}" if before else "", width)
    mark = STAGES[stage.status]
    if stage.outcome is None:
        elapsed = stage.samples[-1].elapsed_s if stage.samples else 0.0
        return _row(mark, title, duration(elapsed), width)
    took = duration(stage.outcome.wall_s)
    peak = stage.outcome.peak_rss_bytes
    used = f"{took} · {size(peak)}" if peak else took
    # The whole title is worth more than the peak: two stages may differ in its last words.
    fits = len(title) <= width - _MARK - len(used) - _GAPS
    return _row(mark, title, used if fits else took, width)


def _row(mark: Mark, title: str, right: str, width: int) -> Content:
    name = max(width - _MARK - len(right) - _GAPS, 8)
    return columns(
        (mark.content(), _MARK),
        (visible(title), name),
        (Content.styled(right, "$muted"), len(right)),
    )
