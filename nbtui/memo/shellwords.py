"""A command line as words, without ever expanding or executing anything.

Plain commands run without a shell, so this reads exactly the part of the shell's grammar
that means the same without one: words, quotes, assignments, braces, ``| tee FILE``.
Everything else is named as an obstacle and left to the operator.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_OPERATOR = re.compile(
    r"\d*(?:<<<|<<-?|<\(|>\(|>>|>&|<&|>\||<>|>|<)|&>>|&>|&&|\|\||\|&|;;|[|;&()\n]"
)
_ASSIGNMENT = re.compile(r"^([A-Za-z_]\w*)=(.*)$", re.DOTALL)
_BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")

MAX_EXPANSION = 256
"""Words that one brace expansion may make."""

QUOTED_DOLLAR = "\ue000"
"""Stands for a dollar sign inside single quotes: a character, not a variable."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its quotes removed."""

    text: str
    start: int
    end: int
    mask: str
    """``q`` for each quoted character, ``u`` for each other one."""
    substitution: bool = False
    """Holds ``$(...)`` or backquotes, which stay verbatim in ``text``."""

    @property
    def plain(self) -> bool:
        """Whether nothing in it is quoted."""
        return "q" not in self.mask


@dataclass(frozen=True, slots=True)
class Operator:
    """A shell operator, or a line break."""

    text: str
    start: int
    end: int


Token = Word | Operator


@dataclass(frozen=True, slots=True)
class Simple:
    """One command as far as it can be run without a shell."""

    assignments: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    tee: str | None = None
    """The file of a final ``| tee FILE``."""
    tee_text: str = ""
    """That part, or the redirection, as the memo writes it."""
    capture: str | None = None
    """The file of a final ``> FILE [2>&1]``; it counts among the obstacles."""
    merged: bool = False
    """Whether that redirection takes stderr too."""
    obstacles: tuple[str, ...] = ()
    """Why it cannot be run without a shell; empty when it can."""


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    chars: list[str] = field(default_factory=list)
    mask: list[str] = field(default_factory=list)
    substitution: bool = False

    def add(self, text: str, kind: str) -> None:
        self.chars.append(text)
        self.mask.append(kind * len(text))


def tokens(text: str) -> tuple[Token, ...]:
    """Return words and operators; an unbalanced quote makes the rest one word.

    Raises
    ------
    ValueError
        A quote or a substitution is not closed; the message says which.
    """
    return tuple(lazy_tokens(text))


def lazy_tokens(text: str) -> Iterator[Token]:
    """Yield words and operators; raise :class:`ValueError` only where a quote stays open."""
    at = 0
    while at < len(text):
        char = text[at]
        if char in " \t" or text.startswith("\\\n", at):
            at += 2 if char == "\\" else 1
        elif operator := _OPERATOR.match(text, at):
            yield Operator(operator[0], at, operator.end())
            at = operator.end()
        else:
            word = _word(text, at)
            yield word
            at = word.end


def _word(text: str, start: int) -> Word:
    reader = _Reader(text, start)
    while reader.at < len(text):
        char = text[reader.at]
        if char in " \t" or (reader.at > start and _ends_word(text, reader.at)):
            break
        _step(reader, char)
    return Word("".join(reader.chars), start, reader.at, "".join(reader.mask), reader.substitution)


def _ends_word(text: str, at: int) -> bool:
    """Whether an operator starts here; digits only bind to one at the start of a word."""
    return text[at] in "|&;()<>\n"


def _step(reader: _Reader, char: str) -> None:
    text, at = reader.text, reader.at
    match char:
        case "\\":
            if not text.startswith("\\\n", at):
                reader.add(text[at + 1 : at + 2], "q")
            reader.at = at + 2
        case "'":
            end = _find(text, "'", at + 1, "single quote")
            reader.add(text[at + 1 : end].replace("$", QUOTED_DOLLAR), "q")
            reader.at = end + 1
        case '"':
            reader.at = at + 1
            _double(reader)
        case "`" | "$" if char == "`" or text.startswith("$(", at):
            _substitute(reader, "u")
        case _:
            reader.add(char, "u")
            reader.at = at + 1


def _double(reader: _Reader) -> None:
    text = reader.text
    while True:
        if reader.at >= len(text):
            raise ValueError("a double quote is not closed")
        char = text[reader.at]
        if char == '"':
            reader.at += 1
            return
        if char == "\\" and text[reader.at + 1 : reader.at + 2] in {'"', "\\", "$", "`"}:
            escaped = text[reader.at + 1]
            reader.add(QUOTED_DOLLAR if escaped == "$" else escaped, "q")
            reader.at += 2
        elif char == "`" or text.startswith("$(", reader.at):
            _substitute(reader, "q")
        else:
            reader.add(char, "q")
            reader.at += 1


def _substitute(reader: _Reader, kind: str) -> None:
    """Copy ``$(...)`` or backquotes verbatim."""
    text, at = reader.text, reader.at
    if text[at] == "`":
        end = _find(text, "`", at + 1, "backquote")
    else:
        depth, end = 0, at + 1
        while True:
            if end >= len(text):
                raise ValueError("$( is not closed")
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
            end += 1
    reader.substitution = True
    reader.add(text[at : end + 1], kind)
    reader.at = end + 1


def _find(text: str, char: str, start: int, what: str) -> int:
    end = text.find(char, start)
    if end < 0:
        raise ValueError(f"a {what} is not closed")
    return end


def segments(text: str) -> tuple[str, ...]:
    """Return the parts of a text between top-level semicolons and line breaks, stripped.

    Prose with an apostrophe is no shell text; it comes back whole.
    """
    try:
        found = tokens(text)
    except ValueError:
        return (text.strip(),)
    cuts = [t for t in found if isinstance(t, Operator) and t.text in {";", "\n"}]
    edges = [0, *(e for c in cuts for e in (c.start, c.end)), len(text)]
    parts = (text[a:b].strip() for a, b in zip(edges[::2], edges[1::2], strict=True))
    return tuple(p for p in parts if p)


def assignment(word: Word) -> tuple[str, str] | None:
    """Return name and value when the word is ``NAME=value``."""
    match = _ASSIGNMENT.match(word.text)
    if match is None or "q" in word.mask[: match.end(1) + 1]:
        return None
    return match[1], match[2]


def expand_braces(word: Word) -> tuple[str, ...]:
    """Return the words that an unquoted ``{a,b}`` makes of one word, as bash does.

    A word that would make more than :data:`MAX_EXPANSION` stays as it is.
    """
    done: list[str] = []
    waiting = [(word.text, word.mask)]
    while waiting:
        if len(done) + len(waiting) > MAX_EXPANSION:
            return (word.text,)
        text, mask = waiting.pop(0)
        # a quoted brace or comma is an ordinary character: hide it from the pattern
        shown = "".join(c if m == "u" else "\0" for c, m in zip(text, mask, strict=True))
        if (match := _BRACES.search(shown)) is None:
            done.append(text)
            continue
        waiting[:0] = [
            (
                text[: match.start()] + text[a:b] + text[match.end() :],
                mask[: match.start()] + mask[a:b] + mask[match.end() :],
            )
            for a, b in _alternatives(match)
        ]
    return tuple(dict.fromkeys(done))


def _alternatives(match: re.Match[str]) -> Iterator[tuple[int, int]]:
    start = match.start(1)
    for part in match[1].split(","):
        yield start, start + len(part)
        start += len(part) + 1


def simple(text: str) -> Simple:
    """Read one command; what a shell would be needed for is in ``obstacles``."""
    try:
        found = list(tokens(text.strip()))
    except ValueError as error:
        return Simple(obstacles=(str(error),))
    merged = len(found) != len(_without_merge(found))
    found, tee, tee_text = _take_tee(found, text.strip())
    obstacles = list(dict.fromkeys(_obstacles(found)))
    capture: str | None = None
    if tee is None:
        found, capture, both = _take_capture(found)
        merged = merged or both
        tee_text = text.strip()[found[-1].end :].strip() if capture and found else tee_text
    words = [t for t in found if isinstance(t, Word)]
    assignments: list[tuple[str, str]] = []
    while words and (pair := assignment(words[0])):
        assignments.append(pair)
        words.pop(0)
    expanded = tuple(text for word in words for text in expand_braces(word))
    return Simple(
        assignments=tuple(assignments),
        words=expanded,
        tee=tee,
        tee_text=tee_text,
        capture=capture,
        merged=merged,
        obstacles=tuple(obstacles),
    )


def _take_tee(found: list[Token], text: str) -> tuple[list[Token], str | None, str]:
    """Cut a final ``[2>&1] | tee [-a] FILE`` off; capturing is the tool's work."""
    pipes = [n for n, t in enumerate(found) if isinstance(t, Operator) and t.text in {"|", "|&"}]
    if len(pipes) == 1:
        tail = found[pipes[0] + 1 :]
        files = [t for t in tail if isinstance(t, Word) and not t.text.startswith("-")]
        is_tee = bool(files) and files[0].text == "tee" and len(files) == 2
        if is_tee and all(isinstance(t, Word) and not t.substitution for t in tail):
            head = _without_merge(found[: pipes[0]])
            return head, files[1].text, text[found[len(head)].start :]
    head = _without_merge(found)
    return head, None, text[found[len(head)].start :] if len(head) < len(found) else ""


def _take_capture(found: list[Token]) -> tuple[list[Token], str | None, bool]:
    """Cut a final ``> FILE`` or ``&> FILE`` off; the last value says whether it takes both."""
    if len(found) < 3 or not isinstance(found[-1], Word) or found[-1].substitution:
        return found, None, False
    sign = found[-2]
    if isinstance(sign, Operator) and sign.text in {">", "1>", "&>", ">>", "&>>"}:
        return found[:-2], found[-1].text, sign.text.startswith("&")
    return found, None, False


def _without_merge(found: list[Token]) -> list[Token]:
    """Drop a final ``2>&1``: stdout and stderr are captured together anyway."""
    if (
        len(found) >= 2
        and isinstance(found[-2], Operator)
        and found[-2].text == "2>&"
        and isinstance(found[-1], Word)
        and found[-1].text == "1"
    ):
        return found[:-2]
    return found


def _obstacles(found: list[Token]) -> Iterator[str]:
    for token in found:
        if isinstance(token, Operator):
            yield _OPERATOR_NAMES.get(token.text.lstrip("0123456789"), "a redirection")
        elif token.substitution:
            yield "a command substitution $(...)"
        elif token.plain and token.text.startswith("~"):
            yield "~ for a home folder"
        elif any(c in "*?" and m == "u" for c, m in zip(token.text, token.mask, strict=True)):
            yield "a file pattern (* or ?)"
        elif QUOTED_DOLLAR in token.text:
            yield "a quoted dollar sign"


_OPERATOR_NAMES = {
    "|": "a pipe",
    "|&": "a pipe",
    "&&": "&& between commands",
    "||": "|| between commands",
    ";": "several commands (;)",
    "\n": "several lines",
    "&": "a background job (&)",
    "(": "a subshell",
    ")": "a subshell",
    "<<": "a here-document",
    "<<-": "a here-document",
    "<<<": "a here-string",
    "<(": "a process substitution",
    ">(": "a process substitution",
}
