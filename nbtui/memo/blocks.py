"""The body of a section as bullets, through the Markdown parser's block tokens.

Only the line ranges of the tokens are used; the words stay exactly as written. Lines that
no list item and no fence owns become bare bullets, one for each paragraph.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from nbtui.memo.model import Bullet
from nbtui.memo.plan import LineSpan

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MARKER = re.compile(r"^\s*([-*+•]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?")


@dataclass(frozen=True, slots=True)
class _Item:
    first: int
    last: int
    """One past the last line."""
    depth: int


def read_bullets(lines: Sequence[str], *, first_line: int) -> tuple[Bullet, ...]:
    """Return the bullets of a section body.

    Parameters
    ----------
    lines
        The lines below the label.
    first_line
        The memo's number (from 1) of ``lines[0]``.

    Returns
    -------
    tuple of Bullet
        In order; together they own every line that is not blank, none twice.
    """
    if not any(line.strip() for line in lines):
        return ()
    owners = _owners(_items(_tokens(lines)), len(lines))
    bullets: list[Bullet] = []
    n = 0
    while n < len(lines):
        end = n + 1
        while end < len(lines) and owners[end] == owners[n]:
            end += 1
        bullets.extend(_bullets_of(lines, n, end, owners[n], first_line))
        n = end
    return tuple(bullets)


def code_spans(text: str) -> tuple[str, ...]:
    """Return the contents of the inline code spans, as Markdown delimits them."""
    if "`" not in text:
        return ()
    children = _markdown().parseInline(text)[0].children or []
    return tuple(t.content for t in children if t.type == "code_inline")


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415  # start-up stays free of it

    # Indented text in a memo is a continuation, never code; links and HTML mean nothing.
    markdown = MarkdownIt("commonmark")
    markdown.disable(["code", "html_block", "reference", "lheading", "blockquote"])
    return markdown


def _tokens(lines: Sequence[str]) -> "list[Token]":
    env: dict[str, object] = {}
    tokens: list[Token] = []
    markdown = _markdown()
    # `•` is a bullet to people but not to Markdown; both are one character wide.
    text = "\n".join(re.sub(r"^(\s*)•", r"\1-", line) for line in lines)
    markdown.block.parse(text, markdown, env, tokens)
    return tokens


def _items(tokens: "Sequence[Token]") -> list[_Item]:
    items: list[_Item] = []
    depth = -1
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
        elif token.type == "list_item_open" and token.map:
            items.append(_Item(token.map[0], token.map[1], depth))
        elif token.type == "fence" and token.map and depth < 0:
            items.append(_Item(token.map[0], token.map[1], 0))
    return items


def _owners(items: Sequence[_Item], count: int) -> list[_Item | None]:
    owners: list[_Item | None] = [None] * count
    for item in items:  # inner items come later and take their lines over
        for n in range(item.first, min(item.last, count)):
            owners[n] = item
    return owners


def _bullets_of(
    lines: Sequence[str], first: int, end: int, item: _Item | None, base: int
) -> list[Bullet]:
    if item is not None:
        return _one(lines, first, end, item.depth, base)
    bullets: list[Bullet] = []
    start = first
    for n in range(first, end + 1):
        if n == end or not lines[n].strip():
            bullets.extend(_one(lines, start, n, 0, base))
            start = n + 1
    return bullets


def _one(lines: Sequence[str], first: int, end: int, depth: int, base: int) -> list[Bullet]:
    while end > first and not lines[end - 1].strip():
        end -= 1
    while first < end and not lines[first].strip():
        first += 1
    if first == end:
        return []
    head = lines[first]
    match = _MARKER.match(head)
    marker = match[1] if match else ""
    body = textwrap.dedent("\n".join(lines[first + 1 : end]))
    text = head[match.end() :] if match else head
    return [
        Bullet(
            text="\n".join(t for t in (text.strip(), body) if t),
            lines=LineSpan(base + first, base + end - 1),
            depth=depth,
            marker=marker,
        )
    ]
