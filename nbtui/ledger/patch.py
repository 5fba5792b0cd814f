"""The change that an attempt makes to the ledger, as a patch for a person to apply.

``git apply`` takes it; nothing here writes a file. Dates come from the run's own journal,
numbers are the next free ones, figures and paths are the bundle's.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui.errors import ConfigError
from nbtui.ledger.model import Item, Row, State

_RESULT = {
    "cleared": "✅ success (cleared)",
    "blocked": "❌ BLOCKED",
    "cancelled": "⚠️ partial (cancelled)",
    "interrupted": "⚠️ partial (interrupted)",
}
_BECOMES = {"cleared": State.DONE, "blocked": State.BLOCKED}
_STATE = re.compile(r"\[(?: |[A-Za-z~-]|SKIP)\]")


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a finished run tells the ledger."""

    stamp: str
    date: str
    """``YYYY-MM-DD`` in UTC, of the run's start."""
    verdict: str
    reason: str
    """Why it stopped; empty when it was cleared."""
    metrics: tuple[str, ...]
    """``03-benchmark correlation 0.9999``."""
    artifacts: tuple[str, ...]
    """Paths below the root."""
    commit: str
    follows: str
    """What comes next."""
    seal: str = ""
    """SHA-256 of ``SHA256SUMS``: the commit of this line is a witness of the bundle."""


def attempt_line(item: Item, attempt: Attempt) -> str:
    """Return the line that enters an attempt into an item's history."""
    why = f": {attempt.reason}" if attempt.reason else ""
    metrics = "; ".join(attempt.metrics) or "none"
    seal = f" SHA256SUMS `{attempt.seal}`." if attempt.seal else ""
    paths = ", ".join(f"`{path}`" for path in attempt.artifacts) or "none"
    return (
        f"* [{attempt.date}] Attempt #{item.next_attempt} — Result: "
        f"{_RESULT[attempt.verdict]}{why}. Metrics: {metrics}. Artifacts: {paths}. "
        f"Git SHA {attempt.commit or 'unknown'}.{seal} Next: {attempt.follows}"
    )


def make_patch(root: Path, item: Item, rows: Sequence[Row], attempt: Attempt) -> str:
    """Return the unified diff that enters an attempt and moves the rows' states.

    Empty when the ledger names this STAMP already.

    Raises
    ------
    ConfigError
        A file that is to be changed cannot be read.
    """
    if attempt.stamp in item.text:
        return ""
    changed: dict[str, list[str]] = {}
    lines = changed.setdefault(item.path, _read(root, item.path))
    wanted = _BECOMES.get(attempt.verdict)
    for row in rows:
        if wanted is not None and row.state is not wanted and row.state is not State.OTHER:
            table = changed.setdefault(row.path, _read(root, row.path))
            table[row.line - 1] = _with_state(table[row.line - 1], wanted)
    at, indent = _place(item, lines)
    lines.insert(at, f"{indent}{attempt_line(item, attempt)}\n")
    return "".join(_diff(root, path, new) for path, new in sorted(changed.items()))


def _place(item: Item, lines: Sequence[str]) -> tuple[int, str]:
    """Return where the new line goes, and how far it is indented."""
    if item.attempts:
        at = max(line for _, line in item.attempts)
        text = lines[at - 1]
        indent = text[: len(text) - len(text.lstrip())]
        while at < item.last and _continues(lines[at], indent):
            at += 1
        return at, indent
    if item.history_line:
        text = lines[item.history_line - 1]
        return item.history_line, f"{text[: len(text) - len(text.lstrip())]}  "
    at = item.last
    while at > item.first and not lines[at - 1].strip():
        at -= 1
    return at, ""


def _continues(line: str, indent: str) -> bool:
    """Whether a line still belongs to the attempt above it."""
    return bool(line.strip()) and line.startswith(f"{indent} ")


def _with_state(line: str, state: State) -> str:
    return _STATE.sub(f"[{state.value}]", line, count=1)


def _read(root: Path, path: str) -> list[str]:
    try:
        return (root / path).read_text("utf-8").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"the ledger cannot be read ({error})", where=path, fix="correct the file"
        ) from error


def _diff(root: Path, path: str, new: list[str]) -> str:
    old = _read(root, path)
    if old and not old[-1].endswith("\n"):
        # A patch would have to say so in git's own words; the file is mended instead.
        raise ConfigError("the last line has no end", where=path, fix="add a newline")
    return "".join(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))
