"""``nb-golden``: its words, its exit codes, its JSON."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from engine.golden.cases import CASES_FILE, Case, CaseFile, image_path, load, save
from engine.golden.cli import main

Golden = Callable[..., Result]


@pytest.fixture
def golden(root: Path, monkeypatch: pytest.MonkeyPatch) -> Golden:
    """Return a function that runs ``nb-golden`` in the small project."""
    monkeypatch.chdir(root)
    monkeypatch.delenv("NB_C_BIN", raising=False)

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, list(words))

    return run


def test_from_nothing_to_verified(golden: Golden, root: Path, reference_binary: Path) -> None:
    assert golden("verify").exit_code == 1
    made = golden("generate", "--c-bin", str(reference_binary))
    assert made.exit_code == 0
    assert "small: made, bit-identical" in made.output
    assert "small: kept, bit-identical" in golden("generate").output
    verified = golden("verify", "small")
    assert (verified.exit_code, verified.output) == (0, "small: bit-identical\n")
    image_path(root, "small").chmod(0o644)
    assert "writable" in golden("verify").output


def test_json(golden: Golden, small_case: Case, reference_binary: Path) -> None:
    missing = golden("verify", "--json")
    assert missing.exit_code == 1
    assert [row["status"] for row in json.loads(missing.output)] == ["missing"]
    made = json.loads(golden("generate", "--json", "--c-bin", str(reference_binary)).output)
    assert made[0]["kept"] is False
    assert json.loads(golden("verify", "--json").output)[0]["sha256"] == small_case.sha256
    listed = json.loads(golden("list", "--json").output)
    assert listed[0]["args"] == list(small_case.args)
    assert small_case.sha256 in golden("list").output


def test_the_c_program_may_be_named_in_the_environment(
    golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NB_C_BIN", "missing/nanoBragg")
    refused = golden("generate")
    assert refused.exit_code == 1
    assert "missing/nanoBragg" in refused.output


def test_every_altered_image_is_named_and_the_others_are_made(
    golden: Golden, root: Path, small_case: Case, reference_binary: Path
) -> None:
    names = ("small", "second", "third")
    cases = tuple(msgspec.structs.replace(small_case, id=name) for name in names)
    save(root / CASES_FILE, CaseFile(schema=1, provenance={}, cases=cases))
    for name in names[:2]:
        image_path(root, name).parent.mkdir(parents=True, exist_ok=True)
        image_path(root, name).write_bytes(b"altered")
    words = ("generate", "--c-bin", str(reference_binary))
    refused = golden(*words)
    assert refused.exit_code == 1
    assert refused.stderr.count("is not the golden image any more") == 2
    assert "third: made" in refused.stdout
    rows = json.loads(golden(*words, "--json").stdout)
    assert [row["status"] for row in rows] == ["refused", "refused", "bit-identical"]
    assert image_path(root, "small").read_bytes() == b"altered"


def test_build_reference(golden: Golden, root: Path) -> None:
    built = golden("build-reference")
    assert built.exit_code == 0
    assert built.output.startswith("built: ")
    assert golden("build-reference").output.startswith("up to date: ")
    record = json.loads(golden("build-reference", "--json").output)
    assert record["binary"] == str(root / "build" / "reference" / "nanoBragg")
    assert golden("generate").exit_code == 0


def test_build_without_a_compiler_is_one_line(
    golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    failed = golden("build-reference")
    assert failed.exit_code == 1
    assert failed.output.count("\n") == 1
    assert "no-such-compiler" in failed.output


@pytest.mark.parametrize("words", [("verify", "other"), ("generate", "other"), ("nonsense",)])
def test_what_is_not_understood_exits_with_2(golden: Golden, words: tuple[str, ...]) -> None:
    assert golden(*words).exit_code == 2


def test_a_damaged_file_of_cases_exits_with_2(golden: Golden, root: Path) -> None:
    (root / CASES_FILE).write_text('{"schema": 1')
    failed = golden("list")
    assert failed.exit_code == 2
    assert "damaged" in failed.output


def test_fingerprints_are_taken_of_the_published_bits_only(
    golden: Golden, root: Path, small_case: Case, reference_binary: Path
) -> None:
    program = ("--c-bin", str(reference_binary))
    bare = Case("small", small_case.args, small_case.shape, small_case.sha256)
    save(root / CASES_FILE, CaseFile(1, {}, (bare,)))
    shown = golden("fingerprint", "small", *program)
    assert len(json.loads(shown.output)["fingerprint"]["samples"]) == 256
    assert load(root / CASES_FILE).cases[0].fingerprint is None
    assert golden("fingerprint", "--write", *program).exit_code == 0
    assert load(root / CASES_FILE).cases[0] == small_case
    save(root / CASES_FILE, CaseFile(1, {}, (Case("small", bare.args, bare.shape, "0" * 64),)))
    refused = golden("fingerprint", "--write", *program)
    assert refused.exit_code == 1
    assert "published bits only" in refused.output
