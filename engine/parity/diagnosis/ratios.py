"""How does the ratio of the two images vary? Not at all, smoothly with angle, from spot to spot."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.parity.diagnosis.survey import Survey
from engine.parity.images import Pixels

SPOT = 1e-2
"""A spot is where a pixel reaches this fraction of its image's maximum."""
LEAST_PIXELS = 3

_Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """The ratio y / x over the bright pixels.

    Attributes
    ----------
    pixels
        Bright pixels that are positive on both sides.
    median
        Of the ratio.
    low, high
        Its 5 % and 95 % quantiles.
    one_sided
        Fraction of bright pixels that are exactly zero on one side and not on the other.
    """

    pixels: int
    median: float
    low: float
    high: float
    one_sided: float


@dataclass(frozen=True, slots=True)
class Smoothness:
    """How much of the log-ratio's variance a smooth surface explains.

    Attributes
    ----------
    explained
        By a polynomial of fourth degree in position (fraction of the variance).
    radial
        By distance from the image's centre alone.
    amplitude
        Largest minus least value of the surface: the relative effect.
    """

    explained: float
    radial: float
    amplitude: float


@dataclass(frozen=True, slots=True)
class SpotRatios:
    """The ratio inside of spots and between them.

    Attributes
    ----------
    spots
        Spots with at least three pixels that are positive on both sides.
    differing
        Spots whose mean log-ratio is off by more than a thousandth.
    between, within
        RMS of the spots' mean log-ratio about the median spot, and of the pixels about
        their spot's mean.
    worst
        Slow, fast and ratio of the spots that are farthest off, the worst first.
    """

    spots: int
    differing: int
    between: float
    within: float
    worst: tuple[tuple[float, float, float], ...]


def spread(survey: Survey) -> Spread | None:
    """Return the spread of the ratio; ``None`` when no pixel is positive on both sides."""
    log_ratio = survey.log_ratio
    known = log_ratio[np.isfinite(log_ratio)]
    if not known.size:
        return None
    low, median, high = (float(v) for v in np.exp(np.quantile(known, (0.05, 0.5, 0.95))))
    zero = (survey.x == 0.0) != (survey.y == 0.0)
    return Spread(int(known.size), median, low, high, float(np.mean(zero)))


def smoothness(survey: Survey) -> Smoothness | None:
    """Return how smoothly the log-ratio varies; ``None`` with fewer than 50 bright pixels."""
    log_ratio = survey.log_ratio
    known = np.isfinite(log_ratio)
    if np.count_nonzero(known) < 50:
        return None
    z = log_ratio[known]
    variance = float(np.var(z))
    if variance == 0.0:
        return Smoothness(1.0, 1.0, 0.0)
    half = max(survey.shape) / 2.0
    u = (survey.slow[known] - (survey.shape[0] - 1) / 2.0) / half
    v = (survey.fast[known] - (survey.shape[1] - 1) / 2.0) / half
    rr = u * u + v * v
    one = np.ones_like(u)
    surface, explained = _explained(
        np.stack([one, u, v, u * u, u * v, v * v, rr * u, rr * v, rr * rr, u * u * u * u,
                  u * u * v * v], axis=1), z, variance,
    )  # fmt: skip
    _, radial = _explained(np.stack([one, rr, rr * rr], axis=1), z, variance)
    return Smoothness(explained, radial, float(surface.max() - surface.min()))


def spot_ratios(x: Pixels, y: Pixels, survey: Survey) -> SpotRatios | None:
    """Return ratios by spot; ``None`` when there is no spot.

    Parameters
    ----------
    x, y
        ``[slow, fast]`` pixels of equal shape.
    survey
        Of them.
    """
    with np.errstate(invalid="ignore"):
        bright = (x >= SPOT * survey.maximum[0]) | (y >= SPOT * survey.maximum[1])
        bright &= (x > 0) & (y > 0) & np.isfinite(x) & np.isfinite(y)
    where = np.flatnonzero(bright)
    if not where.size:
        return None
    from scipy import ndimage  # noqa: PLC0415  (it takes longer to import than a spot to find)

    labels, count = ndimage.label(bright)
    of = labels.reshape(-1)[where]
    a, b = x.reshape(-1)[where].astype(np.float64), y.reshape(-1)[where].astype(np.float64)
    z = np.log(b) - np.log(a)
    pixels = np.bincount(of, minlength=count + 1)
    mean = np.bincount(of, z, minlength=count + 1) / np.maximum(pixels, 1)
    used = np.flatnonzero(pixels >= LEAST_PIXELS)
    if not used.size:
        return None
    inside = np.isin(of, used)
    residual = z[inside] - mean[of[inside]]
    off = mean[used] - np.median(mean[used])
    return SpotRatios(
        spots=int(used.size),
        differing=int(np.count_nonzero(np.abs(off) > 1e-3)),
        between=float(np.sqrt(np.mean(off**2))),
        within=float(np.sqrt(np.mean(residual**2))),
        worst=_farthest(used, off, mean, labels),
    )


def neighbour_correlation(x: Pixels, y: Pixels, survey: Survey) -> float | None:
    """Return the lag-1 autocorrelation of y - x along fast, over the bright pixels.

    Near 0 the difference is noise: seeds, a race, rounding. Near 1 it has the shape of spots.
    """
    inside = survey.fast + 1 < survey.shape[1]
    slow, fast = survey.slow[inside], survey.fast[inside]
    here = survey.y[inside] - survey.x[inside]
    there = y[slow, fast + 1].astype(np.float64) - x[slow, fast + 1].astype(np.float64)
    known = np.isfinite(here) & np.isfinite(there)
    square = float(np.dot(here[known], here[known]))
    return float(np.dot(here[known], there[known])) / square if square > 0.0 else None


def _explained(design: _Reals, z: _Reals, variance: float) -> tuple[_Reals, float]:
    solution, *_ = np.linalg.lstsq(design, z, rcond=None)
    surface: _Reals = design @ solution
    return surface, max(0.0, 1.0 - float(np.mean((z - surface) ** 2)) / variance)


def _farthest(
    used: NDArray[np.int64], off: _Reals, mean: _Reals, labels: NDArray[Any]
) -> tuple[tuple[float, float, float], ...]:
    found = []
    for i in np.argsort(-np.abs(off))[:5]:
        slow, fast = np.nonzero(labels == used[i])
        found.append((float(slow.mean()), float(fast.mean()), float(np.exp(mean[used[i]]))))
    return tuple(found)
