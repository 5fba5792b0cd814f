"""The incident beam: wavelength, fluence, polarisation, sources (spec 8)."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import PhysicsError
from engine.replaceable import Replaceable
from engine.scalars import adopt_tensors
from engine.steps import SINGLE, Steps
from engine.units import DEFAULT_FLUENCE
from engine.vectors import Vec3, cross, norm, rotate_axis, scale, unit

if TYPE_CHECKING:
    from engine.geometry import PlacedDetector

SOURCE_DISTANCE_M = 10.0
LARGEST_SOURCE_COUNT = 1_000_000
_TRIM_ABOVE = 1.1


@dataclass(frozen=True, slots=True)
class Divergence(Replaceable):
    """Directions the beam comes from (spec 5.4, 8.1).

    Parameters
    ----------
    horizontal, vertical
        Angles about the vertical axis and about the polarisation axis, radians.
    round
        Whether the corners of the grid are cut off.
    """

    horizontal: Steps = SINGLE
    vertical: Steps = SINGLE
    round: bool = True


@dataclass(frozen=True, slots=True)
class Source(Replaceable):
    """One point the beam comes from.

    Parameters
    ----------
    position_m
        Relative to the sample; only the direction counts.
    wavelength_m
        Wavelength of its photons.
    weight
        Printed and, as in the original, not used (Q-WEIGHT).
    """

    position_m: Vec3
    wavelength_m: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        self.demand_finite()
        if not self.wavelength_m > 0.0:
            raise PhysicsError("a source has no positive wavelength", where="-sourcefile")
        length = norm(self.position_m)
        if not (length > 0.0 and math.isfinite(length)):
            raise PhysicsError("a source has no direction", where="-sourcefile")

    @property
    def incident(self) -> Vec3:
        """Unit vector along the propagation, i."""
        return scale(unit(self.position_m), -1.0)


@dataclass(frozen=True, slots=True)
class Beam(Replaceable):
    """What shines.

    Parameters
    ----------
    wavelength_m
        Central wavelength.
    fluence
        photons/m².
    kahn_factor
        Kahn polarisation factor, -1…1; 0 is unpolarised.
    polarised
        False fixes the polarisation factor of every pixel at 1 (``-nopolar``).
    divergence, dispersion
        Grid of directions (radians) and of wavelengths (fractions of the central one).
    listed_sources
        Sources read from a file, in place of the grid; None for the grid.
    source_file
        The file they were read from.
    water_m
        Edge of the cube of water that makes the background (spec 9.9).
    """

    wavelength_m: float = 1e-10
    fluence: float = DEFAULT_FLUENCE
    kahn_factor: float = 0.0
    polarised: bool = True
    divergence: Divergence = Divergence()
    dispersion: Steps = SINGLE
    listed_sources: tuple[Source, ...] | None = None
    source_file: str | None = None
    water_m: float = 0.0

    def __post_init__(self) -> None:
        adopt_tensors(self, "wavelength_m", "fluence")
        self.demand_finite()
        if not self.wavelength_m > 0.0:
            raise PhysicsError("the wavelength must be positive", where="-lambda, -energy")
        if not math.isfinite(self.water_m * self.water_m * self.water_m):
            raise PhysicsError("so much water is not finite", where="-water")
        if self.listed_sources is not None:
            if not self.listed_sources:
                raise PhysicsError("there are no sources", where="-sourcefile")
            return
        grid = self.divergence.horizontal.count * self.divergence.vertical.count
        if grid * self.dispersion.count > LARGEST_SOURCE_COUNT:
            raise PhysicsError(
                f"more than {LARGEST_SOURCE_COUNT} sources", where="-divsteps, -dispsteps"
            )
        if self.source_count == 0:
            raise PhysicsError(
                "round trimming leaves no direction of this divergence", where="-divsteps",
                fix="add -square_div, or give a range",
            )  # fmt: skip
        if self.dispersion.range / 2.0 >= 1.0:
            raise PhysicsError("a wavelength of this dispersion is not positive",
                               where="-dispersion")  # fmt: skip

    @property
    def deviations_rad(self) -> tuple[tuple[float, float], ...]:
        """Horizontal and vertical deviation of each direction of the grid (spec 8.1)."""
        grid = self.divergence
        return tuple(
            (eta, nu)
            for eta in grid.horizontal.positions
            for nu in grid.vertical.positions
            if not (grid.round and _trimmed(grid, eta, nu))
        )

    @property
    def wavelengths_m(self) -> tuple[float, ...]:
        """Wavelengths of each direction of the grid."""
        spread = self.dispersion
        return tuple(
            self.wavelength_m * (1.0 + spread.step * k - spread.range / 2.0)
            for k in range(spread.count)
        )

    @property
    def source_count(self) -> int:
        """Number of sources."""
        if self.listed_sources is not None:
            return len(self.listed_sources)
        return len(self.deviations_rad) * self.dispersion.count


def _trimmed(grid: Divergence, eta: float, nu: float) -> bool:
    """Whether a direction lies in a corner that round trimming cuts off.

    With a range of zero the original divides zero by zero, finds the comparison false, and cuts
    nothing.
    """
    measure = 0.0
    for angle, steps in ((eta, grid.horizontal), (nu, grid.vertical)):
        if steps.range == 0.0:
            return False
        even = steps.step * steps.step / 4.0 * (1 - steps.count % 2)
        measure += (angle * angle - even) / steps.range / steps.range
    return measure * 4.0 > _TRIM_ABOVE


def sources(beam: Beam, placed: "PlacedDetector") -> tuple[Source, ...]:
    """Return every source, in the original's order (spec 8.1, 8.2).

    Parameters
    ----------
    beam
        What shines.
    placed
        Gives the directions of the beam, of its polarisation and of the vertical.
    """
    if beam.listed_sources is not None:
        return beam.listed_sources
    centre = scale(placed.beam, -SOURCE_DISTANCE_M)
    deviations, wavelengths = beam.deviations_rad, beam.wavelengths_m
    weight = 1.0 / max(len(deviations) * len(wavelengths), 1)
    found: list[Source] = []
    for eta, nu in deviations:
        position = rotate_axis(rotate_axis(centre, placed.polar, nu), placed.vertical, eta)
        found += [Source(position, wavelength, weight) for wavelength in wavelengths]
    return tuple(found)


def polarisation_frame(polar: Vec3, incident: Vec3) -> tuple[Vec3, Vec3]:
    """Return B = unit(p×i) and E = unit(i×B) of a source (spec 8.4)."""
    b = unit(cross(polar, incident))
    return b, unit(cross(incident, b))
