"""Fences and here-documents: lines that are nobody's bullets, labels or prose.

Memos write both in ways that Markdown and bash would not accept: a fence indented below a
bullet with its body at column 0, a here-document inside backticks, one line of it per
bullet, redirections behind the closing word. Some here-documents never come at all; those
must not swallow what follows.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

REACH = 400
"""Lines within which a fence or here-document must end to count: some never do."""

_FENCE = re.compile(r"^[ \t]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+)?(```+|~~~+)[ \t]*([\w+-]*)[ \t]*$")
_CLOSER = re.compile(r"^[ \t]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+)?`?[ \t]*([A-Za-z_]\w*)(?!\w)")
_OPENER = re.compile(r"(?<!<)<<-?(?:[ \t]*(['\"])(?P<quoted>[A-Za-z_]\w*)\1|(?P<bare>[A-Z_]\w*))")
_OWN_BULLET = re.compile(r"^[ \t]*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+)?`(.*)`[ \t]*$")
_ELIDED = ("...", "…")


@dataclass(frozen=True, slots=True)
class Block:
    """A fence or a here-document, with both its first and its last line (from 0)."""

    first: int
    last: int
    fence: bool
    comment: bool = False
    """A remark between ``<!--`` and ``-->``: nobody's words."""


def blocks(lines: Sequence[str], ends: Sequence[int] = ()) -> tuple[Block, ...]:
    """Return the fences and here-documents among the lines, in order, none inside another.

    Parameters
    ----------
    lines
        The lines to look at.
    ends
        Numbers (from 0, ascending) of lines that no here-document can span, because a
        section begins there.
    """
    fences = _fences(lines, ends)
    found = list(fences)
    closers = _words_at_start(lines)
    remarks = [i for i, line in enumerate(lines) if "-->" in line]
    n, upcoming = 0, list(reversed(fences))
    while n < len(lines):
        while upcoming and upcoming[-1].last < n:
            upcoming.pop()
        if upcoming and upcoming[-1].first <= n:
            n = upcoming.pop().last + 1
            continue
        last = _comment_end(lines, n, remarks, ends)
        if last is not None and not any(f.first <= last < f.last for f in upcoming):
            found = [f for f in found if not n <= f.first <= last]
            found.append(Block(n, last, fence=False, comment=True))
            n = last + 1
            continue
        last = _heredoc_end(lines, n, closers, ends)
        if last is not None and not (upcoming and upcoming[-1].first <= last):
            found.append(Block(n, last, fence=False))
            n = last
        n += 1
    return tuple(sorted(found, key=lambda b: b.first))


def _comment_end(
    lines: Sequence[str], n: int, remarks: Sequence[int], ends: Sequence[int]
) -> int | None:
    """Return the last line of the comment that line ``n`` opens, if it opens one and it ends."""
    opened = lines[n].rfind("<!--")
    if opened < 0 or "-->" in lines[n][opened:] or lines[n].count("`", 0, opened) % 2:
        return None
    at = bisect_right(remarks, n)
    if at == len(remarks) or remarks[at] - n > REACH or _between(ends, n, remarks[at]):
        return None
    return remarks[at]


@dataclass(frozen=True, slots=True)
class HereDocument:
    """A here-document taken apart; bullets and backticks around its lines are off."""

    head: str
    """The first line, prose before the command included."""
    body: str
    word: str
    """The closing word."""
    tail: str
    """What stands behind the closing word on its line, as written."""


def read_heredoc(lines: Sequence[str]) -> HereDocument:
    """Return the parts of the here-document that the lines hold (a :class:`Block`'s)."""
    opened = _OPENER.search(lines[0])
    word = (opened["quoted"] or opened["bare"]) if opened else ""
    own = _OWN_BULLET.match(lines[0])
    last = _MARKED.sub("", lines[-1], count=1).strip().removeprefix("`").lstrip()
    body = _dedented(_undressed(lines))
    head = f"`{own[1]}`" if own else lines[0]
    return HereDocument(head, "\n".join(body), word, last.removeprefix(word))


def _undressed(lines: Sequence[str]) -> list[str]:
    """Return the body; where every line is a bullet like the first, without bullet and ticks."""
    body = list(lines[1:-1])
    marked = [_MARKED.match(line) for line in lines[1:] if line.strip()]
    if not all(marked):
        return body
    width = min(m.end() for m in marked if m)
    return [_unticked(line[width:]) for line in body]


def _unticked(line: str) -> str:
    """Take the backticks around a line off, and what white space stands behind them."""
    return (
        line.rstrip()[1:-1]
        if re.fullmatch(r"`.*`\s*", line)
        else line.removeprefix("`").removesuffix("`")
    )


_MARKED = re.compile(r"[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]+")


def _dedented(body: Sequence[str]) -> list[str]:
    """Take off the indentation that every written line of the body shares."""
    written = [line for line in body if line.strip()]
    shared = min((len(line) - len(line.lstrip()) for line in written), default=0)
    return [line[shared:] for line in body]


def _fences(lines: Sequence[str], ends: Sequence[int]) -> list[Block]:
    marks = [(n, m[1], bool(m[2])) for n, line in enumerate(lines) if (m := _FENCE.match(line))]
    # With an odd number of marks one fence was never closed: then none may span a section.
    careful = len(marks) % 2 == 1
    found: list[Block] = []
    at = 0
    while at < len(marks):
        n, mark, _ = marks[at]
        closing = marks[at + 1] if at + 1 < len(marks) else None
        fits = (
            closing is not None
            and closing[1].startswith(mark)
            and not closing[2]
            and closing[0] - n <= REACH
            and not (careful and _between(ends, n, closing[0]))
        )
        if closing is not None and fits:
            found.append(Block(n, closing[0], fence=True))
            at += 1
        at += 1
    return found


def _between(ends: Sequence[int], first: int, last: int) -> bool:
    at = bisect_right(ends, first)
    return at < len(ends) and ends[at] <= last


def _words_at_start(lines: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for n, line in enumerate(lines):
        if match := _CLOSER.match(line):
            found[match[1]].append(n)
    return found


def _heredoc_end(
    lines: Sequence[str], n: int, closers: dict[str, list[int]], ends: Sequence[int]
) -> int | None:
    """Return the last line of the here-document that line ``n`` opens, if it comes."""
    opened = _OPENER.search(lines[n])
    if opened is None or _never_comes(lines[n], opened):
        return None
    word = opened["quoted"] or opened["bare"]
    candidates = closers.get(word, [])
    at = bisect_right(candidates, n)
    if at == len(candidates) or candidates[at] - n > REACH:
        return None
    last = candidates[at]
    if _between(ends, n, last):
        return None
    for inside in range(n + 1, last):
        again = _OPENER.search(lines[inside])
        if again and (again["quoted"] or again["bare"]) == word:
            return None  # the closing word belongs to that one
    return last


def _never_comes(line: str, opened: re.Match[str]) -> bool:
    """Whether the line itself says that the text is elsewhere: `` `python - <<'PY'` snippet``."""
    rest = line[opened.end() :]
    if rest.strip().startswith(_ELIDED):
        return True
    inside, tick, after = rest.partition("`")
    in_span = line.count("`", 0, opened.start()) % 2 == 1
    if not in_span or not tick:
        return False
    return bool(after.strip(" \t.,;:")) or any(e in inside for e in _ELIDED)
