"""The golden cases by their arguments: which stage is about which case."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from nbtui.errors import ConfigError

CASES = "golden_data/cases.json"


def load(root: Path) -> dict[str, tuple[str, ...]]:
    """Return the arguments of each golden case; empty where the project has none.

    Raises
    ------
    ConfigError
        The file exists but is not what ``nb-golden`` writes.
    """
    path = root / CASES
    try:
        cases = json.loads(path.read_text("utf-8"))["cases"]
        return {str(c["id"]): tuple(map(str, c["args"])) for c in cases}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"the golden cases cannot be read ({error})",
            where=str(path),
            fix=f"git checkout -- {CASES}",
        ) from error


def identify(experiment: Sequence[str] | None, cases: Mapping[str, Sequence[str]]) -> str | None:
    """Return the id of the case with the same arguments in any order."""
    if experiment is None:
        return None
    wanted = grouped(experiment)
    return next((name for name, args in cases.items() if grouped(args) == wanted), None)


def grouped(arguments: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return nanoBragg arguments as options with their operands, numbers by value."""
    groups: list[list[str]] = []
    for word in arguments:
        number = _number(word)
        if number is None and word.startswith("-"):
            groups.append([word])
        elif groups:
            groups[-1].append(number or word)
        else:
            groups.append([word])
    return frozenset(tuple(g) for g in groups)


def _number(word: str) -> str | None:
    try:
        return repr(float(word))
    except ValueError:
        return None
