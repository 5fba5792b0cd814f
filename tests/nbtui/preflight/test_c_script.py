"""A script in the C program's place: its hash says little, and that is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nbtui.memo.plan import Variable
from nbtui.preflight.c_binary import check_c_binary
from nbtui.preflight.model import CheckStatus, Context


@pytest.mark.parametrize(
    ("content", "status"), [(b"#!/bin/sh\n", CheckStatus.WARN), (b"\x7fELF", CheckStatus.OK)]
)
def test_a_script_warns_since_its_hash_covers_no_program_it_starts(
    context: Callable[..., Context], repo: Path, content: bytes, status: CheckStatus
) -> None:
    program = repo / "simulator"
    program.write_bytes(content)
    program.chmod(0o755)
    variable = Variable(name="NB_C_BIN", value="./simulator", source="memo.md:3")
    (result,) = check_c_binary(context(environment=(variable,)))
    assert result.status is status
    assert ("a script" in result.found) is (status is CheckStatus.WARN)
