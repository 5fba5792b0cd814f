"""Photon noise: the original's Poisson deviates, bit for bit (spec 11.4, 11.5, 10.5).

Every intermediate that is a ``float`` in the original is rounded to float32 here, and what its
mathematics library computes is computed in double. How many uniform deviates a pixel uses depends
on their values, so pixels follow one another; what does not depend on them is vectorised: the
generator before its shuffle, the thresholds of dim pixels, and the constants of bright ones.

References: W. H. Press et al., Numerical Recipes in C, 2nd ed. (1992), section 7.3, for the
rejection method; C. Lanczos, SIAM Journal on Numerical Analysis B 1 (1964) 86, for the gamma
function.
"""

import math
from array import array
from collections.abc import Iterator
from itertools import chain, pairwise
from operator import length_hint

import numpy as np
from numpy.typing import NDArray

from engine.crystal import Crystal, mosaic_matrices
from engine.random import (
    BIN_SHIFT,
    LARGEST,
    MODULUS,
    MULTIPLIER,
    UNIT,
    ShuffleTable,
    Stream,
    float32,
)  # fmt: skip

DIM_BELOW = 12.0
"""Means below it multiply deviates; means above reject from a Lorentzian envelope."""
GAUSSIAN_ABOVE = 1e6
"""Means above it take a Gaussian deviate."""

# Numbers treated at a time: few enough for the cache.
_BLOCK = 1 << 13
_REMEMBERED = 1 << 14
_LANCZOS = (
    76.18009172947146, -86.50532032941677, 24.01409824083091,
    -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5,
)  # fmt: skip
_ENVELOPE = 0.9


def noise_stream(crystal: Crystal, seed: int) -> "PoissonStream":
    """Return the deviates of a run's noise image.

    Parameters
    ----------
    crystal
        Its orientation and mosaic domains are drawn before, from a table that a positive stored
        seed continues (spec 11.2).
    seed
        The stored seed: minus the number on the command line.
    """
    table = ShuffleTable()
    if seed > 0:
        mosaic_matrices(crystal, table)
    return PoissonStream(Stream(seed, table))


class PoissonStream:
    """Poisson deviates for one pixel after another, in scan order.

    Parameters
    ----------
    stream
        The noise stream, its shuffle table as the mosaic draws left it (spec 11.2). It is used
        up: its state runs ahead in blocks.
    """

    def __init__(self, stream: Stream) -> None:
        stream.fill_table_if_due()
        self._states = chain.from_iterable(_state_blocks(stream.state))
        self._entries = stream.table.entries
        self._last = stream.table.last
        self._spare: float | None = None
        self._log_factorials: dict[float, float] = {}

    def draw(self, means: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the photons counted where ``means`` are expected.

        Parameters
        ----------
        means
            Expected photons of consecutive pixels, any shape.

        Returns
        -------
        NDArray
            Photons, same shape; whole numbers for means up to 10⁶.
        """
        flat = np.ascontiguousarray(means, dtype=np.float32).reshape(-1)
        photons = np.zeros_like(flat)
        bright = flat > GAUSSIAN_ABOVE
        turns = (np.flatnonzero(np.diff(bright)) + 1).tolist()
        edges = sorted({*turns, *range(0, flat.size, _BLOCK), flat.size})
        for start, stop in pairwise(edges):
            run = self._normal if bright[start] else self._count
            run(flat[start:stop], photons[start:stop])
        return photons.reshape(means.shape)

    def _count(self, means: NDArray[np.float32], photons: NDArray[np.float32]) -> None:
        """Fill in the photons of pixels up to 10⁶.

        A dim pixel is dark when its first deviate is at most e^-mean. In nearly all images that is
        nearly every pixel, so this loop does nothing else, and compares the generator's whole
        numbers instead of deviates.
        """
        limits = iter(_dark_limits(means))
        envelopes = _envelopes(means)
        entries, last = self._entries, self._last
        # The order matters: zip must find no pixel left before it takes a state.
        for limit, state in zip(limits, self._states, strict=False):
            j = last >> BIN_SHIFT
            last = entries[j]
            entries[j] = state
            if last > limit:
                pixel = means.size - length_hint(limits) - 1
                self._last = last
                if limit < 0:
                    photons[pixel] = self._rejected(*envelopes[pixel])
                else:
                    photons[pixel] = self._multiplied(float(means[pixel]))
                last = self._last
        self._last = last

    # The next two draw and round by hand: calls would cost more than the work.

    def _multiplied(self, mean: float) -> float:
        """Multiply deviates until the product is at most e^-mean; the first has been drawn."""
        entries, state, last, cell = (
            self._entries,
            self._states.__next__,
            self._last,
            array("f", [0]),
        )
        cell[0] = math.exp(-mean)
        limit, product, count = cell[0], 1.0, 0.0
        while True:
            cell[0] = last * UNIT
            deviate = cell[0]
            cell[0] = product * (deviate if deviate < LARGEST else LARGEST)
            product = cell[0]
            if product <= limit:
                self._last = last
                return count
            count += 1.0
            j = last >> BIN_SHIFT
            last = entries[j]
            entries[j] = state()

    def _rejected(self, mean: float, root: float, log_mean: float, density: float) -> float:
        """Reject counts from a Lorentzian envelope; the first deviate has been drawn."""
        entries, state, last, cell = (
            self._entries,
            self._states.__next__,
            self._last,
            array("f", [0]),
        )
        while True:
            cell[0] = last * UNIT
            deviate = cell[0]
            cell[0] = math.tan(math.pi * (deviate if deviate < LARGEST else LARGEST))
            slope = cell[0]
            cell[0] = root * slope
            cell[0] = cell[0] + mean
            count = cell[0]
            if count >= 0.0:
                count = float(math.floor(count))
                cell[0] = count * log_mean
                cell[0] = cell[0] - self._log_factorial(count)
                cell[0] = cell[0] - density
                exponential = math.exp(cell[0])
                cell[0] = slope * slope
                cell[0] = _ENVELOPE * (1.0 + cell[0]) * exponential
                ratio = cell[0]
                j = last >> BIN_SHIFT
                last = entries[j]
                entries[j] = state()
                cell[0] = last * UNIT
                deviate = cell[0]
                if (deviate if deviate < LARGEST else LARGEST) <= ratio:
                    self._last = last
                    return count
            j = last >> BIN_SHIFT
            last = entries[j]
            entries[j] = state()

    def _draw(self) -> float:
        j = self._last >> BIN_SHIFT
        self._last = self._entries[j]
        self._entries[j] = next(self._states)
        return min(float32(self._last * UNIT), LARGEST)

    def _log_factorial(self, count: float) -> float:
        """Return ln count!, remembering those that many pixels ask for."""
        known = self._log_factorials.get(count)
        if known is None:
            known = float(log_gamma(np.array([count + 1.0], dtype=np.float32))[0])
            if count < _REMEMBERED:
                self._log_factorials[count] = known
        return known

    def _normal(self, means: NDArray[np.float32], photons: NDArray[np.float32]) -> None:
        photons[:] = [float32(mean + math.sqrt(mean) * self._gaussian()) for mean in means.tolist()]

    def _gaussian(self) -> float:
        """Return a normal deviate; every second one was left over (spec 11.5)."""
        if self._spare is not None:
            spare, self._spare = self._spare, None
            return spare
        squared = 0.0
        while squared >= 1.0 or squared == 0.0:
            v1 = float32(2.0 * self._draw() - 1.0)
            v2 = float32(2.0 * self._draw() - 1.0)
            squared = float32(float32(v1 * v1) + float32(v2 * v2))
        factor = float32(math.sqrt(-2.0 * math.log(squared) / squared))
        self._spare = float32(v1 * factor)
        return float32(v2 * factor)


def _state_blocks(state: int) -> Iterator[list[int]]:
    """Yield the generator's states after ``state``, block after block."""
    powers = np.array([MULTIPLIER], dtype=np.uint64)
    while powers.size < _BLOCK:
        # Products of two numbers below 2³¹ fit 64 bits.
        powers = np.concatenate((powers, powers * powers[-1] % np.uint64(MODULUS)))
    while True:
        states = powers * np.uint64(state) % np.uint64(MODULUS)
        state = int(states[-1])
        yield states.tolist()


def _dark_limits(means: NDArray[np.float32]) -> list[int]:
    """Return the largest whole number whose deviate leaves each pixel dark.

    -1, which none is, for pixels that are not dim. NaN counts as dark.
    """
    exponents = np.where(means < DIM_BELOW, np.negative(means, dtype=np.float64), 0.0)
    limits = np.exp(exponents).astype(np.float32)
    # Deviates round to float32, so the bound lies half-way to the next float32, give or take one.
    halfway = (limits.astype(np.float64) + np.nextafter(limits, np.float32(2.0))) / 2.0
    found = np.floor(halfway * MODULUS).astype(np.int64) + 1
    for _ in range(3):
        found -= (found * UNIT).astype(np.float32) > limits
    found[limits >= LARGEST] = MODULUS
    found[means >= DIM_BELOW] = -1
    whole: list[int] = found.tolist()
    return whole


def _envelopes(means: NDArray[np.float32]) -> dict[int, tuple[float, float, float, float]]:
    """Return mean, width, ln mean and ln density of each pixel that is not dim, by pixel."""
    pixels = np.flatnonzero(means >= DIM_BELOW)
    if not pixels.size:
        return {}
    mean = means[pixels]
    root = np.sqrt(2.0 * mean.astype(np.float64)).astype(np.float32)
    log_mean = np.log(mean.astype(np.float64)).astype(np.float32)
    density = mean * log_mean - log_gamma(mean + np.float32(1.0))
    columns = (column.tolist() for column in (mean, root, log_mean, density))
    return dict(zip(pixels.tolist(), zip(*columns, strict=True), strict=True))


def log_gamma(z: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ln Γ(z) by Lanczos's series, summed in double."""
    x = z.astype(np.float64)
    shifted = x + 5.5
    shifted -= (x + 0.5) * np.log(shifted)
    series = np.full_like(x, 1.000000000190015)
    for j, coefficient in enumerate(_LANCZOS, 1):
        series += coefficient / (x + j)
    return (np.log(2.5066282746310005 * series / x) - shifted).astype(np.float32)
