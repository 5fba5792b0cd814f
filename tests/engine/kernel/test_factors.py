"""Structure-factor look-up in a small box."""

import pytest
import torch
from torch import Tensor

from engine.kernel import Table
from engine.kernel.factors import in_range, nearest, tricubic

LIMITS = (-3, 4, -2, 3, 0, 5)


def cubic(h: Tensor, k: Tensor, l: Tensor) -> Tensor:  # noqa: E741 - Miller's
    return 3.0 + h**3 - 2.0 * h * k**2 + 0.5 * l**3 - k * l


@pytest.fixture
def table() -> Table:
    ranges = [
        torch.arange(LIMITS[2 * j], LIMITS[2 * j + 1] + 1, dtype=torch.float64) for j in range(3)
    ]
    values = cubic(*torch.meshgrid(*ranges, indexing="ij"))
    padded = torch.nn.functional.pad(values, (1,) * 6, value=-7.0)
    return Table(padded.flatten(), LIMITS)


def points(*rows: tuple[float, float, float]) -> list[Tensor]:
    return list(torch.tensor(rows, dtype=torch.float64).T)


def test_inside_finds_its_own_and_outside_the_default(table: Table) -> None:
    found = nearest(table, points((-3, -2, 0), (4, 3, 5), (5, 0, 0), (0, 0, -1), (99, -99, 0)))
    assert found[:2].tolist() == cubic(*points((-3, -2, 0), (4, 3, 5))).tolist()
    assert found[2:].tolist() == [-7.0] * 3


def test_a_cubic_is_interpolated_exactly(table: Table) -> None:
    index = points((-1.0, 0.0, 2.0), (0.3, 0.9, 2.7), (2.0, 1.0, 3.0), (1.999, 0.001, 2.5))
    assert bool(in_range(table, index).all())
    assert torch.allclose(tricubic(table, index, torch.float64), cubic(*index), rtol=1e-12)


@pytest.mark.parametrize(
    ("h", "k", "l"), [(-1.001, 0.5, 2.5), (2.001, 0.5, 2.5), (0, -0.001, 2.5), (0, 0.5, 3.001)]
)
def test_two_indices_from_the_edge_are_out_of_range(
    table: Table,
    h: float,
    k: float,
    l: float,  # noqa: E741 - Miller's
) -> None:
    index = points((h, k, l))
    assert not bool(in_range(table, index).any())
    assert bool(torch.isfinite(tricubic(table, index, torch.float32)).all())


def test_a_box_of_four_planes_leaves_nothing_between() -> None:
    flat = Table(torch.zeros(6 * 6 * 6), (0, 3, 0, 3, 0, 3))
    assert not flat.can_interpolate
    assert Table(torch.zeros(7**3), (0, 4, 0, 4, 0, 4)).can_interpolate
