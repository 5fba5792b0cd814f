"""The fold: what a screen may know after each event."""

from pathlib import Path

import msgspec
import pytest

from nbtui.evidence.records import (
    Blocker,
    Collected,
    GateResult,
    StageOutcome,
    Verdict,
)
from nbtui.evidence.streams import Span, Stream, Told
from nbtui.memo.plan import Comparison, Deviation, GateSpec, Role
from nbtui.narration import describe
from nbtui.preflight.model import CheckResult, CheckStatus
from nbtui.run import events as ev
from nbtui.store import (
    MAX_SAMPLES,
    TRANSITIONS,
    Phase,
    RunState,
    StageStatus,
    fold_all,
    may_follow,
)

GATE = GateSpec(id="g", metric="correlation", role=Role.COMPARE, comparison=Comparison.AT_LEAST,
                threshold=0.9999999, source="doc.md:3")  # fmt: skip


def state_after(*said: ev.AnyEvent) -> RunState:
    lines = [ev.Line(seq=i, t=f"t{i}", mono_ns=i, prev="", event=e) for i, e in enumerate(said)]
    return fold_all(RunState(bundle=Path("b")), lines)


def started(step_id: str = "s") -> ev.StageStarted:
    return ev.StageStarted(step_id=step_id, title="S", pid=7, argv=("a", "b c"), env={"X": "1"})


def ended(failure: str | None = None) -> ev.StageEnded:
    outcome = StageOutcome(step_id="s", role=Role.COMPARE, title="S", argv=(), cwd="", log="l",
                           started="", wall_s=1.5, exit_code=0, failure=failure)  # fmt: skip
    return ev.StageEnded(outcome=outcome)


def gate(value: float | None, *, passed: bool, binding: bool = True) -> ev.GateHeld:
    spec = msgspec.structs.replace(GATE, binding=binding)
    return ev.GateHeld(result=GateResult(gate=spec, step_id="s", value=value, passed=passed,
                                         margin=None, measured_from="f"))  # fmt: skip


RUN = ev.RunStarted(stamp="S", root="/r", bundle="/b", plan_sha256="p", memo_name="m",
                    supervisor_pid=1, host="h", operator="o", boot_id="", version="0",
                    facts={"token": "t"})  # fmt: skip


def test_facts_gather_from_start_and_provenance() -> None:
    state = state_after(RUN, ev.ProvenanceTaken(facts={"git_sha": "abc"}))
    assert state.facts == {"token": "t", "git_sha": "abc"}
    assert state.phase is Phase.PREFLIGHT
    assert state.started_t == "t0"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ((started(),), StageStatus.RUNNING),
        ((started(), ended()), StageStatus.PASSED),
        ((started(), ended("exit code 1")), StageStatus.FAILED),
        ((started(), ended(), gate(1.0, passed=True)), StageStatus.PASSED),
        ((started(), ended(), gate(0.5, passed=False)), StageStatus.FAILED),
        ((started(), ended(), gate(0.5, passed=False, binding=False)), StageStatus.PASSED),
        (
            (started(), ended(), ev.ResultsCollected(
                collected=Collected(step_id="s", problems=("half a file",)))),
            StageStatus.FAILED,
        ),
    ],
)  # fmt: skip
def test_a_stage_is_where_its_events_say(
    said: tuple[ev.AnyEvent, ...], status: StageStatus
) -> None:
    state = state_after(*said)
    assert state.stages[0].status is status
    assert state.stages[0].env == {"X": "1"}
    assert state.stage("absent") is None


def test_samples_are_kept_within_bounds_and_do_not_speak() -> None:
    samples = [
        ev.Sampled(step_id="s", elapsed_s=float(i), cpu_percent=1.0, rss_bytes=i)
        for i in range(MAX_SAMPLES + 50)
    ]
    state = state_after(started(), *samples)
    assert len(state.stages[0].samples) == MAX_SAMPLES
    assert state.stages[0].samples[-1].rss_bytes == MAX_SAMPLES + 49
    assert state.last_event == "stage s started: a 'b c'"


def test_what_is_told_of_a_log_is_put_together_until_it_does_not_hold() -> None:
    first = ev.StreamsTold(
        step_id="s", spans=(Span(0, 4, Stream.STDOUT), Span(4, 6, Stream.STDERR))
    )
    then = ev.StreamsTold(
        step_id="s", spans=(Span(6, 9, Stream.STDERR), Span(9, 12, Stream.UNTOLD))
    )
    assert state_after(started()).stages[0].streams == Told()
    state = state_after(started(), first, then)
    assert state.stages[0].streams.stderr == (Span(4, 9, Stream.STDERR),)
    assert len(state.stages[0].streams.spans) == 3
    assert state.last_event == "stage s started: a 'b c'"
    doubt = ev.StreamsTold(step_id="s", why_not="its log was cut")
    for events in ((first, doubt), (doubt, then)):
        streams = state_after(started(), *events).stages[0].streams
        assert streams == Told(why_not="its log was cut")


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_end_sets_the_phase_even_after_a_blocker(verdict: Verdict) -> None:
    blocked = ev.Blocked(blocker=Blocker(kind="stage", where="s", reason="why"))
    end = ev.RunEnded(verdict=verdict, exit_code=4, wall_s=2.0, reason="why")
    state = state_after(RUN, blocked)
    assert (state.phase, state.ended) == (Phase.BLOCKED, False)
    state = state_after(RUN, blocked, end)
    assert state.phase.value == verdict.value
    assert state.ended
    assert (state.exit_code, state.reason, state.wall_s) == (4, "why", 2.0)


def test_every_event_has_a_line_of_its_own() -> None:
    check = CheckResult(id="c", title="Memory", status=CheckStatus.BLOCK, found="8 GB",
                        expected="16 GB", source="m:1", fix="buy some")  # fmt: skip
    deviation = Deviation(memo_says="a", runs="b", why="c")
    said: list[tuple[ev.AnyEvent, str]] = [
        (RUN, "run S started in /b"),
        (ev.ProvenanceTaken(facts={"git_sha": "abc"}), "commit abc"),
        (ev.DeviationNoted(step_id="s", deviation=deviation), "memo: a | runs: b | c"),
        (ev.CheckDone(result=check), "8 GB (expected 16 GB; m:1) | fix: buy some"),
        (ev.PreflightEnded(blocked=1, warned=2), "1 blocking, 2 warnings"),
        (ev.StageSignalled(step_id="s", signal="SIGTERM", reason="late"), "SIGTERM: late"),
        (ended("exit code 1"), "failed: exit code 1"),
        (gate(0.99999999, passed=True), "gate PASS [s] correlation 0.99999999 >= 0.9999999"),
        (gate(None, passed=False), "gate FAIL [s] correlation undefined >= 0.9999999"),
        (gate(0.5, passed=False, binding=False), "gate NOTE"),
        (ev.GuardChecked(guard="g", ok=False, found="x", expected="y", when="after s"), "BROKEN"),
        (ev.Noted(text="something"), "something"),
        (ev.CancelRequested(by="SIGINT"), "cancel requested by SIGINT"),
        (ev.FileWritten(path="p", what="w"), "wrote p (w)"),
        (ev.RunEnded(verdict=Verdict.CLEARED, exit_code=0, wall_s=1.0), "verdict cleared"),
    ]
    for event, words in said:
        assert words in describe(event)


def legal(*said: ev.AnyEvent) -> bool:
    """Whether a run can hear of the last event after the others."""
    return may_follow(state_after(*said[:-1]), said[-1])


def end(verdict: Verdict) -> ev.RunEnded:
    return ev.RunEnded(verdict=verdict, exit_code=0, wall_s=1.0)


BLOCK = ev.Blocked(blocker=Blocker(kind="stage", where="s", reason="r"))


def test_a_run_goes_only_where_its_table_says() -> None:
    assert legal(RUN)
    assert not legal(started())
    assert not legal(end(Verdict.CLEARED))
    assert legal(RUN, started())
    assert legal(RUN, started(), ended(), started("t"))
    assert legal(RUN, started(), BLOCK)
    assert legal(RUN, started(), BLOCK, started("t"))  # for information only
    assert legal(RUN, started(), BLOCK, BLOCK)  # recovery of a run that died after its block
    assert legal(RUN, started(), BLOCK, end(Verdict.BLOCKED))
    assert not legal(RUN, started(), BLOCK, end(Verdict.CLEARED))
    assert not legal(RUN, started(), BLOCK, started("t"), end(Verdict.CLEARED))
    assert not legal(RUN, RUN)
    for verdict in Verdict:
        for late in (ev.Noted(text="late"), BLOCK, end(Verdict.CLEARED), started("t")):
            assert not legal(RUN, started(), end(verdict), late)
    assert TRANSITIONS.keys() == {*Phase}
