"""Rendering with a graph: the kernel's functions, recorded by autograd.

Autograd would keep some forty tensors for every pixel and path. Each tile is under a checkpoint
instead: nothing of it is kept but where it is, and the backward pass computes it a second time.
Tiles are so small that what one of them keeps meanwhile is `_PATHS_AT_ONCE` times a kilobyte.
"""

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from engine.experiment import Experiment
from engine.formats.table import ReflectionTable
from engine.kernel import Job, Scene, Way, jobs, render
from engine.prepare import prepare
from engine.tiles import Progress, cut

_PATHS_AT_ONCE = 1 << 17


def render_with_graph(
    experiment: Experiment,
    table: ReflectionTable | None,
    *,
    device: torch.device,
    progress: Progress | None = None,
    amplitudes: Tensor | None = None,
) -> tuple[Tensor, float]:
    """Compute the image, connected to whatever of the experiment requires a gradient.

    Parameters
    ----------
    experiment, table, device, progress, amplitudes
        As for `engine.simulator.render`.

    Returns
    -------
    image
        Photons per pixel, float64, shape ``[slow, fast]``.
    omega_sum_sr
        The sum of the solid angles used.
    """
    scene = prepare(experiment, table, device=device, dtype=torch.float64, amplitudes=amplitudes)
    with torch.no_grad():
        # What a comparison decides is a constant of the graph.
        work = jobs(scene, cut(experiment, max(1, _PATHS_AT_ONCE // scene.paths)))
    total, done, omega_sum = sum(job.tile.pixels for job in work), 0, 0.0
    numbers = torch.arange(experiment.shape[0] * experiment.shape[1], device=device)
    numbers = numbers.view(experiment.shape)
    values: list[Tensor] = []
    places: list[Tensor] = []
    for job in work:
        image, omega = checkpoint(
            _photons, scene, job, use_reentrant=False, preserve_rng_state=False
        )
        values.append(image.flatten())
        places.append(numbers[job.tile.slow, job.tile.fast].flatten())
        omega_sum += float(omega)
        done += job.tile.pixels
        if progress is not None:
            progress(done, total)
    flat = torch.zeros(numbers.numel(), dtype=torch.float64, device=device)
    if values:
        flat = flat.index_put((torch.cat(places),), torch.cat(values))
    return flat.view(experiment.shape), omega_sum


def _photons(scene: Scene, job: Job) -> tuple[Tensor, Tensor]:
    found = render(scene, job, Way(torch.float64, _PATHS_AT_ONCE, smooth=True))
    return found.image, found.omega_sum
