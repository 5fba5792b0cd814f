"""The outcome in words: what, by how much, what it means, what next; for every kind of end."""

from dataclasses import replace
from pathlib import Path

import pytest

from nbtui.evidence.records import Blocker, Verdict
from nbtui.run import events as ev
from nbtui.store import read
from nbtui.tui.document import render
from nbtui.tui.model import Model
from nbtui.tui.pages.outcome_pages import MEANING, NEXT, Excerpt, evidence, gate_lines, outcome
from tests.nbtui.tui import recorded


def _said(model: Model, excerpt: Excerpt | None = None) -> str:
    return " ".join(render(outcome(model, excerpt), 400).plain.split())


def test_every_kind_of_block_has_a_meaning_and_a_way_on() -> None:
    assert set(MEANING) == set(NEXT)


@pytest.mark.parametrize("kind", MEANING)
def test_no_block_is_a_dead_end(kind: str, tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    blocker = Blocker(kind=kind, where="04-nb-compare", reason="the reason", found="this")
    run.write(ev.Blocked(blocker=blocker))
    run.end(Verdict.BLOCKED, 1)
    said = _said(Model(run=read(run.bundle)))
    assert "the reason" in said
    assert MEANING[kind] in said
    for step in NEXT[kind]:
        assert step in said
    assert run.stamp in said


def test_a_cancelled_run_is_not_called_a_failure(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    run.write(ev.Blocked(blocker=Blocker(kind="stopped", where="04-nb-compare", reason="asked")))
    run.end(Verdict.CANCELLED, 4)
    said = _said(Model(run=read(run.bundle)))
    assert "CANCELLED" in said
    assert "did not do what it promised" not in said


def test_an_interrupted_run_without_a_blocker_says_why(tmp_path: Path) -> None:
    run = recorded.running(tmp_path).end(Verdict.INTERRUPTED, 4, "the power went")
    said = _said(Model(run=read(run.bundle)))
    assert "the power went" in said
    assert "new attempt" in said


def test_the_excerpt_is_numbered_and_harmless(tmp_path: Path) -> None:
    model = Model(run=read(recorded.gate_blocked(tmp_path).bundle))
    said = _said(model, Excerpt("logs/x.log", ((41, "fine"), (42, "[red]bad[/] \x1b[2J"))))
    assert "41 fine" in said
    assert "42 [red]bad[/] ␛[2J" in said


@pytest.mark.parametrize(("kind", "first"), [("stage", True), ("console", True), ("gate", False)])
def test_where_the_log_explains_it_the_log_comes_first(
    kind: str, first: bool, tmp_path: Path
) -> None:
    run = recorded.running(tmp_path)
    run.write(ev.Blocked(blocker=Blocker(kind=kind, where="04-nb-compare", reason="the reason")))
    run.end(Verdict.BLOCKED, 1)
    said = _said(Model(run=read(run.bundle)), Excerpt("logs/x.log", ((41, "the line"),)))
    assert (said.index("the line") < said.index("What it means")) is first


def test_gates_that_were_never_held_say_so_once_the_run_is_over(tmp_path: Path) -> None:
    running = Model(run=read(recorded.running(tmp_path / "a").bundle))
    over = Model(run=read(recorded.gate_blocked(tmp_path / "b").bundle))
    plan = recorded.sample_plan()
    words = [
        [line.mark.word for line in gate_lines(model.run, replace(model, run_plan=plan))]
        for model in (running, over)
    ]
    assert words == [
        ["PASS", "waiting", "waiting", "waiting", "waiting"],
        ["PASS", "FAIL", "FAIL", "not held", "not held"],
    ]


def test_a_run_is_shown_with_the_plan_it_was_made_with(tmp_path: Path) -> None:
    """Without a plan (its file is gone) the journal alone still tells the gates."""
    model = Model(run=read(recorded.cleared(tmp_path).bundle))
    assert [line.mark.word for line in gate_lines(model.run, model)] == ["PASS"] * 5


def test_the_evidence_lists_figures_stages_and_files(tmp_path: Path) -> None:
    model = Model(run=read(recorded.cleared(tmp_path).bundle))
    said = render(evidence(model), 120).plain
    for words in ("1 − 6.0e-14", "speedup_warm", "peak 612 MB", "phase_e_summary.md"):
        assert words in said
