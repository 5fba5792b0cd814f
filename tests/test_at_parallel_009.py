"""AT-PARALLEL-009: a reflection's peak grows as N⁶, F² and the fluence."""

from collections.abc import Sequence

import numpy as np
import pytest

from tests.acceptance import Judge, Pair, Sides
from tests.theory import Reals

PIXEL_M, DISTANCE_M = 1e-4, 0.1
R_E_SQUARED_M2 = 7.94079248018965e-30
# XDS puts the direct beam in the middle of the detector: the centre of the only pixel of one.
LINE = (
    "-xds -cell 100 100 100 90 90 90 -lambda 1 -distance 100 -pixel 0.1 -detpixels 3 -roi 1 1 1 1"
)


def centre(pair: Pair) -> Reals:
    """Return the middle pixel of both images."""
    return np.array([image[1, 1] for image in pair.both])


def slope(x: Sequence[float], y: Sequence[Reals]) -> float:
    """Return the exponent that is farthest from a whole number, of both programs."""
    logs = np.log(np.array(y))
    found = [np.polyfit(np.log(x), column, 1)[0] for column in logs.T]
    return float(max(found, key=lambda exponent: abs(exponent - round(exponent))))


def test_n(sides: Sides, hold: Judge) -> None:
    """Waves of N³ cells in phase have N⁶ times the intensity of one."""
    counts = [1, 2, 3, 5, 8, 13, 20]
    pairs = [sides(LINE, f"-default_F 100 -N {n} -oversample 1") for n in counts]
    hold(exponent_error=abs(slope(counts, [centre(p) for p in pairs]) - 6))


def test_axes(sides: Sides, hold: Judge) -> None:
    """Each axis counts twice on its own: N_a² N_b² N_c²."""
    one, many = (
        centre(sides(LINE, "-default_F 100 -oversample 1", cells))
        for cells in ("-Na 2 -Nb 3 -Nc 5", "-Na 4 -Nb 9 -Nc 25")
    )
    hold(relative_error=float(np.abs(many / one / (4 * 9 * 25) - 1).max()))


def test_f(sides: Sides, hold: Judge) -> None:
    """Amplitudes add, intensities are their squares."""
    amplitudes = [10.0, 50.0, 100.0, 300.0]
    pairs = [sides(LINE, f"-N 5 -oversample 1 -default_F {f}") for f in amplitudes]
    hold(exponent_error=abs(slope(amplitudes, [centre(p) for p in pairs]) - 2))


@pytest.mark.parametrize("fluence", [1e24, 3e28])
def test_photons(sides: Sides, hold: Judge, fluence: float) -> None:
    """In the direct beam a pixel counts r_e² Φ F² N⁶ photons per steradian."""
    pair = sides(LINE, f"-default_F 40 -N 6 -oversample 1 -fluence {fluence!r}")
    expected = R_E_SQUARED_M2 * fluence * 40**2 * 6**6 * (PIXEL_M / DISTANCE_M) ** 2
    hold(relative_error=float(np.abs(centre(pair) / expected - 1).max()))
