"""Memo text to :class:`~nbtui.memo.model.Memo`, in one pass, for any text whatever.

Lines are first cut into sections at their labels, because a memo is not quite Markdown: a
label directly below a list would be swallowed by the list's last item. The body of each
section is Markdown and read as such (:mod:`nbtui.memo.blocks`).
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from nbtui.memo.blocks import read_bullets
from nbtui.memo.labels import LIST_SECTIONS, Label, find_label
from nbtui.memo.model import Memo, Section, SectionKey
from nbtui.memo.plan import LineSpan

_NEWLINE = re.compile(r"\r\n|\n|\r")
_FENCE = re.compile(r"^\s*(```|~~~)")
_FIRST_WORD = re.compile(r"^\s*(```|~~~|[A-Za-z_]\w*)")
_HEREDOC = re.compile(r"<<-?\s*['\"]?([A-Za-z_]\w*)")
_BLOCK_REACH = 400
"""Lines within which a fence or here-document must end to count: some never do."""


def parse_memo(data: bytes, *, name: str) -> Memo:
    """Return the memo's structure; never raises, whatever the bytes are.

    Parameters
    ----------
    data
        The file's bytes; what is not UTF-8 is shown as U+FFFD.
    name
        How findings and gates address the memo.
    """
    raw = _NEWLINE.split(data.decode("utf-8", "replace").removeprefix("\ufeff"))
    if raw and not raw[-1]:
        raw.pop()
    lines = tuple(escape(line) for line in raw)
    escaped = tuple(n for n, (a, b) in enumerate(zip(raw, lines, strict=True), 1) if a != b)
    return Memo(name=name, data=data, lines=lines, sections=_sections(lines), escaped=escaped)


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


def _sections(lines: Sequence[str]) -> tuple[Section, ...]:
    if not lines:
        return ()
    starts = _starts(lines)
    ends = [s.line for s in starts[1:]] + [len(lines)]
    return tuple(
        _section(lines, start, end)
        for start, end in zip(starts, ends, strict=True)
        if end > start.line
    )


def _section(lines: Sequence[str], start: _Start, end: int) -> Section:
    label = start.label
    body_from = start.line + (label is not None)
    return Section(
        key=label.key if label else SectionKey.PREAMBLE,
        label=label.name if label else "",
        text=label.rest if label else "",
        bullets=read_bullets(lines[body_from:end], first_line=body_from + 1),
        lines=LineSpan(start.line + 1, end),
    )


def _starts(lines: Sequence[str]) -> list[_Start]:
    """Return where sections begin (0-based); line 0 always begins one."""
    hidden = _verbatim(lines, _FENCE)
    quoted = _verbatim(lines, _HEREDOC)
    labels = {n: label for n, line in enumerate(lines) if (label := find_label(line))}
    plain_do_now = any(
        label.key is SectionKey.DO_NOW and not label.bulleted for label in labels.values()
    )
    starts: list[_Start] = []
    current = SectionKey.PREAMBLE
    for n, label in labels.items():
        # A here-document may only seem to end far below; a known label always counts.
        if hidden[n] or (quoted[n] and label.key is SectionKey.OTHER):
            continue
        # A bulleted label is one only where the header itself is written as bullets.
        if label.bulleted and plain_do_now and current in LIST_SECTIONS:
            continue
        starts.append(_Start(n, label))
        current = label.key
    if not starts or starts[0].line > 0:
        starts.insert(0, _Start(0, None))
    return starts


def _verbatim(lines: Sequence[str], opener: re.Pattern[str]) -> list[bool]:
    """Mark the lines between an opener (its group 1 names the closer) and its closing line."""
    hidden = [False] * len(lines)
    closers = _closers(lines)
    n = 0
    while n < len(lines):
        end = _block_end(opener.search(lines[n]), n, closers)
        for inside in range(n + 1, end):
            hidden[inside] = True
        n = max(n + 1, end)
    return hidden


def _closers(lines: Sequence[str]) -> dict[str, list[int]]:
    """Return, for each first word and fence mark, the lines that begin with it."""
    found: dict[str, list[int]] = defaultdict(list)
    for n, line in enumerate(lines):
        if match := _FIRST_WORD.match(line):
            found[match[1]].append(n)
    return found


def _block_end(opened: re.Match[str] | None, n: int, closers: dict[str, list[int]]) -> int:
    """Return the number of the line that closes the block opened on line ``n``, else ``n``."""
    if opened is None:
        return n
    candidates = closers.get(opened[1], [])
    at = bisect_right(candidates, n)
    if at < len(candidates) and candidates[at] - n <= _BLOCK_REACH:
        return candidates[at] + (opened.re is _FENCE)
    return n
