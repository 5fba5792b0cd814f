"""Thresholds held against the measured floor, before anything runs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.parity.floor import MEASURES
from nbtui.memo.compile import compile_plan
from nbtui.memo.lint import Finding, Severity, lint
from nbtui.memo.parse import parse_memo
from nbtui.project import Settings

ARGS = ["-lambda", "0.5", "-cell", "100", "100", "100", "90", "90", "90", "-N", "5", "-default_F",
        "100", "-distance", "500", "-detpixels", "4096", "-pixel", "0.05"]  # fmt: skip
MEMO = (
    "Branch: main\nArtifacts: reports/a/b/$STAMP/\nHow-To Map:\n"
    f"- `nb-compare --outdir $OUTDIR/compare -- {' '.join(ARGS)}` must reach corr >= 0.999\n"
)
Look = Callable[..., dict[str, Finding]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Return a function that lints the memo in a folder with a floor file."""

    def run(
        args: list[str], floor: dict[str, float] | None, memo: str = MEMO
    ) -> dict[str, Finding]:
        settings = Settings(floor="floor.json")
        record = {
            "schema": 1, "tool": "nb-floor", "args": args,
            "floor": dict.fromkeys(MEASURES) | (floor or {}),
        }  # fmt: skip
        (tmp_path / "floor.json").write_text(json.dumps(record) if floor is not None else "{}")
        parsed = parse_memo(memo.encode(), name="memo.md")
        plan = compile_plan(parsed, settings)
        found = lint(plan, parsed, tmp_path, settings=settings, ask=False).findings
        return {f.id: f for f in found if "threshold" in f.id or "floor" in f.id}

    return run


def test_a_threshold_that_sees_nothing_small_is_asleep(look: Look) -> None:
    found = look(ARGS, {"correlation_deviation": 5e-10})
    assert found["threshold-asleep"].severity is Severity.WARN
    assert "correlation >= 0.999" in found["threshold-asleep"].text
    assert "2e+06" in found["threshold-asleep"].text


def test_beside_one_that_is_awake_it_is_only_said(look: Look) -> None:
    memo = MEMO.replace("corr >= 0.999", "corr >= 0.999 and relative_l2 <= 1e-3")
    found = look(ARGS, {"correlation_deviation": 5e-10, "relative_l2": 3e-5}, memo)
    assert found["threshold-asleep"].severity is Severity.INFO


def test_a_threshold_that_nothing_can_meet_is_named(look: Look) -> None:
    found = look(ARGS, {"correlation_deviation": 9e-4})
    assert found["threshold-unmeetable"].severity is Severity.WARN
    assert "1.1 times" in found["threshold-unmeetable"].text


def test_the_floor_of_another_experiment_says_nothing(look: Look) -> None:
    assert look([*ARGS, "-misset", "1", "2", "3"], {"correlation_deviation": 9e-4}) == {}


def test_a_damaged_floor_file_is_named(look: Look) -> None:
    assert "no floor file" in look(ARGS, None)["floor-unreadable"].text
