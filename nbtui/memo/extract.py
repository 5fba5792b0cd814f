"""A bullet's words as parts: settings, commands, questions and prose, still unresolved.

Text in backticks that begins with a program is a command. Bare text is one only where it
begins unmistakably like one; prose must never be run, so in doubt a part is a question.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from nbtui.memo.boundaries import command_end, masked, unmasked, words_from
from nbtui.memo.recognise import ALONE, Looks, looks, split_words
from nbtui.memo.shelltext import Piece, is_whole, pieces
from nbtui.memo.shellwords import Operator, Word, assignment, tokens
from nbtui.memo.spans import Kind, Span, spans
from nbtui.memo.vocabulary import begins_bare, speaks

LONGEST = 20_000
"""Characters of one bullet that may hold a command."""


class PartKind(StrEnum):
    """What a part of a bullet is."""

    SETTING = "setting"
    COMMAND = "command"
    QUESTION = "question"
    CHANGE = "change"
    """An earlier command with a change: "repeat with `-x 2`"."""
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bullet, in the memo's words."""

    kind: PartKind
    text: str
    title: str = ""
    question: str = ""
    cwd: str = ""
    """The folder that a ``cd`` before it names, as written."""
    line: int = 0
    """Line of the bullet's text on which it begins, from 0."""
    leads: bool = False
    """For prose: whether it leads on to a command."""


def extract(text: str, *, asked: bool = False) -> tuple[Part, ...]:
    """Return the parts of a bullet's text, in order; very long text is prose whatever it is.

    Parameters
    ----------
    text
        The bullet, or the text behind a label.
    asked
        It stands where a command is what is asked for: behind *Do Now*.
    """
    if len(text) > LONGEST:
        return (Part(PartKind.PROSE, text),)
    found = spans(_QUOTED.sub(r"\2", text, count=1))
    reader = _Reader(asked, sole=len(found) == 1)
    for span in found:
        reader.read(span)
    return tuple(reader.finish())


@dataclass(slots=True)
class _Reader:
    """Goes through the runs of one bullet and remembers the prose before each command."""

    asked: bool = False
    sole: bool = False
    """Whether the text is one run of code and nothing else."""
    parts: list[Part] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    """Words since the last command."""
    line: int = 0
    """Line of the first of them."""

    def read(self, span: Span) -> None:
        """Take one run."""
        if span.kind is Kind.PROSE:
            self._bare(span)
        elif span.kind is Kind.BLOCK:
            if span.shell:
                self._code(span.text, span.first)
            else:
                self._say(span.text, span.first)
        elif self._is_command(span.text):
            self._code(span.text.strip(), span.first)
        else:
            self._say(f"`{span.text}`", span.first)

    def finish(self) -> Iterator[Part]:
        """Return what was found; prose that only introduces or ends a command is left out."""
        self._close(title=False)
        return iter(self.parts)

    def _say(self, text: str, line: int) -> None:
        if not self.prose:
            self.line = line
        self.prose.append(text)

    def _before(self) -> str:
        return "".join(self.prose)

    def _close(self, *, title: bool) -> str:
        """Turn the words since the last command into a title or a part; return the title."""
        said = self._before()
        self.prose = []
        heading = _title(said) if title else ""
        rest, at = said, self.line
        self._ask(said)
        for change in _changes(rest):
            line = at + rest.count("\n", 0, max(rest.find(change), 0))
            self.parts.append(Part(PartKind.CHANGE, change, line=line))
            rest = rest.replace(change, "", 1)
        if rest.strip():
            self.parts.append(Part(PartKind.PROSE, rest, title=heading, line=at, leads=title))
        return heading

    def _ask(self, said: str) -> None:
        """Make a question of the last command where an "if" stands behind it."""
        if not self.parts or self.parts[-1].kind is not PartKind.COMMAND:
            return
        question = ""
        if match := _IF_AFTER.match(said[:200]):
            question = _asked(match["words"])
        elif (match := _INSIDE.match(said[:200])) and not self.parts[-1].cwd:
            question = f"in which folder? the memo says: {match['words']}"
        if question:
            self.parts[-1] = replace(self.parts[-1], kind=PartKind.QUESTION, question=question)

    def _bare(self, span: Span) -> None:
        """Look for commands and settings in prose."""
        text = masked(_EMPHASIS.sub(r"\2", span.text))
        done = 0
        for start, word in words_from(text):
            if start < done:
                continue
            found = _found_at(text, start, word) or self._whole(text, start)
            if found is None:
                continue
            begin, end, kind, doubt = found
            self._say(unmasked(text[done:begin]), span.first + text.count("\n", 0, done))
            line = span.first + text.count("\n", 0, begin)
            self._found(unmasked(text[begin:end]), kind, doubt, line)
            done = end
        if text[done:].strip():
            self._say(unmasked(text[done:]), span.first + text.count("\n", 0, done))

    def _whole(self, text: str, start: int) -> tuple[int, int, PartKind, str] | None:
        """Return the command that a whole text is, though its words might be English."""
        before = self._before() + text[:start]
        if not _is_fresh(before) or "\n" in text[start:].strip():
            return None
        end = len(text.rstrip())
        end -= text[start:end].endswith(".") and not text[start:end].endswith((" .", "/."))
        words = split_words(text[start:end])
        joined = _JOINED.search(text[start:end]) is not None
        stops = (".", ",", ":") if joined else (".", ",", ":", ";")
        if not words or any(w.endswith(stops) for w in words[:-1]):
            return None
        if len(words) == 1:
            path = words[0].startswith("./") or (self.asked and words[0].endswith(".sh"))
            found = path or (self.asked and words[0] in ALONE)
        elif joined:
            found = looks(words, quoted=True) is not Looks.PROSE and not speaks(words)
        else:
            found = begins_bare(words[0], words[1:], asked=self.asked)
        if not found:
            return None
        return start, end, PartKind.COMMAND, ""

    def _found(self, text: str, kind: PartKind, doubt: str, line: int) -> None:
        said = self._before()
        if kind is not PartKind.SETTING and _is_forbidden(said):
            self._say(text, line)
            return
        title = self._close(title=True)
        question = f"does the command end before `{doubt}`?" if doubt else ""
        question = question or _condition(said)
        if kind is PartKind.QUESTION and not question:
            question = "is this a command, and which program runs it?"
        if kind is PartKind.SETTING:
            self.parts.append(Part(kind, text, title=title, line=line))
            return
        for piece in _shell_pieces(text):
            self.parts.append(_part(piece, title, question, line))

    def _code(self, text: str, line: int) -> None:
        said = self._before()
        if _is_forbidden(said):
            self._say(f"`{text}`", line)
            return
        title = self._close(title=True)
        question = _condition(said)
        last = ""
        for piece in _shell_pieces(text):
            if piece.text.startswith("#"):
                continue
            offset = text.find(piece.text.split("\n", maxsplit=1)[0])
            at = line + (text.count("\n", 0, offset) if offset > 0 else 0)
            part = _part(piece, title, question, at)
            self.parts.append(part)
            last = piece.text
        if not last:
            self._say(f"`{text}`", line)

    def _is_command(self, code: str) -> bool:
        """Whether a code span is a command or settings rather than a name or a path."""
        text = masked(code.strip())
        words = split_words(text)
        if not words or _is_elided(words):
            return False
        before = self._before()
        run = _RUN.search(before) is not None
        if len(words) == 1 and (words[0] in ALONE or _OWN.match(words[0])):
            here = self.asked or (self.sole and words[0] not in ALONE)
            return run or (here and _is_fresh(before) and not self.parts)
        if looks(words, quoted=True, asked=run) is not Looks.PROSE:
            return True
        first = next((p.text for p in pieces(text)), "")
        if first != text and looks(split_words(first), quoted=True) is not Looks.PROSE:
            return True
        said = self._before()
        return is_settings(first) and not _condition(said) and _sets_something(first, said)


_RUN = re.compile(
    r"\b(?:(?:re-?)?run|execute|invoke|call|launch|issue|enter)\s+(?:the\s+)?$", re.IGNORECASE
)


_EMPHASIS = re.compile(
    r"(?<![\w*/_])(\*{2,3}|__)(?=[^\s*_])([^\n]{1,400}?)(?<=[^\s*_])\1(?![\w*_])"
)
_QUOTED = re.compile(r"^\s*([\"“'‘])([^\"“”'‘’`\n]+)[\"”'’]\.?\s*$")
"""A text that somebody put into quotation marks as a whole."""
_OWN = re.compile(r"\./[\w./-]+$|[\w./-]+\.sh$")
"""A script of the project, by its path."""
_JOINED = re.compile(r"\s(?:&&|\|\|?)\s|;\s")


def _is_fresh(before: str) -> bool:
    """Whether nothing but a title stands before."""
    said = before.strip().rstrip("*_ ")
    return not said or said.endswith((":", "—", "–"))


_FORBIDDEN = re.compile(
    r"(?:\b(?:do not|don't|don’t|never|avoid|instead of|rather than|refrain from|no need to|not run"
    r"|without running|no (?:extra|further|other|more|full|additional))\b[^.;:,`\n]{0,40}"
    r"|\bskip\s+(?:re-?)?(?:running\s+)?(?:the\s+)?)$",
    re.IGNORECASE,
)
_IF_BEFORE = re.compile(
    r"(?:^|[.;:(]\s*|\s[—–]\s*|,\s*(?:and|or)\s+)"
    r"(?P<words>(?:if|unless|only if|should|in case|optional(?:ly)?|time permit\w*)\b"
    r"(?:(?![.;]\s).)*?)[\s,:(]*(?:run|execute|use|then|with|via|do)?[\s:`]*$",
    re.IGNORECASE | re.DOTALL,
)
_EXAMPLE = re.compile(r"(?:\be\.g\.,?|\bfor example,?|\bfor instance,?)\s*$", re.IGNORECASE)
_IF_AFTER = re.compile(
    r"^[\s`,(*_—–-]*"
    r"(?P<words>(?:if|unless|only (?:if|when)|when available|where possible|optional)\b[^.;)\n]*)",
    re.IGNORECASE,
)


_INSIDE = re.compile(
    r"^[\s`,(]*(?P<words>(?:inside|within|from|in)\s+(?:the|that|this|your|each)\s+(?:[\w-]+\s+){0,3}"
    r"(?:director(?:y|ies)|folder|dir)\b)",
    re.IGNORECASE,
)


def _is_forbidden(before: str) -> bool:
    return _FORBIDDEN.search(before[-120:]) is not None


def _condition(before: str) -> str:
    """Return the question that an "if" before a command asks."""
    sentence = before[-300:]
    if match := _IF_BEFORE.search(sentence):
        return _asked(match["words"])
    if _EXAMPLE.search(sentence):
        return "is this example to run as it stands?"
    return ""


def _asked(words: str) -> str:
    said = " ".join(words.replace("`", "").split()).strip(" ,:()")
    return f"is it to run? the memo says: {said[:120]}"


def _shell_pieces(text: str) -> tuple[Piece, ...]:
    hidden = masked(text)
    return tuple(Piece(unmasked(p.text), unmasked(p.cwd)) for p in pieces(hidden))


def _part(piece: Piece, title: str, question: str, line: int) -> Part:
    text = piece.text
    if not piece.cwd and is_settings(text):
        return Part(PartKind.SETTING, text, title=title, line=line)
    seen = looks(split_words(masked(text)), quoted=True)
    if seen is Looks.STRANGER and not question:
        question = "is this a command, and which program runs it?"
    kind = PartKind.QUESTION if question else PartKind.COMMAND
    return Part(kind, text, title=title, question=question, cwd=piece.cwd, line=line)


def _is_elided(words: Sequence[str]) -> bool:
    """Whether a span only names a command: ``pytest ...``."""
    return words[-1] in {"...", "…"} and all(re.match(r"[\w./-]+$", w) for w in words[:-1])


def _found_at(text: str, start: int, word: str) -> tuple[int, int, PartKind, str] | None:
    """Return start, end, kind and doubt of what begins at an offset of prose, if it does."""
    before = text[:start]
    strict = _is_expected(before)
    if re.match(r"(?:export|set|[A-Za-z_]\w*=)", word):
        end = _settings_end(text, start, strict=strict, before=before)
        if end is not None:
            return start, end, PartKind.SETTING, ""
    ahead = split_words(text[start:])
    seen = looks(ahead, strict=strict)
    if seen is Looks.PROSE:
        return None
    inner = text[start - 1] if start else ""
    begin = start - 1 if inner == "(" and _is_subshell(text[start - 1 :]) else start
    found = command_end(text[begin:])
    end = begin + found.at
    if begin and text[begin - 1] in _CLOSING:
        closed = text.find(_CLOSING[text[begin - 1]], begin, end)
        end = closed if closed > 0 else end
    if end <= start or not text[begin:end].strip():
        return None
    said = f"{text[begin:end]} {found.word}".lower().split()
    if _PREDICATES.intersection(said) and not re.search(r"[|>&]", text[begin:end]):
        return None
    kind = PartKind.COMMAND if seen is Looks.COMMAND else PartKind.QUESTION
    return begin, end, kind, unmasked(found.word)


_CLOSING = {"‘": "’", "“": "”"}
"""Marks that prose puts around a command."""
_PREDICATES = frozenset(
    {
        "reproduces", "shows", "runs", "prints", "passes", "fails", "works", "exits", "returns",
        "writes", "reads", "loads", "finishes", "completes", "produces", "emits", "reports", "ends",
        "stays", "remains", "gives", "yields", "matches", "is", "was", "has", "can", "must", "does",
        "should", "will", "may", "needs", "requires", "succeeds", "exists", "accepts",
    }
)  # fmt: skip
"""Behind these a command is what the sentence is about, not what it asks for."""
_VERBS = frozenset(
    {
        "run", "rerun", "execute", "via", "with", "using", "then", "command", "issue", "invoke",
        "launch", "use", "call", "and", "by", "through", "run:", "do", "try", "start", "set",
        "export", "first", "finally", "next", "running", "executing", "follow", "also", "append",
    }
)  # fmt: skip


def _is_expected(before: str) -> bool:
    """Whether a command may begin behind these words, even one with an English name."""
    words = before.rstrip().rstrip("(").rstrip()
    if not words or words.endswith((":", ";", "—", "–", "|", "(", "&", "]", "→", "- ", ".", "\n")):
        return True
    if before.rstrip(" \t").endswith("\n"):
        return True
    return words.rsplit(maxsplit=1)[-1].lower() in _VERBS or words.endswith(" -")


def _is_subshell(text: str) -> bool:
    """Whether a bracket opens a subshell rather than a remark."""
    end = command_end(text)
    inner = text[: end.at]
    return inner.endswith(")") and is_whole(inner)


_LINKS = frozenset({"and", ",", "&&", "export", "set", "then"})


def _settings_end(text: str, start: int, *, strict: bool, before: str) -> int | None:
    """Return where assignments end that begin at an offset, when they are settings."""
    words = text[start:].split(maxsplit=4)
    exported = words[0] in {"export", "set", "Set"} or words[0].startswith("export")
    if words[0] == "set" and len(words) > 1 and re.match(r"-[eoux]", words[1]):
        return start + command_end(text[start:]).at
    if not (exported or strict or re.search(r"\b(?:set|define|let|use|where)\s+$", before, re.I)):
        return None
    end: int | None = None
    try:
        for token in tokens_until_prose(text[start:]):
            if isinstance(token, Operator):
                break
            pair = assignment(token)
            if pair is not None:
                comma = token.text.endswith((",", ";"))
                end = start + token.end - (1 if comma else 0)
            elif token.text.lower() not in _LINKS:
                break
    except ValueError:
        pass
    if end is None or looks(split_words(text[start:])) is not Looks.PROSE:
        return None
    name, _, value = text[start:end].removeprefix("export ").partition("=")
    mention = not exported and not _PLACE.match(name) and not re.search(r"[$/]", value)
    return None if mention and not re.search(r"\bset\s+$", before, re.IGNORECASE) else end


def tokens_until_prose(text: str) -> Iterator[Word | Operator]:
    """Yield shell tokens lazily, so that an apostrophe further on does no harm."""
    from nbtui.memo.shellwords import lazy_tokens  # noqa: PLC0415

    yield from lazy_tokens(text)


_PLACE = re.compile(
    r"(?i:(?:run_?)?stamp|ts|out|out_?dir|base(?:_?dir)?|root|run_?dir|dir|repo_?root|run_?root"
    r"|reports?(?:_?dir)?|dest|target|input|prefix)$"
)


def is_settings(text: str) -> bool:
    """Whether shell text only sets variables, makes folders or sets shell options."""
    try:
        found = tokens(text.strip().removesuffix("."))
    except ValueError:
        return False
    if not found or any(isinstance(t, Operator) for t in found):
        return False
    words = [t for t in found if isinstance(t, Word)]
    match words[0].text:
        case "mkdir":
            return len(words) > 1
        case "set":
            return len(words) > 1 and words[1].text.startswith(("-", "+"))
        case "unset":
            return len(words) > 1
        case _:
            # `Set A=1 and B=2`: the memo speaks, but means two assignments
            rest = [w for w in words if w.text.lower() not in {"and", "then", ",", "export", "set"}]
            return bool(rest) and all(assignment(w) for w in rest)


def _sets_something(text: str, before: str) -> bool:
    """Whether assignments in backticks set a value here, rather than mention it.

    ``KMP_DUPLICATE_LIB_OK=TRUE`` in prose is a mention; STAMP and folders are set.
    """
    words = [t for t in tokens(text) if isinstance(t, Word)]
    pairs = [pair for w in words if (pair := assignment(w))]
    if not pairs or words[0].text in {"export", "mkdir", "set", "unset"}:
        return words[0].text != "set" or len(words) > 1
    if len(pairs) > 1 or _PLACE.match(pairs[0][0]) or "$(" in pairs[0][1]:
        return True
    said = before.rstrip().lower()
    if not said or said.endswith((";", "`;", "` ;")):
        return True
    return said.rsplit(maxsplit=1)[-1] in {"set", "export", "define"} or "/" in pairs[0][1]


_CHANGE = re.compile(
    r"(?:^|[.;:,(]\s*|\b(?:and|then)\s+)"
    r"(?P<all>(?:(?:\(?optional\w*\s?\w*\)?\s*)?(?:repeat|re-?run|run\s+(?:it|this|that)\s+again)\b"
    r"|(?:the\s+)?same\s+(?:\w+\s+){0,2}command\b)[^.;\n]*(?:\.(?=[\w`/])[^.;\n]*)*)",
    re.IGNORECASE,
)
_CHANGED = re.compile(r"`\s*-|\s--?[a-z]|`?[A-Z_]{3,}=|\b(?:but|with|without|drop|for)\b")


def _changes(text: str) -> Iterator[str]:
    """Yield the phrases that ask for an earlier command with a change."""
    for match in _CHANGE.finditer(text[:4000]):
        phrase = match["all"].strip()
        if _CHANGED.search(phrase) and not _is_forbidden(text[: match.start("all")]):
            yield phrase


def _title(text: str) -> str:
    """Return the words before a command as a title; none where they only lead on to it."""
    line = text.strip().rsplit("\n", maxsplit=1)[-1].strip()
    line = line.replace("**", "").replace("__", "")
    line = line.strip("`.,;•) ").rstrip(":—–- (|").strip("*` ")
    if re.fullmatch(r"[A-Za-z_]\w*=\S*(?: \\)?", line):
        return ""
    if not line or line.split(maxsplit=1)[0].lower().strip(",") in _LEADING:
        return ""
    return line if len(line) <= 120 else line[:117] + "..."


_LEADING = frozenset(
    {"and", "then", "or", "to", "&&", "run", "execute", "use", "with", "via", "also"}
)
