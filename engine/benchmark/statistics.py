"""Medians, quartiles and the ratio of two sets of times measured in rounds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ROUNDS_FOR_INTERVAL = 5
MOST_ROUNDS = 30
OUTLIER = 3.5
"""Modified z-score (median and median absolute deviation) beyond which a time is flagged."""
DRIFT = 0.5
"""Rank correlation of time and round beyond which the machine changed meanwhile."""
RESAMPLES = 2000
SINGLE = "single run, no confidence interval"
FEW = f"fewer than {ROUNDS_FOR_INTERVAL} rounds, no confidence interval"


@dataclass(frozen=True, slots=True)
class Times:
    """Wall times of one side in seconds, in the order they were measured."""

    samples: tuple[float, ...]
    median: float
    q25: float
    q75: float
    outliers: tuple[int, ...] = ()
    """Rounds, counted from 0, that lie far from the others; flagged, never dropped."""
    drift: float | None = None
    """Spearman's rank correlation of time and round; ``None`` with fewer than five."""

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Times":
        """Return the times with their median and quartiles (linear interpolation)."""
        q25, median, q75 = np.percentile(samples, [25, 50, 75]).tolist()
        return cls(tuple(samples), median, q25, q75, outliers(samples), drift(samples))

    @property
    def spread(self) -> float:
        """Interquartile range over the median."""
        return (self.q75 - self.q25) / self.median if self.median else 0.0


def outliers(samples: Sequence[float]) -> tuple[int, ...]:
    """Return the places of samples whose modified z-score is beyond :data:`OUTLIER`.

    The score is 0.6745 |t - median| / median |t - median| (Iglewicz & Hoaglin 1993). Fewer
    than five samples have none.
    """
    times = np.asarray(samples, np.float64)
    if times.size < ROUNDS_FOR_INTERVAL:
        return ()
    apart = np.abs(times - np.median(times))
    scale = float(np.median(apart))
    if not scale:
        return tuple(np.flatnonzero(apart > 0).tolist())
    return tuple(np.flatnonzero(0.6745 * apart / scale > OUTLIER).tolist())


def drift(samples: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation of the samples with their order.

    ``None`` with fewer than five samples, or when all are equal.
    """
    times = np.asarray(samples, np.float64)
    if times.size < ROUNDS_FOR_INTERVAL or (times == times[0]).all():
        return None
    order = np.sort(times)
    # Equal times share the mean of their ranks.
    ranks = (np.searchsorted(order, times, "left") + np.searchsorted(order, times, "right")) / 2
    return float(np.corrcoef(ranks, np.arange(times.size))[0, 1])


@dataclass(frozen=True, slots=True)
class SpeedUp:
    """C time over PyTorch time, paired by round: above 1 PyTorch is faster.

    ``ci_low`` and ``ci_high`` bound the middle 95 % of bootstrapped ratios; ``None``, with the
    reason in ``note``, when there are too few rounds to say.
    """

    ratio: float
    ci_low: float | None
    ci_high: float | None
    note: str

    @property
    def half_width(self) -> float | None:
        """Half of the interval over the ratio; ``None`` without an interval."""
        if self.ci_low is None or self.ci_high is None:
            return None
        return (self.ci_high - self.ci_low) / 2 / self.ratio


def speed_up(c_s: Sequence[float], py_s: Sequence[float], seed: int) -> SpeedUp:
    """Return ``exp(median(log(c / py)))`` over rounds, with a percentile bootstrap interval.

    Parameters
    ----------
    c_s, py_s
        Wall times of the same rounds.
    seed
        Seed of the bootstrap.

    Notes
    -----
    The median of paired logarithms is blind to one disturbed round, and swapping the sides
    inverts it exactly. A single pair can be off by 40 % on a busy machine.
    """
    logs = np.log(np.asarray(c_s, np.float64) / np.asarray(py_s, np.float64))
    ratio = math.exp(float(np.median(logs)))
    if logs.size < ROUNDS_FOR_INTERVAL:
        return SpeedUp(ratio, None, None, SINGLE if logs.size == 1 else FEW)
    draws = np.random.default_rng(seed).choice(logs, (RESAMPLES, logs.size))
    low, high = np.exp(np.percentile(np.median(draws, axis=1), [2.5, 97.5])).tolist()
    return SpeedUp(ratio, low, high, f"{logs.size} rounds, 95 % bootstrap interval")


def warnings(name: str, times: Times) -> list[str]:
    """Return what makes these times doubtful, one sentence each; nothing is ever dropped."""
    found = []
    if times.spread > 0.1:
        found.append(f"{name}: quartiles are {times.spread:.0%} of the median apart")
    if len(times.samples) >= 3 and times.samples[0] > 1.5 * times.median:
        found.append(f"{name}: the first run is slow ({times.samples[0]:.3g} s)")
    spread = np.asarray(times.samples)
    if len(times.samples) >= 3 and spread.std(ddof=1) >= 0.1 * spread.mean():
        share = spread.std(ddof=1) / spread.mean()
        found.append(f"{name}: unsteady, standard deviation {share:.0%} of the mean")
    if times.outliers:
        rounds = ", ".join(str(i + 1) for i in times.outliers)
        found.append(f"{name}: far from the others in round {rounds}; kept all the same")
    if times.drift is not None and abs(times.drift) > DRIFT:
        way = "slower" if times.drift > 0 else "faster"
        found.append(f"{name}: becomes {way} from round to round (rank {times.drift:+.2f})")
    if times.median < 0.005:
        found.append(f"{name}: below 5 ms the start of a process is measured, not the work")
    return found
