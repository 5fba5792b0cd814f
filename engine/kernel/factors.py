"""Structure-factor look-up: the nearest reflection, or tricubic interpolation (spec 9.7)."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.kernel.scene import Table

_MARGIN = 2
_NODES = range(4)


def nearest(table: Table, whole: Sequence[Tensor]) -> Tensor:
    """Return F of the nearest reflections.

    Parameters
    ----------
    whole
        h₀, k₀, l₀ as float64. One step outside the box finds the default F.
    """
    inside = [torch.clamp(w, *_ends(table, j, -1, 1)) for j, w in enumerate(whole)]
    return table.amplitudes[_flat(table, inside)]


def _ends(table: Table, axis: int, low: int, high: int) -> tuple[Any, Any]:
    """Return the limits of an axis, moved; numbers or tensors, as torch takes either in pairs."""
    return table.limits[2 * axis] + low, table.limits[2 * axis + 1] + high


def _flat(table: Table, whole: Sequence[Tensor]) -> Tensor:
    """Return positions in the padded table; exact, for they are far below 2⁵³."""
    along_h, along_k = table.strides
    origin = sum(
        stride * (table.limits[2 * j] - 1) for j, stride in enumerate((along_h, along_k, 1))
    )
    position = whole[0] * along_h + whole[1] * along_k + (whole[2] - origin)
    return position.to(torch.int64)


def in_range(table: Table, index: Sequence[Tensor]) -> Tensor:
    """Whether fractional indices have the neighbours that interpolation needs."""
    h, k, l = (  # noqa: E741 - Miller's
        (x >= table.limits[2 * j] + _MARGIN) & (x <= table.limits[2 * j + 1] - _MARGIN)
        for j, x in enumerate(index)
    )
    return h & k & l


def tricubic(table: Table, index: Sequence[Tensor], dtype: torch.dtype) -> Tensor:
    """Return F between the reflections: cubic Lagrange polynomials along l, k, h.

    Parameters
    ----------
    index
        h, k, l as float64, in range; those that are not give some finite number.
    """
    floors = [
        torch.clamp(torch.floor(x), *_ends(table, j, 1, -_MARGIN)) for j, x in enumerate(index)
    ]
    h, k, l = (  # noqa: E741 - Miller's
        _lagrange((x - floor).to(dtype)) for x, floor in zip(index, floors, strict=True)
    )
    along_h, along_k = table.strides
    corner = _flat(table, floors) - (along_h + along_k + 1)

    def along_l(i: int, j: int) -> Tensor:
        row = corner + (i * along_h + j * along_k)
        return _sum([l[n] * table.amplitudes[row + n] for n in _NODES])

    return _sum([h[i] * _sum([k[j] * along_l(i, j) for j in _NODES]) for i in _NODES])


def _sum(parts: Sequence[Tensor]) -> Tensor:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _lagrange(t: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the four basis polynomials on the nodes -1, 0, 1, 2."""
    below, above, far = t + 1.0, t - 1.0, t - 2.0
    return (
        t * above * far * (-1.0 / 6.0),
        below * above * far * 0.5,
        below * t * far * -0.5,
        below * t * above * (1.0 / 6.0),
    )
