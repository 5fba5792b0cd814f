"""The C program, the golden image, and files that nobody named."""

import hashlib
import json
import os
import shlex
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from nbtui.memo.plan import Plan, Variable
from nbtui.preflight.c_binary import check_c_binary
from nbtui.preflight.golden import check_golden
from nbtui.preflight.hidden_inputs import check_hidden_inputs
from nbtui.preflight.model import CheckResult, CheckStatus, Context

MakeContext = Callable[..., Context]
OWN = "./build/reference/nanoBragg"


def only(results: Iterable[CheckResult]) -> CheckResult:
    (result,) = results
    return result


def binary_context(context: MakeContext, value: str = OWN) -> Context:
    return context(environment=(Variable(name="NB_C_BIN", value=value, source="memo.md:3"),))


@pytest.fixture
def program(repo: Path) -> Path:
    """An executable file where the reference is built, newer than its source."""
    source = repo / "engine" / "reference" / "src" / "main.c"
    source.parent.mkdir(parents=True)
    source.write_text("int main;")
    os.utime(source, (1_000, 1_000))
    path = repo / OWN
    path.parent.mkdir(parents=True)
    path.write_bytes(b"#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_a_good_program_is_known_by_its_hash(context: MakeContext, program: Path) -> None:
    result = only(check_c_binary(binary_context(context)))
    assert result.status is CheckStatus.OK
    assert result.facts["sha256"] == hashlib.sha256(program.read_bytes()).hexdigest()
    assert result.facts["built"].endswith("Z")


def test_a_missing_program(context: MakeContext) -> None:
    result = only(check_c_binary(binary_context(context)))
    assert result.status is CheckStatus.BLOCK
    assert result.found == f"{OWN} does not exist"
    assert result.fix == "nb-golden build-reference"


def test_a_program_that_cannot_be_executed(context: MakeContext, program: Path) -> None:
    program.chmod(0o644)
    result = only(check_c_binary(binary_context(context)))
    assert result.status is CheckStatus.BLOCK
    assert "chmod +x" in result.fix


def test_a_folder_is_no_program(context: MakeContext, program: Path) -> None:
    result = only(check_c_binary(binary_context(context, "build/reference")))
    assert result.status is CheckStatus.BLOCK
    assert "no regular file" in result.found


def test_a_build_older_than_its_sources(context: MakeContext, program: Path) -> None:
    os.utime(program, (500, 500))
    result = only(check_c_binary(binary_context(context)))
    assert result.status is CheckStatus.BLOCK
    assert "older than engine/reference/src/main.c" in result.found


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({}, CheckStatus.OK, "sha256"),
        ({"sources_sha256": "0" * 64}, CheckStatus.BLOCK, "built from other sources"),
        ({"binary_sha256": "0" * 64}, CheckStatus.WARN, "not what nb-golden build-reference made"),
    ],
)
def test_the_builds_own_record_decides_not_file_times(
    context: MakeContext, program: Path, change: dict[str, str], status: CheckStatus, words: str
) -> None:
    source = context().root / "engine/reference/src/main.c"
    hashed = hashlib.sha256(b"main.c\0" + hashlib.sha256(source.read_bytes()).digest())
    record = {
        "sources_sha256": hashed.hexdigest(),
        "binary_sha256": hashlib.sha256(program.read_bytes()).hexdigest(),
        **change,
    }
    program.with_name("nanoBragg.build.json").write_text(json.dumps(record))
    os.utime(program, (500, 500))  # as after a checkout that touched the sources
    result = only(check_c_binary(binary_context(context)))
    assert result.status is status
    assert words in result.found


def test_the_record_is_read_as_the_build_writes_it(
    reference_binary: Path, project_root: Path
) -> None:
    variable = Variable(name="NB_C_BIN", value=str(reference_binary), source="memo.md:3")
    plan = Plan(
        memo_name="m", memo_sha256="", summary="", focus="", branch=None,
        artifacts_root="reports/a", environment=(variable,),
    )  # fmt: skip
    result = only(check_c_binary(Context(root=project_root, plan=plan, env={})))
    assert result.status is CheckStatus.OK
    assert result.facts["compiler_version"]


def test_a_foreign_program_is_not_held_against_our_sources(
    context: MakeContext, program: Path
) -> None:
    other = program.with_name("other")
    other.write_bytes(b"x")
    other.chmod(0o755)
    os.utime(other, (500, 500))
    made = binary_context(context, "./build/reference/other")
    assert only(check_c_binary(made)).status is CheckStatus.OK


def test_no_program_named_at_all(context: MakeContext) -> None:
    result = only(check_c_binary(context()))
    assert result.status is CheckStatus.BLOCK
    assert "NB_C_BIN is not set" in result.found
    assert list(check_c_binary(context(steps=()))) == []


GOLDEN = "golden_data/tiny/image.bin"


@pytest.fixture
def golden(repo: Path) -> Path:
    """A golden image as it was generated, with its published entry."""
    image = np.random.default_rng(1).gamma(0.3, 10.0, (8, 6)).astype("<f4")
    wide = image.astype(np.float64)
    path = repo / GOLDEN
    path.parent.mkdir(parents=True)
    path.write_bytes(image.tobytes())
    path.chmod(0o444)
    digest = hashlib.sha256(image.tobytes()).hexdigest()
    entry = {
        "id": "tiny",
        "args": [],
        "shape": [8, 6],
        "sha256": digest,
        "fingerprint": {
            "max": float(wide.max()),
            "mean": float(wide.mean()),
            "rms": float(np.sqrt((wide**2).mean())),
            "rmsd": float(wide.std()),
            "sum": float(wide.sum()),
            "samples": [[s, f, float(wide[s, f])] for s in range(0, 8, 3) for f in range(6)],
        },
    }
    cases = repo / "golden_data" / "cases.json"
    cases.write_text(json.dumps({"schema": 1, "cases": [entry]}))
    path.with_name("image.json").write_text(json.dumps({"sha256": digest}))
    return path


def alter(path: Path, change: Callable[[np.ndarray], np.ndarray], *, recorded: bool) -> str:
    """Rewrite an image, with or without telling its sidecar; return the new hash."""
    image = np.fromfile(path, dtype="<f4")
    data = change(image).astype("<f4").tobytes()
    path.chmod(0o644)
    path.write_bytes(data)
    path.chmod(0o444)
    digest = hashlib.sha256(data).hexdigest()
    if recorded:
        path.with_name("image.json").write_text(json.dumps({"sha256": digest}))
    return digest


def golden_results(context: MakeContext) -> list[CheckResult]:
    return list(check_golden(context(golden_image=GOLDEN)))


def test_the_published_image(context: MakeContext, golden: Path) -> None:
    assert [r.status for r in golden_results(context)] == [CheckStatus.OK, CheckStatus.OK]


def test_a_flipped_bit_blocks_with_both_hashes(context: MakeContext, golden: Path) -> None:
    def flip(image: np.ndarray) -> np.ndarray:
        bits = image.view("<u4").copy()
        bits[17] ^= 1  # the last bit of one pixel: no statistic would notice
        return bits.view("<f4")

    published = golden_results(context)[0].facts["sha256"]
    digest = alter(golden, flip, recorded=False)
    result = golden_results(context)[0]
    assert result.status is CheckStatus.BLOCK
    assert digest in result.found
    assert published in result.expected
    assert "nb-golden generate" in result.fix


def test_other_last_bits_of_another_library_are_accepted_and_said(
    context: MakeContext, golden: Path
) -> None:
    alter(golden, lambda i: np.nextafter(i, np.float32(np.inf)), recorded=True)
    result = golden_results(context)[0]
    assert result.status is CheckStatus.WARN
    assert "numerically identical, not bit-identical" in result.found


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda i: i * np.float32(1.01), "max"),
        (lambda i: np.roll(i, 1), "pixel (0, 0)"),
        (lambda i: i[:-1], "188 bytes instead of 192"),
    ],
)
def test_another_image_blocks_even_when_it_was_generated_here(
    context: MakeContext,
    golden: Path,
    change: Callable[[np.ndarray], np.ndarray],
    words: str,
) -> None:
    alter(golden, change, recorded=True)
    result = golden_results(context)[0]
    assert result.status is CheckStatus.BLOCK
    assert words in result.found


def test_a_missing_image(context: MakeContext) -> None:
    result = only(golden_results(context))
    assert result.status is CheckStatus.BLOCK
    assert result.fix == "nb-golden generate"


def test_an_image_without_a_published_hash_warns(context: MakeContext, golden: Path) -> None:
    (golden.parent.parent / "cases.json").write_text("{}")
    assert golden_results(context)[0].status is CheckStatus.WARN


def test_a_writable_image_warns(context: MakeContext, golden: Path) -> None:
    golden.chmod(0o644)
    result = golden_results(context)[1]
    assert (result.id, result.status) == ("golden-readonly", CheckStatus.WARN)


def test_a_plan_without_a_golden_image_needs_none(context: MakeContext) -> None:
    assert list(check_golden(context())) == []


def test_no_hidden_input(context: MakeContext) -> None:
    result = only(check_hidden_inputs(context()))
    assert result.status is CheckStatus.OK
    assert "Fdump.bin, Cache.bin" in result.expected


@pytest.mark.parametrize("name", ["Fdump.bin", "Cache.bin"])
def test_a_stale_cache_is_named_with_everything(context: MakeContext, name: str) -> None:
    made = context()
    path = made.root / name
    path.write_bytes(b"0 1 0 1 0 1\n\f")
    os.utime(path, (path.stat().st_mtime - 3 * 86400,) * 2)
    result = only(check_hidden_inputs(made))
    assert (result.id, result.status) == (f"hidden-input:{name}", CheckStatus.BLOCK)
    assert "13 bytes, 3 days old" in result.found
    assert hashlib.sha256(b"0 1 0 1 0 1\n\f").hexdigest() in result.found
    assert path.exists()
    subprocess.run(shlex.split(result.fix), check=True)
    assert only(check_hidden_inputs(made)).status is CheckStatus.OK
    assert not list(made.root.glob(f"*{name}*"))  # it would block as an untracked file


def test_a_link_to_nowhere_is_a_hidden_input_too(context: MakeContext) -> None:
    made = context()
    (made.root / "Fdump.bin").symlink_to("gone")
    assert only(check_hidden_inputs(made)).status is CheckStatus.BLOCK
