"""AT-PERF-006: everything is computed where it was asked for, and stays there.

Torch's meta device has shapes and no data: a tensor made elsewhere cannot be combined with one
of its own, and nothing can be copied back. What runs there runs on any device.
"""

from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.experiment import Experiment
from engine.kernel.pixel import Photons
from engine.kernel.pixel import render as render_tile
from engine.simulator import render
from tests.acceptance import Sides

LINE = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -lambda 1.1 -distance 100 -pixel 0.2 "
    "-phi 1 -osc 2 -mosaic 0.4 -mosaic_domains 2 -polar 0.9 -nointerpolate"
)
META = torch.device("meta")


class Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it so
    """Notes what is made on the host, what is brought over, and what is asked back."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.largest_on_host = 0
        self.crossings = 0
        self.answers = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> object:
        given = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
        if func is torch.ops.aten._local_scalar_dense.default and given[0].device == META:
            self.answers += 1
            return 1.0
        result = func(*args, **(kwargs or {}))
        made = [leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)]
        devices = {leaf.device for leaf in (*given, *made) if leaf.dim() > 0}
        self.crossings += len(devices) > 1
        for leaf in made:
            if leaf.device != META:
                self.largest_on_host = max(self.largest_on_host, leaf.numel())
        return result


def watch(sides: Sides, pixels: int, rows: int) -> Watch:
    """Render on the meta device, a row at a time."""
    reflections = "".join(f"{h} 1 2 {h + 10}.0\n" for h in range(-4, 5))
    path = sides.input("few.hkl", reflections)
    flags = f"-hkl {path} -default_F 3 -detpixels_f {pixels} -detpixels_s {rows}"
    experiment = Experiment.from_args(f"{LINE} {flags}".split())
    table = experiment.structure_factors.load()
    seen = Watch()

    def watched(*args: Any) -> Photons:
        with seen:
            return render_tile(*args)

    # Tiles have a thread of their own, and a mode sees its own thread alone.
    with pytest.MonkeyPatch.context() as patch, seen:
        patch.setattr("engine.tiles.render", watched)
        image = render(experiment, table, device="meta", tile_pixels=pixels).image
    assert image.device == META
    assert image.shape == (rows, pixels)
    return seen


def test_one_device(sides: Sides) -> None:
    """No pixel is computed on the host, and the traffic does not grow with the image."""
    small, large = watch(sides, 64, 2), watch(sides, 1024, 2)
    assert large.largest_on_host == small.largest_on_host < 1000
    assert large.crossings == small.crossings
    assert large.answers == small.answers


def test_one_answer_a_tile(sides: Sides) -> None:
    """The loop brings nothing over, and asks at most one number back for each tile."""
    few, many = watch(sides, 64, 2), watch(sides, 64, 6)
    assert many.crossings == few.crossings
    assert many.answers - few.answers <= 4


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda(sides: Sides) -> None:
    """On a real device the image is the C program's."""
    pair = sides(LINE, "-default_F 100 -detpixels 96")
    image = render(pair.experiment, None, device="cuda").image
    assert image.device.type == "cuda"
    assert abs(image.cpu().double().numpy() - pair.c).max() <= 1e-5 * pair.c.max()
