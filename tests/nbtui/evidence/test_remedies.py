"""Fixes in a report: only what can be pasted stands in backticks."""

import pytest

from nbtui.evidence.blockers import remedy


@pytest.mark.parametrize(
    "fix",
    [
        "nb-golden build-reference", "git stash --include-untracked", "chmod u+r a/b",
        "export NB_C_BIN=./build/nanoBragg", "unset NB_RUN", "mv Fdump.bin ../x-Fdump.bin.aside",
        "nb-golden generate --force simple", "git update-index --no-skip-worktree a && git status",
        "printf '%s\\n' 'reports/*' >> .gitignore", "/opt/venv/bin/nbtui", "git init",
        "nb-golden build-reference; export NB_C_BIN=./build/nanoBragg", "python3 -m venv .venv",
        "/opt/venv/bin/python -m pip install --editable /work",
    ],
)  # fmt: skip
def test_a_command_stands_in_backticks(fix: str) -> None:
    assert remedy(fix) == f"`{fix}`"
    assert remedy(f"{fix}  # or ask somebody") == f"`{fix}` (or ask somebody)"


@pytest.mark.parametrize(
    "fix",
    [
        "free 3.0 GB there, or archive old bundles elsewhere", "make it readable",
        "close other programs or use a machine with 2.0 GB more", "see the message",
        "let NB_C_BIN name the compiled program itself", "correct NB_C_BIN", "none needed",
        "add Branch: to the memo", "export X=..., with the value that is meant",
    ],
)  # fmt: skip
def test_words_stand_as_words(fix: str) -> None:
    assert remedy(fix) == fix
