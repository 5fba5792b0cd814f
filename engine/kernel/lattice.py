"""The lattice factor: what a crystal of given shape makes of the distance to a reflection.

Every function takes δ = h - h₀ for the three indices, float64, and returns F_latt (spec 9.5).
"""

import math
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from engine.crystal import Shape
from engine.kernel.scene import CrystalShape

_ROUND_AMPLITUDE = 0.723601254558268
_GAUSS_WIDTH = 0.63
_TOPHAT_EDGE = 0.3969
_POLE = {torch.float32: 1e-12, torch.float64: 1e-30}
"""Far below any non-zero δ: the difference of two float64 numbers near one or more is zero or at
least 1e-16. The product of three stays a normal number."""
_NEAR_POLE = 0.05
_SINE_TERMS = 6
_BALL_TERMS = 9

Delta = Iterable[Tensor]
"""Three tensors, each made when its turn comes: what is used at once stays in the cache."""


def lattice_factor(
    crystal: CrystalShape, delta: Delta, dtype: torch.dtype, *, smooth: bool = False
) -> Tensor:
    """Return F_latt.

    Parameters
    ----------
    crystal
        Shape and size.
    delta
        h - h₀, k - k₀, l - l₀, float64.
    dtype
        Of the result.
    smooth
        Take care of the derivative where the factor is 0/0.
    """
    if crystal.shape == "square" and smooth:
        return _smooth_square(crystal, delta, dtype)
    return _FACTORS[crystal.shape](crystal, delta, dtype)


def _square(crystal: CrystalShape, delta: Delta, dtype: torch.dtype) -> Tensor:
    """Return Π sin(πNδ)/sin(πδ); an axis of one cell contributes 1."""
    cells = crystal.cells.to(dtype)
    sines = [_sines(d.to(dtype), cells[j]) for j, d in enumerate(delta)]
    (n_h, d_h), (n_k, d_k), (n_l, d_l) = sines
    return n_h.mul_(n_k).mul_(n_l).div_(d_h.mul_(d_k).mul_(d_l))


def _sines(delta: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    """Return sin(πNδ) and sin(πδ), off the pole at δ = 0.

    A compiler makes a polynomial one pass over registers; eager torch would make each of its
    steps a pass over memory, where its own sine is one.
    """
    epsilon = _POLE[delta.dtype]
    if delta.dtype == torch.float32 and torch.compiler.is_compiling():
        shifted = delta + epsilon
        turns = shifted * cells
        return _sine_of_half_turns(turns - torch.round(turns)), _sine_of_half_turns(shifted)
    phase = torch.add(torch.full_like(cells, epsilon), delta, alpha=math.pi)
    return (phase * cells).sin_(), phase.sin_()


def _sine_of_half_turns(turns: Tensor) -> Tensor:
    """Return sin(π·turns) for |turns| ≤ ½, to 6e-8: the Taylor series to the eleventh power.

    An even number of half turns more or less changes nothing, and an odd number only the sign.
    """
    square = turns * turns
    result = torch.zeros_like(square)
    for n in reversed(range(_SINE_TERMS)):
        coefficient = (-1) ** n * math.pi ** (2 * n + 1) / math.factorial(2 * n + 1)
        result = result * square + coefficient
    return turns * result


def _smooth_square(crystal: CrystalShape, delta: Delta, dtype: torch.dtype) -> Tensor:
    """Return the square crystal's factor with a derivative that is right at whole indices too.

    Near the pole, where the derivative of the quotient would cancel, its series takes its place:
    where Nπδ is below the border the terms left out are smaller than float64's rounding.
    """
    factor: Tensor | None = None
    for j, d in enumerate(delta):
        phase, cells = math.pi * d.to(dtype), crystal.cells[j].to(dtype)
        near = (cells * phase.detach()).abs() < _NEAR_POLE
        away = torch.where(near, torch.full_like(phase, 0.5), phase)
        n_sq, p_sq = cells * cells, phase * phase
        third = (3.0 * n_sq * n_sq - 18.0 * n_sq + 31.0) / 15120.0
        bracket = 1.0 / 6.0 - p_sq * ((3.0 * n_sq - 7.0) / 360.0 - p_sq * third)
        series = cells * (1.0 - (n_sq - 1.0) * p_sq * bracket)
        quotient = torch.where(near, series, torch.sin(cells * away) / torch.sin(away))
        factor = quotient if factor is None else factor * quotient
    assert factor is not None  # noqa: S101 - there are three indices
    return factor


def _volume(crystal: CrystalShape, dtype: torch.dtype) -> Tensor:
    return crystal.cells.prod().to(dtype)


def _round(crystal: CrystalShape, delta: Delta, dtype: torch.dtype) -> Tensor:
    """Return NaNbNc·0.7236·G(π·r), the transform of a ball: G(x) = 3(sin x/x - cos x)/x².

    Below one its terms cancel each other, and a series takes its place.
    """
    cells = crystal.cells.to(dtype)
    h, k, l = (d.to(dtype) * cells[j] for j, d in enumerate(delta))  # noqa: E741 - Miller's
    x_sq = ((h * h + k * k) + l * l) * (math.pi**2 * crystal.fudge)
    large = x_sq.clamp(min=1.0)
    x = torch.sqrt(large)
    direct = 3.0 * (torch.sin(x) / x - torch.cos(x)) / large
    small = x_sq.clamp(max=1.0)
    series = torch.zeros_like(x_sq)
    for n in reversed(range(_BALL_TERMS)):
        coefficient = (-1) ** n * 3.0 * (2 * n + 2) / math.factorial(2 * n + 3)
        series = series * small + coefficient
    ball = torch.where(x_sq < 1.0, series, direct)
    return ball * (_volume(crystal, dtype) * _ROUND_AMPLITUDE)


def _rho_squared(crystal: CrystalShape, delta: Delta, dtype: torch.dtype) -> Tensor:
    """Return |δ_h a* + δ_k b* + δ_l c*|²·(NaNbNc)²·fudge, with the unrotated vectors (Q-GAUSS)."""
    m = (crystal.metric * crystal.fudge).to(dtype)
    h, k, l = (d.to(dtype) for d in delta)  # noqa: E741 - Miller's
    return (
        (m[0] * h + m[3] * k + m[5] * l) * h + (m[1] * k + m[4] * l) * k + m[2] * (l * l)
    )  # fmt: skip


def _gauss(crystal: CrystalShape, delta: Delta, dtype: torch.dtype) -> Tensor:
    rho_sq = _rho_squared(crystal, delta, dtype)
    return torch.exp(rho_sq * (-1.0 / _GAUSS_WIDTH)) * _volume(crystal, dtype)


def _tophat(crystal: CrystalShape, delta: Delta, dtype: torch.dtype) -> Tensor:
    """Return NaNbNc inside a sphere and 0 outside; on which side of the edge takes float64."""
    inside = _rho_squared(crystal, delta, torch.float64) < _TOPHAT_EDGE
    return inside.to(dtype) * _volume(crystal, dtype)


_FACTORS: dict[Shape, Callable[[CrystalShape, Delta, torch.dtype], Tensor]] = {
    "square": _square,
    "round": _round,
    "gauss": _gauss,
    "tophat": _tophat,
}
