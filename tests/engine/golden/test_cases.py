"""The file of golden cases: what it promises, and that damage is never half-read."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.golden.cases import CASES_FILE, SAMPLE_COUNT, CaseFile, CasesError, load, save


def test_the_committed_file_is_whole_and_small(project_root: Path) -> None:
    path = project_root / CASES_FILE
    cases = load(path)
    assert [case.id for case in cases.cases] == [
        "simple_cubic", "simple_cubic_mosaic", "triclinic_P1", "cubic_tilted_detector",
        "high_resolution_4096", "asymmetric_2048x1536",
    ]  # fmt: skip
    assert cases.find("high_resolution_4096").sha256 == (
        "2df24451e8cbb5f18e3184e1b8e131a67fae239dea0abe9a4270ba7bef887912"
    )
    assert path.stat().st_size < 2**20
    for case in cases.cases:
        assert case.fingerprint is not None
        assert len(case.fingerprint.samples) == SAMPLE_COUNT
        assert "-floatfile" not in case.args


def test_saving_what_was_loaded_gives_the_same_file(project_root: Path, tmp_path: Path) -> None:
    original = project_root / CASES_FILE
    save(tmp_path / "cases.json", load(original))
    assert (tmp_path / "cases.json").read_bytes() == original.read_bytes()


def test_selection(project_root: Path) -> None:
    cases = load(project_root / CASES_FILE)
    assert cases.select(()) == cases.cases
    assert [c.id for c in cases.select(("triclinic_P1", "simple_cubic"))] == [
        "triclinic_P1", "simple_cubic",
    ]  # fmt: skip
    with pytest.raises(CasesError, match=r"no golden case 'cubic'.*simple_cubic, "):
        cases.select(("cubic",))


def _with(field: str, value: object) -> Any:
    def change(case: dict[str, Any]) -> None:
        case[field] = value

    return change


def _without(field: str) -> Any:
    def change(case: dict[str, Any]) -> None:
        del case[field]

    return change


def _sample(value: object) -> Any:
    def change(case: dict[str, Any]) -> None:
        case["fingerprint"]["samples"][3] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_with("id", "../escape"), "letters, digits"),
        (_with("id", ""), "letters, digits"),
        (_with("shape", [24]), "damaged"),
        (_with("shape", [0, 40]), "no pixels"),
        (_with("sha256", "ABC"), "64 lower-case"),
        (_with("args", []), "no arguments"),
        (_with("args", "-cell 1"), "damaged"),
        (_with("surprise", 1), "surprise"),
        (_without("sha256"), "sha256"),
        (_sample([0, 0, 1.0]), "256 different pixels"),
        (_sample([24, 0, 1.0]), "outside the image"),
        (_sample([0, "1", 1.0]), "damaged"),
    ],
)
def test_a_damaged_case_is_named(root: Path, change: Any, said: str) -> None:
    path = root / CASES_FILE
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["cases"][0])
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(CasesError) as caught:
        load(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


def test_two_cases_of_one_name(root: Path) -> None:
    path = root / CASES_FILE
    cases = load(path)
    save(path, CaseFile(1, {}, cases.cases * 2))
    with pytest.raises(CasesError, match="used twice"):
        load(path)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"schema": 2, "provenance": {}, "cases": []}']
)
def test_a_damaged_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cases.json"
    path.write_bytes(content)
    with pytest.raises(CasesError, match="damaged"):
        load(path)


def test_a_missing_file_says_where_to_run(tmp_path: Path) -> None:
    with pytest.raises(CasesError, match="--root"):
        load(tmp_path / CASES_FILE)
