"""Each kind of difference is told from the others by the images alone."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.parity.diagnosis.arrangement import OTHER_BYTE_ORDER
from engine.parity.diagnosis.signature import Kind, signature
from engine.parity.diagnosis.tiles import tile_map

Reals = NDArray[np.float64]
S, F = (a.astype(float) for a in np.mgrid[:96, :128])
PLACES = np.random.default_rng(7).uniform((8, 8), (88, 120), (40, 2))
HEIGHTS = np.random.default_rng(8).uniform(20.0, 200.0, 40)


def image(places: Reals = PLACES, heights: Reals = HEIGHTS, width: float = 1.5) -> Reals:
    rows = np.zeros(S.shape)
    for (s, f), height in zip(places, heights, strict=True):
        rows += height * np.exp(-((S - s) ** 2 + (F - f) ** 2) / (2.0 * width**2))
    return rows + 1e-6


X = image()
LIMIT = 5e-4 * X.max()
DIM = X < LIMIT
CENTRE = np.array([47.5, 63.5])
POLAR = 1.0 - 2e-5 * ((S - 47.5) ** 2 + (F - 63.5) ** 2)
ANGLE = 0.01
TURN = np.array([[np.cos(ANGLE), -np.sin(ANGLE)], [np.sin(ANGLE), np.cos(ANGLE)]])
FACTORS = np.random.default_rng(9).uniform(0.2, 3.0, 40)
RANDOM = np.random.default_rng(10).normal(1.0, 0.1, S.shape)
BRIGHT = X / X.max() * 3e38


@pytest.mark.parametrize(
    ("kind", "y"),
    [
        (Kind.NONE, X),
        (Kind.NONE, X * (1.0 + 1e-6)),
        (Kind.SCALE, X * 1.004),
        (Kind.SCALE, X * 1e-10),
        (Kind.SHIFTED, image(np.add(PLACES, (0.5, 0.0)))),
        (Kind.SHIFTED, image(np.add(PLACES, (0.3, -0.7)))),
        (Kind.MAGNIFIED, image(CENTRE + 1.01 * (PLACES - CENTRE))),
        (Kind.ROTATED, image(CENTRE + (PLACES - CENTRE) @ TURN)),
        (Kind.SMOOTH, X * POLAR),
        (Kind.BY_SPOT, image(heights=HEIGHTS * np.where(np.arange(40) == 3, 2.0, 1.0))),
        (Kind.NOISE, X * RANDOM),
        (Kind.SPOT_SHAPE, image(width=1.7)),
        (Kind.LOCAL, np.where((S == 50) & (F == 60), 90.0, X)),
        (Kind.WEAK, np.where(DIM, 1.5 * X, X)),
        (Kind.ONE_SIDED, np.where(S < 40, X, 0.0)),
        (Kind.REARRANGED, X[::-1]),
        (Kind.REARRANGED, X[::-1, ::-1]),
        (Kind.REARRANGED, np.roll(X, (1, -2), (0, 1))),
    ],
)
def test_each_difference_has_its_kind(kind: Kind, y: Reals) -> None:
    found = signature(X.astype("<f4"), y.astype("<f4"))
    assert found.kind is kind
    assert found.exact == (kind in {Kind.NONE, Kind.REARRANGED})


def test_structure_factors_vary_from_spot_to_spot() -> None:
    apart = np.array([(s, f) for s in range(10, 90, 16) for f in range(10, 120, 16)], float)
    heights = np.linspace(40.0, 90.0, len(apart))
    factors = np.random.default_rng(9).uniform(0.2, 3.0, len(apart))
    x, y = image(apart, heights), image(apart, heights * factors)
    found = signature(x.astype("<f4"), y.astype("<f4"))
    assert found.kind is Kind.BY_SPOT
    assert found.spots is not None
    assert found.spots.differing > len(apart) // 2


def test_only_the_brightest_pixels_overflow() -> None:
    x = BRIGHT.astype("<f4")
    y = np.where(x > 1e38, np.float32(np.inf), x)
    assert signature(x, y).kind is Kind.OVERFLOW
    assert signature(y, x).kind is Kind.OVERFLOW
    elsewhere = x.copy()
    elsewhere[0, 0] = np.inf
    assert signature(x, elsewhere).kind is Kind.NOT_FINITE
    elsewhere[0, 0] = np.nan
    assert signature(x, elsewhere).kind is Kind.NOT_FINITE


def test_a_transposed_image_is_seen_unless_symmetry_hides_it() -> None:
    square = X[:, :96].astype("<f4")
    found = signature(square, np.ascontiguousarray(square.T))
    assert found.arrangement is not None
    assert found.arrangement.name == "transposed"
    symmetric = (square + square.T).astype("<f4")
    assert signature(symmetric, np.ascontiguousarray(symmetric.T)).kind is Kind.NONE


def test_bytes_turned_round_are_seen_though_many_are_no_numbers() -> None:
    x = X.astype("<f4")
    near = (x * np.float32(1.0 + 1e-6)).byteswap()
    assert not np.isfinite(near).all()
    found = signature(x, near)
    assert found.exact
    assert found.arrangement is not None
    assert found.arrangement.name == OTHER_BYTE_ORDER
    assert signature(x, (2.0 * x).byteswap()).arrangement is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (17, 33)])
@pytest.mark.parametrize("value", [0.0, 2.0])
def test_dull_images_have_a_kind_too(shape: tuple[int, int], value: float) -> None:
    x, y = np.full(shape, value, "<f4"), np.full(shape, 3.0, "<f4")
    assert signature(x, x).kind is Kind.NONE
    assert signature(x, y).kind in {Kind.SCALE, Kind.ONE_SIDED}


def test_the_map_says_where() -> None:
    y = X.copy()
    y[70:80, 100:110] = 0.0
    tiles = tile_map(X.astype("<f4"), y.astype("<f4"))
    slow, fast = tiles.worst()
    assert tiles.slow_edges[slow] <= 80
    assert tiles.slow_edges[slow + 1] >= 70
    assert tiles.fast_edges[fast] <= 110
    assert tiles.fast_edges[fast + 1] >= 100
    whole = np.corrcoef(X.ravel(), y.ravel())[0, 1]
    one = tile_map(X.astype("<f4"), y.astype("<f4"), 1)
    assert one.correlation[0, 0] == pytest.approx(whole, rel=1e-6)
    assert one.sum_ratio[0, 0] == pytest.approx(y.sum() / X.sum(), rel=1e-6)
