"""The checklist: it ticks itself from the journal, asks its operator, and passes their word on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from nbtui.evidence.records import Attestation
from nbtui.run import events as ev
from nbtui.tui.guide import Mode
from nbtui.tui.screens.asking import AskDialog
from nbtui.tui.widgets.page import Page
from nbtui.tui.widgets.rows import Rows
from tests.nbtui.tui import recorded
from tests.nbtui.tui.apps import Stage, announced, idle, mode, press, text_of

pytestmark = [pytest.mark.asyncio, pytest.mark.timeout(300)]


@asynccontextmanager
async def checklist(
    root: Path, what: str = "", size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[int], Stage]]:
    """Yield an app whose checklist is on screen, of a led run that waits if ``what`` says so."""
    bundle = recorded.led(root, what).bundle if what else None
    world = Stage(start=lambda _plan: recorded.running(root / "new").bundle)
    async with world.app(attach=bundle).run_test(size=size) as pilot:
        await idle(pilot)
        await press(pilot, "6")
        yield pilot, world


def listed(pilot: Pilot[int]) -> list[str]:
    return [str(row.text) for row in pilot.app.screen.query_one("#entries", Rows)._shown]


async def test_machine_steps_tick_themselves_and_lead_to_their_evidence(tmp_path: Path) -> None:
    async with checklist(tmp_path, "attest") as (pilot, _):
        rows = listed(pilot)
        assert "☑ done" in rows[2]
        assert "? you" in rows[6]
        entries = pilot.app.screen.query_one("#entries", Rows)
        assert entries.selected == "07-ledger"
        entries.select("03-benchmark")
        await idle(pilot)
        told = text_of(pilot.app.screen.query_one("#entry", Page))
        assert "logs/benchmark.log" in told
        assert "exit code 0" in told
        await press(pilot, "y")
        assert "nb-benchmark" in pilot.app.clipboard


async def test_a_manual_step_takes_name_initials_and_a_note(tmp_path: Path) -> None:
    async with checklist(tmp_path, "attest", size=(80, 24)) as (pilot, world):
        assert "say whether it is done" in announced(pilot.app)  # type: ignore[arg-type]
        await press(pilot, "enter", "enter")
        assert isinstance(pilot.app.screen, AskDialog)
        assert not [a for a in world.asked if a.startswith("attest")]
        await press(pilot, *"seen")
        pilot.app.screen.query_one("#name", Input).value = "Ada Lovelace"
        pilot.app.screen.query_one("#initials", Input).value = "AL"
        await press(pilot, "enter")
        assert "attest ('07-ledger', True, 'seen', 'Ada Lovelace', 'AL')" in world.asked


async def test_who_watches_is_told_that_the_run_waits(tmp_path: Path) -> None:
    async with checklist(tmp_path, "attest") as (pilot, _):
        await press(pilot, "3")
        assert "the run waits for you" in announced(pilot.app)  # type: ignore[arg-type]
        await press(pilot, "enter")
        assert mode(pilot.app) is Mode.CHECKLIST  # type: ignore[arg-type]


async def test_not_done_is_a_word_too_and_later_is_none(tmp_path: Path) -> None:
    async with checklist(tmp_path, "sign-off") as (pilot, world):
        assert "sign the whole checklist" in announced(pilot.app)  # type: ignore[arg-type]
        await press(pilot, "enter", "escape")
        assert not [a for a in world.asked if a.startswith("attest")]
        await press(pilot, "enter", *"no", "f2")
        assert "attest ('sign-off', False, 'no', 'operator', 'O')" in world.asked


async def test_a_question_is_answered_by_command_by_hand_or_left_out(tmp_path: Path) -> None:
    async with checklist(tmp_path, "answer") as (pilot, world):
        await press(pilot, "enter", *"ls", "enter")
        await press(pilot, "enter", "f2")
        await press(pilot, "enter", *"why", "f3")
        said = [a for a in world.asked if a.startswith("answer")]
        assert [s.split(", ")[1:3] for s in said] == [
            ["'ls'", "'command'"],
            ["''", "'hand'"],
            ["'why'", "'leave-out'"],
        ]


async def test_the_command_of_an_answer_is_shown_before_it_runs(tmp_path: Path) -> None:
    async with checklist(tmp_path, "confirm") as (pilot, world):
        await press(pilot, "enter", "escape", "enter", "n", "enter", "y")
        said = [a for a in world.asked if a.startswith("confirm")]
        assert said == ["confirm ('07-ledger', False)", "confirm ('07-ledger', True)"]


async def test_a_run_is_led_from_here_after_asking(tmp_path: Path) -> None:
    async with checklist(tmp_path) as (pilot, world):
        assert "lead a run" in announced(pilot.app)  # type: ignore[arg-type]
        assert "☐ open" in listed(pilot)[0]
        await press(pilot, "enter", "escape")
        assert "start" not in world.asked
        await press(pilot, "enter", "y")
        assert "start" in world.asked
        assert mode(pilot.app) is Mode.RUN  # type: ignore[arg-type]


async def test_a_signed_list_says_who_signed(tmp_path: Path) -> None:
    run = recorded.led(tmp_path, "sign-off")
    word = Attestation(
        step_id="sign-off", title="all", by="Ada Lovelace", done=True, note="seen", initials="AL"
    )
    run.write(ev.Attested(attestation=word))
    async with Stage().app(attach=run.bundle).run_test(size=(80, 24)) as pilot:
        await idle(pilot)
        await press(pilot, "6", "end")
        assert "☑ done" in listed(pilot)[-1]
        assert "signed by Ada Lovelace (AL)" in text_of(pilot.app.screen.query_one("#entry", Page))
