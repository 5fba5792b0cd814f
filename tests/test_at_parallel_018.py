"""AT-PARALLEL-018: orientations where formulas become 0/0."""

import numpy as np
import pytest

from tests.acceptance import Image, Judge, Sides, largest_difference

# XDS puts the direct beam on the centre of the middle pixel of an odd number: whole indices.
LINE = (
    "-xds -cell 80 80 80 90 90 90 -N 5 -default_F 100 -lambda 1 -distance 100 -pixel 0.25 "
    "-detpixels 65 -oversample 1"
)
QUARTERS = ["90 0 0", "0 90 0", "0 0 90", "0 -90 180", "180 0 0", "90 90 90", "270 180 90"]


@pytest.mark.parametrize("angles", [*QUARTERS, "360 0 0", "0 0 0"])
def test_quarter_turns(sides: Sides, hold: Judge, angles: str) -> None:
    """A cube is the same cube after any quarter turn, Euler's poles included."""
    plain, pair = sides(LINE), sides(LINE, f"-misset {angles}")
    hold(
        pair,
        c_difference=largest_difference(pair.c, plain.c),
        port_difference=largest_difference(pair.double, plain.double),
    )


def test_symmetry(sides: Sides, hold: Judge) -> None:
    """Along its axis a cube shows the symmetry of a square: mirrors and the diagonal."""
    pair = sides(LINE)

    def deviation(image: Image) -> float:
        partners = (image[::-1], image[:, ::-1], image.T)
        return max(largest_difference(partner, image) for partner in partners)

    hold(pair, asymmetry=max(deviation(image) for image in (*pair.both, pair.double)))


def test_whole_indices(sides: Sides, hold: Judge) -> None:
    """At h = k = l = 0 the interference is N, not 0/0: F² N⁶ times the solid angle."""
    pair = sides(LINE)
    expected = 100.0**2 * 5**6 * (0.25 / 100) ** 2
    found = np.array([image[32, 32] for image in (*pair.both, pair.double)])
    hold(pair, relative_error=float(np.abs(found / expected - 1).max()))


@pytest.mark.parametrize(
    "cell", ["50 60 70 90 90 120", "60 60 60 60 60 60", "50 60 70 90 90 90.001"]
)
def test_special_cells(sides: Sides, hold: Judge, cell: str) -> None:
    """Hexagonal, rhombohedral and nearly right-angled cells, edge along the beam."""
    hold(sides(LINE.replace("80 80 80 90 90 90", cell)))
