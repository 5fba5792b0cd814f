"""Which line of a memo is a label, and of which section.

Known labels are accepted in any case at the start of a line, behind ``#``, a number or
inside ``**``; behind a bullet only where the memo writes its header that way. Any other
capitalised phrase that ends its line with a colon opens a section of its own, so that
nothing is swallowed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nbtui.memo.model import SectionKey

_KNOWN: dict[str, SectionKey] = {
    "summary": SectionKey.SUMMARY,
    "mode": SectionKey.MODE,
    "focus": SectionKey.FOCUS,
    "active focus": SectionKey.FOCUS,
    "branch": SectionKey.BRANCH,
    "mapped tests": SectionKey.MAPPED_TESTS,
    "mapped test": SectionKey.MAPPED_TESTS,
    "artifacts": SectionKey.ARTIFACTS,
    "artifact": SectionKey.ARTIFACTS,
    "artefacts": SectionKey.ARTIFACTS,
    "do now": SectionKey.DO_NOW,
    "if blocked": SectionKey.IF_BLOCKED,
    "when blocked": SectionKey.IF_BLOCKED,
    "priorities & rationale": SectionKey.PRIORITIES,
    "priorities and rationale": SectionKey.PRIORITIES,
    "priority & rationale": SectionKey.PRIORITIES,
    "priorities": SectionKey.PRIORITIES,
    "rationale": SectionKey.PRIORITIES,
    "how-to map": SectionKey.HOW_TO,
    "how to map": SectionKey.HOW_TO,
    "howto map": SectionKey.HOW_TO,
    "how-to": SectionKey.HOW_TO,
    "how to": SectionKey.HOW_TO,
    "pitfalls to avoid": SectionKey.PITFALLS,
    "pitfalls": SectionKey.PITFALLS,
    "pointers": SectionKey.POINTERS,
    "next up": SectionKey.NEXT_UP,
    "header": SectionKey.HEADER,
    "timestamp": SectionKey.HEADER,
    "commit": SectionKey.HEADER,
    "author": SectionKey.HEADER,
    "phase": SectionKey.HEADER,
    "date": SectionKey.HEADER,
}

LIST_SECTIONS = frozenset(
    {
        SectionKey.PRIORITIES,
        SectionKey.HOW_TO,
        SectionKey.PITFALLS,
        SectionKey.POINTERS,
        SectionKey.OTHER,
    }
)
"""Sections made of bullets: a bullet such as ``- Commit: ...`` in them is no label."""

SINGLE_VALUED = frozenset({SectionKey.BRANCH, SectionKey.DO_NOW, SectionKey.MODE})
"""Sections that contradict each other when they are given twice with other words."""

BOUNDARIES = frozenset(
    {
        SectionKey.DO_NOW,
        SectionKey.IF_BLOCKED,
        SectionKey.HOW_TO,
        SectionKey.PITFALLS,
        SectionKey.POINTERS,
        SectionKey.NEXT_UP,
    }
)
"""Sections that no here-document spans, whatever it seems to do."""

_PREFIX = re.compile(
    r"(?P<bullet>[ \t]{0,3}(?:[-*+•]|\d{1,2}[.)])[ \t]+)?[ ]{0,3}"
    r"(?P<mark>#{1,6}[ \t]+(?:\d{1,2}[.)]?[ \t]+)?)?"
    r"(?P<bold>\*\*|__)?(?=[A-Za-z])"
)
_NAME = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9 _&/'’‑-]{1,58}?)(?:\s*\([^()]{0,80}\))?\s*")
_END = re.compile(r"(?:\*\*|__)?[ \t]*[:：](?:\*\*|__)?(?=\s|$)|[ \t][—–](?=[ \t])")
_HEAD = 160
"""Characters within which a label ends."""
_SUFFIX = re.compile(
    r"^(?P<name>.+?) (?:notes?|details?|option|cont(?:inued|\.)?|\d+|[a-d])(?: \d+)?$"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A recognised label and what stands behind it on the line."""

    key: SectionKey
    name: str
    rest: str
    bulleted: bool

    @property
    def exact(self) -> bool:
        """Whether it is a known label without an addition such as ``note``."""
        return _key_of(self.name)[1]


def find_label(line: str) -> Label | None:
    """Return the label a line begins with, if it begins with one."""
    head = line[:_HEAD]
    prefix = _PREFIX.match(head)
    if prefix is None:
        return None
    heading = prefix["mark"] is not None or prefix["bold"] is not None
    end = _END.search(head, prefix.end())
    if end is None and not heading and len(line) > _LONGEST_BARE:
        return None
    words = head[prefix.end() : end.start() if end else len(line)]
    words = words.replace("**", "").replace("__", "").rstrip("* \t")
    name = _NAME.fullmatch(words)
    if name is None:
        return None
    rest = line[end.end() :].strip() if end else ""
    dash = end is not None and end[0].strip() in {"—", "–"}
    ending = _Ending(colon=end is not None and not dash, dash=dash, heading=heading)
    return _label(name["name"].strip(), rest, ending, prefix)


def find_labels(lines: Sequence[str]) -> dict[int, Label]:
    """Return the labels among the lines, by the number of their line (from 0), in order."""
    return {
        n: label
        for n, line in enumerate(lines)
        if len(line) >= _SHORTEST and (label := find_label(line))
    }


@dataclass(frozen=True, slots=True)
class _Ending:
    colon: bool
    dash: bool
    heading: bool


def _label(name: str, rest: str, ending: _Ending, prefix: re.Match[str]) -> Label | None:
    key, exact = _key_of(name)
    bulleted = prefix["bullet"] is not None
    capital = name[:1].isupper()
    if key is not None:
        named = ending.colon or (ending.dash and exact and capital)
        # a bare `summary` may end a sentence that was broken in two lines
        alone = exact and not (rest or bulleted or ending.dash) and (capital or ending.heading)
        return Label(key, name, rest, bulleted) if named or alone else None
    own = (
        capital
        and "_" not in name
        and not rest
        and not bulleted
        and (ending.colon or prefix["mark"] is not None)
    )
    return Label(SectionKey.OTHER, name, "", bulleted=False) if own else None


def is_step_heading(label: Label) -> bool:
    """Whether an unknown label inside the How-To Map only heads some of its steps.

    ``Step 1:``, ``Run the C trace:`` and ``Benchmark:`` do; ``Verification Checklist:``, in
    title case, begins a section of its own.
    """
    words = label.name.split()
    if len(words) == 1 or words[0].lower() in _STEP_WORDS:
        return True
    return any(w[:1].islower() and w not in _SMALL_WORDS for w in words)


_STEP_WORDS = frozenset({"step", "steps", "stage", "part", "phase", "task", "chunk", "case", "run"})
_SMALL_WORDS = frozenset(
    {"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)


def _key_of(name: str) -> tuple[SectionKey | None, bool]:
    """Return the section a label names, and whether it is spelled without an addition."""
    plain = " ".join(name.lower().translate(_SPELLED).split())
    if plain in _KNOWN:
        return _KNOWN[plain], True
    match = _SUFFIX.match(plain)
    key = _KNOWN.get(match["name"]) if match else None
    return key, False


_SPELLED = str.maketrans("‑’_", "-' ")
_SHORTEST = 3
_LONGEST_BARE = max(map(len, _KNOWN)) + 4
"""Characters of the longest known label, with room for marks, that stands alone."""
