"""Structure-factor look-up: the nearest reflection, or tricubic interpolation (spec 9.7)."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.kernel.scene import Table

_MARGIN = 2
_NODES = range(4)
_DIVISORS = (-6.0, 2.0, -2.0, 6.0)
"""Of the four basis polynomials on the nodes -1, 0, 1, 2."""
_WINDOWS_AT_MOST = 1 << 21
"""Positions; 64 bytes each."""
_AT_A_TIME = 16_384
"""Points whose 16 amplitudes each stay in the cache between the sum along h and the others."""


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
    if table.windows is None:
        corner, beyond = _corner(table, index, dtype)
        return _one_by_one(table, corner, beyond)
    found = torch.empty_like(index[0], dtype=dtype)
    parts = zip(*(torch.split(x.reshape(-1), _AT_A_TIME) for x in (*index, found)), strict=True)
    for h, k, l, out in parts:  # noqa: E741 - Miller's
        corner, beyond = _corner(table, (h, k, l), dtype)
        out.copy_(_in_windows(table.windows, corner, int(table.strides[0]), beyond))
    return found


def _corner(
    table: Table, index: Sequence[Tensor], dtype: torch.dtype
) -> tuple[Tensor, list[Tensor]]:
    """Return the position of the first of 64 neighbours, and how far indices are from the second.

    Both are what interpolation starts from; the distance, 0 to 1, is one for each axis.
    """
    floors = [
        torch.clamp(torch.floor(x), *_ends(table, j, 1, -_MARGIN)) for j, x in enumerate(index)
    ]
    beyond = [(x - floor).to(dtype) for x, floor in zip(index, floors, strict=True)]
    along_h, along_k = table.strides
    return _flat(table, floors) - (along_h + along_k + 1), beyond


def _one_by_one(table: Table, corner: Tensor, beyond: Sequence[Tensor]) -> Tensor:
    h, k, l = (_lagrange(t) for t in beyond)  # noqa: E741 - Miller's
    along_h, along_k = table.strides

    def along_l(i: int, j: int) -> Tensor:
        row = corner + (i * along_h + j * along_k)
        return _sum([l[n] * table.amplitudes[row + n] for n in _NODES])

    return _sum([h[i] * _sum([k[j] * along_l(i, j) for j in _NODES]) for i in _NODES])


def windows(table: Table) -> Tensor | None:
    """Return a copy of the table in which what interpolation needs of an h plane is one row.

    A row is a cache line: four reads for each evaluation in place of 64. The divisors of the
    polynomials along k and l are in it. None for a table too large to hold sixteen times.
    """
    along_k = int(table.strides[1])
    positions = table.amplitudes.numel() - 3 * (along_k + 1)
    if positions > _WINDOWS_AT_MOST:
        return None
    divisors = torch.tensor(_DIVISORS, dtype=table.amplitudes.dtype)
    found = table.amplitudes.as_strided((positions, 4, 4), (1, along_k, 1))
    return (found / (divisors[:, None] * divisors)).reshape(positions, 16)


def _in_windows(rows: Tensor, corner: Tensor, along_h: int, beyond: Sequence[Tensor]) -> Tensor:
    """Return the interpolated F: the sum along h in one pass over the rows, then l, then k."""
    h, k, l = (t.reshape(-1) for t in beyond)  # noqa: E741 - Miller's
    along = h.new_empty(len(h), len(_NODES))
    for node, product in enumerate(_products(h)):
        torch.div(product, _DIVISORS[node], out=along[:, node])
    steps = torch.arange(0, 4 * along_h, along_h, dtype=torch.int32, device=corner.device)
    planes = torch.nn.functional.embedding_bag(
        corner.to(torch.int32).reshape(-1, 1) + steps, rows, per_sample_weights=along, mode="sum"
    ).view(-1, 4, 4)
    lines = _weighted([planes[:, :, n] for n in _NODES], [w[:, None] for w in _products(l)])
    return _weighted(lines.unbind(1), _products(k)).view(corner.shape)


def _weighted(parts: Sequence[Tensor], weights: Sequence[Tensor]) -> Tensor:
    total = parts[0] * weights[0]
    for part, weight in zip(parts[1:], weights[1:], strict=True):
        total.addcmul_(part, weight)
    return total


def _sum(parts: Sequence[Tensor]) -> Tensor:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _lagrange(t: Tensor) -> list[Tensor]:
    """Return the four basis polynomials on the nodes -1, 0, 1, 2."""
    return [
        product * (1.0 / divisor) for product, divisor in zip(_products(t), _DIVISORS, strict=True)
    ]


def _products(t: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the basis polynomials without their divisors."""
    below, above, far = t + 1.0, t - 1.0, t - 2.0
    left, right = below * above, t * far
    return above * right, left * far, below * right, left * t
