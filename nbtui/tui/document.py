"""Text blocks with hanging indents: what the detail panes are written in.

Textual wraps a text at the pane's edge but knows no second column; these blocks are wrapped
for a width first and then shown as they are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from textual.content import Content

LABEL_WIDTH = 12


def edge(title: str) -> Content:
    """Return a pane's title: literal text, with room to the rule it stands on."""
    return Content(f" {visible(title)} ") if title else Content("")


def visible(text: str) -> str:
    """Return text from outside with its control characters made harmless and visible.

    Nothing that a memo, a log or a tool wrote may move the cursor, set the clipboard or
    change colours.
    """
    if text.isprintable():
        return text
    text = text.expandtabs(4)
    return "".join(c if c.isprintable() or c == "\n" else _symbol(c) for c in text)


def _symbol(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


class Block(Protocol):
    """Something that can be written as lines of a given width."""

    def lines(self, width: int) -> list[Content]:
        """Return lines of at most ``width`` cells."""
        ...


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's name."""

    text: str
    note: str = ""

    def lines(self, width: int) -> list[Content]:
        """Return the name, and the note beside it."""
        name = Content.styled(self.text, "bold $primary")
        note = Content.styled(f"  {self.note}" if self.note else "", "$muted")
        return [(name + note).truncate(width, ellipsis=True)]


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and its value; further lines of the value stay in its column."""

    label: str
    value: str | Content
    style: str = ""
    column: int = LABEL_WIDTH

    def lines(self, width: int) -> list[Content]:
        """Return the label in its column and the value beside it."""
        label = Content.styled(self.label.ljust(self.column), "$muted")
        return _hang(_content(self.value, self.style), label, width)


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph, indented by ``indent`` cells."""

    text: str | Content
    style: str = ""
    indent: int = 0

    def lines(self, width: int) -> list[Content]:
        """Return the wrapped text."""
        return _hang(_content(self.text, self.style), Content(" " * self.indent), width)


@dataclass(frozen=True, slots=True)
class Code:
    """Words for a machine, set off by a bar; wrapped but otherwise as they are."""

    text: str | Content
    style: str = "$foreground"

    def lines(self, width: int) -> list[Content]:
        """Return the wrapped text behind a bar."""
        bar = Content.styled("▏ ", "$accent")
        return [bar + line for line in wrap(_content(self.text, self.style), width - 2)]


@dataclass(frozen=True, slots=True)
class Bullet:
    """An item of a list with its own mark."""

    text: str | Content
    mark: str = "•"
    style: str = "$muted"

    def lines(self, width: int) -> list[Content]:
        """Return the mark and the wrapped text beside it."""
        lead = Content.assemble((self.mark, self.style), " ")
        return _hang(_content(self.text, ""), lead, width)


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line."""

    def lines(self, width: int) -> list[Content]:  # noqa: ARG002 - one signature for all
        """Return one empty line."""
        return [Content("")]


def render(blocks: Iterable[Block], width: int) -> Content:
    """Return the blocks as lines of at most ``width`` cells."""
    lines = [line for block in blocks for line in block.lines(max(width, 20))]
    return Content("\n").join(lines)


def alike(some: Sequence[Block], others: Sequence[Block]) -> bool:
    """Return whether blocks say the same in the same colours."""
    return list(map(_told, some)) == list(map(_told, others))


def _told(block: Block) -> tuple[object, ...]:
    """Return what a block is made of; a text that is equal may still be coloured otherwise."""
    values = (getattr(block, field.name) for field in fields(block))  # type: ignore[arg-type]  # blocks are dataclasses
    return (
        type(block),
        *((v.plain, tuple(v.spans)) if isinstance(v, Content) else v for v in values),
    )


def wrap(text: Content, width: int) -> list[Content]:
    """Return the text's own lines, each wrapped to ``width`` cells."""
    lines: list[Content] = []
    for line in text.split("\n", allow_blank=True) or [Content("")]:
        lines.extend(part.rstrip_end(width) for part in line.wrap(max(width, 4)))
    return lines


def _content(text: str | Content, style: str) -> Content:
    if isinstance(text, Content):
        return text
    return Content.styled(visible(text), style)


def _hang(text: Content, lead: Content, width: int) -> list[Content]:
    indent = lead.cell_length
    blank = Content(" " * indent)
    lines = wrap(text, max(width - indent, 8))
    return [(blank if i else lead) + line for i, line in enumerate(lines)]
