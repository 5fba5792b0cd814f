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
from nbtui.memo.programs import is_program
from nbtui.memo.verbatim import Block

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_DOT = re.compile(r"^(\s*)•")
_MARKER = re.compile(
    r"^\s*([-*+•]|\d{1,9}[.)]|\(\d{1,3}\)|\(?[a-zA-Z][.)]|[ivxIVX]{2,4}[.)]|§ ?\d{1,3})\s+"
    r"(?:\[[ xX]\]\s+)?(?:[•*]\s+)?"
)
_ENUMERATED = re.compile(
    r"^(\s*)(?:\(\d{1,3}\)|\(?[a-z][.)]|[ivx]{2,4}[.)]|§ ?\d{1,3})(?=\s+\S)",
    re.IGNORECASE,
)
"""Numbers of a kind that Markdown takes for words; each begins a bullet all the same."""
_STEP = re.compile(r"Step \d+\b")


@dataclass(frozen=True, slots=True)
class _Item:
    first: int
    last: int
    """One past the last line."""
    depth: int


def read_bullets(
    lines: Sequence[str], *, first_line: int, verbatim: Sequence[Block] = ()
) -> tuple[Bullet, ...]:
    """Return the bullets of a section body.

    Parameters
    ----------
    lines
        The lines below the label.
    first_line
        The memo's number (from 1) of ``lines[0]``.
    verbatim
        Fences and here-documents among the lines; each belongs whole to one bullet.

    Returns
    -------
    tuple of Bullet
        In order; together they own every line that is not blank, none twice.
    """
    if not any(line.strip() for line in lines):
        return ()
    owners = _owners(_items(_tokens(_shown(lines, verbatim))), len(lines))
    for block in verbatim:
        owner = owners[block.first]
        if owner is None and block.first and lines[block.first - 1].strip():
            owner = owners[block.first - 1]
        owners[block.first : block.last + 1] = [owner] * (block.last + 1 - block.first)
    whole = {n for b in verbatim for n in range(b.first, b.last + 1)}
    bullets: list[Bullet] = []
    n = 0
    while n < len(lines):
        end = n + 1
        while end < len(lines) and owners[end] is owners[n]:
            end += 1
        if (owner := owners[n]) is not None:
            bullets.extend(_one(lines, n, end, owner.depth, first_line))
        else:
            bullets.extend(_bare_bullets(lines, n, end, first_line, whole))
        n = end
    return tuple(bullets)


def one_bullet(lines: Sequence[str], *, first_line: int) -> tuple[Bullet, ...]:
    """Return all lines as a single bare bullet: a section too long to be read more closely."""
    if not any(line.strip() for line in lines):
        return ()
    span = LineSpan(first_line, first_line + len(lines) - 1)
    return (Bullet(text="\n".join(lines), lines=span, depth=0, marker=""),)


def _shown(lines: Sequence[str], verbatim: Sequence[Block]) -> list[str]:
    """Return the lines as the Markdown parser may see them.

    What stands inside a fence or a here-document continues the paragraph above it: its
    words would be read as bullets and headings, and its indentation would end the item.
    """
    # `•` is a bullet to people but not to Markdown; both are one character wide.
    shown = [_ENUMERATED.sub(r"\1- ", _DOT.sub(r"\1-", line)) for line in lines]
    # a heading to Markdown: it ends the list above and is no item itself
    shown = ["# step" if _STEP.match(line) else line for line in shown]
    shown = ["" if line.startswith(">") and not line.strip("> \t") else line for line in shown]
    for block in verbatim:
        head = lines[block.first]
        indent = head[: len(head) - len(head.lstrip())] if block.fence else ""
        marked = block.fence and _BULLETED.match(head)
        for n in range(block.first + (not block.fence), block.last + 1):
            shown[n] = f"{indent}verbatim"
        if marked:
            # the bullet begins with the fence: it is a bullet, and the fence goes on inside
            shown[block.first] = f"{marked[0]}verbatim"
            room = " " * len(marked[0])
            for n in range(block.first + 1, block.last + 1):
                shown[n] = f"{room}verbatim"
    return shown


_BULLETED = re.compile(r"\s*[-*+]\s+(?=[`~]{3})")


def code_spans(text: str) -> tuple[str, ...]:
    """Return the contents of the inline code spans, as Markdown delimits them."""
    return tuple(content.strip() for _, _, content in code_positions(text))


def code_positions(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return start, end and content of the inline code spans, backticks outside the content.

    Line breaks inside stay as they are: the code may be shell text.
    """
    if "`" not in text:
        return ()
    children = _inline_code().parseInline(text)[0].children or []
    found = (t for t in children if t.type == "code_inline")
    return tuple(
        (
            t.meta["start"],
            t.meta["end"],
            text[t.meta["start"] + len(t.markup) : t.meta["end"] - len(t.markup)],
        )
        for t in found
    )


@cache
def _inline_code() -> "MarkdownIt":
    """Return a parser that knows inline code only, and notes where it stands."""
    from markdown_it import MarkdownIt  # noqa: PLC0415
    from markdown_it.rules_inline import backtick  # noqa: PLC0415

    def noting(state: "StateInline", silent: bool) -> bool:
        start = state.pos
        matched = backtick(state, silent)
        if matched and not silent and state.tokens and state.tokens[-1].type == "code_inline":
            state.tokens[-1].meta.update(start=start, end=state.pos)
        return matched

    markdown = MarkdownIt("zero")
    markdown.enable(["escape", "backticks"])
    markdown.inline.ruler.at("backticks", noting)
    return markdown


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415  # start-up stays free of it

    # Indented text in a memo is a continuation, never code; links and HTML mean nothing.
    markdown = MarkdownIt("commonmark")
    markdown.disable(["code", "fence", "html_block", "reference", "lheading", "blockquote"])
    return markdown


def _tokens(lines: Sequence[str]) -> "list[Token]":
    env: dict[str, object] = {}
    tokens: list[Token] = []
    markdown = _markdown()
    markdown.block.parse("\n".join(lines), markdown, env, tokens)
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
    return items


def _owners(items: Sequence[_Item], count: int) -> list[_Item | None]:
    owners: list[_Item | None] = [None] * count
    for item in items:  # inner items come later and take their lines over
        for n in range(item.first, min(item.last, count)):
            owners[n] = item
    return owners


def _bare_bullets(
    lines: Sequence[str], first: int, end: int, base: int, whole: set[int]
) -> list[Bullet]:
    """Return the bare lines from ``first`` to before ``end`` as bullets."""
    bullets: list[Bullet] = []
    start = first
    ticks = 0
    for n in range(first, end):
        if not lines[n].strip() and n not in whole:
            bullets.extend(_one(lines, start, n, 0, base))
            start, ticks = n + 1, 0
        elif n > start and n not in whole and ticks % 2 == 0 and not _continues(lines, n):
            bullets.extend(_one(lines, start, n, 0, base))
            start, ticks = n, 0
        ticks += lines[n].count("`") if n not in whole else 0
    bullets.extend(_one(lines, start, end, 0, base))
    return bullets


def _continues(lines: Sequence[str], n: int) -> bool:
    """Whether a bare line goes on with the one before: indented, broken, or mid-sentence."""
    line, before = lines[n], lines[n - 1]
    if line[:1].isspace() or before.endswith("\\"):
        return True
    word = line.split(maxsplit=1)[0]
    wrapped = len(before) >= _WRAPPED and not before.rstrip().endswith((".", ":", ";"))
    return wrapped and word[:1].islower() and not is_program(word) and "=" not in word


_WRAPPED = 60
"""Characters of a bare line that may have been broken for its length."""


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
            text=f"{text.strip()}\n{body}" if body else text.strip(),
            lines=LineSpan(base + first, base + end - 1),
            depth=depth,
            marker=marker,
        )
    ]
