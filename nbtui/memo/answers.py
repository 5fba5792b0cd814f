"""What the tool proposes where a memo leaves something open; nobody has confirmed it."""

import re

from nbtui.memo.commandline import placeholders, typographic
from nbtui.memo.extract import Part, PartKind
from nbtui.memo.names import OUTDIR, spell_stamp

_ELIDED_PATH = re.compile(r"(?<![\w/.])(?:reports/)?(?:\.{3}|…)/+(?:\$\{?STAMP\}?/+|\$\{?ts\}?/+)?")
_OPTION = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
_DROP = re.compile(r"\b(?:drop|without|omit|minus|remove)\w*\b[^`]*`(--?[A-Za-z][\w-]*)", re.I)
_ASSIGNED = re.compile(r"\b([A-Z][A-Z0-9_]{2,})=(\S+)")
_PLAIN = str.maketrans({**dict.fromkeys("“”„‟", '"'), **dict.fromkeys("‘’‛", "'")})
_CHOICE = re.compile(r"\[([\w.-]+)(?:\|[\w.-]+)+\]")


def proposal(part: Part, before: str) -> str:
    """Return the command line that a question's answer may be; empty where nothing is near.

    What still holds a placeholder is no answer.

    Parameters
    ----------
    part
        The question.
    before
        The command before it in the memo, for "the same command but".
    """
    if part.kind is PartKind.CHANGE:
        return changed(before, part.text) if before else ""
    text = part.text.strip()
    if text.partition("::")[0].rsplit(maxsplit=1)[-1].endswith(".py") and "pytest" not in text:
        words = text.split()
        at = next(n for n, w in enumerate(words) if ".py" in w)
        text = " ".join([*words[:at], "pytest -v", *words[at:]])
    if typographic(text):
        text = re.sub(r"(?<!\S)[–—](?=\w)", "--", text).translate(_PLAIN)
    text = _ELIDED_PATH.sub(f"{OUTDIR}/", spell_stamp(text))
    text = _CHOICE.sub(lambda m: f"[{m[1]}]", text)
    return "" if placeholders(text) else text


def changed(command: str, wish: str) -> str:
    """Return an earlier command with the change that a phrase asks for.

    Options in the phrase replace their namesakes, with as many values; new ones are added;
    what is to be dropped is left out; an assignment replaces the one of the same name.
    """
    dropped = _DROP.search(wish)
    if dropped:
        return _without(command, dropped[1])
    for name, said in _ASSIGNED.findall(wish):
        value = said.strip("`.,;")
        if re.search(rf"\b{name}=\S+", command):
            command = re.sub(rf"\b{name}=\S+", f"{name}={value}", command)
        else:
            command = f"{name}={value} {command}"
    for option, values in _options(wish):
        command = _with(command, option, values)
    return command


def _options(wish: str) -> list[tuple[str, list[str]]]:
    """Return the options that the phrase names in backticks, else those in its bare words."""
    quoted = " ".join(s for s in re.findall(r"`([^`]*)`", wish) if _OPTION.match(s))
    words = (quoted if _OPTION.search(quoted) else wish).split()
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if _OPTION.match(word):
            name, equals, value = word.partition("=")
            found.append((name, [value] if equals else []))
        elif found and (quoted or len(found[-1][1]) == 0):
            found[-1][1].append(word.strip("`,;"))
    return found


def _span_of(words: list[str], option: str) -> tuple[int, int] | None:
    """Return where an option and its values stand among the words."""
    for n, word in enumerate(words):
        if word == option or word.startswith(f"{option}="):
            end = n + 1
            while "=" not in word and end < len(words) and _is_value(words[end]):
                end += 1
            return n, end
    return None


def _is_value(word: str) -> bool:
    return not _OPTION.match(word) and word not in {"--", "|", ">", ">>", "2>&1", "&&", ";"}


def _with(command: str, option: str, values: list[str]) -> str:
    words = command.split(" ")
    span = _span_of(words, option)
    if span is None:
        cut = next((n for n, w in enumerate(words) if w in {"|", ">", ">>", "2>&1"}), len(words))
        return " ".join([*words[:cut], option, *values, *words[cut:]])
    start, end = span
    # a last value that the phrase does not give belongs to what follows, as a file would
    kept = words[start + 1 + len(values) : end] if len(values) < end - start - 1 else []
    joined = [f"{option}={values[0]}"] if "=" in words[start] and values else [option, *values]
    return " ".join([*words[:start], *joined, *kept, *words[end:]])


def _without(command: str, option: str) -> str:
    words = command.split(" ")
    span = _span_of(words, option)
    return " ".join([*words[: span[0]], *words[span[1] :]]) if span else command
