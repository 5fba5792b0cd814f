"""Whether a memo says of a command that it is of use after another one has failed.

Such a stage runs after a block too, and then decides nothing. The mark loosens nothing: where
nothing blocked before it, the stage is held against its gates like any other. It has to be
a clause of its own, so that "an independent reference" and "not independent" mark nothing.
"""

import re
from collections.abc import Sequence

from nbtui.memo.extract import Part, PartKind

_EARLIER = (
    r"(?:(?:an?|any|the|what|another|all)\s+)?(?:(?:earlier|previous|preceding|other)\s+)?"
    r"(?:(?:stage|step|gate|command|benchmark|comparison)s?\s+)?"
)
_FAILS = r"(?:(?:is|has|have|was)\s+)?(?:block\w*|fail\w*)"
_OTHERS = (
    r"(?:the\s+|all\s+|any\s+|every\s+)?(?:(?:earlier|previous|preceding|other)\s+)?"
    r"(?:stages?|steps?|commands?|others?|rest|benchmark|comparisons?|blocks?|failures?)"
    r"(?:\s+(?:above|before(?:\s+it)?|it))?"
)
_RUN = r"(?:(?:please\s+)?(?:run|runs|execute|do)(?:\s+(?:it|this|them))?\s+)?"
_CLAUSE = re.compile(
    r"(?:(?:(?:it|this|this (?:stage|step|command|test)|which)\s+is\s+|is\s+)?independent"
    rf"(?:\s+(?:stage|step|command))?(?:\s+(?:of|from)\s+{_OTHERS})?"
    rf"|{_RUN}(?:for\s+)?information(?:al)?\s+only"
    rf"|{_RUN}(?:also|even|still)\s+(?:runs?\s+)?(?:after|when|if|though)\s+{_EARLIER}{_FAILS}"
    rf"|{_RUN}(?:regardless|irrespective)\s+of\s+{_OTHERS}"
    rf"|{_RUN}(?:whatever|no matter what)\s+(?:came|comes|happens|happened|fails|failed)\s+before)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[.;:,()\[\]—–\n]|\s-\s|\b(?:and|but|then)\b")


def is_independent(parts: Sequence[Part], part: Part) -> bool:
    """Whether the words of a bullet mark one of its commands.

    What stands in front of the first command is said of all of them, what stands behind a
    command of that one.
    """
    at = parts.index(part)
    first = next(n for n, p in enumerate(parts) if p.kind is not PartKind.PROSE)
    behind: list[Part] = []
    for following in parts[at + 1 :]:
        if following.kind is not PartKind.PROSE:
            break
        behind.append(following)
    return any(_marks(p.text) for p in (*parts[:first], *behind))


def without_marks(text: str) -> str:
    """Return a text without the clauses that mark a command: they ask nothing of a person."""
    kept, done = [], 0
    for stop in (*_BETWEEN.finditer(text), None):
        end = stop.start() if stop else len(text)
        clause = text[done:end]
        if not _CLAUSE.fullmatch(clause.strip()):
            kept.append(clause)
        if stop:
            kept.append(stop[0])
            done = stop.end()
    return "".join(kept)


def unmarked(title: str) -> str:
    """Return a title without marks; empty when nothing is left of it."""
    plain = without_marks(title).replace("()", "").strip(" ,;:.—–-")
    return "" if plain.lower() in {"run", "then"} else plain


def _marks(text: str) -> bool:
    return any(_CLAUSE.fullmatch(clause.strip(" `*_")) for clause in _BETWEEN.split(text[:4000]))
