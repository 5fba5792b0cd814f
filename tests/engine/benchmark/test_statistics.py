"""Medians, ratios and intervals: paired, symmetric, and silent without enough rounds."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.benchmark.statistics import FEW, SINGLE, Times, drift, outliers, speed_up, warnings

seconds = st.floats(1e-3, 1e3)
rounds = st.lists(st.tuples(seconds, seconds), min_size=1, max_size=12)


def test_quartiles_of_known_times() -> None:
    times = Times.of([5.0, 1.0, 2.0, 4.0, 3.0])
    assert (times.q25, times.median, times.q75) == (2.0, 3.0, 4.0)
    assert times.samples == (5.0, 1.0, 2.0, 4.0, 3.0)


@given(rounds)
def test_swapping_the_sides_inverts_the_ratio(pairs: list[tuple[float, float]]) -> None:
    c, py = zip(*pairs, strict=True)
    there, back = speed_up(c, py, 1), speed_up(py, c, 1)
    assert there.ratio * back.ratio == pytest.approx(1.0)


@given(rounds)
def test_the_interval_holds_the_ratio_or_is_absent(pairs: list[tuple[float, float]]) -> None:
    c, py = zip(*pairs, strict=True)
    found = speed_up(c, py, 3)
    if len(pairs) < 5:
        assert found.ci_low is None
        assert found.ci_high is None
        assert found.note == (SINGLE if len(pairs) == 1 else FEW)
    else:
        assert found.ci_low is not None
        assert found.ci_high is not None
        assert found.ci_low <= found.ratio * (1 + 1e-12)
        assert found.ratio <= found.ci_high * (1 + 1e-12)


def test_one_disturbed_round_does_not_move_the_ratio() -> None:
    quiet = speed_up([2.0] * 9, [1.0] * 9, 1)
    disturbed = speed_up([2.0] * 8 + [90.0], [1.0] * 9, 1)
    assert quiet.ratio == disturbed.ratio == pytest.approx(2.0)


def test_pairs_cancel_a_common_drift() -> None:
    drift = [1.0, 1.5, 2.0, 2.5, 3.0]
    found = speed_up([3 * d for d in drift], drift, 1)
    assert found.ratio == pytest.approx(3.0)
    assert found.ci_low == pytest.approx(3.0)
    assert found.ci_high == pytest.approx(3.0)


def test_the_same_seed_gives_the_same_interval() -> None:
    c, py = [1.0, 1.2, 0.9, 1.4, 1.1], [0.5, 0.7, 0.4, 0.5, 0.6]
    assert speed_up(c, py, 5) == speed_up(c, py, 5)
    assert math.isclose(speed_up(c, py, 5).ratio, speed_up(c, py, 6).ratio)


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        ([1.0, 1.0, 1.0, 1.0], []),
        ([1.0, 1.5, 2.0, 2.5], ["quartiles", "unsteady"]),
        ([9.0, 1.0, 1.1, 1.0, 1.1], ["first run is slow", "unsteady", "round 1; kept"]),
        ([1.0, 1.01, 1.02, 1.03, 1.04], ["slower from round to round"]),
        ([1.04, 1.03, 1.02, 1.01, 1.0], ["faster from round to round"]),
        ([0.001, 0.001], ["below 5 ms"]),
    ],
)
def test_doubtful_times_are_named(samples: list[float], words: list[str]) -> None:
    found = warnings("C", Times.of(samples))
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_outliers_are_flagged_and_kept() -> None:
    samples = [1.0, 1.1, 0.9, 1.0, 5.0, 1.05]
    times = Times.of(samples)
    assert times.outliers == outliers(samples) == (4,)
    assert times.samples == tuple(samples)
    assert outliers([1.0, 9.0]) == ()


@given(st.lists(seconds, min_size=5, max_size=12))
def test_drift_agrees_with_scipy(samples: list[float]) -> None:
    from scipy import stats

    found = drift(samples)
    if len(set(samples)) == 1:
        assert found is None
    else:
        expected = stats.spearmanr(samples, range(len(samples))).statistic
        assert found == pytest.approx(float(expected), abs=1e-9)


def test_the_width_of_an_interval_is_a_share_of_the_ratio() -> None:
    assert speed_up([2.0], [1.0], 1).half_width is None
    found = speed_up([2.0, 2.2, 1.8, 2.1, 1.9], [1.0] * 5, 1)
    assert found.ci_low is not None
    assert found.ci_high is not None
    assert found.half_width == pytest.approx((found.ci_high - found.ci_low) / 2 / found.ratio)
