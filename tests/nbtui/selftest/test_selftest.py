"""Planted faults: every gate that should fail does, and one that sleeps is named.

The C program stands on both sides: it agrees with itself, so only the planted faults differ.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.parity.thresholds import Threshold
from nbtui.errors import SelfTestError
from nbtui.memo.advisory import LIMITS
from nbtui.project import Project, Settings
from nbtui.selftest.controls import CONTROLS
from nbtui.selftest.examine import Finding, examine, gates
from nbtui.selftest.face import line, run
from nbtui.selftest.lab import Lab

TABLE = (
    "## 2.5\n\n| id | applies to | scope | metric | comparison | threshold | binding | why |\n"
    "|---|---|---|---|---|---|---|---|\n"
)


@pytest.fixture(scope="module")
def lab(reference_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """Return the small experiment with the C program on both sides; each image is made once."""
    program = str(reference_binary)
    return Lab.open(
        tmp_path_factory.mktemp("lab"), Path.cwd(), {}, c_bin=program, py_bin=program, timeout_s=60
    )


def say_nothing(_text: str) -> None:
    return


def by_id(lab: Lab, rows: Sequence[Threshold] = ()) -> dict[str, Finding]:
    return {f.control: f for f in examine(lab, gates(rows, "strategy.md"), say_nothing)}


def row(metric: str, comparison: str, value: float) -> Threshold:
    return Threshold(metric, metric, "all", comparison, value, True, "compare", 7)


def test_the_usual_gates_catch_every_control(lab: Lab) -> None:
    found = by_id(lab)
    assert set(found) == {"none", *(c.id for c in CONTROLS)}
    assert all(f.ok for f in found.values()), [line(f) for f in found.values() if not f.ok]
    assert found["none"].failed == ()


def test_each_usual_gate_is_expected_to_fail_somewhere() -> None:
    expected = {metric for control in CONTROLS for metric in control.fails}
    assert {m for m, _, _ in LIMITS} <= expected


def test_a_gate_that_sleeps_is_named(lab: Lab) -> None:
    found = by_id(lab, [row("correlation", ">=", 0.999), row("relative_l2", "<=", 1e6)])
    assert found["wavelength"].asleep == ("relative_l2",)
    assert "no control made these fail: relative_l2" in found["gates"].problem
    # Correlation alone sees neither a fluence nor a doubled image.
    assert found["fluence"].problem == "no gate sees it"
    assert found["doubled"].problem == "no gate sees it"
    assert "should fail and do not: relative_l2" in line(found["wavelength"])


def test_a_gate_that_fails_without_a_fault_is_named(lab: Lab) -> None:
    found = by_id(lab, [row("correlation", ">=", 1.5)])
    assert found["none"].problem == "gates fail without a fault: correlation"


def test_two_programs_with_other_defaults_are_no_pair(
    reference_binary: Path, tmp_path: Path
) -> None:
    wrapper = tmp_path / "port"
    wrapper.write_text(f'#!/bin/sh\nexec "{reference_binary}" "$@" -lambda 1.1\n')
    wrapper.chmod(0o755)
    (tmp_path / "lab").mkdir()
    lab = Lab.open(
        tmp_path / "lab", tmp_path, {}, c_bin=str(reference_binary), py_bin=str(wrapper),
        timeout_s=60,
    )  # fmt: skip
    first = next(examine(lab, gates((), ""), say_nothing))
    assert "different experiments: lambda_m" in first.problem


def test_exit_codes_and_json(
    reference_binary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "strategy.md").write_text(
        f"{TABLE}| loose | compare | all | correlation | >= | 0.999 | yes | x |\n"
    )
    program = str(reference_binary)
    project = Project(tmp_path, Settings(strategy="strategy.md"))
    code = run(project, {}, c_bin=program, py_bin=program, timeout_s=60, as_json=True)
    record = json.loads(capsys.readouterr().out)
    assert code == 1
    assert record["ok"] is False
    assert record["gates"][0]["source"] == "strategy.md:5"
    assert {c["control"] for c in record["controls"]} == {"none", *(c.id for c in CONTROLS)}


@pytest.mark.parametrize(
    ("c_bin", "py_bin", "words"),
    [(None, None, "no C program given"), ("/bin/false", "/bin/false", "ended with exit code 1")],
)
def test_without_programs_nothing_is_tested(
    tmp_path: Path, c_bin: str | None, py_bin: str | None, words: str
) -> None:
    project = Project(tmp_path, Settings())
    with pytest.raises(SelfTestError, match=words) as caught:
        run(project, {}, c_bin=c_bin, py_bin=py_bin, timeout_s=60, as_json=False)
    assert int(caught.value.exit_code) == 3
