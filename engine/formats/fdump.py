"""The structure-factor cache ``Fdump.bin`` (spec 4.2).

Six decimal limits, a line feed, a form feed, then native doubles, h slowest, of one plane more
per axis than the box has; the extra planes are zero and never looked up.
"""

from pathlib import Path

import numpy as np

from engine.errors import FileError
from engine.formats.atomic import write_atomically
from engine.formats.table import Limits, ReflectionTable, box_shape

_SEPARATOR = b"\n\x0c"
_LONGEST_HEADER = 200
_LARGEST_BOX = 512**3
_WHITE_SPACE = (b" ", b"\t", b"\n", b"\v", b"\f", b"\r")


def read_fdump(path: Path) -> ReflectionTable:
    """Read a cache.

    Exactly one line feed and one form feed end the header here. The original skips all white
    space after them and can lose the first bytes of the data; the table's `warnings` say so
    (Q-FDUMP).

    Raises
    ------
    FileError
        When the file cannot be read, has no valid header or too little data.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read the cache: {error}", where=str(path)) from error
    header, separator, data = content.partition(_SEPARATOR)
    limits = _limits(header) if separator and len(header) <= _LONGEST_HEADER else None
    if limits is None:
        raise FileError(
            "not a structure-factor cache", where=str(path),
            fix="remove it: nanoBragg reads a file of this name unless -hkl is given",
        )  # fmt: skip
    shape = box_shape(limits)
    if shape[0] * shape[1] * shape[2] > _LARGEST_BOX:
        raise FileError(f"a box of {shape} reflections is impossible", where=str(path))
    stored = (shape[0] + 1, shape[1] + 1, shape[2] + 1)
    expected = stored[0] * stored[1] * stored[2] * np.dtype(np.float64).itemsize
    if len(data) < expected:
        raise FileError(
            f"cache holds {len(data)} bytes of data, {expected} needed", where=str(path)
        )
    amplitudes = np.frombuffer(data[:expected], dtype=np.float64).reshape(stored)
    inner = amplitudes[: shape[0], : shape[1], : shape[2]].copy()
    warnings = (
        (f"{path}: the original loses bytes of this file and reads other values (Q-FDUMP)",)
        if data[:1] in _WHITE_SPACE
        else ()
    )
    return ReflectionTable(limits, inner, shape[0] * shape[1] * shape[2], str(path), warnings)


def write_fdump(path: Path, table: ReflectionTable) -> None:
    """Write a cache as nanoBragg does whenever it reads a reflection list.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """
    header = " ".join(str(limit) for limit in table.limits).encode("ascii")
    stored = np.pad(table.amplitudes, ((0, 1), (0, 1), (0, 1)))
    write_atomically(path, [header + _SEPARATOR, stored.data.cast("B")])


def _limits(header: bytes) -> Limits | None:
    try:
        numbers = [int(word) for word in header.decode("ascii").split()]
    except ValueError:
        return None
    if len(numbers) != 6:
        return None
    limits = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
    return limits if min(box_shape(limits)) >= 1 else None
