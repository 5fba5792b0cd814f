"""Which line of a memo is a label, and of which section.

Known labels are accepted at the start of a line, behind ``#`` or inside ``**``; behind a
bullet only where the memo writes its header that way. Any other capitalised phrase that
ends its line with a colon opens a section of its own, so that nothing is swallowed.
"""

import re
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
    "artefacts": SectionKey.ARTIFACTS,
    "do now": SectionKey.DO_NOW,
    "if blocked": SectionKey.IF_BLOCKED,
    "priorities & rationale": SectionKey.PRIORITIES,
    "priorities and rationale": SectionKey.PRIORITIES,
    "priorities": SectionKey.PRIORITIES,
    "how-to map": SectionKey.HOW_TO,
    "how to map": SectionKey.HOW_TO,
    "how-to": SectionKey.HOW_TO,
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

_LABEL = re.compile(
    r"^(?P<bullet>\s{0,3}[-*•]\s+)?(?P<mark>#{1,6}\s+)?(?P<bold>\*\*)?"
    r"(?P<name>[A-Z][A-Za-z0-9 &/'’-]{1,58}?)"
    r"(?P<note>\s*\([^()]{0,80}\))?"
    r"(?P<end>(?:\s*:\*\*|\*\*\s*:|\s*:)(?=\s|$)|\*{0,2}\s*$)"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A recognised label and what stands behind it on the line."""

    key: SectionKey
    name: str
    rest: str
    bulleted: bool


def find_label(line: str) -> Label | None:
    """Return the label a line begins with, if it begins with one."""
    match = _LABEL.match(line)
    if match is None:
        return None
    name = match["name"].strip()
    rest = line[match.end() :].strip()
    key = _KNOWN.get(" ".join(name.lower().split()))
    colon = ":" in match["end"]
    bulleted = match["bullet"] is not None
    heading = match["mark"] is not None
    if key is not None and (colon or (not rest and not bulleted)):
        return Label(key, name, rest, bulleted)
    if not rest and not bulleted and (colon or heading):
        return Label(SectionKey.OTHER, name, "", bulleted=False)
    return None
