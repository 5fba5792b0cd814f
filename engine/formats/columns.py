"""Tables of numbers in text: source lists and stol files (spec 4.4)."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import FileError
from engine.formats.atomic import write_atomically

Row = tuple[float, ...]
_DELIMITERS = " \t,;:!"
_NUMERALS = "0123456789-+.EGeg"
_NUMBER = re.compile(r"[ \t\v\f\r]*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_WORDS = re.compile(rf"[{re.escape(_DELIMITERS)}]+")
LINE_END = re.compile(r"\r\n?|\n")
"""A line feed, a carriage return, or both."""
_MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class Columns:
    """Rows of numbers, and one warning line for each oddity of the text they came from."""

    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()


def read_columns(path: Path, columns: int, *, corrected: bool = False) -> Columns:
    """Read rows of numbers; what a row lacks is NaN.

    Parameters
    ----------
    path
        Text file; numbers are separated by blanks, tabs and ``, ; : !``.
    columns
        Numbers a row has at most; what follows them is ignored.
    corrected
        Faithful reading (False) has no comments, takes text for zero, and fills with zeros
        what is missing in a last line without a line feed and in lines that end in CR LF
        (Q-SRCTEXT). Corrected reading skips what follows a ``#``, knows both line ends, and
        refuses text.

    Raises
    ------
    FileError
        When the file cannot be read or holds no rows, and for text when reading corrected.
    """
    try:
        text = path.read_bytes().decode("latin-1")
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read: {error}", where=str(path)) from error
    rows = _corrected(text, columns, path) if corrected else _faithful(text, columns)
    if not rows:
        raise FileError("holds no rows of numbers", where=str(path))
    if len(rows) > _MOST_ROWS:
        raise FileError(f"holds more than {_MOST_ROWS} rows", where=str(path))
    return Columns(rows, () if corrected else _oddities(text, rows, path))


def write_columns(path: Path, rows: Iterable[Row]) -> None:
    """Write rows of numbers that `read_columns` reads back to the last bit.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """
    lines = (" ".join(repr(float(number)) for number in row) + "\n" for row in rows)
    write_atomically(path, (line.encode("ascii") for line in lines))


def _oddities(text: str, rows: tuple[Row, ...], path: Path) -> tuple[str, ...]:
    """Say where faithful reading makes other numbers of a text than its writer meant."""
    try:
        meant = _corrected(text, len(rows[0]), path)
    except FileError:
        return (f"{path}: text in it, comments included, is read as zeros (Q-SRCTEXT)",)
    # NaN, for what a row lacks, equals nothing: compare as text.
    if repr(meant) != repr(rows):
        line = "lines that end in CR LF, or a last line without an end, are filled with zeros"
        return (f"{path}: {line} (Q-SRCTEXT)",)
    return ()


def _faithful(text: str, columns: int) -> tuple[Row, ...]:
    lines = [line + "\n" for line in text.split("\n")]
    last = lines.pop()[:-1]
    if last:
        lines.append(last)
    bodies = (line.lstrip(_DELIMITERS) for line in lines)
    return tuple(_faithful_row(body, columns) for body in bodies if body != "\n")


def _faithful_row(body: str, columns: int) -> Row:
    row = [math.nan] * columns
    for column in range(columns):
        row[column] = _leading_number(body)
        body = body.lstrip(_NUMERALS)
        if body == "\n":
            break
        body = _WORDS.split(body, maxsplit=1)[1] if _WORDS.search(body) else ""
        if body == "\n":
            break
    return tuple(row)


def _leading_number(text: str) -> float:
    match = _NUMBER.match(text)
    return float(match.group(1)) if match else 0.0


def _corrected(text: str, columns: int, path: Path) -> tuple[Row, ...]:
    rows: list[Row] = []
    for number, line in enumerate(LINE_END.split(text), start=1):
        words = [word for word in _WORDS.split(line.partition("#")[0].strip()) if word][:columns]
        if not words:
            continue
        try:
            row = [float(word) for word in words]
        except ValueError as error:
            raise FileError(f"line {number} is not a row of numbers: {error}",
                            where=str(path)) from error  # fmt: skip
        rows.append((*row, *([math.nan] * (columns - len(row)))))
    return tuple(rows)
