"""The floor of the measures: moved inputs, ranks of thresholds, and ``nb-floor`` as a program."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.parity import floor
from engine.parity.errors import ImageError, UsageError
from engine.parity.floor_cli import main

ARGS = ("-lambda", "1", "-cell", "70", "80", "90", "85", "95", "105", "-N", "5", "-default_F",
        "100", "-distance", "100", "-detpixels", "40")  # fmt: skip
Maker = Callable[..., Path]


def test_each_input_moves_by_itself_both_ways() -> None:
    found = floor.perturbations(ARGS, 1e-7)
    assert [p.name for p in found] == [
        f"{flag} {sign}1e-07" for flag in ("-lambda", "-cell", "-distance") for sign in "+-"
    ]
    for change in found:
        differing = [(a, b) for a, b in zip(ARGS, change.args, strict=True) if a != b]
        ((before, after),) = differing
        assert abs(float(after) / float(before) - 1) == pytest.approx(1e-7, rel=1e-6)


def test_without_an_input_to_move_there_is_no_floor() -> None:
    with pytest.raises(UsageError, match="nothing to move"):
        floor.perturbations(["-N", "5"])


def test_the_floor_is_the_largest_and_absent_where_one_run_cannot_tell() -> None:
    runs: list[dict[str, float | None]] = [
        {"relative_l2": 1e-6, "rmse": 1.0},
        {"relative_l2": 3e-6, "rmse": None},
    ]
    found = floor.floor_of(runs)
    assert found["relative_l2"] == 3e-6
    assert found["rmse"] is None


@pytest.mark.parametrize(
    ("metric", "comparison", "threshold", "expected"),
    [
        ("correlation", ">=", 0.999, ("correlation_deviation", pytest.approx(1e-3))),
        ("relative_l2", "<=", 1e-3, ("relative_l2", 1e-3)),
        ("relative_l2", ">=", 1e-3, None),
        ("nonfinite", "==", 0.0, None),
    ],
)
def test_a_threshold_bounds_a_figure(
    metric: str, comparison: str, threshold: float, expected: object
) -> None:
    assert floor.allowance(metric, comparison, threshold) == expected


@pytest.mark.parametrize(
    ("allowed", "value", "rank"),
    [
        (2.9e-5, 1e-5, floor.Rank.UNMEETABLE),
        (3.1e-5, 1e-5, floor.Rank.AWAKE),
        (1e-2, 1e-5, floor.Rank.AWAKE),
        (1.1e-2, 1e-5, floor.Rank.ASLEEP),
        (1e-2, 0.0, floor.Rank.UNKNOWN),
        (1e-2, None, floor.Rank.UNKNOWN),
    ],
)
def test_thresholds_are_ranked(allowed: float, value: float | None, rank: floor.Rank) -> None:
    assert floor.rank(allowed, value)[0] is rank


def test_the_reference_has_a_floor(
    reference_binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strategy = tmp_path / "strategy.md"
    strategy.write_text(
        "## 2.5\n\n| id | applies to | scope | metric | comparison | threshold | binding | why |\n"
        "|---|---|---|---|---|---|---|---|\n"
        "| loose | compare | all | correlation | >= | 0.999 | yes | x |\n"
        "| tight | compare | all | relative_l2 | <= | 1e-6 | yes | x |\n"
    )
    output = tmp_path / "floor.json"
    words = ["--c-bin", str(reference_binary), "--output", str(output), "--strategy", str(strategy)]
    assert main([*words, "--", *ARGS]) == 0
    known = floor.load(output)
    assert known.args == ARGS
    assert 1e-8 < (known.floor["relative_l2"] or 0.0) < 1e-3
    said = capsys.readouterr().out
    assert "loose" in said
    assert "asleep" in said
    assert "unmeetable" in said
    assert {p.name for p in tmp_path.iterdir()} == {"floor.json", "strategy.md"}


def test_a_program_that_ignores_its_inputs_has_no_floor(
    fake_program: Maker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--c-bin", str(fake_program()), "--output", str(tmp_path / "floor.json")]
    assert main([*words, "--quiet", "--", *ARGS]) == 2
    assert "no change of an input changed the image" in capsys.readouterr().err
    assert not (tmp_path / "floor.json").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"schema": 1}', json.dumps({"schema": 2, "tool": "nb-floor", "args": [],
                                                    "floor": {}})]
)  # fmt: skip
def test_what_is_no_floor_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "floor.json"
    path.write_text(text)
    with pytest.raises(ImageError, match="no floor file"):
        floor.load(path)
