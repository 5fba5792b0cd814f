"""Numbers that may carry a gradient through the set-up of an experiment.

The set-up computes with Python floats, in the original's order of operations. A physical field
that was given as a tensor becomes a `Tracked`: a float, equal to the last bit to what it would
have been without a gradient, that also records every operation on the tensor. Comparing, hashing,
printing and copying see the float; only the simulator asks for the tensor. This module does not
import torch: without a tensor there is nothing to track.

The functions of ``math`` return plain floats and would drop the gradient silently: the modules of
the set-up use those below.
"""

import dataclasses
import math
import operator
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from engine.errors import UnsupportedError, UsageError

if TYPE_CHECKING:
    from torch import Tensor

_Operation = Callable[[Any, Any], Any]


class Tracked(float):
    """A float and the tensor that computes it.

    Parameters
    ----------
    value
        The number.
    tensor
        The same number with its graph: no dimensions, float64, on the CPU.
    """

    __slots__ = ("tensor",)
    tensor: "Tensor"

    def __new__(cls, value: float, tensor: "Tensor") -> "Tracked":
        """Make the number and keep the tensor beside it."""
        self = super().__new__(cls, value)
        self.tensor = tensor
        return self

    def __reduce__(self) -> tuple[type[float], tuple[float]]:
        # Copies and pickles are plain numbers: what is printed and stored carries no graph.
        return (float, (float(self),))

    def __add__(self, other: float) -> "Tracked":
        return _combine(operator.add, self, other)

    def __radd__(self, other: float) -> "Tracked":
        return _combine(operator.add, other, self)

    def __sub__(self, other: float) -> "Tracked":
        return _combine(operator.sub, self, other)

    def __rsub__(self, other: float) -> "Tracked":
        return _combine(operator.sub, other, self)

    def __mul__(self, other: float) -> "Tracked":
        return _combine(operator.mul, self, other)

    def __rmul__(self, other: float) -> "Tracked":
        return _combine(operator.mul, other, self)

    def __truediv__(self, other: float) -> "Tracked":
        return _combine(operator.truediv, self, other)

    def __rtruediv__(self, other: float) -> "Tracked":
        return _combine(operator.truediv, other, self)

    def __pow__(self, other: float, mod: None = None) -> "Tracked":
        return _combine(operator.pow, self, other)

    def __rpow__(self, other: float, mod: None = None) -> "Tracked":
        return _combine(operator.pow, other, self)

    def __neg__(self) -> "Tracked":
        return Tracked(-float(self), -self.tensor)

    def __pos__(self) -> "Tracked":
        return self

    def __abs__(self) -> "Tracked":
        return Tracked(abs(float(self)), self.tensor.abs())


def _combine(operation: _Operation, left: float, right: float) -> Tracked:
    return Tracked(operation(float(left), float(right)), operation(lift(left), lift(right)))


def lift(value: float) -> Any:
    """Return the tensor of a tracked number, and any other number as it is."""
    return value.tensor if isinstance(value, Tracked) else value


def is_tracked(*values: float) -> bool:
    """Whether any of the numbers carries a gradient."""
    return any(isinstance(value, Tracked) for value in values)


def is_zero(value: float) -> bool:
    """Whether a number is zero and stays zero: a tracked zero still has a derivative."""
    return value == 0.0 and not isinstance(value, Tracked)


def sin(x: float) -> float:
    """Return sin x."""
    return Tracked(math.sin(x), x.tensor.sin()) if isinstance(x, Tracked) else math.sin(x)


def cos(x: float) -> float:
    """Return cos x."""
    return Tracked(math.cos(x), x.tensor.cos()) if isinstance(x, Tracked) else math.cos(x)


def sqrt(x: float) -> float:
    """Return the square root of x; at zero its derivative is taken as zero."""
    if not isinstance(x, Tracked):
        return math.sqrt(x)
    return Tracked(math.sqrt(x), x.tensor.sqrt()) if x > 0.0 else math.sqrt(x)


def exp(x: float) -> float:
    """Return e to the power of x."""
    return Tracked(math.exp(x), x.tensor.exp()) if isinstance(x, Tracked) else math.exp(x)


def adopt_tensors(instance: Any, *differentiable: str) -> None:
    """Make the tensors among the fields of a frozen dataclass tracked numbers.

    Called first in ``__post_init__``. A tensor without dimensions becomes a number, one of three
    a vector; those that require no gradient become plain floats.

    Parameters
    ----------
    differentiable
        The fields that a gradient can flow to.

    Raises
    ------
    UnsupportedError
        When a tensor in another field requires a gradient.
    UsageError
        When a tensor has another shape, or is not of real numbers.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return
    for field in dataclasses.fields(instance):
        given = getattr(instance, field.name)
        value = given
        if isinstance(given, torch.Tensor):
            value = _adopt(given, field.name)
        elif isinstance(given, tuple) and any(isinstance(v, torch.Tensor) for v in given):
            value = tuple(
                _adopt(v, field.name) if isinstance(v, torch.Tensor) else v for v in given
            )
        if value is given:
            continue
        if field.name not in differentiable and is_tracked(*_numbers(value)):
            raise UnsupportedError(
                "no gradient can flow to it", where=field.name,
                fix="give a number, or a tensor that requires no gradient",
            )  # fmt: skip
        object.__setattr__(instance, field.name, value)


def carries_gradient(part: Any) -> bool:
    """Whether any number of a dataclass, or of the dataclasses in it, is tracked."""
    if dataclasses.is_dataclass(part):
        return any(
            carries_gradient(getattr(part, field.name)) for field in dataclasses.fields(part)
        )
    return is_tracked(*_numbers(part))


def _numbers(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _adopt(tensor: "Tensor", name: str) -> float | tuple[float, ...]:
    if not tensor.is_floating_point() or tensor.dim() > 1:
        raise UsageError(
            f"expects one real number or a vector, not {list(tensor.shape)} of {tensor.dtype}",
            where=name,
        )
    if tensor.dim() == 1:
        numbers = (_adopt(part, name) for part in tensor.unbind())
        return tuple(n for n in numbers if not isinstance(n, tuple))
    exact = tensor.cpu().double()
    value = float(exact.detach())
    return Tracked(value, exact) if tensor.requires_grad else value
