"""Source lists: X Y Z weight wavelength, one source a line (spec 4.5)."""

import math
from dataclasses import dataclass
from pathlib import Path

from engine.beam import SOURCE_DISTANCE_M, Source
from engine.errors import FileError, PhysicsError
from engine.formats.columns import read_columns, write_columns
from engine.vectors import Vec3, scale

_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class SourceList:
    """Sources, and one warning line for each oddity of the file they came from."""

    sources: tuple[Source, ...]
    warnings: tuple[str, ...] = ()


def read_sources(
    path: Path, wavelength_m: float, beam: Vec3, *, corrected: bool = False
) -> SourceList:
    """Read a source list.

    Parameters
    ----------
    path
        Text file of positions (any unit of length; only the direction counts), weights and
        wavelengths in metres.
    wavelength_m
        Of sources that name none.
    beam
        Unit vector along the propagation: components that are missing are those of
        −10·beam.
    corrected
        See `read_columns`.

    Raises
    ------
    FileError
        When it cannot be read, holds no rows, or a source has no direction or no wavelength
        (in the original every pixel is then NaN).
    """
    centre = scale(beam, -SOURCE_DISTANCE_M)
    found: list[Source] = []
    table = read_columns(path, _COLUMNS, corrected=corrected)
    for number, row in enumerate(table.rows, start=1):
        x, y, z = (
            default if math.isnan(value) else value
            for value, default in zip(row, centre, strict=False)
        )
        weight, wavelength = row[3:]
        try:
            found.append(
                Source(
                    (x, y, z),
                    wavelength_m if math.isnan(wavelength) else wavelength,
                    1.0 if math.isnan(weight) else weight,
                )
            )
        except PhysicsError as error:
            hint = None if corrected else "text, CR LF and a missing last line feed read as zeros"
            raise FileError(f"row {number}: {error.what}", where=str(path), fix=hint) from error
    return SourceList(tuple(found), table.warnings)


def write_sources(path: Path, sources: tuple[Source, ...]) -> None:
    """Write a source list that `read_sources` reads back to the last bit.

    Raises
    ------
    FileError
        When it cannot be written; nothing is left under its name then.
    """
    write_columns(path, ((*s.position_m, s.weight, s.wavelength_m) for s in sources))
