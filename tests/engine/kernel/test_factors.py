"""Structure-factor look-up in a small box."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from engine.kernel import Table
from engine.kernel.factors import in_range, nearest, tricubic, windows

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


def test_rows_of_sixteen_interpolate_as_sixty_four_reads_do() -> None:
    seed = torch.Generator().manual_seed(3)
    amplitudes = torch.rand(10 * 8 * 8, generator=seed, dtype=torch.float64).to(torch.float32)
    single = Table(amplitudes, LIMITS)
    rows = replace(single, windows=windows(single))
    low, high = torch.tensor([-1.0, 0.0, 2.0]), torch.tensor([2.0, 1.0, 3.0])
    index = low + torch.rand(3, 7, 5, 3, generator=seed).to(torch.float64) * (high - low)
    index[0, :3, 0], index[0, 3:, 0] = low.to(index), high.to(index)
    along = list(index.permute(3, 0, 1, 2))
    expected = tricubic(single, along, torch.float32)
    assert torch.allclose(tricubic(rows, along, torch.float32), expected, atol=1e-5)


def test_points_beyond_the_table_stay_within_its_memory(table: Table) -> None:
    single = Table(table.amplitudes.to(torch.float32), LIMITS)
    rows = replace(single, windows=windows(single))
    index = points((99, 99, 99), (-99, -99, -99), (4, 3, 5), (-3, -2, 0))
    assert bool(torch.isfinite(tricubic(rows, index, torch.float32)).all())


def test_a_table_too_large_to_hold_sixteen_times_has_no_rows() -> None:
    assert windows(Table(torch.zeros(1).expand(140**3), (0, 137) * 3)) is None
