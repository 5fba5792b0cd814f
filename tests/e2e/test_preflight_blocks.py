"""What must stop a run before it starts: exit code 3, blockers.md, nothing was run."""

import hashlib
import struct
from pathlib import Path

import pytest

from nbtui.exit_codes import ExitCode
from nbtui.store import Phase
from tests.e2e.checkout import Checkout, Outcome

pytestmark = pytest.mark.timeout(600)


def assert_nothing_ran(outcome: Outcome, *words: str) -> None:
    """The run stopped in preflight, and blockers.md says what, what instead, and how to fix it."""
    assert outcome.exit_code == ExitCode.NOT_STARTED, outcome.stdout + outcome.stderr
    assert outcome.state.phase is Phase.BLOCKED
    assert outcome.state.stages == ()
    for word in (*words, "ound", "xpected", "ix"):
        assert word in outcome.blockers
    assert not list(outcome.folder.glob("logs/*.log"))


def valid_cache() -> bytes:
    """A structure-factor cache of one cell with limits 0..1 on every axis."""
    return b"0 1 0 1 0 1\n\f" + struct.pack("<27d", *[100.0] * 27)


def test_a_stale_structure_factor_cache_is_named_with_size_age_and_hash(
    checkout: Checkout,
) -> None:
    data = valid_cache()
    (checkout.root / "Fdump.bin").write_bytes(data)
    outcome = checkout.batch()
    digest = hashlib.sha256(data).hexdigest()
    assert_nothing_ran(outcome, "Fdump.bin", str(len(data)), digest[:12])
    check = next(c for c in outcome.state.checks if c.id == "hidden-input:Fdump.bin")
    assert "old" in check.found
    assert digest in check.found or digest in check.facts.values()


def test_a_missing_c_program(checkout: Checkout) -> None:
    checkout.c_binary.unlink()
    assert_nothing_ran(checkout.batch(), "nanoBragg", "nb-golden build-reference")


def test_a_c_program_that_cannot_be_executed(checkout: Checkout) -> None:
    checkout.c_binary.chmod(0o644)
    assert_nothing_ran(checkout.batch(), "nanoBragg", "chmod")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KMP_DUPLICATE_LIB_OK", "FALSE"),
        ("NB_RUN_PARALLEL", "0"),
        ("NB_C_BIN", "./no/such/program"),
    ],
)
def test_a_shell_that_contradicts_the_memo(checkout: Checkout, name: str, value: str) -> None:
    assert_nothing_ran(checkout.batch(env={name: value}), name, value)


def test_a_variable_demanded_without_a_value(checkout: Checkout, packaged_memo: str) -> None:
    memo = checkout.root / "input.md"
    memo.write_text(
        packaged_memo.replace("`NB_RUN_PARALLEL`,", "`NB_RUN_PARALLEL`, `NB_SITE_LICENCE`,"),
        encoding="utf-8",
    )
    checkout.git("add", "input.md")
    checkout.git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "memo")
    assert_nothing_ran(checkout.batch(), "NB_SITE_LICENCE")
    given = checkout.nbtui("preflight", env={"NB_SITE_LICENCE": "1"})
    assert given.exit_code == ExitCode.CLEARED, given.stdout + given.stderr


def test_a_flipped_byte_in_the_golden_image(checkout: Checkout) -> None:
    checkout.golden.chmod(0o644)
    with checkout.golden.open("r+b") as stream:
        stream.seek(1_000_003)
        byte = stream.read(1)[0]
        stream.seek(1_000_003)
        stream.write(bytes([byte ^ 0x40]))
    checkout.golden.chmod(0o444)
    expected = "2df24451e8cbb5f18e3184e1b8e131a67fae239dea0abe9a4270ba7bef887912"
    assert_nothing_ran(checkout.batch(), expected, "nb-golden generate")


def test_another_branch(checkout: Checkout) -> None:
    checkout.git("switch", "--quiet", "--create", "elsewhere")
    assert_nothing_ran(checkout.batch(), "elsewhere", "main")


def test_a_dirty_tree(checkout: Checkout) -> None:
    with (checkout.root / "README.md").open("a", encoding="utf-8") as stream:
        stream.write("\nan edit nobody committed\n")
    assert_nothing_ran(checkout.batch(), "README.md")


def test_too_little_memory(checkout: Checkout, tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    fake.mkdir()
    (fake / "sitecustomize.py").write_text(
        "import psutil\n"
        "_real = psutil.virtual_memory\n"
        "psutil.virtual_memory = lambda: _real()._replace(available=8_000_000_000)\n",
        encoding="utf-8",
    )
    assert_nothing_ran(checkout.batch(env={"PYTHONPATH": str(fake)}), "8.0 GB", "16.0 GB")


def test_an_unconfirmed_plan_shows_the_commands_and_runs_nothing(checkout: Checkout) -> None:
    outcome = checkout.nbtui("--batch")
    assert outcome.exit_code == ExitCode.NOT_STARTED
    assert outcome.bundle is None
    assert "nb-compare" in outcome.stdout + outcome.stderr
    assert "-detpixels 4096" in outcome.stdout + outcome.stderr
