"""From the numbers of the set-up to tensors of the kernel, gradients included."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from engine.scalars import Tracked

Nested: TypeAlias = "float | Sequence[Nested]"


def tensor_of(
    numbers: Nested, *, device: torch.device, dtype: torch.dtype = torch.float64
) -> Tensor:
    """Return a tensor of nested numbers, connected to those that carry a gradient.

    Parameters
    ----------
    numbers
        A number, or sequences of equal length of numbers, as for ``torch.tensor``.
    """
    plain = torch.tensor(numbers, dtype=torch.float64)
    flat = list(_flat(numbers))
    if any(isinstance(number, Tracked) for number in flat):
        parts = [
            number.tensor if isinstance(number, Tracked) else constant
            for number, constant in zip(flat, plain.flatten().unbind(), strict=True)
        ]
        plain = torch.stack(parts).reshape(plain.shape)
    return plain.to(device=device, dtype=dtype)


def _flat(numbers: Nested) -> Iterable[float]:
    if isinstance(numbers, float | int):
        yield numbers
        return
    for part in numbers:
        yield from _flat(part)
