"""Lint's findings one by one: seen before they are accepted, accepted with one key, taken back."""

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from textual.pilot import Pilot

from nbtui.memo.lint import Finding, Remedy, Severity
from nbtui.memo.plan import Deviation
from nbtui.tui.document import render
from nbtui.tui.model import PlanView
from nbtui.tui.pages.fix_pages import describe_finding, rows
from nbtui.tui.pages.plan_pages import FINDINGS
from nbtui.tui.screens.plan import PlanScreen
from nbtui.tui.widgets.memo_view import MemoView
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, announced, idle, press, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]


def finding(line: int, gone: str, step_id: str) -> Finding:
    """Return a finding whose fix leaves a word out."""
    words = Deviation(memo_says=gone, runs="leaves it out", why="no such option")
    before = ("nb-compare", gone, "--outdir", "a b")
    remedy = Remedy(
        step_id=step_id, before=before, after=("nb-compare", "--outdir", "a b"), deviation=words
    )
    return Finding(
        id="unknown-option", severity=Severity.BLOCK, line=line, text=f"no option {gone}",
        source=f"m:{line}", fix=f"remove {gone}", remedy=remedy,
    )  # fmt: skip


FIRST = finding(11, "--keep", "03-benchmark")
SECOND = finding(13, "--fast", "04-nb-compare")
REMARK = Finding(
    id="dead-pointer", severity=Severity.WARN, line=16, text="no such file", source="m:16"
)
QUESTION = Finding(
    id="question", severity=Severity.BLOCK, line=15, text="which folder?", source="m:15"
)


def world() -> Stage:
    return Stage(findings=(FIRST, SECOND, QUESTION, REMARK))


def detail(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.screen.query_one("#detail", Page))


def on(pilot: Pilot[int]) -> str | None:
    screen = pilot.app.screen
    assert isinstance(screen, PlanScreen)
    return screen.selected


async def to_first_finding(pilot: Pilot[int]) -> None:
    await idle(pilot)
    pilot.app.screen.query_one("#steps", Rows).select(FINDINGS)
    await press(pilot, "down")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_fix_under_the_cursor_is_seen_and_accepted_alone(size: tuple[int, int]) -> None:
    stage = world()
    app = stage.app()
    async with app.run_test(size=size) as pilot:
        await to_first_finding(pilot)
        said = detail(pilot)
        for words in ("no option --keep", "− nb-compare --keep --outdir 'a b'",
                      "+ nb-compare --outdir 'a b'", "memo says --keep", "runs leaves it out",
                      "Before ▏ nb-compare --keep --outdir 'a b'",
                      "After ▏ nb-compare --outdir 'a b'"):  # fmt: skip
            assert words in said
        assert app.screen.query_one(MemoView).lit == frozenset({11})
        await press(pilot, "f")
        assert stage.asked == ["load", "accept 03-benchmark", "load"]
        # The cursor stands on the next finding: whoever reads one after the other goes on.
        assert "no option --fast" in detail(pilot)
        await press(pilot, "enter")
        assert stage.asked[-2:] == ["accept 04-nb-compare", "load"]
        assert "which folder?" in detail(pilot)
        await press(pilot, "f")
        assert stage.asked.count("load") == 3


async def test_enter_leads_through_the_fixes_to_preflight() -> None:
    stage = replace(world(), findings=(FIRST, SECOND))
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        said = []
        while "run preflight" not in announced(app):
            said.append(announced(app))
            await press(pilot, "enter")
        assert [words.split(",")[0].split(" (")[0] for words in said] == [
            "see what lint found",
            "look at the first fix",
            "accept this fix",
            "accept this fix",
        ]
        assert on(pilot) == FINDINGS
        assert [a for a in stage.asked if a != "load"] == [
            "accept 03-benchmark", "accept 04-nb-compare",
        ]  # fmt: skip


async def test_enter_says_that_it_accepts_the_fix_shown() -> None:
    async with world().app().run_test(size=(80, 24)) as pilot:
        await to_first_finding(pilot)
        listed = [r.id for r in pilot.app.screen.query_one("#steps", Rows)._shown]
        assert [r for r in listed if r.startswith("finding:")] == [f"finding:{i}" for i in range(3)]
        assert announced(pilot.app) == "accept this fix, as shown; u takes it back"  # type: ignore[arg-type]
        await press(pilot, "down", "down")
        assert "accept" not in announced(pilot.app)  # type: ignore[arg-type]
        assert "edit the memo" in detail(pilot)


async def test_an_accepted_fix_is_listed_and_taken_back() -> None:
    stage = replace(world(), findings=(FIRST,))
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await to_first_finding(pilot)
        await press(pilot, "f")
        assert on(pilot) == FINDINGS
        assert "Lint found nothing" in detail(pilot)
        await press(pilot, "down")
        assert "accepted; u takes it back" in detail(pilot)
        await press(pilot, "u")
        assert stage.asked[-2:] == ["take back 03-benchmark", "load"]
        assert stage.accepted == ()
        await press(pilot, "u")
        assert stage.asked.count("take back 03-benchmark") == 1


async def test_without_a_cursor_on_it_the_last_fix_is_taken_back() -> None:
    assert FIRST.remedy
    assert SECOND.remedy
    stage = Stage(accepted=(FIRST.remedy, SECOND.remedy))
    async with stage.app().run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await press(pilot, "u")
        assert stage.asked[1] == "take back 04-nb-compare"


async def test_while_a_run_is_under_way_no_fix_is_accepted(tmp_path: Path) -> None:
    stage = world()
    app = stage.app(attach=recorded.running(tmp_path).bundle)
    async with app.run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await press(pilot, "1")
        await to_first_finding(pilot)
        await press(pilot, "f", "F", "u")
        assert stage.asked == ["load"]


async def test_a_second_key_while_the_memo_is_read_anew_does_nothing() -> None:
    stage = world()
    app = stage.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await to_first_finding(pilot)
        app.change(reading=True)
        await idle(pilot)
        assert announced(app) == "the memo is read anew"
        await press(pilot, "f", "F", "u", "enter")
        assert stage.asked == ["load"]


async def test_of_a_long_command_the_words_around_the_change_come_first() -> None:
    assert FIRST.remedy
    many = tuple(f"w{i}" for i in range(20))
    remedy = Remedy(
        step_id="03-benchmark", before=(*many, "--keep", *many), after=(*many, *many),
        deviation=FIRST.remedy.deviation,
    )  # fmt: skip
    view = PlanView(
        recorded.MEMO, recorded.sample_plan(), (msgspec.structs.replace(FIRST, remedy=remedy),)
    )
    lines = [t.plain.rstrip() for t in render(describe_finding(view, view.findings[0]), 78).split()]
    assert "− … w17 w18 w19 --keep w0 w1 w2 …" in lines
    assert "+ … w17 w18 w19 w0 w1 w2 …" in lines
    # All of it fits the pane of a terminal of 24 lines.
    assert lines.index("+ … w17 w18 w19 w0 w1 w2 …") < 6


async def test_of_a_script_the_words_that_change_are_shown() -> None:
    assert FIRST.remedy
    old, new = "cd x && run --keep 'a b' | tee log", "cd x && run 'a b' | tee log"
    remedy = Remedy(
        step_id="03-benchmark", before=("bash", "-c", old), after=("bash", "-c", new),
        deviation=FIRST.remedy.deviation,
    )  # fmt: skip
    changed = msgspec.structs.replace(FIRST, remedy=remedy)
    view = PlanView(recorded.MEMO, recorded.sample_plan(), (changed,))
    found = render(describe_finding(view, view.findings[0]), 100)
    assert f"▏ {old}" in found.plain
    assert f"▏ {new}" in found.plain
    struck = [found.plain[s.start : s.end] for s in found.spans if "strike" in str(s.style)]
    assert [s.strip() for s in struck] == ["--keep", "--keep"]  # around the change, and in full
    assert len(list(rows(view, 60))) == 1
