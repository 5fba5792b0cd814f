"""Memo text to :class:`~nbtui.memo.model.Memo`, in one pass, for any text whatever.

Lines are first cut into sections at their labels, because a memo is not quite Markdown: a
label directly below a list would be swallowed by the list's last item. The body of each
section is Markdown and read as such (:mod:`nbtui.memo.blocks`).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from nbtui.memo.blocks import one_bullet, read_bullets
from nbtui.memo.furniture import unquoted
from nbtui.memo.labels import (
    BOUNDARIES,
    LIST_SECTIONS,
    Label,
    find_labels,
    is_step_heading,
)
from nbtui.memo.model import Bullet, Memo, Section, SectionKey
from nbtui.memo.plan import LineSpan
from nbtui.memo.verbatim import Block, blocks

_NEWLINE = re.compile(r"\r\n|\n|\r")
_SUSPECT = re.compile(r"[^\t\n\r -~]")
CLOSELY = 1 << 20
"""Characters of a memo that are looked at for labels; what follows belongs to the last
section. A file that is longer is no memo (:data:`nbtui.memo.source.MAX_BYTES`)."""
MARKDOWN_SHARE = CLOSELY // 2
"""Characters that are read as Markdown, ten times the longest real memo; a section beyond
them is one bullet, so that no text takes more than linear time."""


def parse_memo(data: bytes, *, name: str) -> Memo:
    """Return the memo's structure; never raises, whatever the bytes are.

    Parameters
    ----------
    data
        The file's bytes; what is not UTF-8 is shown as U+FFFD.
    name
        How findings and gates address the memo.
    """
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    raw = _NEWLINE.split(text)
    if raw and not raw[-1]:
        raw.pop()
    lines = tuple(raw)
    escaped: tuple[int, ...] = ()
    if _SUSPECT.search(text):
        lines = tuple(map(escape, raw))
        escaped = tuple(n for n, (a, b) in enumerate(zip(raw, lines, strict=True), 1) if a != b)
    sections = _sections(lines, unquoted(lines))
    return Memo(name=name, data=data, lines=lines, sections=sections, escaped=escaped)


def escape(line: str) -> str:
    """Return the line with control and format characters written as backslash, u and code.

    A memo with U+202E would show another command than the one it runs. Tabs stay; the
    joiners of emoji and scripts (U+200C, U+200D) and the variation selectors are harmless.
    """
    if line.isascii() and line.isprintable():
        return line
    return "".join(c if _harmless(c) else _escaped(c) for c in line)


def _harmless(char: str) -> bool:
    if char in "\t\u200c\u200d":
        return True
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _escaped(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


@dataclass(frozen=True, slots=True)
class _Start:
    line: int
    label: Label | None


def _sections(lines: Sequence[str], shown: Sequence[str]) -> tuple[Section, ...]:
    """Return the sections; ``shown`` are the lines without marks of quotation."""
    if not lines:
        return ()
    starts, verbatim = _starts(lines, shown)
    ends = [s.line for s in starts[1:]] + [len(lines)]
    reader = _Bodies(shown, verbatim)
    return tuple(
        _section(reader, start, end)
        for start, end in zip(starts, ends, strict=True)
        if end > start.line
    )


@dataclass(slots=True)
class _Bodies:
    """Reads the bodies of sections, as Markdown until the memo has had its share."""

    lines: Sequence[str]
    verbatim: Sequence[Block]
    spent: int = 0
    """Characters read as Markdown so far."""
    at: int = 0
    """Blocks passed so far."""

    def read(self, first: int, end: int) -> tuple[Bullet, ...]:
        """Return the bullets of the lines from ``first`` to before ``end``."""
        inside: list[Block] = []
        while self.at < len(self.verbatim) and self.verbatim[self.at].first < end:
            block = self.verbatim[self.at]
            if block.first >= first:
                inside.append(Block(block.first - first, block.last - first, block.fence))
            self.at += 1
        body = self.lines[first:end]
        self.spent += sum(map(len, body)) + len(body)
        if self.spent > MARKDOWN_SHARE:
            return one_bullet(body, first_line=first + 1)
        return read_bullets(body, first_line=first + 1, verbatim=inside)


def _section(reader: _Bodies, start: _Start, end: int) -> Section:
    label = start.label
    body_from = start.line + (label is not None)
    return Section(
        key=label.key if label else SectionKey.PREAMBLE,
        label=label.name if label else "",
        text=label.rest if label else "",
        bullets=reader.read(body_from, end),
        lines=LineSpan(start.line + 1, end),
    )


def _starts(lines: Sequence[str], shown: Sequence[str]) -> tuple[list[_Start], tuple[Block, ...]]:
    """Return where sections begin (0-based; line 0 always begins one), and the verbatim blocks."""
    lines = _closely(lines)
    labels = find_labels(lines)
    ends = [n for n, label in labels.items() if label.key in BOUNDARIES and not label.bulleted]
    verbatim = blocks(shown[: len(lines)], ends)
    hidden = {n for b in verbatim for n in range(b.first + (not b.fence), b.last + 1)}
    hidden -= {b.first for b in verbatim if not b.fence}
    plain = {
        label.key
        for n, label in labels.items()
        if label.exact and not label.bulleted and n not in hidden
    }
    starts: list[_Start] = []
    current = SectionKey.PREAMBLE
    for n, label in labels.items():
        if n in hidden or not _begins(label, current, plain):
            continue
        starts.append(_Start(n, label))
        current = label.key
    if not starts or starts[0].line > 0:
        starts.insert(0, _Start(0, None))
    return starts, verbatim


def _closely(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines that begin within the first :data:`CLOSELY` characters."""
    spent = 0
    for n, line in enumerate(lines):
        spent += len(line) + 1
        if spent > CLOSELY:
            return lines[: n + 1]
    return lines


def _begins(label: Label, current: SectionKey, plain: set[SectionKey]) -> bool:
    """Whether a label begins a section where it stands."""
    if label.key is SectionKey.OTHER:
        return current not in _WORK or not is_step_heading(label)
    # A bulleted label is one only where the header itself is written as bullets.
    if not label.bulleted:
        return True
    return label.key not in plain and not (SectionKey.DO_NOW in plain and current in LIST_SECTIONS)


_WORK = frozenset({SectionKey.DO_NOW, SectionKey.HOW_TO})
