"""What to simulate: immutable, validated, every default resolved.

`Experiment.from_args` takes nanoBragg's command line through the steps of specification
section 2 up to the pixel loop. Lengths are metres and angles radians unless a name says
otherwise.
"""

import dataclasses
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.arguments import Arguments, read_arguments
from engine.beam import Beam
from engine.command_line import command_line
from engine.crystal import Crystal, Lattice, lattice
from engine.defaults import PhiScan, phi_scan
from engine.errors import PhysicsError, UsageError
from engine.formats.mask import read_mask
from engine.geometry import Detector, PlacedDetector, place
from engine.quirks import quirks
from engine.replaceable import Replaceable
from engine.resolve.beam import resolve_beam
from engine.resolve.crystal import resolve_crystal
from engine.resolve.detector import resolve_detector
from engine.resolve.factors import resolve_factors
from engine.resolve.sampling import recommendation, resolve_sampling, whole
from engine.resolve.stol import resolve_stol
from engine.sampling import Sampling
from engine.structure_factors import StructureFactors
from engine.vectors import unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LARGEST_INT = 2**31 - 1
_LAST_PLACES = 1e-14


@dataclass(frozen=True, slots=True)
class Experiment(Replaceable):
    """Everything that determines an image.

    Parameters
    ----------
    crystal, structure_factors, beam, phi, detector, sampling
        The parts.
    corrected
        Whether the original's mistakes (spec 15, class F) are corrected.
    stol_file
        A table that was read, must be readable, and is not used (Q-STOL).
    warnings
        One line for each peculiarity of the command line that was met.
    """

    crystal: Crystal
    structure_factors: StructureFactors
    beam: Beam
    phi: PhiScan
    detector: Detector
    sampling: Sampling
    corrected: bool = False
    stol_file: str | None = None
    warnings: tuple[str, ...] = field(default=(), compare=False)

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
        UsageError
            When the command line cannot be understood.
        FileError
            When a file it names cannot be read or is damaged.
        MissingInputError
            When there are no structure factors or no cell (nanoBragg's usage, exit code 9).
        PhysicsError
            When the experiment has no meaning.
        """
        return experiment(read_arguments(args))

    def to_args(self) -> tuple[str, ...]:
        """Return the words of a command line that describes this experiment.

        ``Experiment.from_args(e.to_args()) == e`` for every experiment that a command line can
        describe to the last bit: whatever `from_args` returned, and a change of it in a number
        that some decimal in the flag's unit converts to. Otherwise numbers may differ in their
        last place.

        Raises
        ------
        UsageError
            When no command line describes it: vectors of its own in a named convention, a
            matrix or sources without their file.
        """
        words = command_line(self)
        if not _equivalent(dataclasses.asdict(self), dataclasses.asdict(self.from_args(words))):
            raise UsageError("no command line describes this experiment", where="to_args")
        return words

    def replace(self, **changes: Any) -> "Experiment":
        """Return a copy with some parts changed.

        What was chosen automatically is chosen again: the number of sub-pixels, and the region
        of interest when it is the whole detector.
        """
        changed = dataclasses.replace(self, **changes)
        if "sampling" in changes:
            return changed
        sampling = self.sampling
        if sampling.roi == whole(self.detector):
            sampling = sampling.replace(roi=whole(changed.detector))
        if sampling.oversample_chosen:
            sampling = sampling.replace(
                oversample=recommendation(changed.detector, changed.crystal, changed.beam)
            )
        return dataclasses.replace(changed, sampling=sampling)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the image, ``(slow, fast)``."""
        return (self.detector.pixels_slow, self.detector.pixels_fast)

    @property
    def steps(self) -> int:
        """Terms that each pixel averages over (spec 8.3)."""
        orientations = self.crystal.mosaic_domains * self.phi.steps
        return self.beam.source_count * orientations * self.sampling.oversample**2

    def placed(self) -> PlacedDetector:
        """Return the placed detector."""
        return place(self.detector)

    def lattice(self) -> Lattice:
        """Return the oriented crystal, before spindle and mosaic rotations."""
        return lattice(self.crystal)

    def mask(self) -> "NDArray[np.bool_] | None":
        """Read the mask: shape ``[slow, fast]``, True where a pixel is rendered; None without.

        Raises
        ------
        FileError
            When it cannot be read, is damaged or has another size than the detector.
        """
        if self.sampling.mask_file is None:
            return None
        return read_mask(Path(self.sampling.mask_file), self.shape)

    def to_dict(self) -> dict[str, object]:
        """Return the effective experiment as plain data, ready for JSON.

        Warnings and automatic choices are left out: they say how it was asked for, not what it
        is. Files whose content is not here are given by their SHA-256.
        """
        data = dataclasses.asdict(self)
        del data["warnings"], data["sampling"]["oversample_chosen"]
        del data["structure_factors"]["interpolate_chosen"]
        factors = self.structure_factors
        files = (factors.hkl_file, factors.cache_file, self.sampling.mask_file)
        data["sha256"] = {name: _digest(name) for name in files if name is not None}
        data["steps"] = self.steps
        data["placed"] = dataclasses.asdict(self.placed())
        data["lattice"] = dataclasses.asdict(self.lattice())
        return data


def _digest(name: str) -> str | None:
    try:
        with Path(name).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError):
        return None


_NOT_COMPARED = ("warnings", "oversample_chosen", "interpolate_chosen")


def _equivalent(one: object, other: object) -> bool:
    """Whether plain data agree but for the last places of numbers."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_equivalent(one[k], other[k]) for k in one if k not in _NOT_COMPARED)
    if isinstance(one, tuple) and isinstance(other, tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(_equivalent(*pair) for pair in pairs)
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=_LAST_PLACES)
    return one == other


def experiment(args: Arguments) -> Experiment:
    """Resolve arguments to an experiment; see `Experiment.from_args`."""
    try:
        return _resolved(args)
    except ArithmeticError as error:
        raise PhysicsError(f"numbers of this size cannot be computed with: {error}") from error


def _resolved(args: Arguments) -> Experiment:
    detector = resolve_detector(args)
    beam = resolve_beam(args, unit(detector.part.axes.beam))
    factors = resolve_factors(args)
    crystal = resolve_crystal(args, beam.part.wavelength_m)
    phi = phi_scan(
        args.real("phi", 0.0), args.real("osc", -1.0), args.real("phistep", -1.0),
        args.integer("phisteps", -1),
    )  # fmt: skip
    sampling = resolve_sampling(args, detector.part, crystal.part, beam.part)
    stol = resolve_stol(args)
    found = Experiment(
        crystal.part, factors, beam.part, phi, detector.part, sampling.part,
        corrected=args.flag("corrected", False),
        stol_file=stol.part,
    )  # fmt: skip
    warnings = (
        *args.warnings, *detector.warnings, *beam.warnings, *crystal.warnings,
        *sampling.warnings, *stol.warnings, *quirks(args, found),
    )  # fmt: skip
    return dataclasses.replace(found, warnings=warnings)
