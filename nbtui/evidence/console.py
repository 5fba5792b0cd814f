"""What nanoBragg and its ports say of themselves while they run, held against what was asked.

Pure: lines in, readings and findings out. The lines are those of the console report
(specification section 12.2), which the original, this repository's C program and the port
print alike. Reading files is :mod:`nbtui.run.console`.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_NUMBER = r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?nan|[+-]?inf)"
STRUCTURE_FACTORS = "structure factors from"
HKLS = "initialized hkls"
# (words in every such line, pattern, names of its groups)
_LINES: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (words, re.compile(pattern), names)
    for words, pattern, names in (
        ("reading Fs from", r"reading Fs from (\S.*?)\s*$", (STRUCTURE_FACTORS,)),
        (
            "structure factors come from",
            r"structure factors come from (\S+?),",
            (STRUCTURE_FACTORS,),
        ),
        (
            "initialized hkls",
            rf"(\d+) initialized hkls \(all others =\s*{_NUMBER}\)",
            (HKLS, "default_F"),
        ),
        ("xtal:", r"(\S+) xtal:\s*(\S+) cells", ("crystal shape", "N")),
        ("auto-selected", r"auto-selected (tricubic|no) interpolation", ("interpolation",)),
        ("pixel oversample steps", r"(\d+)x\d+ pixel oversample steps", ("oversample",)),
        ("wave=", rf"wave=\s*{_NUMBER} meters", ("wavelength_m",)),
        ("incident fluence:", rf"incident fluence:\s*{_NUMBER} photons", ("fluence",)),
        (
            "distance=",
            rf"distance=\s*{_NUMBER}.*pixel=\s*{_NUMBER} meters \((\d+x\d+) pixels\)",
            ("distance_m", "pixel_m", "pixels"),
        ),
        ("max_I =", rf"max_I =\s*{_NUMBER}", ("maximum",)),
    )
)
_MARKS = tuple(words.encode() for words, _, _ in _LINES)
_TOLERANCE = 2e-5
"""Reports print six digits."""
_MAXIMUM_TOLERANCE = 1e-2
"""The maximum is a result: two sides may differ by rounding; judging it is the gates' task."""
SETTLED = frozenset({STRUCTURE_FACTORS, HKLS, "N", "default_F", "wavelength_m", "fluence"})
"""What cannot change between two reports of one log, however many sizes it measures."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value that a program printed."""

    name: str
    value: str


def read_line(line: str) -> tuple[Reading, ...]:
    """Return what one line of a console report says; nothing for any other line."""
    for words, pattern, names in _LINES:
        if words in line and (match := pattern.search(line)):
            return tuple(
                Reading(name, value) for name, value in zip(names, match.groups(), strict=True)
            )
    return ()


def may_hold_readings(text: bytes) -> bool:
    """Return whether :func:`read_line` could find anything in a text: told without its lines."""
    return any(mark in text for mark in _MARKS)


def wanted(args: Sequence[str] | None) -> Mapping[str, str]:
    """Return what nanoBragg arguments ask for, in the units of the report.

    Only what the report must then repeat; empty for ``None`` (arguments not known).
    A file with a header or a geometry that recomputes a value makes that value unknown.
    """
    if args is None:
        return {}
    given = _Arguments(tuple(args))
    return dict(_wanted(given))


def _wanted(given: "_Arguments") -> Iterator[tuple[str, str]]:
    if not given.has("-hkl", "-dump"):
        yield STRUCTURE_FACTORS, "nothing: no -hkl and no -dump"
        yield HKLS, "0"
    yield "default_F", given.last("-default_F") or "0"
    if not given.has("-xtal", "-sample", "-width", "-heigh"):
        yield "N", "x".join(given.cells())
    steps = given.last("-oversample")
    if steps and (_number(steps) or 0) > 0:
        yield "oversample", steps
    header = given.has("-img", "-mask")
    waves = given.last("-lambda", "-wave")
    if waves and not header and not given.has("-energy", "-sourcefile", "-mat"):
        yield "wavelength_m", _scaled(waves, 1e-10)
    if (fluence := given.last("-fluence")) and not given.has("-flux"):
        yield "fluence", fluence
    bent = given.has("-close", "-twotheta", "-detector_rot", "-Xclose", "-Yclose", "_vector")
    if (distance := given.last("-distance")) and not header and not bent:
        yield "distance_m", _scaled(distance, 1e-3)
    if (pixel := given.last("-pixel")) and not header:
        yield "pixel_m", _scaled(pixel, 1e-3)
    if (count := given.exact("-detpixels")) and not header and not given.has("-detpixels_"):
        yield "pixels", f"{count}x{count}"


@dataclass(frozen=True, slots=True)
class _Arguments:
    """nanoBragg's words as it reads them: a flag contains its keyword, the last one counts."""

    words: tuple[str, ...]

    def has(self, *keys: str) -> bool:
        return any(w.startswith("-") and any(k in w for k in keys) for w in self.words)

    def last(self, *keys: str) -> str | None:
        """Return the operand of the last word that is or begins with one of the keys.

        ``-oversample_thick`` and its like are other flags than ``-oversample``.
        """
        found = None
        for word, operand in zip(self.words, self.words[1:], strict=False):
            if any(word == k or (word.startswith(k) and word[len(k)] != "_") for k in keys):
                found = operand
        return found

    def exact(self, key: str) -> str | None:
        pairs = zip(self.words, self.words[1:], strict=False)
        return next((b for a, b in reversed(list(pairs)) if a == key), None)

    def cells(self) -> tuple[str, str, str]:
        n = ["1", "1", "1"]
        for word, operand in zip(self.words, self.words[1:], strict=False):
            if word == "-N":
                n = [operand] * 3
            elif word[:3] in {"-Na", "-Nb", "-Nc"}:
                n["abc".index(word[2])] = operand
        # What is below one cell is one cell.
        n = ["1" if (number := _number(word)) is not None and number < 1 else word for word in n]
        return n[0], n[1], n[2]


def _scaled(text: str, factor: float) -> str:
    number = _number(text)
    return text if number is None else f"{number * factor:.9g}"


def same(name: str, a: str, b: str) -> bool:
    """Return whether two printed values are the same but for the digits of the report."""
    tolerance = _MAXIMUM_TOLERANCE if name == "maximum" else _TOLERANCE
    ones, others = a.split("x"), b.split("x")
    if len(ones) != len(others):
        return False
    return all(_same_number(x, y, tolerance) for x, y in zip(ones, others, strict=True))


def _same_number(a: str, b: str, tolerance: float) -> bool:
    x, y = _number(a), _number(b)
    if x is None or y is None:
        return a == b
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y)
    return math.isclose(x, y, rel_tol=tolerance)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


SIDES = {"c": "the C program", "py": "the port", "log": "a program in the log"}


@dataclass(slots=True)
class Listener:
    """Holds what programs print against what was asked and against each other.

    Parameters
    ----------
    asked
        From :func:`wanted`; empty when the arguments are not known.
    comparing
        Whether what two reports of one log say must agree.
    hidden
        Whether structure factors that nobody is known to have named count as a finding.
    """

    asked: Mapping[str, str]
    comparing: bool = True
    hidden: bool = True
    _said: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def hear(self, place: str, side: str, reading: Reading) -> str | None:
        """Take in one value; return what is wrong with it in a sentence, if anything is.

        Parameters
        ----------
        place
            Where the two sides of one comparison print: a folder.
        side
            ``c``, ``py`` or ``log``.
        reading
            What was printed.
        """
        problem = self._unasked(side, reading) or self._differs(place, side, reading)
        self._said[place, side, reading.name] = reading.value
        return problem

    def _unasked(self, side: str, reading: Reading) -> str | None:
        name, value, who = reading.name, reading.value, SIDES[side]
        expected = self.asked.get(name)
        if name == STRUCTURE_FACTORS and (expected or (self.hidden and not self.asked)):
            return f"{who} read structure factors from {value}, which nobody asked for"
        if expected is None or same(name, value, expected):
            return None
        if name == HKLS:
            return f"{who} has {value} reflections, and no reflection list was asked for"
        return f"{who} ran with {name} {value}; {expected} was asked for"

    def _differs(self, place: str, side: str, reading: Reading) -> str | None:
        name, value = reading.name, reading.value
        if not self.comparing or name == STRUCTURE_FACTORS:
            return None
        other = {"c": "py", "py": "c", "log": "log"}[side]
        said = self._said.get((place, other, name))
        if said is None or same(name, value, said):
            return None
        if side == "log":
            if name not in SETTLED:
                return None
            return f"{name} is {value} in one report of the log and {said} in another"
        ours, theirs = (value, said) if side == "c" else (said, value)
        return f"{name} differs: C {ours}, port {theirs}"
