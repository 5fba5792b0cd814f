"""The strip below the log: load and traffic, and when a stage and its plan will end."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from nbtui.evidence.records import Blocker, Verdict
from nbtui.run.events import Blocked
from nbtui.store import RunState, read
from nbtui.tui.widgets.metrics_strip import Moment, plan_line, stage_line, usage_line
from tests.nbtui.tui import recorded

WIDTH = 78
"""Of the body of a terminal of 80 columns."""


def at(run: recorded.Recorder, stage: str, seconds: float) -> Moment:
    """Return a moment of a run, in seconds after its stage began."""
    state = read(run.bundle)
    found = state.stage(stage)
    begin = next(i for i, s in enumerate(state.stages) if s is found)
    clock = recorded.START + timedelta(seconds=_begins(state, begin) + seconds)
    return Moment(found, state, recorded.sample_plan(), recorded.recorded_forecast(), clock)


def _begins(state: RunState, number: int) -> float:
    t = state.stages[number].started_t
    return (datetime.fromisoformat(t) - recorded.START).total_seconds()


@pytest.fixture
def running(tmp_path: Path) -> recorded.Recorder:
    return recorded.running(tmp_path)


def test_a_stage_within_its_forecast_says_what_is_left_and_when_it_ends(
    running: recorded.Recorder,
) -> None:
    said = stage_line(at(running, "04-nb-compare", 6.0), WIDTH).plain
    assert said.startswith("stage   6.0 s  ")
    assert "2.0 s to go of about 8.0 s, ends 10:15:" in said
    assert len(said) <= WIDTH
    later = stage_line(at(running, "04-nb-compare", 7.5), WIDTH).plain
    assert said[said.index("ends") :] == later[later.index("ends") :]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (8.5, "1.1 x the forecast, up to 9.5 s before; deadline in 9:51"),
        (14.4, "longer than ever before: 1.8 x the forecast; deadline in 9:45"),
    ],
)
def test_a_late_stage_says_how_late_and_when_it_is_ended(
    running: recorded.Recorder, seconds: float, words: str
) -> None:
    moment = at(running, "04-nb-compare", seconds)
    said = stage_line(moment, WIDTH).plain
    assert words in said
    assert len(said) <= WIDTH
    # What the late stage still needs is not known: the plan counts what comes after it.
    plan = plan_line(moment, WIDTH).plain
    assert "0.0 s to go at least: late, 1 unknown" in plan
    assert plan.rstrip().endswith("stage 2/4")
    assert len(plan) <= WIDTH


def test_a_stage_that_never_ended_well_has_no_forecast(running: recorded.Recorder) -> None:
    running.end_stage("04-nb-compare", 6.4, 1)
    running.stage("05-pytest", b"", 1.0, 1)
    moment = at(running, "05-pytest", 1.0)
    assert (
        "no forecast: no earlier run of it ended well; deadline in 9:59"
        in stage_line(moment, WIDTH).plain
    )
    assert "at least: 1 without forecast · stage 3/4" in plan_line(moment, WIDTH).plain


def test_the_plan_adds_what_runs_and_what_comes(running: recorded.Recorder) -> None:
    moment = at(running, "04-nb-compare", 6.0)
    assert "2.0 s to go at least: 1 without forecast" in plan_line(moment, WIDTH).plain
    known = dict(recorded.recorded_forecast())
    known["05-pytest"] = replace(known["03-benchmark"], wall_s=40.0)
    said = plan_line(replace(moment, forecasts=known), WIDTH).plain
    assert "42 s to go, ends 10:15:" in said
    assert "· stage 2/4" in said
    assert len(said) <= WIDTH


def test_before_a_run_the_plan_says_what_it_will_take() -> None:
    plan = recorded.sample_plan()
    nothing = plan_line(Moment(plan=plan, forecasts={}), WIDTH).plain
    assert "no forecast: no earlier run of its stages ended well" in nothing
    known = plan_line(Moment(plan=plan, forecasts=recorded.recorded_forecast()), WIDTH).plain
    assert "about 13 s as before, and 1 without forecast" in known


def test_an_ended_run_says_when_and_how(running: recorded.Recorder) -> None:
    running.end(Verdict.BLOCKED, 1)
    said = plan_line(at(running, "04-nb-compare", 60.0), WIDTH).plain
    assert "UTC, blocked" in said
    assert "to go" not in said


def test_a_blocked_run_is_being_sealed_and_has_no_end_to_wait_for(
    running: recorded.Recorder,
) -> None:
    blocker = Blocker(kind="gate", where="04-nb-compare", reason="below")
    running.end_stage("04-nb-compare", 6.4, 1).write(Blocked(blocker=blocker))
    said = plan_line(at(running, "04-nb-compare", 7.0), WIDTH).plain
    assert "blocked: what is known is written down and sealed" in said


def test_when_no_stage_is_left_no_moving_end_is_told(running: recorded.Recorder) -> None:
    running.end_stage("04-nb-compare", 6.4, 1)
    running.stage("05-pytest", b"", 1.0, 1).end_stage("05-pytest", 1.0, 1)
    said = plan_line(at(running, "05-pytest", 2.0), WIDTH).plain
    assert "0.0 s to go: checks and seal remain" in said


def test_nothing_moves_when_a_digit_is_added(running: recorded.Recorder) -> None:
    columns = set()
    for seconds in (0.4, 6.0, 7.9):
        moment = at(running, "04-nb-compare", seconds)
        for line in (stage_line(moment, WIDTH), plan_line(moment, WIDTH)):
            columns.add(line.plain.index(" to go"))
    assert len(columns) == 1


def test_traffic_has_a_figure_with_its_unit_and_a_curve(running: recorded.Recorder) -> None:
    moment = at(running, "04-nb-compare", 6.0)
    said = usage_line(moment.stage, WIDTH).plain
    assert len(said) <= WIDTH
    assert "I/O   56 MB/s ▁" in said
    assert said.rstrip().endswith("█")


def test_a_bundle_without_recorded_traffic_shows_none(running: recorded.Recorder) -> None:
    stage = at(running, "04-nb-compare", 6.0).stage
    assert stage is not None
    old = tuple(
        msgspec.structs.replace(s, read_bytes=None, written_bytes=None) for s in stage.samples
    )
    assert "I/O         –" in usage_line(replace(stage, samples=old), WIDTH).plain


def test_a_run_that_waits_for_a_person_promises_no_end(tmp_path: Path) -> None:
    run = recorded.led(tmp_path)
    said = plan_line(at(run, "05-pytest", 5.0), WIDTH).plain
    assert "waits for you: nobody can tell how long" in said
    assert "to go" not in said


def test_the_end_of_a_long_stage_names_the_day(running: recorded.Recorder) -> None:
    moment = at(running, "04-nb-compare", 1.0)
    assert moment.stage
    night = replace(moment.stage, forecast_s=86_400.0, forecast_longest_s=86_400.0)
    said = stage_line(replace(moment, stage=night), WIDTH).plain
    assert "ends 25 Nov 10:15 UTC" in said
    assert len(said) <= WIDTH
