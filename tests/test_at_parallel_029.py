"""AT-PARALLEL-029: what pixels miss between their centres falls with oversampling."""

import itertools

import numpy as np

from tests.acceptance import Image, Judge, Sides

SIDE_MM, PIXEL_MM = 12.8, 0.4
# Spots of 0.15 mm, a third of a pixel.
LINE = (
    "-cell 100 110 120 90 90 90 -misset 3 5 7 -N 6 -default_F 100 -lambda 1 -distance 100 "
    f"-denzo -Xbeam 6.3 -Ybeam 6.1 -detsize {SIDE_MM} -nopolar"
)
FINE = 16
LEVELS = (1, 2, 4, 8)


def test_oversampling(sides: Sides, hold: Judge) -> None:
    """The image approaches that of pixels of a sixteenth, summed, at every level."""
    coarse = [sides(LINE, f"-pixel {PIXEL_MM} -oversample {level}") for level in LEVELS]
    fine = sides(LINE, f"-pixel {PIXEL_MM / FINE} -oversample 1")
    falls, last = [], []
    for number in range(2):
        n = round(SIDE_MM / PIXEL_MM)
        truth = fine.both[number].reshape(n, FINE, n, FINE).sum(axis=(1, 3))
        errors = [missed(pair.both[number], truth) for pair in coarse]
        falls += [after / before for before, after in itertools.pairwise(errors)]
        last.append(errors[-1])
    hold(*coarse, slowest_fall=max(falls), remaining_error=max(last))


def missed(image: Image, truth: Image) -> float:
    """Return the photons in the wrong place, as a fraction of all."""
    return float(np.abs(image - truth).sum() / truth.sum())
