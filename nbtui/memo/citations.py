"""Lines of the documents that a memo points at: specifications, strategies and plans.

Thresholds in them are demands; the ledger's figures are history and are not read.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtui.memo.model import Memo, SectionKey

_POINTER = re.compile(
    r"(?<![\w/.-])(?P<path>[\w.-]+(?:/[\w.-]+)*\.(?:md|txt|rst)):(?P<first>\d{1,6})"
    r"(?:[-–](?P<last>\d{1,6}))?"
)
_DEMANDING = re.compile(r"spec|strateg|acceptance|threshold|requirement|^plans?/|/plans?/", re.I)
_LEDGER = re.compile(r"(?:^|/)(?:fix_plan|ledger|changelog|history)[\w.-]*$", re.IGNORECASE)
_MOST_BYTES = 4_000_000
_MOST_LINES = 80
"""Lines of one pointer that are read."""


@dataclass(frozen=True, slots=True)
class Cited:
    """One line of a document that the memo points at."""

    source: str
    """``path:line``."""
    text: str


def read(memo: Memo, root: Path, *, without: Sequence[str] = ()) -> tuple[Cited, ...]:
    """Return the lines of specifications, strategies and plans that the memo cites.

    Parameters
    ----------
    memo
        The memo; its priorities and pointers are looked at.
    root
        The project's root; files outside of it are not read.
    without
        Documents that are read elsewhere, such as the strategy with the table.
    """
    found: dict[str, Cited] = {}
    for key in (SectionKey.PRIORITIES, SectionKey.POINTERS):
        for bullet in memo.bullets(key):
            for match in _POINTER.finditer(bullet.text[:4000]):
                path = match["path"]
                if path in without or _LEDGER.search(path) or not _DEMANDING.search(path):
                    continue
                first = int(match["first"])
                last = min(int(match["last"] or first), first + _MOST_LINES)
                for cited in _lines(root, path, first, last):
                    found.setdefault(cited.source, cited)
    return tuple(found.values())


def _lines(root: Path, path: str, first: int, last: int) -> list[Cited]:
    file = (root / path).resolve()
    try:
        if not file.is_relative_to(root.resolve()) or file.stat().st_size > _MOST_BYTES:
            return []
        lines = file.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    wanted = lines[max(first, 1) - 1 : last]
    return [Cited(f"{path}:{n}", text[:2000]) for n, text in enumerate(wanted, max(first, 1))]
