"""Reflection lists: text, four numbers h k l F a reflection (spec 4.1)."""

import math
import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import FileError
from engine.formats.atomic import write_atomically
from engine.formats.columns import LINE_END
from engine.formats.table import ReflectionTable, box_shape

_COLUMNS = 4
_LARGEST_BOX = 512**3
_LARGEST_INDEX = 1e6
_PLAIN = re.compile(r"[-+0-9.eE\s]*", re.ASCII)
_SPACE = re.compile(r"\s*", re.ASCII)
_REAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_DANGLING = re.compile(r"[eE][+-]?")
_NOT_FINITE = re.compile(r"[+-]?(nan|inf)", re.IGNORECASE)
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_ROW = r"[+-]?\d+\s+[+-]?\d+\s+[+-]?\d+\s+[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_ROWS = re.compile(rf"\s*(?:{_ROW}(?:\s+|\Z))++", re.ASCII)
"""A list that both passes of the original read to its end, as nearly all are."""
_QUIRK = "(Q-HKLSTREAM)"

Rows = NDArray[np.float64]


def read_hkl(path: Path, default_F: float, *, corrected: bool = False) -> ReflectionTable:
    """Read a reflection list.

    Parameters
    ----------
    path
        Text file.
    default_F
        Amplitude of indices inside the box of the list that the list lacks.
    corrected
        Faithful reading (False) takes the file as a stream of numbers, four at a time: it stops
        at the first text, mis-groups further columns, and stops filling the table at the first
        index that is not written as a whole number; the table's `warnings` say so
        (Q-HKLSTREAM). Corrected reading goes line by line, skips what follows a ``#`` and
        further columns, and refuses a line that is no reflection.

    Raises
    ------
    FileError
        When the file cannot be read or holds no reflections, a number that is not finite or
        indices too far apart; and for a bad line when reading corrected.
    """
    try:
        text = path.read_bytes().decode("latin-1")
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read the reflection list: {error}", where=str(path)) from error
    warnings: list[str] = []
    if corrected:
        limiting = filling = _lines(text, path)
    elif _ROWS.fullmatch(text):
        limiting = filling = np.fromstring(text, sep=" ").reshape(-1, _COLUMNS)
    else:
        limiting = _stream(text, warnings)
        filling = _whole_stream(text, limiting, warnings)
    if not len(limiting):
        raise FileError("holds no reflections", where=str(path), fix="one h k l F a line")
    if not (np.isfinite(limiting).all() and np.isfinite(filling).all()):
        raise FileError("holds a number that is not finite", where=str(path))
    return _tabulate(
        limiting, filling, default_F, path, tuple(f"{path}: {line}" for line in warnings)
    )


def write_hkl(path: Path, table: ReflectionTable) -> None:
    """Write every index of a table's box, one ``h k l F`` a line.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """
    h0, k0, l0 = table.limits[0], table.limits[2], table.limits[4]
    lines = (
        f"{h + h0} {k + k0} {l + l0} {float(F)!r}\n"
        for (h, k, l), F in np.ndenumerate(table.amplitudes)  # noqa: E741 - Miller indices
    )
    write_atomically(path, (line.encode("ascii") for line in lines))


def _lines(text: str, path: Path) -> Rows:
    """Return the reflections, one a line."""
    rows: list[list[float]] = []
    for number, line in enumerate(LINE_END.split(text), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            row = [float(word) for word in words[:_COLUMNS]]
        except ValueError:
            row = []
        if len(row) < _COLUMNS or any(index != np.rint(index) for index in row[:3]):
            raise FileError(
                f"line {number} is not h k l F: {line.strip()[:40]!r}", where=str(path),
                fix="three whole numbers and an amplitude a line; # starts a comment",
            )  # fmt: skip
        rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(-1, _COLUMNS)


def _stream(text: str, warnings: list[str]) -> Rows:
    """Return what the original's first pass reads: groups of four numbers, up to the first text."""
    numbers: list[float] | Rows
    words = text.split()
    if _PLAIN.fullmatch(text) and all(map(_REAL.fullmatch, words)):
        numbers = np.array(words, dtype=np.float64)
    else:
        numbers, stopped = _scan(text)
        if stopped:
            row = len(numbers) // _COLUMNS
            warnings.append(f"reading stops at {stopped!r}, after {row} reflections {_QUIRK}")
    complete = len(numbers) // _COLUMNS * _COLUMNS
    if len(numbers) % _COLUMNS:
        warnings.append(
            f"{len(numbers)} numbers are not whole groups of four, h k l F: the last "
            f"{len(numbers) - complete} are ignored {_QUIRK}"
        )
    return np.array(numbers[:complete], dtype=np.float64).reshape(-1, _COLUMNS)


def _scan(text: str) -> tuple[list[float], str]:
    """Read numbers as C's scanf does; return them, and the start of the text that ended it."""
    numbers: list[float] = []
    position = 0
    while True:
        found = _read(_REAL, text, position)
        if found is None:
            rest = text[position : position + 20].split()
            if rest and _NOT_FINITE.match(rest[0]):
                return [*numbers, math.nan, *[0.0] * (_COLUMNS - 1)], ""
            return numbers, rest[0] if rest else ""
        value, position = found
        numbers.append(value)


def _read(pattern: re.Pattern[str], text: str, position: int) -> tuple[float, int] | None:
    """Return the number at a position, and where it ends; None when there is none."""
    space = _SPACE.match(text, position)
    match = pattern.match(text, space.end() if space else position)
    if match is None:
        return None
    end = match.end()
    if pattern is _REAL and "e" not in match.group().lower():
        # scanf swallows the e of an exponent that has no digits.
        dangling = _DANGLING.match(text, end)
        end = dangling.end() if dangling else end
    return float(match.group()), end


def _whole_stream(text: str, rows: Rows, warnings: list[str]) -> Rows:
    """Return what the original's second pass reads: it wants whole numbers for h, k, l."""
    words = text.split()
    indices = (word for column in range(3) for word in words[column::_COLUMNS])
    if _agree(words, rows) and all(map(_INTEGER.fullmatch, indices)):
        return rows
    filling: list[list[float]] = []
    position = 0
    while True:
        row: list[float] = []
        for pattern in (_INTEGER, _INTEGER, _INTEGER, _REAL):
            found = _read(pattern, text, position)
            if found is None:
                break
            row.append(found[0])
            position = found[1]
        if len(row) < _COLUMNS:
            break
        filling.append(row)
    if len(filling) < len(rows):
        warnings.append(
            f"only {len(filling)} of {len(rows)} reflections have indices written as whole "
            f"numbers before the first that has not; the others keep the default F {_QUIRK}"
        )
    return np.array(filling, dtype=np.float64).reshape(-1, _COLUMNS)


def _agree(words: list[str], rows: Rows) -> bool:
    """Whether the words are the numbers of the rows, one each."""
    return all(map(_REAL.fullmatch, words)) and len(words) == rows.size


def _tabulate(
    limiting: Rows, filling: Rows, default_F: float, path: Path, warnings: tuple[str, ...]
) -> ReflectionTable:
    if np.abs(limiting[:, :3]).max() > _LARGEST_INDEX:
        raise FileError("holds an index beyond a million", where=str(path))
    # The original stores the limits as integers: truncated toward zero.
    low = np.trunc(limiting[:, :3].min(axis=0)).astype(np.int64)
    high = np.trunc(limiting[:, :3].max(axis=0)).astype(np.int64)
    limits = (int(low[0]), int(high[0]), int(low[1]), int(high[1]), int(low[2]), int(high[2]))
    shape = box_shape(limits)
    if shape[0] * shape[1] * shape[2] > _LARGEST_BOX:
        raise FileError(f"the indices span a box of {shape} reflections", where=str(path))
    amplitudes = np.full(shape, default_F, dtype=np.float64)
    indices = filling[:, :3].astype(np.int64)
    if len(indices) and ((indices < low) | (indices > high)).any():
        raise FileError("a reflection lies outside the list's own limits", where=str(path))
    # Assigning in order lets the last of several rows for one index win, as the original does.
    flat = np.ravel_multi_index(tuple((indices - low).T), shape)
    last_first = flat[::-1]
    unique, position = np.unique(last_first, return_index=True)
    amplitudes.reshape(-1)[unique] = filling[::-1, 3][position]
    return ReflectionTable(limits, amplitudes, len(limiting), str(path), warnings)
