"""Pointers ``path:line`` that lead nowhere, or to something else than the memo says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.model import SectionKey

_POINTER = re.compile(
    r"(?<![\w/.-])(?P<path>[\w.-]+(?:/[\w.-]+)*\.(?:md|py|c|h|toml|txt|json|yaml|yml|sh|cfg))"
    r":(?P<first>\d+)(?:[-–](?P<last>\d+))?"
)
_MENTION = re.compile(r"^`?(?P<path>[\w.-]+(?:/[\w.-]+)+\.\w{1,5})`?(?=\s|$)")
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{3,}|[A-Z]{2,}(?:-[A-Z0-9]+)+|\d+(?:\.\d+)?")
_FIGURE = re.compile(
    r"(?:≥|≤|>=|<=|>|<|==|\|)\s*`?\s*\|?\s*`?\d*\.?\d+(?:e-?\d+)?|\b\d+(?:\.\d+)?e-\d+",
    re.IGNORECASE,
)
_CLAIMS = re.compile(r"\bthresholds?\b|\btolerances?\b", re.IGNORECASE)
_EMPTY = frozenset(
    {
        "with", "that", "this", "from", "must", "before", "after", "until", "still", "into",
        "when", "what", "which", "while", "have", "need", "needs", "these", "those", "then",
        "than", "only", "also", "says", "under", "about", "every", "both", "here", "there",
        "they", "will", "does", "stays", "used", "using", "lands", "line", "lines", "waiting",
    }
)  # fmt: skip
_REACH = 2
"""Lines above and below that still count as the place pointed at."""
_ENOUGH = 2
"""Words of meaning that a memo must say of a place before it can be found to be another."""
_SECTION = 60
"""Lines below a heading that belong to it at most."""
_MOST_BYTES = 4_000_000


def check_pointers(scope: Scope) -> Iterator[Finding]:
    """Report missing files, lines beyond a file's end, and lines about something else."""
    told: set[_Pointer] = set()
    for section in scope.memo.sections:
        if section.key not in {SectionKey.PRIORITIES, SectionKey.POINTERS}:
            continue
        for bullet in section.bullets:
            text = bullet.text[:4000]
            for pointer in _pointers(text):
                line = bullet.lines.first
                if (wrong := _wrong(scope.root, pointer)) is not None:
                    if pointer not in told:
                        told.add(pointer)
                        fix = "correct or remove the pointer"
                        yield scope.warn("dead-pointer", line, wrong, fix)
                elif pointer.last:
                    yield from _content(scope, line, text, pointer)


@dataclass(frozen=True, slots=True)
class _Pointer:
    """A file and lines of it; line 0 for the file as a whole."""

    path: str
    first: int = 0
    last: int = 0


def _pointers(text: str) -> Iterator[_Pointer]:
    found = [
        _Pointer(m["path"], int(m["first"]), int(m["last"] or m["first"]))
        for m in _POINTER.finditer(text)
    ]
    if not found and (mention := _MENTION.match(text)):
        found = [_Pointer(mention["path"])]
    yield from found


def _wrong(root: Path, pointer: _Pointer) -> str | None:
    file = root / pointer.path
    if ".." in Path(pointer.path).parts or not file.is_file():
        return f"{pointer.path} does not exist"
    count = _lines(file)
    beyond = pointer.last > count
    return f"{pointer.path} has {count} lines, not {pointer.last}" if beyond else None


def _lines(path: Path) -> int:
    data = path.read_bytes()
    return data.count(b"\n") + (bool(data) and not data.endswith(b"\n"))


def _content(scope: Scope, line: int, text: str, pointer: _Pointer) -> Iterator[Finding]:
    """Compare what the memo says of a place with what stands there."""
    claim = _POINTER.sub(" ", text)
    wanted = _significant(claim)
    if not wanted:
        return
    lines = _text(scope.root / pointer.path).splitlines()
    place = _place(lines, pointer.first, pointer.last)
    where = f"{pointer.path}:{pointer.first}"
    if _CLAIMS.search(claim) and not _FIGURE.search(place):
        said = f"{where} is said to hold thresholds, but no figure stands there"
        fix = _better(lines, claim, pointer.path)
        yield scope.warn("pointer-without-threshold", line, said, fix)
    elif len(wanted) >= _ENOUGH and not (
        wanted & _significant(f"{place}\n{_heading(lines, pointer.first)}")
    ):
        said = f"{where} is about something else than the memo says of it"
        yield scope.warn("pointer-unrelated", line, said, "correct or remove the pointer")


def _place(lines: list[str], first: int, last: int) -> str:
    """Return what a pointer points at: its lines and their neighbours; below a heading, all."""
    if first and lines[first - 1].startswith("#"):
        below = lines[last : last + _SECTION]
        end = next((n for n, line in enumerate(below) if line.startswith("#")), len(below))
        last += end
    return "\n".join(lines[max(first - 1 - _REACH, 0) : last + _REACH])


def _significant(text: str) -> frozenset[str]:
    """Return the words that carry meaning, without endings."""
    words = (w.lower() for w in _WORD.findall(text))
    return frozenset(w.rstrip("s") for w in words if w not in _EMPTY and not w.isdigit())


def _heading(lines: list[str], at: int) -> str:
    above = (line for line in reversed(lines[:at]) if line.startswith("#"))
    return next(above, "")


def _better(lines: list[str], claim: str, path: str) -> str:
    """Return the fix: the nearest line that shares a word with the claim and holds a figure."""
    wanted = _significant(claim)
    scored = [
        (len(wanted & _significant(line)), n)
        for n, line in enumerate(lines, start=1)
        if _FIGURE.search(line)
    ]
    best = max(scored, key=lambda pair: (pair[0], -pair[1]), default=(0, 0))
    return f"point at {path}:{best[1]}?" if best[0] else "point at the line with the figures"


def _text(path: Path) -> str:
    if path.stat().st_size > _MOST_BYTES:
        return ""
    return path.read_text("utf-8", "replace")
