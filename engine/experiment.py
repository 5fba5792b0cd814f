"""What to simulate: immutable, validated, every default resolved.

`Experiment.from_args` takes nanoBragg's command line through the steps of specification
section 2 up to the pixel loop. Lengths are metres and angles radians unless a name says
otherwise.
"""

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.arguments import Arguments, read_arguments
from engine.beam import Beam
from engine.crystal import DEFAULT_MOSAIC_SEED, Crystal, Lattice, UnitCell, lattice
from engine.defaults import (
    PhiScan,
    cell_counts,
    detector_axis,
    fluence,
    mosaicity,
    phi_scan,
    recommended_oversample,
)
from engine.errors import MissingInputError, PhysicsError
from engine.geometry import CONVENTIONS, Axes, Convention, Detector, Pivot, PlacedDetector, place
from engine.quirks import quirks
from engine.random import Stream, random_misset
from engine.structure_factors import DEFAULT_CACHE, StructureFactors
from engine.units import DEFAULT_FLUENCE, degrees
from engine.vectors import Vec3

_INTERPOLATE_BELOW = 2
_RIGHT_ANGLE_DEG = 90.0
_LARGEST_INT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Roi:
    """Rendered pixels, inclusive at both ends (spec 7.8)."""

    fast_min: int
    fast_max: int
    slow_min: int
    slow_max: int


@dataclass(frozen=True, slots=True)
class Sampling:
    """How finely the image is sampled.

    Parameters
    ----------
    oversample
        Sub-pixels per axis.
    oversample_chosen
        Whether it was chosen automatically.
    roi
        Rendered region; pixels outside stay zero.
    """

    oversample: int
    oversample_chosen: bool
    roi: Roi

    def __post_init__(self) -> None:
        if self.oversample < 1:
            raise PhysicsError("at least one sub-pixel is needed", where="-oversample")


@dataclass(frozen=True, slots=True)
class Experiment:
    """Everything that determines an image.

    Parameters
    ----------
    crystal, structure_factors, beam, phi, detector, sampling
        The parts.
    warnings
        One line for each peculiarity of the command line that was met.
    """

    crystal: Crystal
    structure_factors: StructureFactors
    beam: Beam
    phi: PhiScan
    detector: Detector
    sampling: Sampling
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if max(self.steps, self.shape[0] * self.shape[1]) > _LARGEST_INT:
            raise PhysicsError(
                "more steps or pixels than nanoBragg's 32-bit counters hold",
                where="-oversample, -detpixels",
            )

    @classmethod
    def from_args(cls, args: Sequence[str]) -> "Experiment":
        """Build the experiment that a nanoBragg command line describes.

        Parameters
        ----------
        args
            Words of the command line, without the program's name.

        Raises
        ------
        UsageError, UnsupportedError
            When the command line cannot be understood or asks for what is not there yet.
        MissingInputError
            When there are no structure factors or no cell (nanoBragg's usage, exit code 9).
        PhysicsError
            When the experiment has no meaning.
        """
        return experiment(read_arguments(args))

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the image, ``(slow, fast)``."""
        return (self.detector.pixels_slow, self.detector.pixels_fast)

    @property
    def steps(self) -> int:
        """Terms that each pixel averages over (spec 8.3)."""
        return self.crystal.mosaic_domains * self.phi.steps * self.sampling.oversample**2

    def placed(self) -> PlacedDetector:
        """Return the placed detector."""
        return place(self.detector)

    def lattice(self) -> Lattice:
        """Return the oriented crystal, before spindle and mosaic rotations."""
        return lattice(self.crystal)

    def to_dict(self) -> dict[str, object]:
        """Return the effective experiment as plain data, ready for JSON.

        Warnings are left out: they say how it was asked for, not what it is.
        """
        data = dataclasses.asdict(self)
        del data["warnings"]
        data["steps"] = self.steps
        data["placed"] = dataclasses.asdict(self.placed())
        data["lattice"] = dataclasses.asdict(self.lattice())
        return data


def experiment(args: Arguments) -> Experiment:
    """Resolve arguments to an experiment; see `Experiment.from_args`."""
    detector = _detector(args)
    factors = _structure_factors(args)
    crystal, warnings = _crystal(args)
    beam = Beam(
        wavelength_m=args.real("wavelength", 1e-10),
        fluence=fluence(
            args.real("fluence", DEFAULT_FLUENCE), args.real("flux", 0.0),
            args.real("exposure", 1.0), args.real("beamsize", 1e-4),
        ),
        kahn_factor=args.real("kahn_factor", 0.0),
        polarised=args.flag("polarised", True),
    )  # fmt: skip
    phi = phi_scan(
        args.real("phi", 0.0), args.real("osc", -1.0), args.real("phistep", -1.0),
        args.integer("phisteps", -1),
    )  # fmt: skip
    sampling, sampling_warnings = _sampling(args, detector, crystal, beam)
    peculiar = quirks(args, crystal, detector, phi)
    return Experiment(
        crystal, factors, beam, phi, detector, sampling,
        warnings=(*args.warnings, *warnings, *sampling_warnings, *peculiar),
    )  # fmt: skip


def _detector(args: Arguments) -> Detector:
    pixel = args.real("pixel", 1e-4)
    pixels_f, size_f = detector_axis(
        args.integer("pixels_f", 0), args.real("detsize_f", 0.1024), pixel
    )
    pixels_s, size_s = detector_axis(
        args.integer("pixels_s", 0), args.real("detsize_s", 0.1024), pixel
    )
    convention, axes, pivot = _convention(args)
    return Detector(
        pixels_fast=pixels_f, pixels_slow=pixels_s, pixel_m=pixel,
        size_fast_m=size_f, size_slow_m=size_s,
        distance_m=args.real("distance", 0.1), close_distance_m=args.maybe_real("close_distance"),
        convention=convention, pivot=pivot, axes=axes,
        Xbeam_m=args.maybe_real("Xbeam"), Ybeam_m=args.maybe_real("Ybeam"),
        Xclose_m=args.maybe_real("Xclose"), Yclose_m=args.maybe_real("Yclose"),
        ORGX_px=args.maybe_real("ORGX"), ORGY_px=args.maybe_real("ORGY"),
        rotations_rad=(args.real("rotx", 0.0), args.real("roty", 0.0), args.real("rotz", 0.0)),
        twotheta_rad=args.real("twotheta", 0.0),
        point_pixel=args.flag("point_pixel", False),
    )  # fmt: skip


def _convention(args: Arguments) -> tuple[Convention, Axes, Pivot]:
    """Return the convention that the last of its flags chose, with its vectors (spec 3.3)."""
    name = args.text("convention", "mosflm")
    for convention, (axes, pivot) in CONVENTIONS.items():
        if name == convention:
            return convention, axes, pivot
    default = Axes()
    custom = Axes(
        beam=args.vector("beam", default.beam), fdet=args.vector("fdet", default.fdet),
        sdet=args.vector("sdet", default.sdet), odet=args.vector("odet", default.odet),
        twotheta=args.vector("twotheta_axis", default.twotheta),
        polar=args.vector("polar", default.polar), spindle=args.vector("spindle", default.spindle),
    )  # fmt: skip
    return "custom", custom, "sample" if args.text("pivot", "beam") == "sample" else "beam"


def _structure_factors(args: Arguments) -> StructureFactors:
    default_F = args.real("default_F", 0.0)
    hkl_file = args.maybe_text("hkl_file")
    dump_file = args.text("dump_file", DEFAULT_CACHE)
    cache = dump_file if hkl_file is None and _can_open(dump_file) else None
    if hkl_file is None and cache is None and default_F == 0.0:
        raise MissingInputError(
            "no structure factors", where="-hkl, -default_F",
            fix="name a reflection list with -hkl, or give -default_F",
        )  # fmt: skip
    counts = [args.integer(name, 1) for name in ("Na", "Nb", "Nc")]
    chosen = "interpolate" not in args
    interpolate = min(counts) <= _INTERPOLATE_BELOW if chosen else args.flag("interpolate", False)
    return StructureFactors(
        default_F, hkl_file, cache, dump_file, interpolate=interpolate, interpolate_chosen=chosen
    )


def _can_open(name: str) -> bool:
    try:
        with Path(name).open("rb"):
            return True
    except OSError:
        return False


def _crystal(args: Arguments) -> tuple[Crystal, tuple[str, ...]]:
    misset_rad: Vec3 | None = None
    misset_seed: int | None = None
    if args.values.get("misset") == "random":
        misset_seed = -args.integer("misset_seed", int(time.time()))
        misset_rad = random_misset(Stream(misset_seed))
    elif "misset" in args:
        misset_rad = args.vector("misset", (0.0, 0.0, 0.0))
    mosaic = mosaicity(args.real("mosaic_spread", -1.0), args.integer("mosaic_domains", -1))
    whole = Crystal(
        cell=_cell(args),
        misset_rad=misset_rad,
        misset_seed=misset_seed,
        mosaic_spread_rad=mosaic.spread_rad,
        mosaic_domains=mosaic.domains,
        mosaic_seed=(
            -args.integer("mosaic_seed", 0) if "mosaic_seed" in args else DEFAULT_MOSAIC_SEED
        ),
    )
    sizes, warnings = _sample_size(args)
    counts = (
        float(args.integer("Na", 1)), float(args.integer("Nb", 1)), float(args.integer("Nc", 1))
    )  # fmt: skip
    cells = cell_counts(counts, sizes, lattice(whole).edges_m)
    crystal = dataclasses.replace(whole, cells=cells)
    return crystal, (*mosaic.warnings, *warnings)


def _cell(args: Arguments) -> UnitCell:
    given = args.values.get("cell")
    numbers = [float(n) for n in given] if isinstance(given, tuple) else []
    numbers += [0.0] * (6 - len(numbers))
    if numbers[0] == 0.0:
        raise MissingInputError(
            "no unit cell", where="-cell", fix="give -cell with edges in Å and angles in degrees"
        )
    a = numbers[0]
    b, c = (edge if edge > 0.0 else a for edge in numbers[1:3])
    al, be, ga = (degrees(angle if angle > 0.0 else _RIGHT_ANGLE_DEG) for angle in numbers[3:6])
    return UnitCell(a, b, c, al, be, ga)


def _sample_size(args: Arguments) -> tuple[Vec3, tuple[str, ...]]:
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
    return (x, y, z), tuple(warnings)


def _sampling(
    args: Arguments, detector: Detector, crystal: Crystal, beam: Beam
) -> tuple[Sampling, tuple[str, ...]]:
    recommended = recommended_oversample(
        crystal.cells, lattice(crystal).edges_m, beam.wavelength_m,
        place(detector).distance_m, detector.pixel_m,
    )  # fmt: skip
    given = args.integer("oversample", -1)
    chosen = given <= 0
    warnings: tuple[str, ...] = ()
    if not chosen and given < recommended:
        line = (
            f"{given}-fold oversampling is coarser than the {recommended}-fold that resolves the "
            "spots of this crystal; maxima may be missed"
        )
        warnings = (line,)
    limits = args.values.get("roi")
    fast_min, fast_max, slow_min, slow_max = limits if isinstance(limits, tuple) else (-1,) * 4
    roi = Roi(
        fast_min if fast_min >= 0 else 0,
        fast_max if fast_max >= 0 else detector.pixels_fast,
        slow_min if slow_min >= 0 else 0,
        slow_max if slow_max >= 0 else detector.pixels_slow,
    )
    return Sampling(recommended if chosen else given, chosen, roi), warnings
