"""Numbers with a gradient: equal to plain floats for everyone but the simulator."""

import copy
import dataclasses
import json
import math
import operator
import pickle
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch

from engine import scalars
from engine.errors import UnsupportedError, UsageError
from engine.scalars import Tracked, adopt_tensors, carries_gradient, is_tracked, is_zero
from engine.tensors import tensor_of

CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Part:
    length_m: float = 1.0
    angles_rad: tuple[float, ...] = (0.0, 0.0, 0.0)
    pixel_m: float = 1.0

    def __post_init__(self) -> None:
        adopt_tensors(self, "length_m", "angles_rad")


def leaf(value: float) -> torch.Tensor:
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def tracked(value: float) -> Tracked:
    return Tracked(value, leaf(value))


BINARY = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow]
UNARY = [operator.neg, operator.pos, abs, scalars.sin, scalars.cos, scalars.sqrt, scalars.exp]


@pytest.mark.parametrize("operation", BINARY)
@pytest.mark.parametrize("which", ["left", "right", "both"])
def test_arithmetic_is_that_of_floats_and_is_recorded(
    operation: Callable[[float, float], float], which: str
) -> None:
    x, y = 0.7, 1.3
    left = tracked(x) if which != "right" else x
    right = tracked(y) if which != "left" else y
    result = operation(left, right)
    assert isinstance(result, Tracked)
    assert float(result) == operation(x, y)
    assert float(result.tensor.detach()) == pytest.approx(operation(x, y), rel=1e-15)
    result.tensor.backward()  # type: ignore[no-untyped-call]
    step = 1e-6
    for number, derivative in (
        (left, (operation(x + step, y) - operation(x - step, y)) / (2 * step)),
        (right, (operation(x, y + step) - operation(x, y - step)) / (2 * step)),
    ):
        if isinstance(number, Tracked):
            assert float(number.tensor.grad or 0.0) == pytest.approx(derivative, rel=1e-8)


@pytest.mark.parametrize("function", UNARY)
def test_functions_are_those_of_floats_and_are_recorded(
    function: Callable[[float], float],
) -> None:
    x, step = 0.7, 1e-6
    number = tracked(x)
    result = function(number)
    assert isinstance(result, Tracked)
    assert float(result) == function(x)
    result.tensor.backward()  # type: ignore[no-untyped-call]
    slope = (function(x + step) - function(x - step)) / (2 * step)
    assert float(number.tensor.grad or 0.0) == pytest.approx(slope, rel=1e-8)


def test_the_root_of_zero_has_no_infinite_derivative() -> None:
    assert not is_tracked(scalars.sqrt(tracked(0.0)))


def test_a_tracked_zero_is_not_left_out() -> None:
    assert is_zero(0.0)
    assert not is_zero(tracked(0.0))
    assert not is_zero(1.0)


def test_fields_adopt_tensors() -> None:
    part = Part(length_m=leaf(2.0), angles_rad=torch.zeros(3, requires_grad=True))  # type: ignore[arg-type]
    assert part == Part(2.0)
    assert hash(part) == hash(Part(2.0))
    assert is_tracked(part.length_m)
    assert all(is_tracked(angle) for angle in part.angles_rad)
    mixed = Part(angles_rad=(0.0, leaf(1.0), 2.0))  # type: ignore[arg-type]
    assert [is_tracked(angle) for angle in mixed.angles_rad] == [False, True, False]


def test_a_tensor_without_a_gradient_is_a_number() -> None:
    assert type(Part(length_m=torch.tensor(2.0)).length_m) is float  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [torch.zeros(2, 2), torch.tensor(1), torch.tensor(1j)])
def test_other_tensors_are_refused(value: torch.Tensor) -> None:
    with pytest.raises(UsageError, match="length_m: expects one real number"):
        Part(length_m=value)  # type: ignore[arg-type]


def test_a_gradient_that_cannot_flow_is_refused() -> None:
    assert Part(pixel_m=torch.tensor(2.0)).pixel_m == 2.0  # type: ignore[arg-type]
    with pytest.raises(UnsupportedError, match="pixel_m: no gradient can flow to it"):
        Part(pixel_m=leaf(2.0))  # type: ignore[arg-type]


def test_gradients_are_found_in_parts_of_parts() -> None:
    @dataclass(frozen=True)
    class Whole:
        part: Part
        name: str = "whole"

    assert not carries_gradient(Whole(Part()))
    assert carries_gradient(Whole(Part(length_m=leaf(2.0))))  # type: ignore[arg-type]
    assert carries_gradient(Whole(Part(angles_rad=(0.0, leaf(1.0)))))  # type: ignore[arg-type]


def test_copies_and_plain_data_carry_no_graph() -> None:
    part = Part(length_m=leaf(2.0))  # type: ignore[arg-type]
    assert type(dataclasses.asdict(part)["length_m"]) is float
    assert type(copy.deepcopy(part).length_m) is float
    assert type(pickle.loads(pickle.dumps(tracked(2.0)))) is float  # noqa: S301 - our own bytes
    assert json.dumps(part.length_m) == "2.0"
    assert is_tracked(dataclasses.replace(part, angles_rad=(1.0, 2.0, 3.0)).length_m)


def test_tensors_of_numbers_keep_their_graph() -> None:
    x = leaf(2.0)
    number = Tracked(2.0, x)
    matrix = tensor_of([[1.0, number], [number * number, 4.0]], device=CPU)
    assert matrix.tolist() == [[1.0, 2.0], [4.0, 4.0]]
    matrix.sum().backward()  # type: ignore[no-untyped-call]
    assert float(x.grad or 0.0) == 5.0
    plain = tensor_of(math.pi, device=CPU, dtype=torch.float32)
    assert (plain.shape, plain.dtype, plain.requires_grad) == ((), torch.float32, False)
