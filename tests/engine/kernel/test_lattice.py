"""Lattice factors: limits, symmetry and derivatives, shape by shape."""

import math

import pytest
import torch
from torch import Tensor

from engine.crystal import Shape
from engine.kernel import CrystalShape
from engine.kernel.lattice import _sine_of_half_turns, lattice_factor

SHAPES: list[Shape] = ["square", "round", "gauss", "tophat"]


def crystal(shape: Shape, *cells: float) -> CrystalShape:
    volume = math.prod(cells)
    metric = torch.tensor([1e-4, 1e-4, 4e-4, 0.0, 0.0, 0.0], dtype=torch.float64)
    return CrystalShape(
        shape, torch.tensor(cells, dtype=torch.float64), 1.0, metric * volume * volume
    )


def delta(h: float, k: float = 0.0, l: float = 0.0) -> list[Tensor]:  # noqa: E741
    return [torch.tensor([x], dtype=torch.float64) for x in (h, k, l)]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    ("shape", "peak"), [("square", 1.0), ("round", 0.723601254558268), ("gauss", 1), ("tophat", 1)]
)
def test_the_maximum_is_the_number_of_cells(shape: Shape, peak: float, dtype: torch.dtype) -> None:
    found = lattice_factor(crystal(shape, 3.0, 5.0, 2.0), delta(0.0), dtype)
    assert found.dtype == dtype
    assert float(found) == pytest.approx(30.0 * peak, rel=1e-6)


def test_a_square_crystal_of_one_cell_has_no_factor() -> None:
    found = lattice_factor(crystal("square", 1.0, 4.0, 1.0), delta(0.3, 0.25, -0.4), torch.float64)
    assert float(found) == pytest.approx(0.0, abs=1e-12)
    one = lattice_factor(crystal("square", 1.0, 1.0, 1.0), delta(0.3, 0.2, -0.4), torch.float64)
    assert float(one) == pytest.approx(1.0, rel=1e-14)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_transform_of_a_ball_is_smooth_where_its_series_takes_over(dtype: torch.dtype) -> None:
    edge = 1.0 / (math.pi * 10.0)
    ball = crystal("round", 10.0, 10.0, 10.0)
    below, above = (
        float(lattice_factor(ball, delta(edge * side), dtype)) for side in (1 - 1e-9, 1 + 1e-9)
    )
    expected = 1000.0 * 0.723601254558268 * 3.0 * (math.sin(1.0) - math.cos(1.0))
    tolerance = 1e-6 if dtype == torch.float32 else 1e-9
    assert below == pytest.approx(expected, rel=tolerance)
    assert above == pytest.approx(expected, rel=tolerance)


def test_gauss_and_tophat_share_their_radius() -> None:
    # rho = |delta_c c*| N^3 = 0.02 * 27 * delta_l
    cells = (3.0, 3.0, 3.0)
    rho = 0.02 * 27.0 * 0.4
    gauss = float(lattice_factor(crystal("gauss", *cells), delta(0, 0, 0.4), torch.float64))
    assert gauss == pytest.approx(27.0 * math.exp(-(rho**2) / 0.63), rel=1e-12)
    edge = 0.63 / (0.02 * 27.0 * 2.0)
    wide = crystal("tophat", 3.0, 3.0, 6.0)
    inside, outside = (
        float(lattice_factor(wide, delta(0, 0, edge * side), torch.float32))
        for side in (1 - 1e-9, 1 + 1e-9)
    )
    assert (inside, outside) == (54.0, 0.0)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_symmetric(shape: Shape) -> None:
    solid = crystal(shape, 4.0, 3.0, 5.0)
    one = lattice_factor(solid, delta(0.21, -0.13, 0.07), torch.float64)
    other = lattice_factor(solid, delta(-0.21, 0.13, -0.07), torch.float64)
    assert float(one) == pytest.approx(float(other), rel=1e-12)


@pytest.mark.parametrize("shape", ["square", "round", "gauss"])
@pytest.mark.parametrize("at", [0.0, 1e-9, 0.13])
def test_derivatives_are_right_at_whole_indices_too(shape: Shape, at: float) -> None:
    solid = crystal(shape, 4.0, 3.0, 5.0)

    def factor(h: Tensor) -> Tensor:
        return lattice_factor(solid, [h, h * 0.5, h * 0.2], torch.float64, smooth=True)

    h = torch.tensor([at], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(factor, (h,))


def test_the_compiler_s_sine_is_as_good_as_float32() -> None:
    turns = torch.linspace(-0.5, 0.5, 20001, dtype=torch.float64)
    exact = torch.sin(math.pi * turns)
    assert float((_sine_of_half_turns(turns) - exact).abs().max()) < 6e-8
    small = turns[(turns.abs() < 0.1) & (turns != 0.0)].float()
    ratio = _sine_of_half_turns(small).double() / torch.sin(math.pi * small.double())
    assert float((ratio - 1.0).abs().max()) < 4e-7
