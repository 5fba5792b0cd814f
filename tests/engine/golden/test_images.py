"""Making and checking golden images: what is published, kept, refused and noticed."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.golden.cases import (
    CASES_FILE,
    Case,
    CaseFile,
    GoldenError,
    image_path,
    load,
    save,
    sidecar_path,
)
from engine.golden.generate import ensure, find_program, generate
from engine.golden.verify import verify

IDENTICAL = "bit-identical"
NUMERICALLY = "numerically identical, not bit-identical"
Altered = Callable[[str], Path]


def _flip_byte(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x01
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)


@pytest.mark.slow
def test_the_published_hashes(project_root: Path, reference_binary: Path, tmp_path: Path) -> None:
    """All six golden cases, the 4096 x 4096 one included, from nothing.

    ``make test`` does the same before its first test, but for images that are there already.
    """
    (tmp_path / "golden_data").mkdir()
    (tmp_path / CASES_FILE).write_bytes((project_root / CASES_FILE).read_bytes())
    for case in load(tmp_path / CASES_FILE).cases:
        outcome = generate(case, tmp_path, program=reference_binary)
        assert outcome.status == IDENTICAL
        assert hashlib.sha256(outcome.path.read_bytes()).hexdigest() == case.sha256
        outcome.path.unlink()


def test_made_once_then_kept(root: Path, small_case: Case, reference_binary: Path) -> None:
    path = ensure("small", root, program=reference_binary)
    assert path == image_path(root, "small")
    assert path.stat().st_mode & 0o777 == 0o444
    record = json.loads(sidecar_path(root, "small").read_text(encoding="utf-8"))
    assert record["shape"] == [24, 40]
    assert record["dtype"] == "<f4"
    assert record["sha256"] == small_case.sha256
    assert record["args"] == list(small_case.args)
    program = hashlib.sha256(reference_binary.read_bytes()).hexdigest()
    assert record["generated_by"] == {"path": str(reference_binary), "sha256": program}
    before = path.stat().st_ino
    assert generate(small_case, root, program=reference_binary).kept
    assert path.stat().st_ino == before
    assert not generate(small_case, root, program=reference_binary, force=True).kept
    assert path.stat().st_ino != before
    assert sorted(p.name for p in path.parent.iterdir()) == ["image.bin", "image.json"]


def test_made_in_an_empty_folder(
    root: Path, small_case: Case, reference_binary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "Fdump.bin").write_bytes(b"0 0 0 0 0 0\n\f" + bytes(64))
    monkeypatch.chdir(root)
    assert generate(small_case, root, program=reference_binary).status == IDENTICAL


def test_verify_notices_everything(root: Path, small_case: Case, reference_binary: Path) -> None:
    assert verify(small_case, root).status == "missing"
    path = ensure("small", root, program=reference_binary)
    good = path.read_bytes()
    found = verify(small_case, root)
    assert (found.status, found.valid, found.read_only) == (IDENTICAL, True, True)
    for position in (0, 1234, len(good) - 4):
        _flip_byte(path, position)
        found = verify(small_case, root)
        assert (found.status, found.valid) == ("MISMATCH", False)
        assert small_case.sha256 in found.detail
        _flip_byte(path, position)
    path.chmod(0o644)
    path.write_bytes(good[:-4])
    assert "3836 bytes, not the 3840 of 24 x 40" in verify(small_case, root).detail
    path.write_bytes(good + bytes(4))
    assert verify(small_case, root).status == "MISMATCH"
    path.write_bytes(good)
    assert verify(small_case, root).read_only is False


def test_an_altered_image_is_not_repaired_silently(
    root: Path, small_case: Case, reference_binary: Path
) -> None:
    path = ensure("small", root, program=reference_binary)
    _flip_byte(path, 100)
    altered = path.read_bytes()
    with pytest.raises(GoldenError, match=r"not the golden image any more.*--force"):
        ensure("small", root, program=reference_binary)
    assert path.read_bytes() == altered
    generate(small_case, root, program=reference_binary, force=True)
    assert verify(small_case, root).status == IDENTICAL


LAST_BIT = "x[200] = x[200] * (1 + 2 ** -23)"


def test_other_last_bits_are_accepted_and_said_so(
    root: Path, small_case: Case, altered_program: Altered
) -> None:
    outcome = generate(small_case, root, program=altered_program(LAST_BIT))
    assert outcome.status == NUMERICALLY
    assert small_case.sha256 in outcome.detail
    assert "largest difference" in outcome.detail
    assert verify(small_case, root).status == NUMERICALLY


def test_a_byte_that_flips_later_is_seen_without_the_published_bits(
    root: Path, small_case: Case, altered_program: Altered
) -> None:
    path = generate(small_case, root, program=altered_program(LAST_BIT)).path
    _flip_byte(path, 4 * 333)
    found = verify(small_case, root)
    assert found.status == "MISMATCH"
    assert "not the image that was generated here" in found.detail


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("x = array.array('f', [1.01 * v for v in x])", "largest difference 0.01"),
        ("x = x[::-1]", "largest difference"),
        ("x = x[:-1]", "3836 bytes"),
        ("x = array.array('f')", "0 bytes"),
        ("raise SystemExit(3)", "ended with 3"),
        ("import os; os.remove('float.bin'); raise SystemExit", "wrote no image"),
    ],
)
def test_a_program_that_computes_something_else_is_refused(
    root: Path, small_case: Case, altered_program: Altered, change: str, said: str
) -> None:
    program = altered_program(change)
    with pytest.raises(GoldenError) as caught:
        generate(small_case, root, program=program)
    assert said in str(caught.value)
    assert not image_path(root, "small").exists()
    assert not sidecar_path(root, "small").exists()


def test_a_refused_program_leaves_the_good_image(
    root: Path, small_case: Case, altered_program: Altered, reference_binary: Path
) -> None:
    path = ensure("small", root, program=reference_binary)
    with pytest.raises(GoldenError, match="nothing was published"):
        generate(small_case, root, program=altered_program("x[0] = 5.0"), force=True)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == small_case.sha256


def test_without_a_fingerprint_only_the_hash_counts(
    root: Path, small_case: Case, altered_program: Altered
) -> None:
    bare = Case(small_case.id, small_case.args, small_case.shape, small_case.sha256)
    save(root / CASES_FILE, CaseFile(1, {}, (bare,)))
    with pytest.raises(GoldenError, match="no fingerprint to compare with"):
        generate(bare, root, program=altered_program(LAST_BIT))


def test_a_program_that_is_not_there_or_not_executable(root: Path) -> None:
    with pytest.raises(GoldenError, match=r"does not exist.*build-reference"):
        find_program(root)
    (root / "words").write_text("no program")
    with pytest.raises(GoldenError, match="not executable"):
        find_program(root, root / "words")
