"""How finely an image is sampled, and which of its pixels are rendered."""

from dataclasses import dataclass, field

from engine.errors import PhysicsError
from engine.replaceable import Replaceable


@dataclass(frozen=True, slots=True)
class Roi(Replaceable):
    """Rendered pixels, inclusive at both ends (spec 7.8)."""

    fast_min: int
    fast_max: int
    slow_min: int
    slow_max: int

    def __post_init__(self) -> None:
        if min(self.fast_min, self.fast_max, self.slow_min, self.slow_max) < 0:
            raise PhysicsError("no pixel has a negative index", where="-roi")


@dataclass(frozen=True, slots=True)
class Sampling(Replaceable):
    """How finely the image is sampled.

    Parameters
    ----------
    oversample
        Sub-pixels per axis.
    oversample_chosen
        Whether it was chosen automatically; says nothing about what is simulated.
    roi
        Rendered region; pixels outside stay zero.
    oversample_thick, oversample_polar, oversample_omega
        Whether absorption, polarisation and solid angle are computed for every sub-pixel (and
        then multiply the running total: Q-RUNNING).
    dmin_m
        Resolution cut-off; 0 for none (spec 9.4).
    mask_file
        SMV image whose zero pixels are not rendered (spec 4.7).
    """

    oversample: int
    oversample_chosen: bool = field(compare=False)
    roi: Roi
    oversample_thick: bool = False
    oversample_polar: bool = False
    oversample_omega: bool = False
    dmin_m: float = 0.0
    mask_file: str | None = None

    def __post_init__(self) -> None:
        self.demand_finite()
        if self.oversample < 1:
            raise PhysicsError("at least one sub-pixel is needed", where="-oversample")
