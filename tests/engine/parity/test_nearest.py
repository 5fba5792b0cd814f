"""Points near each other, one by one or by SciPy's tree: the same answer."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from engine.parity import nearest as module
from engine.parity.nearest import nearest, pairs_within

LIMIT_PX = 5.0


@pytest.mark.parametrize("most_pairs", [0, module.MOST_PAIRS])
def test_the_nearest_are_those_of_the_tree(
    monkeypatch: pytest.MonkeyPatch, most_pairs: int
) -> None:
    monkeypatch.setattr(module, "MOST_PAIRS", most_pairs)
    random = np.random.default_rng(3)
    a, b = random.uniform(0, 100, (300, 2)), random.uniform(0, 100, (200, 2))
    distance, index = cKDTree(b).query(a, distance_upper_bound=LIMIT_PX)
    found = nearest(a, b, LIMIT_PX)
    assert np.array_equal(found, np.where(np.isfinite(distance), index, -1))
    assert 0 < np.count_nonzero(found < 0) < len(a)


def test_the_limit_itself_is_too_far_and_the_first_of_equals_is_taken() -> None:
    a = np.array([[10.0, 10.0], [30.0, 30.0]])
    b = np.array([[10.0, 12.0], [10.0, 8.0], [30.0, 35.0]])
    assert nearest(a, b, LIMIT_PX).tolist() == [0, -1]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_nothing_is_near_nothing(shape: tuple[int, int]) -> None:
    a, b = np.zeros((shape[0], 2)), np.zeros((shape[1], 2))
    assert np.array_equal(nearest(a, b, LIMIT_PX), np.full(shape[0], -1))


def test_every_pair_within_the_limit_is_listed_with_its_distance() -> None:
    a = np.array([[0.0, 0.0], [0.0, 3.0]])
    i, j, distance = pairs_within(a, a + np.array([4.0, 0.0]), 4.5)
    assert [i.tolist(), j.tolist(), distance.tolist()] == [[0, 1], [0, 1], [4.0, 4.0]]
