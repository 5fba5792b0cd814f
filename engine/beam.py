"""The incident beam: wavelength, fluence, polarisation, sources (spec 8)."""

from dataclasses import dataclass

from engine.errors import PhysicsError
from engine.units import DEFAULT_FLUENCE
from engine.vectors import Vec3, cross, scale, unit

SOURCE_DISTANCE_M = 10.0


@dataclass(frozen=True, slots=True)
class Beam:
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
    """

    wavelength_m: float = 1e-10
    fluence: float = DEFAULT_FLUENCE
    kahn_factor: float = 0.0
    polarised: bool = True

    def __post_init__(self) -> None:
        if not self.wavelength_m > 0.0:
            raise PhysicsError("the wavelength must be positive", where="-lambda, -energy")


@dataclass(frozen=True, slots=True)
class Source:
    """One point the beam comes from.

    Parameters
    ----------
    position_m
        Relative to the sample; only the direction counts.
    wavelength_m
        Wavelength of its photons.
    weight
        Printed and, as in the original, not used.
    """

    position_m: Vec3
    wavelength_m: float
    weight: float = 1.0

    @property
    def incident(self) -> Vec3:
        """Unit vector along the propagation, i."""
        return scale(unit(self.position_m), -1.0)


def sources(beam: Beam, direction: Vec3) -> tuple[Source, ...]:
    """Return the sources of a parallel, monochromatic beam: one (spec 8.1)."""
    return (Source(scale(direction, -SOURCE_DISTANCE_M), beam.wavelength_m),)


def polarisation_frame(polar: Vec3, incident: Vec3) -> tuple[Vec3, Vec3]:
    """Return B = unit(p×i) and E = unit(i×B) of a source (spec 8.4)."""
    b = unit(cross(polar, incident))
    return b, unit(cross(incident, b))
