"""Words of a foreign memo mapped to this project's (``[tool.nbtui.aliases]``).

Every use is a :class:`~nbtui.memo.plan.Deviation`: the operator sees what the memo says
and what runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nbtui.memo.plan import Deviation
from nbtui.project import Aliases

_PYTHONS = frozenset({"python", "python3"})
_WHY = "[tool.nbtui.aliases] maps it to this project's layout"


@dataclass(frozen=True, slots=True)
class Mapped:
    """Words after mapping, and the deviations that this made."""

    words: tuple[str, ...]
    deviations: tuple[Deviation, ...] = ()


def map_command(words: Sequence[str], aliases: Aliases) -> Mapped:
    """Return the command with its leading words replaced where an alias names them.

    ``python`` before an aliased script disappears with it; ``python3 scripts/x.py`` and a
    directly executed ``scripts/x.py`` are the same command.
    """
    for key, value in aliases.commands.items():
        for spelling in _spellings(tuple(key.split())):
            if _begins(words, spelling):
                said = " ".join(words[: len(spelling)])
                return Mapped(
                    (*value.split(), *words[len(spelling) :]),
                    (Deviation(memo_says=said, runs=value, why=_WHY),),
                )
    return Mapped(tuple(words))


def map_paths(words: Sequence[str], aliases: Aliases) -> Mapped:
    """Return the words with aliased paths replaced, also behind ``--option=``."""
    mapped: list[str] = []
    deviations: list[Deviation] = []
    for word in words:
        head, equals, tail = word.partition("=") if word.startswith("-") else ("", "", word)
        path = map_path(tail, aliases)
        mapped.append(head + equals + path)
        if path != tail:
            deviations.append(Deviation(memo_says=tail, runs=path, why=_WHY))
    return Mapped(tuple(mapped), tuple(deviations))


def map_path(path: str, aliases: Aliases) -> str:
    """Return the project's spelling of one path."""
    for key, value in aliases.paths.items():
        if path == key:
            return value
        bare, plain = path.removeprefix("./"), key.removeprefix("./")
        if bare == plain:
            return value
        if key.endswith("/") and bare.startswith(plain):
            return value + bare[len(plain) :]
    return path


def _spellings(key: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    if len(key) > 1 and key[0] in _PYTHONS:
        return (key, key[1:])
    return (key,)


def _begins(words: Sequence[str], key: Sequence[str]) -> bool:
    if len(words) < len(key):
        return False
    return all(
        a == b or (a in _PYTHONS and b in _PYTHONS) or a.removeprefix("./") == b.removeprefix("./")
        for a, b in zip(words, key, strict=False)
    )
