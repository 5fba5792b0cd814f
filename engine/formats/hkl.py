"""Reflection lists: text, four numbers h k l F a reflection (spec 4.1)."""

from pathlib import Path

import numpy as np

from engine.errors import FileError
from engine.formats.table import ReflectionTable, box_shape

_COLUMNS = 4
_LARGEST_BOX = 512**3


def read_hkl(path: Path, default_F: float) -> ReflectionTable:
    """Read a reflection list.

    The file is a stream of numbers taken four at a time. Where the original silently stops at
    text, mis-groups extra columns or drops rows, this reader reports the file and the place.

    Parameters
    ----------
    path
        Text file.
    default_F
        Amplitude of indices inside the box of the list that the list lacks.

    Raises
    ------
    FileError
        When the file cannot be read, holds something that is no number, an index that is not
        whole, an incomplete reflection, or none at all.
    """
    try:
        words = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"cannot read the reflection list: {error}", where=str(path)) from error
    if not words:
        raise FileError("holds no reflections", where=str(path))
    try:
        numbers = np.array(words, dtype=np.float64)
    except ValueError as error:
        raise FileError(f"not a list of h k l F: {error}", where=str(path)) from error
    if numbers.size % _COLUMNS:
        raise FileError(
            f"{numbers.size} numbers are not whole groups of four, h k l F", where=str(path)
        )
    rows = numbers.reshape(-1, _COLUMNS)
    if not np.isfinite(rows).all():
        raise FileError("holds a number that is not finite", where=str(path))
    fractional = np.flatnonzero((rows[:, :3] != np.rint(rows[:, :3])).any(axis=1))
    if fractional.size:
        row = int(fractional[0])
        raise FileError(
            f"reflection {row + 1} has an index that is not whole", where=str(path),
            fix="four columns h k l F, nothing else",
        )  # fmt: skip
    return _tabulate(rows, default_F, path)


def _tabulate(rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", default_F: float,
              path: Path) -> ReflectionTable:  # fmt: skip
    indices = rows[:, :3].astype(np.int64)
    low, high = indices.min(axis=0), indices.max(axis=0)
    limits = (int(low[0]), int(high[0]), int(low[1]), int(high[1]), int(low[2]), int(high[2]))
    shape = box_shape(limits)
    if shape[0] * shape[1] * shape[2] > _LARGEST_BOX:
        raise FileError(f"the indices span a box of {shape} reflections", where=str(path))
    amplitudes = np.full(shape, default_F, dtype=np.float64)
    h, k, l = (indices - low).T  # noqa: E741 - Miller indices are h, k, l
    # Assigning in order lets the last of several rows for one index win, as the original does.
    flat = np.ravel_multi_index((h, k, l), shape)
    last_first = flat[::-1]
    unique, position = np.unique(last_first, return_index=True)
    amplitudes.reshape(-1)[unique] = rows[::-1, 3][position]
    return ReflectionTable(limits, amplitudes, len(rows), str(path))
