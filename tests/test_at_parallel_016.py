"""AT-PARALLEL-016: the same physics a thousand times smaller or larger, and at the extremes."""

import pytest

from tests.acceptance import Judge, Sides, largest_difference

CELL = (61.0, 72.0, 83.0)
SHAPE = "-detpixels_f 80 -detpixels_s 64"
BASE = "-default_F 100 -N 6 -misset 11 -8 5 -oversample 1 -nopolar"


def scaled(crystal: float, detector: float) -> str:
    """Return an experiment with cell and wavelength, or detector and distance, made larger."""
    edges = " ".join(repr(edge * crystal) for edge in CELL)
    return (
        f"-cell {edges} 90 90 90 -lambda {1.2 * crystal!r} -distance {100 * detector!r} "
        f"-pixel {0.3 * detector!r} -Xbeam {10 * detector!r} -Ybeam {12 * detector!r}"
    )


@pytest.mark.parametrize(
    ("crystal", "detector"), [(0.05, 1), (20, 1), (1, 1e-3), (1, 1e3), (0.05, 1e3)]
)
def test_similar(sides: Sides, hold: Judge, crystal: float, detector: float) -> None:
    """Only ratios of lengths matter: of the cell to the wavelength, of pixel to distance."""
    plain = sides(SHAPE, BASE, scaled(1, 1))
    pair = sides(SHAPE, BASE, scaled(crystal, detector))
    hold(
        pair,
        c_difference=largest_difference(pair.c, plain.c),
        port_difference=largest_difference(pair.double, plain.double),
    )


EXTREMES = {
    "one small cell": "-cell 5 6 7 90 90 90 -N 1 -lambda 1 -distance 100 -pixel 0.1 -default_F 1",
    "large crystal": "-cell 300 310 320 90 90 90 -N 500 -lambda 1 -distance 300 -pixel 0.01 "
    "-default_F 100",
    "hard X-rays": "-cell 80 80 80 90 90 90 -N 5 -lambda 0.02 -distance 1000 -pixel 0.05 "
    "-default_F 100",
    "soft X-rays": "-cell 80 80 80 90 90 90 -N 5 -lambda 12 -distance 20 -pixel 0.5 -default_F 100",
    "close detector": "-cell 80 80 80 90 90 90 -N 5 -lambda 1 -distance 1 -pixel 0.1 "
    "-default_F 100",
    "far detector": "-cell 800 800 800 90 90 90 -N 9 -lambda 1 -distance 30000 -pixel 0.5 "
    "-default_F 100",
    "few photons": "-cell 80 80 80 90 90 90 -N 5 -lambda 1 -distance 100 -pixel 0.2 -default_F 1 "
    "-fluence 1e10",
    "many photons": "-cell 80 80 80 90 90 90 -N 40 -lambda 1 -distance 100 -pixel 0.2 "
    "-default_F 1e5 -fluence 1e36",
}


@pytest.mark.parametrize("extreme", EXTREMES)
def test_extreme(sides: Sides, hold: Judge, extreme: str) -> None:
    """Nothing overflows, vanishes or loses its digits."""
    pair = sides(SHAPE, EXTREMES[extreme], "-misset 11 -8 5 -oversample 1")
    assert pair.c.min() > 0
    hold(pair)
