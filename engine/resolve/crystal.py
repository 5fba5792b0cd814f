"""The crystal that a command line describes (spec 4.3, 5.2, 5.6, 5.8, 6)."""

import dataclasses
import time
from pathlib import Path

from engine.arguments import Arguments
from engine.crystal import DEFAULT_MOSAIC_SEED, Crystal, Shape, UnitCell, lattice
from engine.defaults import cell_counts, mosaicity
from engine.errors import FileError, MissingInputError
from engine.formats.matrix import read_matrix
from engine.random import Stream, random_misset
from engine.resolve.resolved import Resolved
from engine.units import degrees
from engine.vectors import Mat3, Vec3

_RIGHT_ANGLE_DEG = 90.0
_SHAPES: tuple[Shape, ...] = ("square", "round", "gauss", "tophat")


def resolve_crystal(args: Arguments, wavelength_m: float) -> Resolved[Crystal]:
    """Return the crystal.

    Parameters
    ----------
    args
        What was asked.
    wavelength_m
        Central wavelength: an orientation matrix is dimensionless.

    Raises
    ------
    MissingInputError
        When there is neither a cell nor a matrix.
    FileError
        When the matrix is damaged, or cannot be read and nothing else gives the orientation.
    """
    misset_rad, misset_seed = _misset(args)
    mosaic = mosaicity(args.real("mosaic_spread", -1.0), args.integer("mosaic_domains", -1))
    cell = _cell(args)
    matrix = _matrix(args, wavelength_m, has_cell=cell is not None)
    whole = Crystal(
        cell=cell,
        misset_rad=misset_rad,
        misset_seed=misset_seed,
        mosaic_spread_rad=mosaic.spread_rad,
        mosaic_domains=mosaic.domains,
        mosaic_seed=(
            -args.integer("mosaic_seed", 0) if "mosaic_seed" in args else DEFAULT_MOSAIC_SEED
        ),
        reciprocal=matrix.part,
        matrix_file=args.maybe_text("matrix_file") if matrix.part is not None else None,
        shape=next(s for s in _SHAPES if s == args.text("shape", "square")),
        fudge=args.real("fudge", 1.0),
        exact_cell=args.flag("exact_cell", False),
    )
    sizes = _sample_size(args)
    counts = (
        float(args.integer("Na", 1)), float(args.integer("Nb", 1)), float(args.integer("Nc", 1))
    )  # fmt: skip
    cells = cell_counts(counts, sizes.part, lattice(whole).edges_m)
    crystal = dataclasses.replace(whole, cells=cells)
    return Resolved(crystal, (*mosaic.warnings, *matrix.warnings, *sizes.warnings))


def _misset(args: Arguments) -> tuple[Vec3 | None, int | None]:
    if args.values.get("misset") == "random":
        seed = -args.integer("misset_seed", int(time.time()))
        return random_misset(Stream(seed)), seed
    if "misset" in args:
        return args.vector("misset", (0.0, 0.0, 0.0)), None
    return None, None


def _cell(args: Arguments) -> UnitCell | None:
    given = args.values.get("cell")
    numbers = [float(n) for n in given] if isinstance(given, tuple) else []
    numbers += [0.0] * (6 - len(numbers))
    if numbers[0] == 0.0:
        if "matrix_file" in args:
            return None
        raise MissingInputError(
            "no unit cell", where="-cell, -mat",
            fix="give -cell with edges in Å and angles in degrees, or an orientation matrix",
        )  # fmt: skip
    a = numbers[0]
    b, c = (edge if edge > 0.0 else a for edge in numbers[1:3])
    al, be, ga = (degrees(angle if angle > 0.0 else _RIGHT_ANGLE_DEG) for angle in numbers[3:6])
    return UnitCell(a, b, c, al, be, ga)


def _matrix(args: Arguments, wavelength_m: float, *, has_cell: bool) -> Resolved[Mat3 | None]:
    """Read the orientation matrix.

    One that cannot be opened is no error in the original: the cell's own orientation is used
    (Q-FILES). Without a cell its image would be NaN.
    """
    name = args.maybe_text("matrix_file")
    if name is None:
        return Resolved(None)
    try:
        return Resolved(read_matrix(Path(name), wavelength_m))
    except FileError as error:
        if args.flag("corrected", False) or not has_cell or not _is_missing(name):
            raise
        return Resolved(None, (f"{error}: the cell's default orientation is used (Q-FILES)",))


def _is_missing(name: str) -> bool:
    try:
        with Path(name).open("rb"):
            return False
    except (OSError, ValueError):
        return True


def _sample_size(args: Arguments) -> Resolved[Vec3]:
    """Return crystal sizes in metres; y and z never exceed the beam (spec 5.2)."""
    x, y, z = (args.real(f"size_{axis}", 0.0) for axis in "xyz")
    beamsize = args.real("beamsize", 1e-4)
    warnings: list[str] = []
    if beamsize >= 0.0:
        if y > beamsize:
            warnings.append("clipping sample y to the beam size")
            y = beamsize
        if z > beamsize:
            warnings.append("clipping sample z to the beam size")
            z = beamsize
    return Resolved((x, y, z), tuple(warnings))
