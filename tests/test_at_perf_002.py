"""AT-PERF-002: work grows in proportion to pixels times steps. Counted, not timed."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.experiment import Experiment
from engine.kernel.pixel import Photons, render
from engine.simulator import simulate
from tests.acceptance import Judge

LINE = (
    "-cell 70 80 90 85 95 100 -misset 3 5 7 -N 8 -default_F 100 -lambda 1 -distance 100 "
    "-phi 1 -osc 2"
)


class Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it so
    """Counts the elements that torch's operations write."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.elements = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        result = func(*args, **(kwargs or {}))
        self.elements += sum(
            leaf.numel() for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)
        )
        return result


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Count on one thread: a mode does not see what other threads do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def work(pixels: int, phi_steps: int, oversample: int = 1) -> int:
    """Return how many elements an image of that many steps takes."""
    flags = f"-detpixels {pixels} -phisteps {phi_steps} -oversample {oversample}"
    experiment = Experiment.from_args(f"{LINE} {flags}".split())
    counter = Counter()

    def counted(*args: Any) -> Photons:
        with counter:
            return render(*args)

    # Tiles have a thread of their own, and a mode sees its own thread alone.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.tiles.render", counted)
        simulate(experiment, compile=False)
    return counter.elements


def departure(costs: dict[int, int]) -> float:
    """Return how far the cost of a further unit strays from its mean, as a fraction."""
    units = sorted(costs)
    each = [(costs[b] - costs[a]) / (b - a) for a, b in itertools.pairwise(units)]
    mean = (costs[units[-1]] - costs[units[0]]) / (units[-1] - units[0])
    assert mean > 0
    return max(abs(one / mean - 1) for one in each)


def test_pixels(hold: Judge) -> None:
    """Sixteen times the pixels, at three steps each."""
    costs = {n * n: work(n, 3) for n in (64, 128, 192, 256)}
    hold(departure=departure(costs))


def test_steps(hold: Judge) -> None:
    """Sixteen times the steps: spindle steps, then sub-pixels."""
    spindle = {n: work(64, n) for n in (2, 4, 8, 16, 32)}
    sub_pixels = {n * n: work(64, 2, oversample=n) for n in (1, 2, 3, 4)}
    hold(departure=max(departure(spindle), departure(sub_pixels)))
