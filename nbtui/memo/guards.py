"""Rules that must hold throughout a run, found in the pitfalls and in *If Blocked*."""

import re
from collections.abc import Iterator

from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.plan import Guard

_RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("golden-unchanged", (r"\bgolden\b.*\b(?:data|datasets?|image|files?)\b", r"\bgolden_data\b")),
    (
        "reports-untracked",
        (r"\b(?:commit|untracked|stage|git add)\b.*\breports/", r"reports/.*untracked"),
    ),
    ("environment-fixed", (r"\benv(?:ironment)? var", r"\bkeep .*[A-Z]+_[A-Z_]+")),
    ("memory", (r"\d+\s*Gi?B\b",)),
    ("new-stamp", (r"\bSTAMP\b", r"\btimestamp")),
    (
        "pytest-selector",
        (r"\bpytest\b.*\s-k\b", r"\bselectors?\b", r"\bmapped node\b"),
    ),
    (
        "no-cuda",
        (r"\b(?:avoid|no|disable\w*|without|never)\b.*\bcuda\b", r"cpu-focused"),
    ),
    ("logs-exact", (r"\blogs?\b.*\bexact", r"\bpreserve\b.*\blogs?\b")),
    ("provenance", (r"\bgit sha\b", r"\bchecksums?\b")),
    ("no-blind-rerun", (r"\brerunning\b", r"\bdo not rerun\b")),
    (
        "thresholds-fixed",
        (r"\b(?:lower|relax)\w*\b.*\bthresholds?\b", r"\bthresholds?\b.*\b(?:lower|relax)"),
    ),
)
_COMPILED = tuple((name, re.compile("|".join(any_of), re.I)) for name, any_of in _RULES)
DEFAULT_MEMORY_BYTES = 16_000_000_000
"""What a full-frame comparison needs free when the memo does not say."""

_LONGEST = 4000
"""Characters of a pitfall that are searched; real ones have two hundred."""
_GIGABYTES = re.compile(r"(?:≥|>=|at least|>|)\s*(\d+(?:\.\d+)?)\s*(GB|GiB)\b", re.IGNORECASE)
_INTERPRETER = re.compile(
    r"\b(?:ensure|check|confirm|verify)\b.*\bpython\b.*\bvenv\b", re.IGNORECASE
)


def find_guards(memo: Memo) -> tuple[Guard, ...]:
    """Return the guards of a memo, one for each rule a pitfall states."""
    found: dict[tuple[str, str], Guard] = {}
    for text, line in _sentences(memo):
        for name, pattern in _COMPILED:
            if pattern.search(text):
                source = memo.source(line)
                found[name, source] = Guard(id=name, text=text, source=source)
    for bullet in memo.bullets(SectionKey.HOW_TO):
        if is_interpreter_check(bullet.text[:_LONGEST]):
            source = memo.source(bullet.lines.first)
            text = bullet.text.rsplit(";", maxsplit=1)[-1].strip()
            found["interpreter", source] = Guard(id="interpreter", text=text, source=source)
    return tuple(found.values())


def is_interpreter_check(text: str) -> bool:
    """Whether the text asks to check that python is the venv's: preflight does that."""
    return _INTERPRETER.search(text) is not None


def memory_bytes(memo: Memo) -> int | None:
    """Return the available memory that a pitfall demands, in bytes."""
    for text, _ in _sentences(memo):
        if (match := _GIGABYTES.search(text)) and re.search(
            r"\b(?:free|memory|RAM|available)\b", text
        ):
            unit = 1 << 30 if match[2].lower() == "gib" else 10**9
            return int(float(match[1]) * unit)
    return None


def _sentences(memo: Memo) -> Iterator[tuple[str, int]]:
    for bullet in memo.bullets(SectionKey.PITFALLS):
        yield bullet.text[:_LONGEST], bullet.lines.first
    for section in memo.all(SectionKey.IF_BLOCKED):
        yield section.text[:_LONGEST], section.lines.first
