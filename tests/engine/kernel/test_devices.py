"""The pixel loop stays on its device: nothing is moved, read back or made elsewhere.

The device is ``meta``, which holds no values: whatever would read one back, or mix devices in
one operation, fails there as it would be slow or wrong on a GPU. No GPU is needed for it.
"""

import dataclasses
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.experiment import Experiment
from engine.kernel import Job, Scene, Way, jobs
from engine.kernel.pixel import render
from engine.prepare import prepare
from engine.tiles import cut

BASE = (
    "-default_F 100 -lambda 1 -distance 100 -detpixels 24 -pixel 0.5 -cell 20 25 30 90 95 120 "
    "-misset 10 20 30 -N 5 "
)
WAYS = [
    "",
    "-round_xtal",
    "-gauss_xtal",
    "-tophat_spots",
    "-oversample 2 -osc 1 -phisteps 2 -mosaic 1 -mosaic_domains 3",
    "-detector_thick 300 -detector_abs 500 -thicksteps 3 -oversample_thick -oversample_polar",
    "-oversample_omega -water 0.01 -dmin 3 -hdivrange 3 -hdivsteps 3 -dispersion 1 -dispsteps 2",
    "-curved_det -point_pixel -nopolar -roi 3 20 2 19",
]


class Elsewhere(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes every operation that takes or makes a tensor on another device."""

    def __init__(self, device: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.device = device
        self.seen: list[str] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        for value in tree_leaves((args, kwargs, made)):
            if isinstance(value, Tensor) and value.device.type != self.device:
                self.seen.append(f"{func} {tuple(value.shape)} on {value.device}")
        return made


def moved(value: Any, device: str) -> Any:
    """The same tree of dataclasses and tuples with its tensors on another device."""
    if isinstance(value, Tensor):
        return value.to(device)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = (f.name for f in dataclasses.fields(value) if f.init)
        return dataclasses.replace(value, **{n: moved(getattr(value, n), device) for n in names})
    if isinstance(value, tuple):
        return tuple(moved(v, device) for v in value)
    return value


def prepared(words: str, dtype: torch.dtype) -> tuple[Scene, Job]:
    """A scene on the CPU and its first tile."""
    experiment = Experiment.from_args((BASE + words).split())
    table = experiment.structure_factors.load()
    with torch.no_grad():
        scene = prepare(experiment, table, device=torch.device("cpu"), dtype=dtype, amplitudes=None)
        return scene, jobs(scene, cut(experiment, 1 << 20))[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("words", WAYS)
def test_the_loop_stays_on_its_device(words: str, dtype: torch.dtype) -> None:
    scene, job = prepared(words, dtype)
    there = moved(scene, "meta")
    with torch.no_grad(), Elsewhere("meta") as watch:
        photons = render(there, job, Way(dtype, 1 << 20))
    assert photons.image.device.type == photons.omega_sum.device.type == "meta"
    assert tuple(photons.image.shape) == job.tile.shape
    assert watch.seen == []


def test_a_tensor_that_was_left_behind_is_noticed() -> None:
    scene, job = prepared("", torch.float32)
    there = moved(scene, "meta")
    left = dataclasses.replace(there.crystal, cells=scene.crystal.cells)
    with torch.no_grad(), Elsewhere("meta") as watch:
        render(dataclasses.replace(there, crystal=left), job, Way(torch.float32, 1 << 20))
    assert any("on cpu" in line for line in watch.seen)


def test_a_value_that_is_read_back_is_noticed() -> None:
    with pytest.raises((RuntimeError, NotImplementedError)):
        torch.zeros(3, device="meta").sum().item()


def test_what_is_made_without_a_device_is_noticed() -> None:
    with Elsewhere("meta") as watch:
        torch.zeros(3).to("meta")
    assert any("on cpu" in line for line in watch.seen)


def test_the_scene_is_prepared_on_the_device_asked_for() -> None:
    experiment = Experiment.from_args(BASE.split())
    other = torch.device("meta")
    scene = prepare(experiment, None, device=other, dtype=torch.float32, amplitudes=None)

    def devices(value: Any) -> set[str]:
        if isinstance(value, Tensor):
            return {value.device.type}
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = (getattr(value, f.name) for f in dataclasses.fields(value))
            return set().union(*(devices(v) for v in fields))
        return set().union(*map(devices, value)) if isinstance(value, tuple) else set()

    assert devices(scene) == {"meta"}
