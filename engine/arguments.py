"""Reading a command line by the rules of spec 3.1 to 3.3: what was asked, nothing resolved yet."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.errors import UsageError
from engine.flags import FLAGS, Flag, Kind, Special
from engine.headers import read_headers
from engine.operands import integer, is_number, is_whole, real
from engine.options import OPTION_WORDS
from engine.units import degrees, micron_times
from engine.vectors import Vec3

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
    operand (spec 3.1). What the original ignores or reads as zero in silence - a flag that it
    does not know, one with too few operands, an operand that is no number, a stray word -
    becomes a warning, or an error with ``--strict-args``. What makes it crash is an error.

    Raises
    ------
    UsageError
        See above.
    FileError
        When the header of ``-img`` or ``-mask`` is damaged.
    """
    reader = _Reader(tokens)
    for index in range(len(tokens)):
        reader.scan(index)
    return Arguments(MappingProxyType(reader.values), tuple(reader.warnings))


class _Reader:
    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens = tokens
        self.strict = "--strict-args" in tokens
        self.corrected = "-corrected" in tokens
        headers = read_headers(tokens, corrected=self.corrected)
        self.values: dict[str, object] = dict(headers.values)
        self.warnings: list[str] = list(headers.warnings)
        self.consumed: set[int] = set()

    def scan(self, index: int) -> None:
        token = self.tokens[index]
        is_flag = token.startswith("-") and self._offer(token, index)
        used = index in self.consumed
        if is_flag and used:
            self.warnings.append(f"{token} is read both as an operand and as a flag")
        elif not is_flag and not used:
            if token.startswith("-") and not is_number(token):
                self._complain(unknown_flag(token))
            else:
                self._complain(UsageError("not an operand of any flag", where=repr(token)))

    def _offer(self, token: str, index: int) -> bool:
        """Try a token on every flag; return whether any knows it."""
        known = False
        for flag in FLAGS:
            if flag.matches(token):
                known = True
                stop = self._apply(flag, index)
                if stop or flag.stops:
                    break
        return known

    def _complain(self, error: UsageError) -> None:
        """Warn of what the original ignores in silence; with ``--strict-args`` refuse it."""
        if self.strict:
            raise error
        self.warnings.append(
            f"{error.where}: {error.what}, and ignored" + (f"; {error.fix}" if error.fix else "")
        )

    def _apply(self, flag: Flag, index: int) -> bool:
        """Apply one flag; return whether no other may see its token."""
        match flag.special:
            case Special.CELL:
                self._cell(index)
            case Special.MISSET:
                return self._misset(index)
            case Special.PIVOT:
                self._pivot(index)
            case Special.CURVED:
                self._curved(index)
            case Special.ABSORPTION:
                self._absorption(flag, index)
            case None:
                self._plain(flag, index)
        return False

    def _operands(self, index: int, count: int, what: str, *, crash: bool = False) -> list[str]:
        """Take the operands, or nothing when there are too few."""
        found = list(self.tokens[index + 1 : index + 1 + count])
        if len(found) < count:
            error = UsageError(
                f"needs {count} operand{'s' if count > 1 else ''} ({what}), {len(found)} left",
                where=self.tokens[index],
            )
            if crash:
                raise error
            self._complain(error)
            return []
        self.consumed.update(range(index + 1, index + 1 + count))
        return found

    def _plain(self, flag: Flag, index: int) -> None:
        token = self.tokens[index]
        if self.corrected and flag.keyword == "-twotheta" and "-twotheta_axis" in token:
            return
        if not flag.operands:
            self.values.update(flag.sets)
            return
        words = self._operands(
            index, len(flag.operands), flag.operands[0].value, crash=flag.unguarded
        )
        if not words:
            return
        self.values.update(flag.sets)
        converted = [self._convert(flag, word, token) for word in words]
        value = converted[0] if len(converted) == 1 else tuple(converted)
        for name in flag.fields:
            self.values[name] = value
        self._remark(flag, token, words)

    def _remark(self, flag: Flag, token: str, words: Sequence[str]) -> None:
        if flag.fields == ("without_effect",):
            self.warnings.append(f"{token} has no effect in nanoBragg, nor here")
        elif flag.fields == ("pix0_ignored",):
            self.warnings.append(f"{token} only selects the custom convention (Q-PIX0)")
        elif flag.keyword == "-twotheta" and "-twotheta_axis" in token:
            self.warnings.append(
                f"{token} also sets -twotheta to {words[0]} degrees, unless a later -twotheta "
                "overrides it (Q-2THAXIS)"
            )

    def _convert(self, flag: Flag, word: str, token: str) -> object:
        kind = flag.operands[0]
        if kind is Kind.PATH:
            return word
        if kind is Kind.INTEGER:
            return self._integer(word, token)
        value = self._real(word, token)
        if flag.convert is None:
            return value
        try:
            return flag.convert(value)
        except ZeroDivisionError as error:
            raise UsageError("zero has no meaning here", where=token) from error

    def _real(self, word: str, token: str) -> float:
        value = real(word, token)
        if not is_number(word):
            self._misread(UsageError(f"expects a number, not {word!r}", where=token), value)
        return value

    def _integer(self, word: str, token: str) -> int:
        value = integer(word, token)
        if not is_whole(word):
            self._misread(UsageError(f"expects a whole number, not {word!r}", where=token), value)
        return value

    def _misread(self, error: UsageError, value: float) -> None:
        if self.strict:
            raise error
        self.warnings.append(f"{error.where}: {error.what}; read as {value:g}, as C does")

    def _cell(self, index: int) -> None:
        words: list[str] = []
        for word in self.tokens[index + 1 : index + 1 + _MAX_CELL_OPERANDS]:
            if word.startswith("-"):
                break
            words.append(word)
        token = self.tokens[index]
        if not words:
            self._complain(UsageError("needs one to six numbers", where=token))
            return
        self.consumed.update(range(index + 1, index + 1 + len(words)))
        self.values["cell"] = tuple(self._real(word, token) for word in words)

    def _misset(self, index: int) -> bool:
        token = self.tokens[index]
        following = list(self.tokens[index + 1 : index + 4])
        from_seed = "-misset_seed" in token
        if from_seed and self.corrected:
            return False
        if following and "rand" in following[0]:
            self.consumed.add(index + 1)
            self.values["misset"] = "random"
            return True
        if from_seed:
            self._misset_from_seed(token, following)
            return False
        words = self._operands(index, 3, "degrees about X, Y, Z, or the word random")
        if words:
            self.values["misset"] = tuple(degrees(self._real(word, token)) for word in words)
        return False

    def _misset_from_seed(self, token: str, following: list[str]) -> None:
        """Reproduce Q-MISSETSEED: the tokens after ``-misset_seed`` are angles too (spec 3.2)."""
        if len(following) < 3:
            return
        numbers = [real(word, token) for word in following]
        self.values["misset"] = tuple(degrees(number) for number in numbers)
        angles = " ".join(f"{number:g}" for number in numbers)
        self.warnings.append(
            f"{token} is also read as -misset {angles} degrees, unless a later -misset overrides "
            "it (Q-MISSETSEED)"
        )

    def _pivot(self, index: int) -> None:
        for word in self._operands(index, 1, "sample or beam"):
            if "sample" in word:
                self.values.update(pivot="sample", pivot_flag=True)
            elif "beam" in word:
                self.values.update(pivot="beam", pivot_flag=True)
            else:
                self._complain(
                    UsageError(f"expects sample or beam, not {word!r}", where=self.tokens[index])
                )

    def _curved(self, index: int) -> None:
        token = self.tokens[index]
        if index + 1 == len(self.tokens) and not self.corrected:
            self.warnings.append(f"{token} as the last word has no effect (Q-CURVED)")
        else:
            self.values["curved"] = True

    def _absorption(self, flag: Flag, index: int) -> None:
        token = self.tokens[index]
        (word,) = self._operands(index, 1, "micrometres, or inf", crash=flag.unguarded)
        depth = 0.0 if "inf" in word else self._real(word, token)
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
