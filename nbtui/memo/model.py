"""A memo as text with a shape: sections, bullets and the lines they own.

Nothing here interprets a command. Every line of the source belongs to exactly one section;
a bullet is a run of lines inside its section.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from nbtui.memo.plan import LineSpan


class SectionKey(StrEnum):
    """The sections a memo is known to have; every other label is ``OTHER``."""

    PREAMBLE = "preamble"
    """Text before the first label."""
    SUMMARY = "summary"
    MODE = "mode"
    FOCUS = "focus"
    BRANCH = "branch"
    MAPPED_TESTS = "mapped-tests"
    ARTIFACTS = "artifacts"
    DO_NOW = "do-now"
    IF_BLOCKED = "if-blocked"
    PRIORITIES = "priorities"
    HOW_TO = "how-to"
    PITFALLS = "pitfalls"
    POINTERS = "pointers"
    NEXT_UP = "next-up"
    HEADER = "header"
    """Timestamp, Commit, Author, Phase: the heading of older memos."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Bullet:
    """A list item, a bare paragraph or a fenced block of a section."""

    text: str
    """The words without marker and common indentation, lines joined by a newline."""
    lines: LineSpan
    depth: int
    """0 for the section's own bullets, 1 for bullets below those, and so on."""
    marker: str
    """``-``, ``*``, ``4.``; empty for bare text."""


@dataclass(frozen=True, slots=True)
class Section:
    """A label and everything up to the next label."""

    key: SectionKey
    label: str
    """As the memo writes it; empty for the preamble."""
    text: str
    """What follows the label on its own line."""
    bullets: tuple[Bullet, ...]
    lines: LineSpan

    def whole(self) -> str:
        """Return inline text and bullets as one text."""
        return "\n".join(t for t in (self.text, *(b.text for b in self.bullets)) if t)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many source lines found an owner."""

    lines: int
    owned: int
    labelled: int
    """Lines inside a section that has a label."""


@dataclass(frozen=True, slots=True)
class Memo:
    """The supervisor's hand-off text with its structure.

    In ``lines`` and all texts control and bidirectional characters stand escaped, as a
    backslash, ``u`` and the code; ``data`` holds the exact bytes.
    """

    name: str
    """Path relative to the root, or ``packaged``."""
    data: bytes
    lines: tuple[str, ...]
    sections: tuple[Section, ...]
    escaped: tuple[int, ...] = ()
    """Numbers of the lines in which characters had to be escaped."""

    @property
    def text(self) -> str:
        """The source text, undecodable bytes replaced."""
        return self.data.decode("utf-8", "replace")

    @property
    def sha256(self) -> str:
        """SHA-256 of the memo's bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def all(self, key: SectionKey) -> tuple[Section, ...]:
        """Return every section of that kind, in order."""
        return tuple(s for s in self.sections if s.key is key)

    def section(self, key: SectionKey) -> Section | None:
        """Return the first section of that kind."""
        return next((s for s in self.sections if s.key is key), None)

    def bullets(self, key: SectionKey) -> Iterator[Bullet]:
        """Yield the bullets of all sections of that kind."""
        for section in self.all(key):
            yield from section.bullets

    def source(self, line: int) -> str:
        """Return ``name:line``, the address of a line."""
        return f"{self.name}:{line}"

    def coverage(self) -> Coverage:
        """Count the lines that sections own; equal to all lines for every parsed memo."""
        owned = sum(s.lines.last - s.lines.first + 1 for s in self.sections)
        bare = sum(
            s.lines.last - s.lines.first + 1 for s in self.sections if s.key is SectionKey.PREAMBLE
        )
        return Coverage(lines=len(self.lines), owned=owned, labelled=owned - bare)
