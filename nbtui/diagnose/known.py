"""Known issues: pages below ``docs/bugs`` that speak of what was found."""

import re
from collections.abc import Iterator
from pathlib import Path

from nbtui.diagnose.model import Diagnosis, Line

FOLDER = "docs/bugs"
_WORDS = {
    "hidden input": ("Fdump", "reading Fs", "hidden input"),
    "program fails": ("exit code", "crash"),
    "not deterministic": ("not deterministic", "race"),
    "image layout": ("transpos", "row-major", "byte order"),
}
"""What to look for, beside the cause itself."""
_MOST = 5


def known_issues(root: Path, found: Diagnosis) -> tuple[Line, ...]:
    """Return the lines of the project's bug pages that match what was found."""
    if found.finding is None:
        return ()
    cause = found.finding.cause
    words = (cause, *_WORDS.get(cause, ()))
    pattern = re.compile("|".join(re.escape(w) for w in words), re.IGNORECASE)
    return tuple(_matches(root, pattern))[:_MOST]


def _matches(root: Path, pattern: re.Pattern[str]) -> Iterator[Line]:
    for page in sorted((root / FOLDER).glob("*.md")):
        try:
            lines = page.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        for number, line in enumerate(lines, 1):
            if pattern.search(line):
                yield Line(" ".join(line.split()), f"{FOLDER}/{page.name}:{number}")
                break
