"""The guided way, key by key, from memo to verdict; and the ways off it."""

import threading
from pathlib import Path

import pytest

from nbtui.errors import LockHeldError, MemoError
from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.lint import Finding, Remedy, Severity
from nbtui.memo.plan import Deviation, Plan
from nbtui.tui.guide import Mode
from nbtui.tui.screens.dialogs import Dialog
from nbtui.tui.widgets.memo_view import MemoView
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, announced, idle, lost, mode, press, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]

SMALL = (80, 24)
USUAL = (120, 40)


@pytest.mark.parametrize("size", [SMALL, USUAL])
async def test_enter_leads_from_memo_to_verdict(tmp_path: Path, size: tuple[int, int]) -> None:
    run = recorded.running(tmp_path)
    world = Stage(start=lambda _plan: run.bundle)
    app = world.app()
    async with app.run_test(size=size) as pilot:
        await idle(pilot)
        assert announced(app) == "run preflight"
        await press(pilot, "enter")
        assert mode(app) is Mode.PREFLIGHT
        assert announced(app) == "start the run (4 stages; asks first)"
        await press(pilot, "enter")
        assert isinstance(app.screen, Dialog)
        assert "start" not in world.asked
        await press(pilot, "y")
        assert world.asked.count("start") == 1
        assert mode(app) is Mode.RUN
        assert "stage 2 of 4" in announced(app)
        run.end_stage("04-nb-compare", 6.4, 1)
        run.report("phase_e_summary.md", "# cleared\n", "summary")
        run.end(Verdict.CLEARED, 0)
        app.tick()
        await idle(pilot)
        assert announced(app) == "read the verdict"
        await press(pilot, "enter")
        assert mode(app) is Mode.RESULTS
        assert "CLEARED" in text_of(app.screen.query_one("#outcome", Page))
        assert announced(app) == "open phase_e_summary.md (q comes back)"
        await press(pilot, "q")
    assert app.return_value == ExitCode.CLEARED


async def test_a_run_followed_to_its_block_gives_its_exit_code(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    app = Stage().app(attach=run.bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        assert mode(app) is Mode.RUN
        run.end(Verdict.BLOCKED, 1)
        app.tick()
        await press(pilot, "q")
    assert app.return_value == ExitCode.BLOCKED


async def test_looking_at_an_old_run_ends_with_zero(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.gate_blocked(tmp_path).bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        assert mode(app) is Mode.RESULTS
        await press(pilot, "q")
    assert app.return_value == 0


async def test_nothing_starts_when_the_question_is_declined() -> None:
    world = Stage()
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", "enter")
        question = text_of(app.screen.query_one(Page))
        assert "nb-benchmark --sizes 4096" in question
        assert "--outdir" in question
        await press(pilot, "enter", "escape")
        assert not isinstance(app.screen, Dialog)
        assert "start" not in world.asked


async def test_a_blocking_check_is_selected_and_its_fix_copied() -> None:
    world = Stage(checks=recorded.bad_checks())
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter")
        rows = app.screen.query_one("#checks", Rows)
        assert rows.selected == "memory"
        detail = text_of(app.screen.query_one("#check", Page))
        assert "8.1 GB" in detail
        assert ">= 16 GB" in detail
        assert "input.md:17" in detail
        await press(pilot, "y")
        assert app.clipboard.startswith("free memory")
        await press(pilot, "R")
        assert world.asked[-1] == "check memory"
        assert len(app.model.blocked_checks) == 1
        assert "1 blocks" in announced(app)
        await press(pilot, "r")
        assert world.asked[-1] == "check all"


async def test_each_check_has_its_fix_and_is_made_again() -> None:
    world = Stage(checks=recorded.bad_checks())
    app = world.app()
    async with app.run_test(size=USUAL) as pilot:
        await press(pilot, "enter")
        rows = app.screen.query_one("#checks", Rows)
        for check in recorded.bad_checks():
            rows.select(check.id)
            await idle(pilot)
            detail = text_of(app.screen.query_one("#check", Page))
            for words in (check.title, check.found, check.expected, check.source):
                assert words in detail
            app._clipboard = ""
            await press(pilot, "y")
            assert app.clipboard == ("" if check.status == "ok" else check.fix)
            assert (
                f"Fix y copies it, ^z goes to the shell, R checks again ▏ {check.fix}" in detail
            ) is bool(check.fix)
        made = world.asked.count("check all")
        for check in recorded.bad_checks():
            rows.select(check.id)
            await press(pilot, "R")
            assert world.asked[-1] == f"check {check.id}"
        assert world.asked.count("check all") == made


async def test_the_checks_of_an_old_run_are_told_as_such_and_made_anew(tmp_path: Path) -> None:
    run = recorded.preflight_blocked(tmp_path)
    world = Stage()
    app = world.app(attach=run.bundle)
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        await press(pilot, "2")
        rows = app.screen.query_one("#checks", Rows)
        assert f"of run {run.stamp}" in str(rows.border_title)
        await press(pilot, "R")
        assert world.asked == ["load"]
        await press(pilot, "r")
        assert world.asked == ["load", "check all"]
        assert "of run" not in str(rows.border_title)


async def test_checks_appear_as_they_are_made() -> None:
    gate = threading.Event()
    world = Stage(hold=gate)
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert announced(app) == "checks are running (0 done)"
        assert app.model.checking
        gate.set()
        await idle(pilot)
        assert app.model.preflight_passed


async def test_moving_through_the_steps_lights_the_memo() -> None:
    app = Stage().app()
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        memo = app.screen.query_one(MemoView)
        assert memo.lit == frozenset()
        app.screen.query_one("#steps", Rows).select("03-benchmark")
        await idle(pilot)
        assert memo.lit == frozenset({11})
        detail = text_of(app.screen.query_one("#detail", Page))
        assert ".venv/bin/nb-benchmark" in detail
        assert "$OUTDIR/logs/benchmark.log" in detail
        assert "testing_strategy.md:61" in detail
        assert "[tool.nbtui.aliases]" in detail


async def test_on_a_narrow_screen_the_memo_takes_turns_with_the_details() -> None:
    app = Stage().app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        memo, detail = app.screen.query_one("#memo"), app.screen.query_one("#detail")
        assert (memo.display, detail.display) == (False, True)
        await press(pilot, "m")
        assert (memo.display, detail.display) == (True, False)


async def test_a_memo_that_cannot_be_read_is_explained_and_read_again() -> None:
    world = Stage(trouble=MemoError("no How-To Map", where="input.md", fix="add one"))
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        assert "no How-To Map" in text_of(app.screen.query_one("#detail", Page))
        assert "mend the memo" in announced(app)
        world.trouble = None
        await press(pilot, "enter")
        assert app.model.plan is not None
        assert announced(app) == "run preflight"


async def test_a_held_lock_is_told_and_the_app_goes_on() -> None:
    def refuse(_plan: Plan) -> Path:
        raise LockHeldError("another run holds the machine", where="pid 4242")

    app = Stage(start=refuse).app()
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", "enter", "y")
        assert isinstance(app.screen, Dialog)
        assert "pid 4242" in text_of(app.screen.query_one(Page))
        await press(pilot, "escape")
        assert mode(app) is Mode.PREFLIGHT
        assert not app.model.starting


async def test_an_error_in_a_worker_is_a_message_not_a_crash() -> None:
    app = Stage(start=None).app()
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", "enter", "y")
        assert isinstance(app.screen, Dialog)
        assert "LookupError: this test starts nothing" in text_of(app.screen.query_one(Page))
        await press(pilot, "y")
        assert "this test starts nothing" in app.clipboard


async def test_a_run_under_way_is_shown_at_once(tmp_path: Path) -> None:
    app = Stage(active=recorded.running(tmp_path).bundle).app()
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        assert mode(app) is Mode.RUN
        assert app.model.active
        await press(pilot, "q")
    assert app.return_value == 0
    assert app.left_running is not None


async def test_quitting_asks_only_for_a_run_started_here(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    world = Stage(start=lambda _plan: bundle)
    app = world.app()
    async with app.run_test(size=SMALL) as pilot:
        await press(pilot, "enter", "enter", "y", "q")
        assert isinstance(app.screen, Dialog)
        await press(pilot, "escape")
        assert app.is_running
        await press(pilot, "q", "d")
    assert app.left_running == bundle
    assert not any(word.startswith("cancel") for word in world.asked)


async def test_cancelling_asks_and_then_offers_to_kill(tmp_path: Path) -> None:
    bundle = recorded.running(tmp_path).bundle
    world = Stage()
    app = world.app(attach=bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        await press(pilot, "c", "escape")
        assert not any(word.startswith("cancel") for word in world.asked)
        await press(pilot, "c", "c")
        assert world.asked[-1] == f"cancel {bundle.name}"
        assert "being cancelled" in announced(app)
        await press(pilot, "c", "k")
        assert world.asked[-1] == f"kill {bundle.name}"


async def test_a_dead_supervisor_is_noticed_and_its_run_sealed(tmp_path: Path) -> None:
    run = recorded.running(tmp_path)
    world = Stage(alive=False)
    app = world.app(attach=run.bundle)
    async with app.run_test(size=SMALL) as pilot:
        await idle(pilot)
        for _ in range(8):
            app.tick()
        await idle(pilot)
        assert lost(app)
        assert world.asked[-1] == f"settle {run.bundle.name}"
        await press(pilot, "enter")
        assert "left no verdict" in text_of(app.screen.query_one("#outcome", Page))
        run.end(Verdict.INTERRUPTED, 4)
        app.tick()
        await idle(pilot)
        assert not lost(app)
        assert "INTERRUPTED" in text_of(app.screen.query_one("#outcome", Page))


async def test_the_blocked_screen_says_what_by_how_much_and_what_next(tmp_path: Path) -> None:
    bundle = recorded.gate_blocked(tmp_path).bundle
    world = Stage()
    app = world.app(attach=bundle)
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        said = text_of(app.screen.query_one("#outcome", Page))
        for words in ("0.721177", ">= 0.999", "0.2778", "testing_strategy.md:62",
                      "What it means", "What to do next", "FAILED"):  # fmt: skip
            assert words in said
        assert bundle.name in said.replace(" ", "")
        await press(pilot, "y")
        assert app.clipboard == str(bundle / "blockers.md")
        await press(pilot, "l")
        # Without a terminal nothing can be suspended for a pager: the path is told instead.
        told = [note.message for note in app._notifications]
        assert str(bundle / "logs" / "nb_compare.log") in told
        await press(pilot, "a")
        assert mode(app) is Mode.PREFLIGHT
        assert app.model.preflight_passed


async def test_a_preflight_block_shows_every_blocking_check(tmp_path: Path) -> None:
    app = Stage().app(attach=recorded.preflight_blocked(tmp_path).bundle)
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        said = text_of(app.screen.query_one("#outcome", Page))
        assert "Fdump.bin" in said
        assert "mv Fdump.bin" in said
        assert "nothing was run" in said


async def test_lint_that_blocks_leads_to_its_findings_and_not_to_a_run() -> None:
    finding = Finding(
        id="missing-option",
        severity=Severity.BLOCK,
        line=11,
        text="nb-benchmark has no option --keep",
        source="input.md:11",
        fix="remove it",
    )
    world = Stage(findings=(finding,))
    app = world.app()
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        assert "1 blocks" in announced(app)
        await press(pilot, "2", "enter")
        assert mode(app) is Mode.PLAN
        said = text_of(app.screen.query_one("#detail", Page))
        assert "nb-benchmark has no option --keep" in said
        assert "remove it" in said
        assert app.screen.query_one(MemoView).lit == frozenset({11})
        world.findings = ()
        await press(pilot, "enter")
        assert world.asked == ["load", "load"]
        assert announced(app) == "run preflight"


async def test_one_key_accepts_all_fixes_of_lint() -> None:
    words = Deviation(memo_says="--outdir x", runs="leaves it out", why="no such option")
    remedy = Remedy(step_id="04-nb-compare", before=("a",), after=("b",), deviation=words)
    finding = Finding(
        id="unknown-option", severity=Severity.BLOCK, line=17, text="no option --outdir",
        source="m:17", fix="remove --outdir", remedy=remedy,
    )  # fmt: skip
    world = Stage(findings=(finding,))
    app = world.app()
    async with app.run_test(size=USUAL) as pilot:
        await idle(pilot)
        app.screen.query_one("#steps", Rows).select("findings")
        await idle(pilot)
        page = app.screen.query_one("#detail", Page)
        assert "remove --outdir (go down to it, then f accepts it)" in text_of(page)
        await press(pilot, "F")
        assert world.asked == ["load", "fix", "load"]
        assert "Lint found nothing" in text_of(page)
        await press(pilot, "F")
        assert world.asked.count("fix") == 1
