"""Which tests the words of a pytest stage select, asked from pytest itself."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from nbtui.memo.lint.asking import sandbox
from nbtui.memo.lint.asking.answers import Asked, Collection, Test

DEADLINE_S = 30.0
PROBE = Path(__file__).with_name("probe.py")
"""Started as a file: it imports pytest, which this process never needs."""
MARK = "nbtui-collected "


class _Found(msgspec.Struct, frozen=True):
    """What the probe writes."""

    tests: tuple[Test, ...]
    deselected: tuple[str, ...]
    skipped: tuple[str, ...]
    errors: tuple[str, ...]
    exit_code: int


def collect(
    nodes: Sequence[str], selecting: Sequence[str], root: Path, env: Mapping[str, str]
) -> tuple[Collection, Asked]:
    """Return what pytest collects for nodes and selectors (``-k``, ``-m`` with their values).

    Nothing else of the memo's words is passed on: no plug-in, no other configuration.
    """
    argv = [sys.executable, "-P", str(PROBE), MARK, *selecting, *nodes]
    reply = sandbox.ask(argv, deadline_s=DEADLINE_S, env=env, cwd=root)
    head, mark, tail = reply.stdout.rpartition(MARK)
    collection = _read(tail, f"{head}\n{reply.stderr}") if mark else _silent(reply)
    asked = Asked(
        why="tests",
        argv=("pytest", "--collect-only", "-q", *selecting, *nodes),
        cwd=str(root),
        confined=reply.confined,
        wall_s=round(reply.wall_s, 3),
        outcome=collection.problem or f"{len(collection.tests)} collected",
    )
    return collection, asked


def _read(text: str, said: str) -> Collection:
    try:
        found = msgspec.json.decode(text, type=_Found)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Collection(problem="pytest's answer cannot be read", silent=True)
    problem = "; ".join(found.errors)
    if not problem and found.exit_code not in {0, 5}:
        problem = _complaint(said) or f"pytest --collect-only ended with {found.exit_code}"
    return Collection(
        tests=found.tests, deselected=found.deselected, skipped=found.skipped, problem=problem
    )


def _complaint(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line.startswith(("ERROR:", "E  "))), "")


def _silent(reply: sandbox.Reply) -> Collection:
    last = [line for line in reply.stderr.splitlines() if line.strip()]
    told = f" ({last[-1].strip()})" if last else ""
    return Collection(
        problem=f"pytest --collect-only gave no answer: {reply.outcome}{told}", silent=True
    )
