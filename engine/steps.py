"""Evenly spaced positions: how the original samples a divergence or a dispersion (spec 5.4)."""

from dataclasses import dataclass

from engine.errors import PhysicsError
from engine.replaceable import Replaceable

LARGEST_COUNT = 1_000_000
"""More positions than this along one axis would take days, and memory before that."""


@dataclass(frozen=True, slots=True)
class Steps(Replaceable):
    """Positions x_j = step·j − range/2.

    Parameters
    ----------
    count
        Number of positions.
    range
        Full width; radians for a divergence, a fraction of the wavelength for a dispersion.
    step
        From one position to the next. Where count·step differs from range + step, the positions
        do not lie evenly about zero (Q-DIVCENTRE).
    """

    count: int = 1
    range: float = 0.0
    step: float = 0.0

    def __post_init__(self) -> None:
        self.demand_finite()
        if not 1 <= self.count <= LARGEST_COUNT:
            raise PhysicsError(
                f"{self.count} steps; from 1 to {LARGEST_COUNT} are possible",
                where="-divergence, -dispersion",
            )

    @property
    def positions(self) -> tuple[float, ...]:
        """All x_j."""
        return tuple(self.step * j - self.range / 2.0 for j in range(self.count))


SINGLE = Steps()
"""One position, at zero."""
