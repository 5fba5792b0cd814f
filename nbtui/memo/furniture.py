"""What holds a memo's text together and asks nothing of anybody: rules, table heads, headings.

Tables become lines of words here: every row is a bullet of its own, its cells joined.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from nbtui.memo.leftovers import asks_something
from nbtui.memo.model import Bullet

_RULE = re.compile(r"(?:[-=_*~#>]\s*){3,}$|[>\s]+$")
_TABLE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_CELL = re.compile(r"(?<!\\)\|")
_INDEX = re.compile(r"(?:#|no\.?|\d+[.)]?|step \d+)$", re.IGNORECASE)
_QUOTED = re.compile(r"(?:>[ \t]?)+")
_HEADING_WORDS = 4


def unquoted(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines without the marks of quoted mail at their beginning.

    A line that is nothing but marks stays as it is, as does the redirection of a command
    that was broken in two lines.
    """
    found: list[str] = []
    for n, line in enumerate(lines):
        bare = _QUOTED.sub("", line, count=1) if line.startswith(">") else line
        broken = n > 0 and lines[n - 1].rstrip().endswith("\\")
        found.append(line if broken and not lines[n - 1].startswith(">") else bare or line)
    return tuple(found)


def worded(bullets: Sequence[Bullet]) -> Iterator[Bullet]:
    """Yield the bullets that say something, rows of tables as words."""
    head = _heads(bullets)
    in_table = False
    for n, bullet in enumerate(bullets):
        text = bullet.text.strip()
        if n in head or _is_separator(text):
            in_table = True
            continue
        in_table = in_table and text.startswith("|")
        if in_table:
            yield replace(bullet, text=_row(text))
        elif not (_RULE.fullmatch(text) or _is_heading(bullets, n)):
            yield bullet


def _heads(bullets: Sequence[Bullet]) -> frozenset[int]:
    """Return the numbers of the bullets that are heads of tables."""
    return frozenset(
        n
        for n, bullet in enumerate(bullets[:-1])
        if "|" in bullet.text and _is_separator(bullets[n + 1].text.strip())
    )


def _is_separator(text: str) -> bool:
    return "|" in text and _TABLE.fullmatch(text) is not None


def _row(text: str) -> str:
    """Return the cells of a row as words, its number left out."""
    cells = [c.strip().replace("\\|", "|") for c in _CELL.split(text)]
    written = [c for c in cells if c]
    if len(written) > 1 and _INDEX.fullmatch(written[0]):
        written = written[1:]
    return " — ".join(written)


def _is_heading(bullets: Sequence[Bullet], n: int) -> bool:
    """Whether a bullet only names the bullets below it: ``Boxes`` above ``- small``."""
    bullet = bullets[n]
    if n + 1 == len(bullets) or bullets[n + 1].depth <= bullet.depth or not bullet.marker:
        return False
    text = bullet.text.strip()
    words = text.rstrip(":").replace("*", "").split()
    if "`" in text or "\n" in text or len(words) > _HEADING_WORDS:
        return False
    return not asks_something(text)
