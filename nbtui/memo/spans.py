"""A bullet's text as runs of prose and of code, each with the lines it stands on.

Inline code comes from the Markdown parser's tokens; fences and here-documents are found
first, because no Markdown parser would find them where memos have them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import Enum

from nbtui.memo.blocks import code_positions
from nbtui.memo.recognise import Looks, looks, split_words
from nbtui.memo.verbatim import blocks, read_heredoc

_DATE = re.compile(r"(?<=[A-Za-z0-9_]=)`([ \t]*date\b[^`\n]*)`")
_SHELLS = frozenset({"", "bash", "sh", "shell", "zsh", "console", "shell-session", "terminal"})
_LANGUAGE = re.compile(r"^[\s*•-]*(?:```+|~~~+)[ \t]*([\w+-]*)")
_SHELL_TAIL = re.compile(r"^[ \t]*(?:>|>>|2>|&>|\||&&|\"|\$)")


class Kind(Enum):
    """What a run of text is."""

    PROSE = "prose"
    CODE = "code"
    """Inline code, between backticks."""
    BLOCK = "block"
    """The inside of a fence, or a whole here-document with its command."""


@dataclass(frozen=True, slots=True)
class Span:
    """A run of one kind."""

    kind: Kind
    text: str
    first: int
    """Line of the bullet's text on which it begins, from 0."""
    shell: bool = True
    """For a block: whether it can be shell text at all."""


def spans(text: str) -> tuple[Span, ...]:
    """Return the runs of a bullet's text, in order."""
    # here the backticks are the shell's: STAMP=`date -u`
    return tuple(_joined(map(_unprompted, _spans(_DATE.sub(r"$(\1)", text)))))


def _unprompted(span: Span) -> Span:
    """Take the prompt off code that was copied from a terminal: ``$ python x.py``."""
    if span.kind is not Kind.CODE:
        return span
    return replace(span, text=re.sub(r"^\s*\$[ \t]+", "", span.text))


def _joined(found: Iterable[Span]) -> Iterator[Span]:
    """Yield the runs; code that ends with a backslash goes on in the code behind it."""
    before: Span | None = None
    for span in found:
        if before is not None and span.kind is Kind.CODE:
            before = replace(before, text=f"{before.text}\n{span.text}")
        else:
            if before is not None:
                yield before
            before = span
        if before.kind is not Kind.CODE or not before.text.rstrip().endswith("\\"):
            yield before
            before = None
    if before is not None:
        yield before


def _spans(text: str) -> Iterator[Span]:
    lines = text.split("\n")
    at = 0
    for block in blocks(lines):
        yield from _inline("\n".join(lines[at : block.first]), at)
        inside = lines[block.first : block.last + 1]
        if block.comment:
            yield from _inline("\n".join(inside), block.first)
        elif block.fence:
            yield _fence(inside, block.first)
        else:
            yield from _heredoc(inside, block.first)
        at = block.last + 1
    yield from _inline("\n".join(lines[at:]), at)


_REMARK = re.compile(r"(`+)(?!`)(?:(?!\1).)*?\1(?!`)|<!--.*?-->", re.DOTALL)
_TAGGED = re.compile(r"<code>([^<`\n]*)</code>|<br\s*/?>", re.IGNORECASE)


def _plain(text: str) -> str:
    """Return Markdown without HTML: comments left out, ``<code>`` as backticks."""
    if "<" not in text:
        return text

    def hidden(match: re.Match[str]) -> str:
        remark = match[0].startswith("<!--")
        return re.sub(r"[^\n]", " ", match[0]) if remark else match[0]

    text = _REMARK.sub(hidden, text)
    return _TAGGED.sub(lambda m: f"`{m[1]}`" if m[1] is not None else " ", text)


def _inline(text: str, line: int) -> Iterator[Span]:
    text = _plain(text)
    if not text.strip():
        return
    at = 0
    for start, end, content in code_positions(text):
        if text[at:start].strip():
            yield Span(Kind.PROSE, text[at:start], line + text.count("\n", 0, at))
        yield Span(Kind.CODE, content, line + text.count("\n", 0, start))
        at = end
    if text[at:].strip():
        yield Span(Kind.PROSE, text[at:], line + text.count("\n", 0, at))


def _fence(lines: list[str], first: int) -> Span:
    match = _LANGUAGE.match(lines[0])
    language = match[1].lower() if match else ""
    body = _unindented(lines[1:-1])
    body = _typed(body) or body
    words = next((split_words(line) for line in body if line.strip() and line[:1] != "#"), [])
    shell = language in _SHELLS or looks(words, quoted=True) is Looks.COMMAND
    return Span(Kind.BLOCK, _closed("\n".join(body)), first + 1, shell=shell)


def _typed(lines: list[str]) -> list[str]:
    """Return what was typed in a session: the lines behind ``$ ``, and what continues them."""
    found: list[str] = []
    for line in lines:
        if line.startswith("$ "):
            found.append(line[2:])
        elif found and found[-1].endswith("\\"):
            found.append(line.removeprefix("> "))
    return found


def _unindented(lines: list[str]) -> list[str]:
    """Take the first line's indentation off every line that has it."""
    written = next((line for line in lines if line.strip()), "")
    indent = written[: len(written) - len(written.lstrip())]
    return [line.removeprefix(indent) for line in lines]


def _closed(text: str) -> str:
    """Return fenced text with its here-documents as bash wants them."""
    lines = text.split("\n")
    kept: list[str] = []
    at = 0
    for block in blocks(lines):
        if not block.fence:
            found = read_heredoc(lines[block.first : block.last + 1])
            kept += [*lines[at : block.first], found.head + found.tail, found.body, found.word]
            at = block.last + 1
    return "\n".join([*kept, *lines[at:]])


def _heredoc(lines: list[str], first: int) -> Iterator[Span]:
    """Yield the prose before a here-document, its command, and the prose behind it."""
    found = read_heredoc(lines)
    before, command = _command_of(found.head)
    ticked = found.head.count("`", 0, len(found.head) - len(command)) % 2 == 1
    if ticked:
        tail, _, after = found.tail.partition("`")
        command, _, aside = command.partition("`")
        after = f"{aside} {after}" if aside else after
    elif _SHELL_TAIL.match(found.tail):
        tail, after = found.tail, ""
    else:
        tail, after = "", found.tail
    if before.strip(" `"):
        yield from _inline(before.rstrip("`") if ticked else before, first)
    text = "\n".join([command.rstrip() + tail.rstrip(), found.body, found.word])
    yield Span(Kind.BLOCK, text, first)
    if after.strip():
        yield from _inline(after, first + len(lines) - 1)


def _command_of(head: str) -> tuple[str, str]:
    """Cut the first line of a here-document before its command."""
    opener = head.index("<<")
    tick = head.rfind("`", 0, opener)
    if tick >= 0 and head.count("`", 0, opener) % 2 == 1:
        return head[: tick + 1], head[tick + 1 :]
    for word in re.finditer(r"\S+", head[:opener]):
        if looks(split_words(head[word.start() :])) is not Looks.PROSE:
            return head[: word.start()], head[word.start() :]
    return "", head
