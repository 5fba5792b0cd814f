"""Reading a command line by the rules of spec 3.1 to 3.3: what was asked, nothing resolved yet."""

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.errors import UsageError
from engine.flags import FLAGS, Flag, Kind, Special
from engine.headers import read_headers
from engine.options import OPTION_WORDS
from engine.units import degrees, micron_times
from engine.vectors import Vec3

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_MAX_CELL_OPERANDS = 6


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a command line says, in internal units.

    Parameters
    ----------
    values
        Field name to value; the last flag wins. Absent fields were not given.
    warnings
        One line for each peculiarity of the command line that was met.
    """

    values: Mapping[str, object]
    warnings: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def real(self, name: str, default: float) -> float:
        """Return a number."""
        value = self.values.get(name, default)
        return float(value) if isinstance(value, int | float) else default

    def maybe_real(self, name: str) -> float | None:
        """Return a number, or None when it was not given."""
        return self.real(name, 0.0) if name in self.values else None

    def integer(self, name: str, default: int) -> int:
        """Return a whole number."""
        value = self.values.get(name, default)
        return value if isinstance(value, int) else default

    def text(self, name: str, default: str) -> str:
        """Return a word or file name."""
        return str(self.values.get(name, default))

    def maybe_text(self, name: str) -> str | None:
        """Return a file name, or None when it was not given."""
        return str(self.values[name]) if name in self.values else None

    def flag(self, name: str, default: bool) -> bool:
        """Return a switch."""
        return bool(self.values.get(name, default))

    def vector(self, name: str, default: Vec3) -> Vec3:
        """Return a vector."""
        value = self.values.get(name, default)
        if isinstance(value, tuple):
            x, y, z = value
            return (float(x), float(y), float(z))
        return default


def read_arguments(tokens: Sequence[str]) -> Arguments:
    """Read nanoBragg's command line.

    Every token that starts with a dash is tried on every flag, also when it was just used as an
    operand (spec 3.1). Unlike the original, which ignores them, a flag that is not known, one
    that is not supported yet, one with too few operands and an operand that is no number are
    errors.

    Raises
    ------
    UsageError, UnsupportedError
        See above.
    """
    reader = _Reader(tokens)
    for index in range(len(tokens)):
        reader.scan(index)
    return Arguments(MappingProxyType(reader.values), tuple(reader.warnings))


class _Reader:
    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.corrected = "-corrected" in tokens
        headers = read_headers(tokens, corrected=self.corrected)
        self.values: dict[str, object] = dict(headers.values)
        self.warnings: list[str] = list(headers.warnings)
        self.consumed: set[int] = set()

    def scan(self, index: int) -> None:
        token = self.tokens[index]
        if not token.startswith("-"):
            if index not in self.consumed:
                self.warnings.append(f"{token!r} is not an operand of any flag and is ignored")
            return
        matched: list[Flag] = []
        for flag in FLAGS:
            if flag.matches(token):
                matched.append(flag)
                self._apply(flag, index)
                if flag.stops:
                    break
        if not matched and index not in self.consumed and not _NUMBER.fullmatch(token):
            raise unknown_flag(token)
        if any(flag.keyword == "-twotheta_axis" for flag in matched):
            self.warnings.append(
                f"{token} also sets -twotheta to its first operand, in degrees, unless a later "
                "-twotheta overrides it (Q-2THAXIS)"
            )

    def _apply(self, flag: Flag, index: int) -> None:
        match flag.special:
            case Special.CELL:
                self._cell(index)
            case Special.MISSET:
                self._misset(index)
            case Special.PIVOT:
                self._pivot(index)
            case Special.CURVED:
                self._curved(index)
            case Special.ABSORPTION:
                self._absorption(index)
            case None:
                self._plain(flag, index)

    def _operands(self, index: int, count: int, what: str) -> list[str]:
        found = list(self.tokens[index + 1 : index + 1 + count])
        if len(found) < count:
            raise UsageError(
                f"needs {count} operand{'s' if count > 1 else ''} ({what}), {len(found)} left",
                where=self.tokens[index],
            )
        self.consumed.update(range(index + 1, index + 1 + count))
        return found

    def _plain(self, flag: Flag, index: int) -> None:
        token = self.tokens[index]
        self.values.update(flag.sets)
        if not flag.operands:
            return
        words = self._operands(index, len(flag.operands), flag.operands[0].value)
        if flag.fields == ("without_effect",):
            self.warnings.append(f"{token} has no effect in nanoBragg, nor here")
            return
        if flag.fields == ("pix0_ignored",):
            self.warnings.append(f"{token} only selects the custom convention (Q-PIX0)")
        converted = [_convert(flag, word, token) for word in words]
        if flag.fields == ("read_before",):
            return
        value = converted[0] if len(converted) == 1 else tuple(converted)
        for name in flag.fields:
            self.values[name] = value

    def _cell(self, index: int) -> None:
        words: list[str] = []
        for word in self.tokens[index + 1 : index + 1 + _MAX_CELL_OPERANDS]:
            if word.startswith("-") or (words and not _NUMBER.fullmatch(word)):
                break
            words.append(word)
        if not words:
            raise UsageError("needs one to six numbers", where=self.tokens[index])
        self.consumed.update(range(index + 1, index + 1 + len(words)))
        self.values["cell"] = tuple(_number(word, self.tokens[index]) for word in words)

    def _misset(self, index: int) -> None:
        token = self.tokens[index]
        following = list(self.tokens[index + 1 : index + 4])
        if "-misset_seed" in token:
            self._misset_from_seed(token, following)
            return
        if following and "rand" in following[0]:
            self.consumed.add(index + 1)
            self.values["misset"] = "random"
            return
        words = self._operands(index, 3, "degrees about X, Y, Z, or the word random")
        self.values["misset"] = tuple(degrees(_number(word, token)) for word in words)

    def _misset_from_seed(self, token: str, following: list[str]) -> None:
        """Reproduce Q-MISSETSEED: the tokens after ``-misset_seed`` are angles too (spec 3.2)."""
        if len(following) < 3:
            return
        numbers = [float(w) if _NUMBER.fullmatch(w) else 0.0 for w in following]
        self.values["misset"] = tuple(degrees(number) for number in numbers)
        angles = " ".join(f"{number:g}" for number in numbers)
        self.warnings.append(
            f"{token} is also read as -misset {angles} degrees, unless a later -misset overrides "
            "it (Q-MISSETSEED)"
        )

    def _pivot(self, index: int) -> None:
        (word,) = self._operands(index, 1, "sample or beam")
        self.values["pivot_flag"] = True
        if "sample" in word:
            self.values["pivot"] = "sample"
        elif "beam" in word:
            self.values["pivot"] = "beam"
        else:
            raise UsageError(f"expects sample or beam, not {word!r}", where=self.tokens[index])

    def _curved(self, index: int) -> None:
        token = self.tokens[index]
        if index + 1 == len(self.tokens) and not self.corrected:
            self.warnings.append(f"{token} as the last word has no effect (Q-CURVED)")
        else:
            self.values["curved"] = True

    def _absorption(self, index: int) -> None:
        token = self.tokens[index]
        (word,) = self._operands(index, 1, "micrometres, or inf")
        depth = 0.0 if "inf" in word else _number(word, token)
        if depth == 0.0:
            self.values.update(thickness=0.0, attenuation=0.0)
        else:
            self.values["attenuation"] = 1.0 / micron_times(depth)


def unknown_flag(token: str) -> UsageError:
    """Return the error for a flag nobody knows, with the nearest spelling."""
    known = [*(flag.keyword for flag in FLAGS), *OPTION_WORDS]
    # People abbreviate more often than they mistype, and nanoBragg knows no abbreviations.
    near = [word for word in known if word.startswith(token)]
    near = near or difflib.get_close_matches(token, known, n=1, cutoff=0.5)
    fix = f"did you mean {near[0]}?" if near else "see --help"
    return UsageError("not a flag of nanoBragg", where=token, fix=fix)


def _number(word: str, token: str) -> float:
    if not _NUMBER.fullmatch(word):
        raise UsageError(f"expects a number, not {word!r}", where=token)
    value = float(word)
    if not math.isfinite(value):
        raise UsageError(f"{word!r} is too large for a number", where=token)
    return value


def _convert(flag: Flag, word: str, token: str) -> object:
    kind = flag.operands[0]
    if kind is Kind.PATH:
        return word
    value = _number(word, token)
    if kind is Kind.INTEGER:
        if not value.is_integer():
            raise UsageError(f"expects a whole number, not {word!r}", where=token)
        return int(value)
    if flag.convert is None:
        return value
    try:
        return flag.convert(value)
    except ZeroDivisionError as error:
        raise UsageError("zero has no meaning here", where=token) from error
