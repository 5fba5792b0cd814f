"""From an experiment to an image: set-up in float64, then tile after tile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine import memory
from engine.compilation import choose, render_compiled
from engine.differentiable import render_with_graph
from engine.errors import OutOfMemoryError, UsageError
from engine.experiment import Experiment
from engine.formats.table import ReflectionTable
from engine.kernel import Job, Scene, Way, jobs
from engine.kernel.pixel import ALL_PATHS
from engine.prepare import prepare
from engine.sampling import Roi
from engine.scalars import carries_gradient
from engine.tiles import Progress, cut, render_tiles, threads_of_one

# Measured: with a quarter of it two cores took twice the time, waiting for each other's turn in
# the interpreter between operations; far above, buffers leave the cache.
_TILE_PIXELS = 131_072
_DEVICE_TILE_PIXELS = 1 << 21
_DTYPES = (torch.float32, torch.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Rendering:
    """An image and what the pixel loop learned on the way.

    Parameters
    ----------
    image
        Photons per pixel, shape ``[slow, fast]``.
    omega_sum_sr
        Solid angles of the rendered pixels, summed over sub-pixels, divided by the steps
        (the figure nanoBragg prints, spec 12.1).
    warnings
        One line for each peculiarity that only the pixel loop meets.
    compile_s
        Seconds spent on compiling the kernel; 0 when it was not, or was before.
    """

    image: Tensor
    omega_sum_sr: float
    warnings: tuple[str, ...] = ()
    compile_s: float = 0.0


def simulate(
    experiment: Experiment,
    *,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
    roi: tuple[int, int, int, int] | None = None,
    progress: Progress | None = None,
    amplitudes: Tensor | None = None,
    out: Tensor | None = None,
    compile: bool | None = None,
) -> Tensor:
    """Compute the image of an experiment.

    The image is connected to every number of the experiment that was given as a tensor and
    requires a gradient (docs/refinement.md). With one, and with gradients enabled, everything is
    computed in float64, and nothing is rounded to single precision but the image.

    Parameters
    ----------
    experiment
        What to simulate.
    device
        Where to compute.
    dtype
        ``float32`` or ``float64``: precision of the lattice factor and of the image; geometry
        and Miller indices are always float64.
    roi
        ``(slow0, slow1, fast0, fast1)``, half-open; replaces the experiment's own region.
        Pixels outside are zero.
    progress
        Called with the pixels done and the pixels to do after every tile.
    amplitudes
        Structure factors in place of those that were read, electrons: shape ``[h, k, l]``, as
        ``experiment.structure_factors.load().amplitudes``. May require a gradient.
    out
        Where to write the image: shape ``[slow, fast]``, of ``dtype`` and on ``device``. Not
        with gradients.
    compile
        True compiles the kernel where it can be compiled (docs/performance.md), False never
        does, None does where the work is so much that it pays.

    Returns
    -------
    Tensor
        Photons per pixel, shape ``[slow, fast]``, on ``device``.

    Raises
    ------
    UsageError
        For another dtype, a region that is empty, amplitudes of another shape than the table,
        or an ``out`` that does not fit.
    CompileError
        When ``compile`` is True and there is no compiler.
    FileError
        When the structure factors cannot be read.
    OutOfMemoryError
        When the image does not fit the machine; looked at before anything is allocated.
    """
    if roi is not None:
        experiment = with_roi(experiment, roi)
    table = experiment.structure_factors.load()
    if table is None and amplitudes is not None:
        raise UsageError("there is no reflection table to replace", where="amplitudes")
    return render(
        experiment, table, device=device, dtype=dtype, progress=progress, amplitudes=amplitudes,
        out=out, compile=compile, sum_solid_angles=False,
    ).image  # fmt: skip


def with_roi(experiment: Experiment, roi: tuple[int, int, int, int]) -> Experiment:
    """Return the experiment restricted to ``(slow0, slow1, fast0, fast1)``, half-open."""
    slow0, slow1, fast0, fast1 = roi
    slow_pixels, fast_pixels = experiment.shape
    if not (0 <= slow0 < slow1 <= slow_pixels and 0 <= fast0 < fast1 <= fast_pixels):
        raise UsageError(f"{roi} is not a region of this detector", where="roi")
    inclusive = Roi(fast0, fast1 - 1, slow0, slow1 - 1)
    return replace(experiment, sampling=replace(experiment.sampling, roi=inclusive))


def render(
    experiment: Experiment,
    table: ReflectionTable | None,
    *,
    device: str | torch.device = "cpu",
    dtype: torch.dtype = torch.float32,
    progress: Progress | None = None,
    tile_pixels: int | None = None,
    amplitudes: Tensor | None = None,
    out: Tensor | None = None,
    compile: bool | None = None,
    sum_solid_angles: bool = True,
) -> Rendering:
    """Compute the image and the figures of the report.

    Parameters
    ----------
    experiment, device, dtype, progress, amplitudes, out, compile
        As for `simulate`.
    table
        The reflections: ``experiment.structure_factors.load()``.
    tile_pixels
        Pixels the kernel works on at a time; None for what suits the device. It changes the
        speed and the memory used, not the image.
    sum_solid_angles
        Whether ``omega_sum_sr`` is wanted; without, a compiled kernel leaves it zero.
    """
    if dtype not in _DTYPES:
        raise UsageError(f"dtype is float32 or float64, not {dtype}", where="dtype")
    where = torch.device(device)
    if out is None and where.type == "cpu":
        memory.demand(experiment.shape, dtype.itemsize)
    if torch.is_grad_enabled() and _has_graph(experiment, amplitudes):
        if out is not None:
            raise UsageError("an image with gradients is a tensor of its own", where="out")
        image, omega_sum = render_with_graph(
            experiment, table, device=where, progress=progress, amplitudes=amplitudes
        )
        return Rendering(image.to(dtype), omega_sum / experiment.steps)
    if tile_pixels is None:
        tile_pixels = _TILE_PIXELS if where.type == "cpu" else _DEVICE_TILE_PIXELS
    with torch.no_grad():
        scene = prepare(experiment, table, device=where, dtype=dtype, amplitudes=amplitudes)
        image = _canvas(experiment.shape, dtype, where, out)
        with threads_of_one(where) as pool:
            work = pool.submit(jobs, scene, cut(experiment, tile_pixels)).result()
        choice = choose(scene, work, dtype, compile)
        way = Way(dtype, tile_pixels)
        if choice.runner is None:
            omega_sum = render_tiles(scene, work, image, way, progress)
        else:
            omega_sum = render_compiled(
                choice.runner, work, image, way, progress, sum_solid_angles=sum_solid_angles
            )
    warnings = (*_interpolation_ends(work, scene), *choice.warnings)
    return Rendering(image, omega_sum / experiment.steps, warnings, choice.built_s)


def _interpolation_ends(work: Sequence[Job], scene: Scene) -> tuple[str, ...]:
    """Say where an index too near the edge of the table ended interpolation (spec 9.7)."""
    if not scene.interpolate:
        return ()
    for job in work:
        if job.interpolated < ALL_PATHS:
            where = f"slow {job.tile.slow0}, fast {job.tile.fast0}"
            line = f"interpolation ends at pixel {where}: its index is near the edge of the list"
            return (f"{line}; from there on the nearest reflection is taken (Q-INTERPOFF)",)
    return ()


def _has_graph(experiment: Experiment, amplitudes: Tensor | None) -> bool:
    return carries_gradient(experiment) or (amplitudes is not None and amplitudes.requires_grad)


def _canvas(
    shape: tuple[int, int], dtype: torch.dtype, device: torch.device, out: Tensor | None
) -> Tensor:
    """Return zeros to render into: the caller's tensor, or a new one."""
    if out is None:
        return _blank(shape, dtype, device)
    if tuple(out.shape) != shape or out.dtype != dtype or out.device.type != device.type:
        raise UsageError(
            f"expects {list(shape)} of {dtype} on {device}, not {list(out.shape)} of {out.dtype} "
            f"on {out.device}",
            where="out",
        )
    return out.zero_()


def _blank(shape: tuple[int, int], dtype: torch.dtype, device: torch.device) -> Tensor:
    try:
        return torch.zeros(shape, dtype=dtype, device=device)
    except RuntimeError as error:
        raise OutOfMemoryError(
            f"no memory for an image of {shape[1]} x {shape[0]} pixels on {device}",
            where="-detpixels, -detsize",
            fix="fewer pixels, or a machine with more memory",
        ) from error
