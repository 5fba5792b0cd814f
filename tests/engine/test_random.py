"""The random numbers against the table of specification 11.1, and what is drawn from them."""

import math

import pytest

from engine.random import ShuffleTable, Stream, random_misset

TABLE = [
    (
        -1,
        [0.415999353, 0.091964893, 0.75641048, 0.52970022,
         0.930436492, 0.383502066, 0.653918982, 0.0668422356],
        1899894091,
    ),
    (
        -123,
        [0.170755535, 0.538071811, 0.444127083, 0.812239647,
         0.575781107, 0.473043621, 0.0785275325, 0.0384897739],
        1758739317,
    ),
    (
        -12345,
        [0.923120558, 0.333146602, 0.197888419, 0.949421704,
         0.783800364, 0.983884633, 0.914130032, 0.583283305],
        1523644508,
    ),
    (
        -12345678,
        [0.765989304, 0.023453664, 0.589726627, 0.535101593,
         0.982231438, 0.693016112, 0.328146875, 0.29564169],
        716607775,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("seed", "deviates", "state"), TABLE)
def test_the_first_deviates(seed: int, deviates: list[float], state: int) -> None:
    stream = Stream(seed)
    assert [float(f"{stream.draw():.9g}") for _ in deviates] == deviates
    assert stream.state == state


def test_seed_zero_is_seed_one() -> None:
    zero, one = Stream(0), Stream(-1)
    assert [zero.draw() for _ in range(5)] == [one.draw() for _ in range(5)]


def test_a_positive_seed_continues_the_shared_table() -> None:
    table = ShuffleTable()
    Stream(-12345678, table).draw()
    continued, fresh = Stream(5, table), Stream(-5)
    assert continued.draw() != fresh.draw()
    assert continued.state == 5 * 16807


@pytest.mark.parametrize(
    ("seed", "degrees"),
    [
        (12345, (105.720754730633, -34.9513183631866, -97.8235714406551)),
        (123, (-95.1374834435608, -23.6873815845987, 35.3522796474191)),
    ],
)
def test_random_orientations(seed: int, degrees: tuple[float, float, float]) -> None:
    angles = random_misset(Stream(-seed))
    assert tuple(math.degrees(angle) for angle in angles) == pytest.approx(degrees, rel=1e-12)
