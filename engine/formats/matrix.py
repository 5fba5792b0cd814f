"""MOSFLM orientation matrices: λ·a*, λ·b*, λ·c* in columns (spec 4.3)."""

import math
from pathlib import Path

from engine.errors import FileError
from engine.formats.atomic import write_atomically
from engine.vectors import Mat3, Vec3

_NUMBERS = 9


def read_matrix(path: Path, wavelength_m: float) -> Mat3:
    """Return a*, b*, c* in Å⁻¹.

    Parameters
    ----------
    path
        Text file whose first nine numbers are the matrix, row by row; what follows is ignored.
    wavelength_m
        The matrix is dimensionless, λ·a*: it is divided by this.

    Raises
    ------
    FileError
        When it cannot be read or does not start with nine finite numbers.
    """
    try:
        words = path.read_bytes().decode("latin-1").split()[:_NUMBERS]
    except (OSError, ValueError) as error:
        raise FileError(f"cannot read the matrix: {error}", where=str(path)) from error
    try:
        numbers = [float(word) for word in words]
    except ValueError as error:
        raise FileError(f"not an orientation matrix: {error}", where=str(path)) from error
    if len(numbers) < _NUMBERS or not all(math.isfinite(number) for number in numbers):
        raise FileError("not an orientation matrix: nine numbers needed", where=str(path))
    factor = 1e-10 / wavelength_m
    a_star, b_star, c_star = (_column(numbers, column, factor) for column in range(3))
    return (a_star, b_star, c_star)


def _column(numbers: list[float], column: int, factor: float) -> Vec3:
    x, y, z = (numbers[row * 3 + column] * factor for row in range(3))
    return (x, y, z)


def write_matrix(path: Path, reciprocal: Mat3, wavelength_m: float) -> None:
    """Write a*, b*, c* (Å⁻¹) as a dimensionless matrix.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """
    factor = wavelength_m * 1e10
    rows = (" ".join(repr(vector[row] * factor) for vector in reciprocal) for row in range(3))
    write_atomically(path, [("\n".join(rows) + "\n").encode("ascii")])
