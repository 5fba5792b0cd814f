"""Structure factors: where they come from and how a Miller index finds its own (spec 4.1, 9.7)."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import PhysicsError
from engine.formats.fdump import read_fdump
from engine.formats.hkl import read_hkl
from engine.replaceable import Replaceable
from engine.scalars import adopt_tensors

if TYPE_CHECKING:
    from engine.formats.table import ReflectionTable

DEFAULT_CACHE = "Fdump.bin"


@dataclass(frozen=True, slots=True)
class StructureFactors(Replaceable):
    """Where the amplitudes come from.

    Parameters
    ----------
    default_F
        Amplitude (electrons) of every reflection outside the table.
    hkl_file
        Reflection list named with ``-hkl``.
    cache_file
        A cache that lies in the current folder and will be read because no list was named:
        nanoBragg does so even when ``-default_F`` is given. The classic hidden input.
    dump_file
        Name of the cache, for writing when a list is read; None writes none.
    interpolate
        Tricubic interpolation, as forced by a flag or chosen from N.
    interpolate_chosen
        Whether it was chosen automatically; says nothing about what is simulated.
    corrected
        How the list is read; see `read_hkl`.
    """

    default_F: float = 0.0
    hkl_file: str | None = None
    cache_file: str | None = None
    dump_file: str | None = DEFAULT_CACHE
    interpolate: bool = False
    interpolate_chosen: bool = field(default=True, compare=False)
    corrected: bool = False

    def __post_init__(self) -> None:
        adopt_tensors(self, "default_F")
        self.demand_finite()
        if not math.isfinite(self.default_F * self.default_F):
            raise PhysicsError("the square of the amplitude is not finite", where="-default_F")

    @property
    def has_table(self) -> bool:
        """Whether reflections will be loaded."""
        return self.hkl_file is not None or self.cache_file is not None

    def load(self) -> "ReflectionTable | None":
        """Read the reflections, or return None when there are none to read.

        Raises
        ------
        FileError
            When the file cannot be read or is damaged.
        """
        if self.hkl_file is not None:
            return read_hkl(Path(self.hkl_file), self.default_F, corrected=self.corrected)
        if self.cache_file is not None:
            return read_fdump(Path(self.cache_file))
        return None
