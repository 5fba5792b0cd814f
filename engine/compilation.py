"""Whether to compile the kernel, and how a compiled one renders an image.

Compiling pays when the eager kernel would take much longer than the compiler. The decision looks
at the work alone, never at what lies in the cache: the same experiment takes the same way, and
gives the same bits, in every process.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.errors import EngineError
from engine.kernel import Job, Scene, Tile, Way
from engine.kernel.compiled import Runner, compiled
from engine.kernel.corrections import solid_angle
from engine.kernel.fused import Variant, variant_of
from engine.kernel.place import place
from engine.tiles import Progress, render_tiles

BAND_PIXELS = 1 << 20
EAGER_NS = 20.0
"""Of one pixel and step on one core, about."""
PAYS_ABOVE_S = 300.0
"""Eager seconds from which compiling is worth its minutes on a busy machine."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A compiled kernel, what building it took, and why there is none though it would pay."""

    runner: Runner | None = None
    built_s: float = 0.0
    warnings: tuple[str, ...] = ()


def choose(scene: Scene, work: Sequence[Job], dtype: torch.dtype, wanted: bool | None) -> Choice:
    """Return the kernel to use.

    Parameters
    ----------
    scene, work, dtype
        What is to be rendered.
    wanted
        True to compile whatever can be compiled, False for never, None for when it pays.

    Raises
    ------
    CompileError
        When it was wanted and fails; when it was not, the eager kernel takes its place.
    """
    if wanted is False or (wanted is None and not _pays(scene, work)):
        return Choice()
    variants: dict[bool, Variant] = {}
    for interpolate in {job.interpolated > 0 for job in work}:
        variant = variant_of(scene, dtype, interpolate=interpolate)
        if variant is not None:
            variants[interpolate] = variant
    if not variants or scene.camera.pix0.device.type != "cpu":
        return Choice()
    try:
        kernels = {interpolate: compiled(variant) for interpolate, variant in variants.items()}
    except EngineError as error:
        if wanted:
            raise
        return Choice(warnings=(f"{error.what}; the image takes longer without",))
    built_s = sum(kernel.built_s for kernel in kernels.values())
    return Choice(Runner(scene, kernels), built_s)


def _pays(scene: Scene, work: Sequence[Job]) -> bool:
    steps = sum(job.tile.pixels for job in work) * scene.paths
    return steps * EAGER_NS * 1e-9 / torch.get_num_threads() > PAYS_ABOVE_S


def render_compiled(
    runner: Runner,
    work: Sequence[Job],
    image: Tensor,
    way: Way,
    progress: Progress | None = None,
    *,
    sum_solid_angles: bool = True,
) -> float:
    """Render with compiled kernels, and what they do not take eagerly.

    Returns
    -------
    float
        The sum of the solid angles used, in steradian; 0 unless asked for.
    """
    taken = bands([job for job in work if runner.takes(job)])
    rest = [job for job in work if not runner.takes(job)]
    total = sum(job.tile.pixels for job in work)
    done, omega_sum = 0, 0.0
    for job in taken:
        runner.render(job, image)
        if sum_solid_angles:
            omega_sum += _solid_angles(runner.scene, job.tile)
        done += job.tile.pixels
        if progress is not None:
            progress(done, total)
    omega_sum += render_tiles(runner.scene, rest, image, way)
    if progress is not None and rest:
        progress(total, total)
    return omega_sum


def bands(work: Sequence[Job]) -> list[Job]:
    """Join jobs of the same kind and width that follow each other, up to `BAND_PIXELS`."""
    joined: list[Job] = []
    for job in work:
        last = joined[-1] if joined else None
        if last is None or not _continues(last, job):
            joined.append(job)
            continue
        a, b = last.tile, job.tile
        joined[-1] = replace(last, tile=Tile(a.slow0, b.slow1, a.fast0, a.fast1))
    return joined


def _continues(last: Job, job: Job) -> bool:
    a, b = last.tile, job.tile
    return (
        last.interpolated == job.interpolated
        and (a.fast0, a.fast1, a.slow1) == (b.fast0, b.fast1, b.slow0)
        and a.pixels + b.pixels <= BAND_PIXELS
    )


def _solid_angles(scene: Scene, tile: Tile) -> float:
    """Return the sum of the solid angles in force: the first sub-pixel's for all (spec 12.1)."""
    omega = solid_angle(scene.corrections, place(scene.camera, tile, 0, 0, 0).inverse_r,
                        torch.float64)  # fmt: skip
    if scene.mask is not None:
        omega = omega * scene.mask[tile.slow, tile.fast]
    return float(omega.sum()) * scene.camera.layers * scene.camera.oversample**2
