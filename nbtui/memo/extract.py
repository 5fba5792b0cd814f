"""A bullet's words as parts: settings, commands and prose, still unresolved.

A backticked text that begins with a program is a command. Bare text is one only where it
begins unmistakably like one; prose must never be run, so in doubt a part is a question.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from nbtui.memo.blocks import code_spans
from nbtui.memo.programs import is_program
from nbtui.memo.shellwords import Operator, Word, assignment, segments, tokens

_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.DOTALL | re.MULTILINE)
_HEREDOC = re.compile(r"<<-?\s*['\"]?[A-Za-z_]\w*")
_LEAD = re.compile(r"^(?:(?:then|and|set|use)\b[\s:]*)+", re.IGNORECASE)
_BARE_START = re.compile(
    r"(?:^|(?<=[—–:;]\s)|(?<=\s-\s)|(?<=[Rr]un\s)|(?<=[Ee]xecute\s)|(?<=[Vv]ia\s)|(?<=[Ww]ith\s)|"
    r"(?<=[Uu]sing\s)|(?<=[Cc]ommand\s)|(?<=[Cc]ommand:\s))"
)
_BARE_COMMAND = re.compile(
    r"(?:[A-Z_][A-Z0-9_]*=\S+\s+|env\s+|timeout\s+\d+\w?\s+|/usr/bin/time\s+(?:-\w+\s+)*)*"
    r"(?:pytest\s+(?:-|@|\S*\.py\b|tests?/)"
    r"|python3?\s+(?:-\w|-\s|\S+\.py\b)"
    r"|nb-(?:compare|benchmark|golden)\s+\S"
    r"|nano[Bb]ragg\s+-"
    r"|\./\S+\s+-"
    r"|sha256sum\s+\S+[/.]\S"
    r"|git\s+(?:rev-parse|status|diff|log|add|commit|push)\b)"
)
_ASSIGNED = re.compile(r"(?:env\s+)?[A-Z_][A-Z0-9_]*=\S+\s+\S")
_PLACE = re.compile(r"(?i:stamp|out|out_?dir|base(?:_?dir)?|root|run_?dir|reports?(?:_?dir)?)$")
_PROSE_WORDS = frozenset(
    {
        "and", "then", "to", "into", "so", "before", "after", "for", "if", "from", "using", "via",
        "the", "in", "under", "while", "because", "once", "with", "should", "must", "—", "–",
    }
)  # fmt: skip
_SAME = re.compile(
    r"\b(?:same|previous|above|earlier|mapped|that)\s+(?:\w+\s+){0,2}commands?\b"
    r"|\b(?:repeat|rerun|re-run)\b",
    re.IGNORECASE,
)


LONGEST = 20_000
"""Characters of one bullet that may hold a command."""


class PartKind(StrEnum):
    """What a part of a bullet is."""

    SETTING = "setting"
    COMMAND = "command"
    QUESTION = "question"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bullet, in the memo's words."""

    kind: PartKind
    text: str
    title: str = ""
    question: str = ""


def extract(text: str) -> tuple[Part, ...]:
    """Return the parts of a bullet's text, in order; very long text is prose whatever it is."""
    if len(text) > LONGEST:
        return (Part(PartKind.PROSE, text),)
    return tuple(_merge_prose(_extract(text)))


def _extract(text: str) -> Iterator[Part]:
    if match := _FENCE.search(text):
        yield from _extract(text[: match.start()]) if text[: match.start()].strip() else ()
        yield from _code(match[2].strip(), title=_title(text[: match.start()]))
        rest = text[match.end() :]
        yield from _extract(rest) if rest.strip() else ()
        return
    found = [s for s in code_spans(text) if _is_command(s)]
    if found:
        yield from _spans(text, found)
    elif _SAME.search(text) and any(s.startswith("-") for s in code_spans(text)):
        yield Part(
            PartKind.QUESTION, text, question="which command, with this change, is meant here?"
        )
    else:
        for segment in segments(text) if not _HEREDOC.search(text) else (text,):
            settings = _settings(_LEAD.sub("", segment))
            yield from [Part(PartKind.SETTING, s) for s in settings] or [_bare(segment)]


def _spans(text: str, found: list[str]) -> Iterator[Part]:
    at = 0
    for span in found:
        start = max(text.find("`" + span[:40].split("\n", maxsplit=1)[0], at), at)
        yield from _code(span, title=_title(text[at:start]))
        at = start + len(span) + 2


def _code(code: str, *, title: str) -> Iterator[Part]:
    """Yield the parts of text that is known to be shell."""
    for piece in (code,) if _HEREDOC.search(code) else segments(code):
        if settings := _settings(piece):
            yield from (Part(PartKind.SETTING, s, title=title) for s in settings)
        elif not piece.startswith("#"):
            yield Part(PartKind.COMMAND, piece, title=title)


def _is_command(span: str) -> bool:
    """Whether a code span is a command or settings rather than a name or a path."""
    words = _first_words(span)
    if not words:
        return False
    pairs = [assignment(w) for w in words]
    if pairs[0] is not None:
        rest = [w for w, pair in zip(words, pairs, strict=True) if pair is None]
        # `KMP_DUPLICATE_LIB_OK=TRUE` in prose mentions a value; STAMP and folders are set
        return bool(rest) or len(pairs) > 1 or _PLACE.match(pairs[0][0]) is not None
    program = words[0].text
    return is_program(program) and len(words) > 1 and program != "command"


def _first_words(text: str) -> list[Word]:
    try:
        found = tokens(text)
    except ValueError:
        return [Word(w, 0, 0, "u" * len(w)) for w in text.split()[:6]]
    words: list[Word] = []
    for token in found:
        if isinstance(token, Operator):
            break
        words.append(token)
    return words


def _bare(segment: str) -> Part:
    text = segment.strip()
    for start in _BARE_START.finditer(text):
        rest = text[start.end() :]
        if _BARE_COMMAND.match(rest) or _ASSIGNED.match(rest):
            title = _title(text[: start.end()])
            end = _prose_after(rest)
            question = f"does the command end before `{end}`?" if end else ""
            return Part(
                PartKind.QUESTION if end else PartKind.COMMAND, rest, title=title, question=question
            )
    return Part(PartKind.PROSE, text)


def _prose_after(text: str) -> str | None:
    """Return the first word that is English rather than an argument."""
    try:
        found = tokens(text)
    except ValueError:
        return None
    for before, token in pairwise(found):
        if not isinstance(token, Word) or not token.plain:
            continue
        if token.text.lower() in _PROSE_WORDS:
            return token.text
        # the next sentence: a capital after a full stop
        if isinstance(before, Word) and before.text.endswith(".") and token.text[:1].isupper():
            return token.text
    return None


def _settings(text: str) -> tuple[str, ...]:
    """Return the settings of shell text that holds nothing else, else an empty tuple."""
    try:
        found = tokens(text.strip())
    except ValueError:
        return ()
    cuts = [t for t in found if isinstance(t, Operator)]
    if not found or any(t.text != "&&" for t in cuts):
        return ()
    edges = [0, *(e for c in cuts for e in (c.start, c.end)), len(text.strip())]
    pieces = [text.strip()[a:b].strip() for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return tuple(pieces) if all(_is_setting(p) for p in pieces) else ()


def _is_setting(text: str) -> bool:
    """Whether one command only sets variables, makes folders or sets shell options."""
    words = _first_words(text)
    match words[0].text if words else "":
        case "mkdir":
            return len(words) > 1
        case "set":
            return len(words) > 1 and words[1].text.startswith("-")
        case _:
            # `Set A=1 and B=2`: the memo speaks, but means two assignments
            rest = [w for w in words if w.text.lower() not in {"and", "then", ",", "export"}]
            return bool(rest) and all(assignment(w) for w in rest)


def _title(text: str) -> str:
    """Return the words before a command as a title."""
    line = text.strip().rsplit("\n", maxsplit=1)[-1].strip()
    line = line.strip("`.,;•)] ").rstrip(":—–- (").strip("*` ")
    return line if len(line) <= 120 else line[:117] + "..."


def _merge_prose(parts: Iterator[Part]) -> Iterator[Part]:
    pending: list[str] = []
    for part in parts:
        if part.kind is PartKind.PROSE:
            pending.append(part.text)
            continue
        if pending:
            yield Part(PartKind.PROSE, "\n".join(pending))
            pending = []
        yield part
    if pending:
        yield Part(PartKind.PROSE, "\n".join(pending))
