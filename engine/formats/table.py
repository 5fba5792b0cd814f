"""A box of structure factors in memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Limits = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class ReflectionTable:
    """Amplitudes of all Miller indices in a box.

    Parameters
    ----------
    limits
        h_min, h_max, k_min, k_max, l_min, l_max, inclusive.
    amplitudes
        Shape ``[h, k, l]``, electrons, float64.
    reflections
        Number of reflections as nanoBragg reports it ("initialized hkls").
    source
        The file they came from.
    warnings
        One line for each oddity of that file.
    """

    limits: Limits
    amplitudes: NDArray[np.float64]
    reflections: int
    source: str
    warnings: tuple[str, ...] = ()


def box_shape(limits: Limits) -> tuple[int, int, int]:
    """Return the number of indices along h, k, l."""
    return (
        limits[1] - limits[0] + 1,
        limits[3] - limits[2] + 1,
        limits[5] - limits[4] + 1,
    )
