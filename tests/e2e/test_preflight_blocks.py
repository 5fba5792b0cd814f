"""What must stop a run before it starts: exit code 3, blockers.md, nothing was run."""

import hashlib
import struct
from pathlib import Path

import pytest

from nbtui.exit_codes import ExitCode
from nbtui.preflight.model import CheckResult, CheckStatus
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


def blocking(outcome: Outcome) -> dict[str, CheckResult]:
    """The checks that block, by their names."""
    return {c.id: c for c in outcome.state.checks if c.status is CheckStatus.BLOCK}


def flip_a_bit(image: Path) -> None:
    image.chmod(0o644)
    with image.open("r+b") as stream:
        stream.seek(1_000_003)
        byte = stream.read(1)[0]
        stream.seek(1_000_003)
        stream.write(bytes([byte ^ 0x40]))
    image.chmod(0o444)


LITTLE_MEMORY = """\
import psutil
_real = psutil.virtual_memory
psutil.virtual_memory = lambda: _real()._replace(available=8_000_000_000)
"""


def test_whatever_is_wrong_is_named_in_one_report(checkout: Checkout, tmp_path: Path) -> None:
    """Each of these blocks by itself: a newcomer meets several at once, and mends them once."""
    cache = valid_cache()
    (checkout.root / "Fdump.bin").write_bytes(cache)
    checkout.c_binary.chmod(0o644)
    flip_a_bit(checkout.golden)
    checkout.git("switch", "--quiet", "--create", "elsewhere")
    with (checkout.root / "README.md").open("a", encoding="utf-8") as stream:
        stream.write("\nan edit nobody committed\n")
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "sitecustomize.py").write_text(LITTLE_MEMORY, encoding="utf-8")
    shell = {
        "KMP_DUPLICATE_LIB_OK": "FALSE",
        "NB_RUN_PARALLEL": "0",
        "NB_C_BIN": "./no/such/program",
    }
    outcome = checkout.batch(env={**shell, "PYTHONPATH": str(tmp_path / "fake")})
    sha256 = hashlib.sha256(cache).hexdigest()
    golden = "2df24451e8cbb5f18e3184e1b8e131a67fae239dea0abe9a4270ba7bef887912"
    named = {
        "hidden-input:Fdump.bin": ("Fdump.bin", str(len(cache)), "old", sha256[:12]),
        "c-binary": ("nanoBragg", "chmod"),
        "golden": (golden, "nb-golden generate"),
        "branch": ("elsewhere", "main"),
        "clean-tree": ("README.md",),
        "memory": ("8.0 GB", "16.0 GB"),
        **{f"env:{name}": (name, value) for name, value in shell.items()},
    }
    found = blocking(outcome)
    assert found.keys() == named.keys()
    assert_nothing_ran(outcome, *(word for words in named.values() for word in words))
    for name, words in named.items():
        said = f"{found[name]}"
        assert [word for word in words if word not in said] == [], name
        assert found[name].fix, name


def test_what_is_missing_is_named_and_enough_once_it_is_there(
    checkout: Checkout, packaged_memo: str
) -> None:
    memo = checkout.root / "input.md"
    memo.write_text(
        packaged_memo.replace("`NB_RUN_PARALLEL`,", "`NB_RUN_PARALLEL`, `NB_SITE_LICENCE`,"),
        encoding="utf-8",
    )
    checkout.git("add", "input.md")
    checkout.git("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "memo")
    program = checkout.c_binary.rename(checkout.root.parent / "program")
    outcome = checkout.batch()
    assert blocking(outcome).keys() == {"c-binary", "env:NB_SITE_LICENCE"}
    assert_nothing_ran(outcome, "nanoBragg", "nb-golden build-reference", "NB_SITE_LICENCE")
    program.rename(checkout.c_binary)
    given = checkout.nbtui("preflight", env={"NB_SITE_LICENCE": "1"})
    assert given.exit_code == ExitCode.CLEARED, given.stdout + given.stderr


def test_an_unconfirmed_plan_shows_the_commands_and_runs_nothing(checkout: Checkout) -> None:
    outcome = checkout.nbtui("--batch")
    assert outcome.exit_code == ExitCode.NOT_STARTED
    assert outcome.bundle is None
    assert "nb-compare" in outcome.stdout + outcome.stderr
    assert "-detpixels 4096" in outcome.stdout + outcome.stderr
