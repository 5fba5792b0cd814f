"""Fingerprints: few numbers that a different image would not share.

A fingerprint decides where the bits of an image depend on the machine's mathematics
library. Its 256 samples are the four corners, the brightest pixels of the 64 brightest
tiles of a 16 x 16 grid, a regular 8 x 8 grid, and pseudo-random pixels for the rest, so
that a shift, a transposition, a scale, a lost peak and a lost corner all show.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.golden.cases import SAMPLE_COUNT, Fingerprint

TOLERANCE = 1e-6
"""Largest difference allowed: of the image's maximum for a sample, of itself for a statistic.

Float32 storage alone takes 6e-8 of a value and two mathematics libraries differ by about
1e-13 before it; a physical difference is larger than 1e-4.
"""

_TILES, _PEAKS, _GRID, _SEED = 16, 64, 8, 20170517

Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How an image compares with a fingerprint.

    Parameters
    ----------
    agrees
        Whether every difference is within :data:`TOLERANCE`.
    worst
        The largest difference, in units of the tolerance's reference.
    worst_at
        The name of that statistic or sample.
    """

    agrees: bool
    worst: float
    worst_at: str


def statistics(image: Image) -> dict[str, float]:
    """Return max, mean, rms, rmsd and sum over all pixels, accumulated in double precision."""
    total = sum(float(row.sum(dtype=np.float64)) for row in image)
    mean = total / image.size
    squares = deviations = 0.0
    for row in image:
        wide = row.astype(np.float64)
        squares += float(np.dot(wide, wide))
        deviations += float(np.dot(wide - mean, wide - mean))
    return {
        "max": float(image.max()),
        "mean": mean,
        "rms": float(np.sqrt(squares / image.size)),
        "rmsd": float(np.sqrt(deviations / image.size)),
        "sum": total,
    }


def _peaks(image: Image) -> list[tuple[int, int]]:
    """Return the brightest pixel of each of the brightest tiles, brightest first."""
    slow_edges = np.linspace(0, image.shape[0], _TILES + 1).astype(int)
    fast_edges = np.linspace(0, image.shape[1], _TILES + 1).astype(int)
    found: list[tuple[float, int, int]] = []
    for s0, s1 in pairwise(slow_edges):
        for f0, f1 in pairwise(fast_edges):
            tile = image[s0:s1, f0:f1]
            if tile.size:
                s, f = divmod(int(tile.argmax()), tile.shape[1])
                found.append((-float(tile[s, f]), int(s0) + s, int(f0) + f))
    return [(s, f) for _, s, f in sorted(found)[:_PEAKS]]


def sample_positions(image: Image) -> list[tuple[int, int]]:
    """Return the 256 different pixels to sample, in reading order.

    Raises
    ------
    ValueError
        If the image has fewer pixels than that.
    """
    slow, fast = image.shape
    if image.size < SAMPLE_COUNT:
        raise ValueError(f"an image of {slow} x {fast} pixels is too small for a fingerprint")
    chosen = {(0, 0), (0, fast - 1), (slow - 1, 0), (slow - 1, fast - 1)}
    chosen.update(_peaks(image))
    grid = (2 * np.arange(_GRID) + 1) / (2 * _GRID)
    chosen.update((int(s * slow), int(f * fast)) for s in grid for f in grid)
    generator = np.random.Generator(np.random.PCG64(_SEED))
    while len(chosen) < SAMPLE_COUNT:
        chosen.add((int(generator.random() * slow), int(generator.random() * fast)))
    return sorted(chosen)


def of(image: Image) -> Fingerprint:
    """Return the fingerprint of an image [slow, fast]."""
    samples = tuple((s, f, float(image[s, f])) for s, f in sample_positions(image))
    return Fingerprint(samples=samples, **statistics(image))


def compare(image: Image, fingerprint: Fingerprint) -> Agreement:
    """Hold an image [slow, fast] against a fingerprint of the same shape."""
    differences: list[tuple[float, str]] = []
    for name, value in statistics(image).items():
        expected: float = getattr(fingerprint, name)
        differences.append((abs(value - expected) / (abs(expected) or 1.0), name))
    scale = abs(fingerprint.max) or 1.0
    for s, f, expected in fingerprint.samples:
        difference = abs(float(image[s, f]) - expected) / scale
        differences.append((difference, f"pixel [{s}, {f}]"))
    # A NaN compares false with everything: count it as the worst there is.
    worst, where = max((d if d == d else float("inf"), w) for d, w in differences)  # noqa: PLR0124 - d == d is the NaN test
    return Agreement(worst <= TOLERANCE, worst, where)
