"""The kernel as one function of tensors: what a compiler turns into one pass over registers.

The steps are a dimension: layers with sub-pixels, and terms, are summed over as two axes of one
reduction, so that one compiled program serves any number of them, and any number of pixels.
Nothing is kept from path to path. What does keep something (Q-RUNNING, a resolution cut that
chooses each pixel's polarisation) or has no such form (curved detectors) stays eager.
"""

import json
from dataclasses import asdict, dataclass
from typing import Literal

import torch
from torch import Tensor

from engine.crystal import Shape
from engine.kernel.corrections import capture, polarisation, solid_angle
from engine.kernel.paths import Method, intensity
from engine.kernel.place import Place, squared_distance
from engine.kernel.scene import (
    Camera,
    Corrections,
    CrystalShape,
    Scene,
    Sources,
    Table,
    Terms,
    Tile,
)

LookUp = Literal["default", "nearest"]


@dataclass(frozen=True, slots=True)
class Variant:
    """What is fixed when the kernel is compiled.

    Parameters
    ----------
    shape, look_up
        Lattice factor and structure factors.
    polarised, kahn
        Whether there is a polarisation factor, and with a Kahn factor other than zero.
    sensor
        Whether the last layer's captured fraction counts.
    omega_power
        Solid angle falls with this power of the distance.
    double
        Everything in float64.
    """

    shape: Shape
    look_up: LookUp
    polarised: bool
    kahn: bool
    sensor: bool
    omega_power: int
    double: bool

    @property
    def dtype(self) -> torch.dtype:
        """Precision of everything after the reduction to δ."""
        return torch.float64 if self.double else torch.float32

    def to_json(self) -> str:
        """Return the variant as text."""
        return json.dumps(asdict(self), sort_keys=True)


def variant_of(scene: Scene, dtype: torch.dtype, *, interpolate: bool) -> Variant | None:
    """Return the variant that computes a scene, or None when none does."""
    c = scene.corrections
    sensor = c.depth_attenuation is not None
    if interpolate and scene.table is not None:
        # 64 neighbours each with its own weights: the compiler's code grows beyond all bounds.
        return None
    if scene.camera.curved or c.dmin_m > 0.0 or c.any_each or (c.corrected and sensor):
        return None
    look_up: LookUp = "default" if scene.table is None else "nearest"
    return Variant(
        shape=scene.crystal.shape,
        look_up=look_up,
        polarised=c.polarised,
        kahn=c.polarised and bool(c.kahn_factor != 0.0),
        sensor=sensor,
        omega_power=c.omega_power,
        double=dtype == torch.float64,
    )


INPUTS = (
    "fast", "slow", "steps", "gram", "indices", "offsets", "cells",
    "fudge", "metric", "amplitudes", "limits", "default_F", "incident", "polar_b", "polar_e",
    "kahn_factor", "omega_scale", "normal", "depth_attenuation", "last_layer", "background",
    "scale",
)  # fmt: skip
"""Names of the fused kernel's arguments, in order, after the image."""


def constants(scene: Scene) -> dict[str, Tensor]:
    """Return the arguments that do not depend on the tile.

    Sub-pixels (``steps``: fast, slow, depth) and terms stand outermost: a compiler takes neighbours
    in memory together, and these are to be pixels, of which there are always many.
    """
    camera, c, table = scene.camera, scene.corrections, scene.table
    device = camera.pix0.device
    n, layers = camera.oversample, camera.layers

    def numbers(*values: float | Tensor, dtype: torch.dtype = torch.float64) -> Tensor:
        return torch.tensor([float(v) for v in values], dtype=torch.float64, device=device).to(
            dtype
        )

    step = camera.pixel_m / n
    subs = torch.arange(n, dtype=torch.float64, device=device) * step + step / 2.0
    depths = torch.arange(layers, dtype=torch.float64, device=device) * camera.layer_step_m
    return {
        "steps": torch.stack(
            [
                subs.repeat(n * layers),
                subs.repeat_interleave(n).repeat(layers),
                depths.repeat_interleave(n * n),
            ],
            dim=1,
        ),
        "gram": camera.gram,
        "indices": scene.terms.indices[..., 0, 0].permute(2, 0, 1).contiguous(),
        "offsets": scene.terms.offsets[..., 0, 0].T.contiguous(),
        "cells": scene.crystal.cells,
        "fudge": numbers(scene.crystal.fudge),
        "metric": scene.crystal.metric,
        "amplitudes": numbers(0.0, 0.0) if table is None else table.amplitudes,
        "limits": numbers(*((0,) * 6 if table is None else table.limits), dtype=torch.int64),
        "default_F": scene.default_F.reshape(1),
        "incident": scene.sources.incident[0],
        "polar_b": scene.sources.polar_b[0],
        "polar_e": scene.sources.polar_e[0],
        "kahn_factor": numbers(c.kahn_factor),
        "omega_scale": c.omega_scale.reshape(1),
        "normal": c.normal,
        "depth_attenuation": numbers(c.depth_attenuation or 0.0),
        "last_layer": numbers(layers - 1),
        "background": scene.background.reshape(1),
        "scale": scene.scale.reshape(1),
    }


def axes(camera: Camera, tile: Tile) -> dict[str, Tensor]:
    """Return the arguments that depend on the tile: where its pixels begin, in metres."""
    device = camera.pix0.device

    def edges(start: int, stop: int) -> Tensor:
        return torch.arange(start, stop, dtype=torch.float64, device=device) * camera.pixel_m

    return {"fast": edges(tile.fast0, tile.fast1), "slow": edges(tile.slow0, tile.slow1)}


class Fused(torch.nn.Module):
    """The kernel of one variant: writes the photons of a tile into ``out``, ``[slow, fast]``."""

    def __init__(self, variant: Variant) -> None:
        super().__init__()
        self.variant = variant

    def forward(self, out: Tensor, *arguments: Tensor) -> tuple[Tensor, ...]:
        """Compute a tile; the arguments are `INPUTS`."""
        given = dict(zip(INPUTS, arguments, strict=True))
        scene = _scene(self.variant, given)
        dtype = self.variant.dtype
        every = _place(given, slice(None), 4)
        method = Method(dtype)
        total = intensity(scene, scene.terms, every, method).sum((0, 1))
        if scene.table is None:
            total = total * (scene.default_F * scene.default_F).to(dtype)
        total = total + scene.background.to(dtype)
        out.copy_(total * _weight(scene, given, dtype))
        return ()


def _weight(scene: Scene, given: dict[str, Tensor], dtype: torch.dtype) -> Tensor:
    """Return what the sum is multiplied with: all from the first sub-pixel (Q-FIRSTVALUE)."""
    c = scene.corrections
    first = _place(given, 0, 2)
    weight = solid_angle(c, first.inverse_r, dtype) * scene.scale.to(dtype)
    if c.polarised:
        weight = weight * polarisation(c.kahn_factor, scene.sources, 0, first, dtype)
    if c.depth_attenuation is not None:
        # Of the last layer, at its first sub-pixel (Q-LAYERS).
        layer = given["last_layer"]
        steps = given["steps"]
        position = _at(given, steps[0, 0], steps[0, 1], steps[-1, 2], 2)
        weight = weight * capture(c, position, layer.to(dtype), dtype)
    return weight


def _place(given: dict[str, Tensor], which: int | slice, dims: int) -> Place:
    fast, slow, depth = (given["steps"][which, axis] for axis in range(3))
    return _at(given, fast, slow, depth, dims)


def _at(
    given: dict[str, Tensor], sub_fast: Tensor, sub_slow: Tensor, depth: Tensor, dims: int
) -> Place:
    """Return positions of shape ``[sub-pixels, 1, slow, fast]``, or ``[slow, fast]`` of one."""
    if dims == 4:
        sub_fast, sub_slow, depth = (x[:, None, None, None] for x in (sub_fast, sub_slow, depth))
    fast = given["fast"] + sub_fast
    slow = given["slow"][:, None] + sub_slow
    squared = squared_distance(given["gram"], fast, slow, depth)
    return Place(fast, slow, depth, torch.rsqrt(squared))


def _scene(variant: Variant, given: dict[str, Tensor]) -> Scene:
    """Return the scene that the arguments stand for, tensors in place of its numbers."""
    nothing = given["gram"]
    camera = Camera(
        (0, 0), 0.0, 1, nothing, nothing, nothing, nothing, nothing, given["gram"], nothing,
        curved=False, corrected=False, layers=1, layer_step_m=0.0,
    )  # fmt: skip
    low_h, high_h, low_k, high_k, low_l, high_l = given["limits"].unbind()
    table = Table(given["amplitudes"], (low_h, high_h, low_k, high_k, low_l, high_l))
    sources = Sources(
        given["incident"][None], given["polar_b"][None], given["polar_e"][None], nothing, nothing
    )
    corrections = Corrections(
        kahn_factor=given["kahn_factor"] if variant.kahn else 0.0,
        polarised=variant.polarised,
        omega_scale=given["omega_scale"],
        omega_power=variant.omega_power,
        normal=given["normal"],
        depth_attenuation=given["depth_attenuation"] if variant.sensor else None,
        each_thick=False,
        each_polar=False,
        each_omega=False,
        dmin_m=0.0,
        corrected=False,
    )
    return Scene(
        camera=camera,
        terms=Terms(
            given["indices"].permute(1, 2, 0)[..., None, None],
            given["offsets"].T[..., None, None],
        ),
        first_terms=None,
        sources=sources,
        crystal=CrystalShape(variant.shape, given["cells"], given["fudge"], given["metric"]),
        table=None if variant.look_up == "default" else table,
        default_F=given["default_F"],
        interpolate=False,
        corrections=corrections,
        background=given["background"],
        has_background=True,
        scale=given["scale"],
        mask=None,
    )
