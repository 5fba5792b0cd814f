"""Where a bare command ends and English goes on.

The end is *certain* where bash could not go on either, or where a word like "then" follows;
otherwise somebody has to say whether the next word is still an argument.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbtui.memo.programs import is_program
from nbtui.memo.recognise import Looks, is_option, is_path, looks, split_words
from nbtui.memo.shellwords import Operator, Token, Word, assignment, lazy_tokens

_CERTAIN = frozenset(
    {
        "and", "then", "so", "before", "after", "once", "while", "because", "which", "when", "if",
        "unless", "afterwards", "otherwise", "but", "—", "–", "→", "⇒", "--->", "->", "=>",
    }
)  # fmt: skip
_DOUBTFUL = frozenset(
    {
        "to", "into", "for", "from", "using", "via", "the", "in", "under", "with", "should", "must",
        "as", "or", "on", "at", "within", "until", "per", "plus", "where", "a", "an", "of", "is",
        "are", "again", "twice", "first", "inside", "alongside", "without", "by", "it", "this",
    }
)  # fmt: skip
_FILTERS = frozenset({"tee", "sort", "head", "tail", "wc", "grep", "rg", "uniq", "cut", "tr", "jq"})
_ONLY_PATHS = frozenset(
    {
        "pytest",
        "git",
        "sha256sum",
        "shasum",
        "cp",
        "mv",
        "rm",
        "mkdir",
        "ls",
        "cat",
        "touch",
        "diff",
        "cmp",
        "pip",
        "source",
        "make",
        "wc",
        "head",
        "tail",
        "env",
        "tee",
    }
)
"""Programs whose arguments are no plain English words (behind a subcommand)."""
_ENGLISH = re.compile(r"[A-Za-z][a-z]+[.,;:]?$|[A-Z][a-z]+\b")
_ARGUMENTS = {"pytest": {"tests", "test"}, "git": {"origin", "main"}, "pip": {"freeze", "list"}}
"""Plain words that these programs take."""
_TAKING = frozenset({"git", "pip", "make", "checkout", "install", "show"})
_WRAPPERS = frozenset({"env", "timeout", "nohup", "time"})
_COMPOUND = {"for": "done", "while": "done", "until": "done", "if": "fi"}

MARK_OPEN, MARK_CLOSE = "\ue001", "\ue002"
"""Stand for the angle brackets of a placeholder, which are no redirections."""


@dataclass(frozen=True, slots=True)
class End:
    """Where a command ends."""

    at: int
    """Offset behind its last character."""
    word: str = ""
    """The word of prose that follows, where it is doubtful."""


@dataclass(slots=True)
class _State:
    text: str
    end: int = 0
    depth: int = 0
    program: str = ""
    count: int = 0
    closing: list[str] = field(default_factory=list)
    before: Token | None = None


def command_end(text: str) -> End:
    """Return where the command ends that the text begins with."""
    state = _State(text)
    try:
        for token in lazy_tokens(text):
            stop = (
                _at_operator(state, token)
                if isinstance(token, Operator)
                else _at_word(state, token)
            )
            if stop is not None:
                return stop
            state.before = token
    except ValueError:
        # an open quote: what was read so far is the command, the rest an apostrophe of prose
        return End(state.end, word="" if state.end else "a quote that is never closed")
    return End(state.end)


def _at_word(state: _State, token: Word) -> End | None:
    plain = token.text.lower().rstrip(".,;:")
    before = state.before
    if state.closing and plain == state.closing[-1]:
        state.closing.pop()
    elif state.closing:
        pass
    elif token.plain and state.count:
        if plain in _CERTAIN or _new_sentence(before, token):
            return End(state.end)
        if plain in _DOUBTFUL and not isinstance(before, Operator):
            return End(state.end, word=token.text)
        if not _is_value(before) and (_is_english(state, token) or _two_words(state, token)):
            return End(state.end, word=token.text)
    if not state.program and assignment(token) is None and _names_program(token.text):
        state.program = token.text.rsplit("/", maxsplit=1)[-1]
    if token.text in _COMPOUND and (state.count == 0 or isinstance(before, Operator)):
        state.closing.append(_COMPOUND[token.text])
    state.count += 1
    state.end = token.end
    if token.plain and token.text.endswith(",") and not state.closing:
        return End(token.end - 1)
    return None


def _names_program(word: str) -> bool:
    name = word.rsplit("/", maxsplit=1)[-1]
    return not (is_option(word) or name in _WRAPPERS or re.fullmatch(r"[\d.]+[smhd]?", word))


def _new_sentence(before: Token | None, token: Word) -> bool:
    ended = isinstance(before, Word) and before.text.endswith((".", ";"))
    return ended and token.text[:1].isupper()


def _is_value(before: Token | None) -> bool:
    """Whether the next word is the value of an option, or the target of a redirection."""
    if isinstance(before, Operator):
        return True
    return (
        isinstance(before, Word)
        and before.plain
        and before.text.startswith("-")
        and "=" not in before.text
        and re.match(r"--?[A-Za-z]", before.text) is not None
        and before.text not in {"-v", "-vv", "-q", "-s", "-x", "--collect-only"}
    )


def _two_words(state: _State, token: Word) -> bool:
    """Whether two plain lower-case words follow each other, as they do in prose only."""
    following = state.text[token.start :].split(maxsplit=2)[:2]
    return (
        state.count > 1
        and len(following) == 2
        and all(re.fullmatch(r"[a-z]{4,}[.,;:]?", w) for w in following)
    )


def _is_english(state: _State, token: Word) -> bool:
    """Whether a plain word cannot be an argument of this program."""
    if state.program not in _ONLY_PATHS or state.count < (2 if state.program == "git" else 1):
        return False
    named = isinstance(state.before, Word) and state.before.text in _TAKING
    if named and state.program in {"git", "pip", "make"}:
        return False
    if token.text in _ARGUMENTS.get(state.program, ()):
        return False
    return _ENGLISH.match(token.text) is not None and not is_path(token.text)


def _at_operator(state: _State, token: Operator) -> End | None:
    if _ends_at(state, token):
        return End(state.end)
    if token.text in {"(", "|", "|&", "&&", "||", ";", "\n"}:
        state.program, state.count = "", 0
    state.end = token.end
    return None


def _ends_at(state: _State, token: Operator) -> bool:
    """Whether the command is over before an operator; keeps count of the brackets."""
    enclosed = bool(state.depth or state.closing)
    match token.text:
        case "(":
            if state.before is not None and not isinstance(state.before, Operator):
                return True
            state.depth += 1
            return False
        case ")":
            state.depth -= 1
            return state.depth < 0
        case "\n":
            return not (enclosed or _goes_on(state.text, token.end))
        case ";" | "&" | ";;":
            return not enclosed
        case "|" | "|&":
            return not _is_command(state.text, token.end, filters=True)
        case "&&" | "||":
            return not _is_command(state.text, token.end)
        case _:
            return not state.text[token.end : token.end + 80].strip()


def _goes_on(text: str, at: int) -> bool:
    """Whether the next line continues a command that was broken without a backslash."""
    following = text[at : at + 80].split(maxsplit=1)
    return bool(following) and (
        following[0].startswith(("|", "&&", ">", "2>"))
        or re.match(r"--?[a-z]", following[0]) is not None
    )


def _is_command(text: str, at: int, *, filters: bool = False) -> bool:
    words = split_words(text[at : at + 400])
    if not words:
        return False
    first = words[0]
    if filters and first.lower() in _FILTERS:
        return True
    if re.match(r"[A-Za-z_]\w*=", first) or first in {"cd", "export", "set", "true", "false", ":"}:
        return True
    return looks(words, quoted=True) is not Looks.PROSE or (is_program(first) and len(words) == 1)


def masked(text: str) -> str:
    """Return the text with the angle brackets of placeholders replaced, length unchanged."""
    return _PLACEHOLDER.sub(lambda m: f"{MARK_OPEN}{m[1]}{MARK_CLOSE}", text)


def unmasked(text: str) -> str:
    """Undo :func:`masked`."""
    return text.replace(MARK_OPEN, "<").replace(MARK_CLOSE, ">")


_PLACEHOLDER = re.compile(r"<([A-Za-z][\w .|,/-]{0,60})>(?!\()")


def words_from(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset and text of each word, opening brackets and quotes of prose cut off."""
    for match in re.finditer(r"\S+", text):
        bare = match[0].lstrip("([{“‘*_")
        if bare:
            yield match.end() - len(bare), bare
