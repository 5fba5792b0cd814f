"""What to simulate: immutable, validated, every default resolved.

`Experiment.from_args` takes nanoBragg's command line through the steps of specification
section 2 up to the pixel loop. Lengths are metres and angles radians unless a name says
otherwise.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.arguments import Arguments, read_arguments
from engine.beam import Beam
from engine.crystal import Crystal, Lattice, lattice
from engine.defaults import PhiScan, phi_scan
from engine.errors import PhysicsError
from engine.formats.mask import read_mask
from engine.geometry import Detector, PlacedDetector, place
from engine.quirks import quirks
from engine.resolve.beam import resolve_beam
from engine.resolve.crystal import resolve_crystal
from engine.resolve.detector import resolve_detector
from engine.resolve.factors import resolve_factors
from engine.resolve.sampling import resolve_sampling
from engine.resolve.stol import resolve_stol
from engine.sampling import Sampling
from engine.structure_factors import StructureFactors
from engine.vectors import unit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LARGEST_INT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Experiment:
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
