"""The image cut into tiles, and the tiles handed to the processor's cores.

Each core works through whole tiles by itself, in a thread of its own. The other way, every
operation of one tile divided among all cores, ends each of some thirty operations a tile with a
barrier at which fast cores spin until the slowest arrives: on a machine with other work to do
that cost up to a hundred times the quiet time (measured at 4096 x 4096 on two cores: 0.13 s
quiet, 3 to 15 s beside two busy processes).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch
from torch import Tensor

from engine.experiment import Experiment
from engine.kernel import Job, Photons, Scene, Tile, Way, render

Progress = Callable[[int, int], None]
"""Called with the pixels done and the pixels to do."""

_KEPT_BYTES = 24 << 20
"""Below 32 MiB, bookkeeping included: glibc learns nothing from a larger block."""


def cut(experiment: Experiment, tile_pixels: int) -> list[Tile]:
    """Cut the region of interest into tiles of at most ``tile_pixels`` pixels, row by row."""
    slow_pixels, fast_pixels = experiment.shape
    roi = experiment.sampling.roi
    slow0, slow1 = roi.slow_min, min(roi.slow_max + 1, slow_pixels)
    fast0, fast1 = roi.fast_min, min(roi.fast_max + 1, fast_pixels)
    if slow1 <= slow0 or fast1 <= fast0:
        return []
    width = min(fast1 - fast0, tile_pixels)
    height = max(1, tile_pixels // width)
    return [
        Tile(slow, min(slow + height, slow1), fast, min(fast + width, fast1))
        for slow in range(slow0, slow1, height)
        for fast in range(fast0, fast1, width)
    ]


def render_tiles(
    scene: Scene, work: Sequence[Job], image: Tensor, way: Way, progress: Progress | None = None
) -> float:
    """Render every tile into the image.

    Parameters
    ----------
    scene
        What to compute.
    work
        Tiles that do not overlap.
    image
        Shape ``[slow, fast]``, on the scene's device.
    way
        How to compute.
    progress
        Called after every tile, in the caller's thread.

    Returns
    -------
    float
        The sum of the solid angles used, in steradian: the same to the last bit whatever the
        number of threads.
    """
    total = sum(job.tile.pixels for job in work)
    done = 0
    omegas = []
    for job, photons in zip(work, _rendered(scene, work, image, way), strict=True):
        omegas.append(photons)
        done += job.tile.pixels
        if progress is not None:
            progress(done, total)
    return math.fsum(float(omega) for omega in omegas)


def _rendered(scene: Scene, work: Sequence[Job], image: Tensor, way: Way) -> Iterator[Tensor]:
    """Yield the sum of solid angles of each tile, in order."""

    def one(job: Job) -> Tensor:
        found: Photons = render(scene, job, way)
        image[job.tile.slow, job.tile.fast] = found.image
        return found.omega_sum

    with threads_of_one(image.device, len(work)) as pool:
        yield from pool.map(one, work)


@contextmanager
def threads_of_one(device: torch.device, most: int = 1) -> Iterator[ThreadPoolExecutor]:
    """Yield threads in each of which torch uses one core, as many as torch may use cores.

    One suffices for another device, and one is needed even for a single small tile: torch would
    divide each of its operations.
    """
    configured = torch.get_num_threads()
    threads = 1
    if device.type == "cpu":
        threads = max(1, min(configured, most))
        _let_the_allocator_keep(_KEPT_BYTES)
    try:
        with ThreadPoolExecutor(threads, "tile", initializer=_one_core) as pool:
            yield pool
    finally:
        # The setting is half per thread and half global: without this, threads that the caller
        # starts later would find one.
        torch.set_num_threads(configured)


def _one_core() -> None:
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)


def _let_the_allocator_keep(size: int) -> None:
    """Let the C library keep what tiles free, for the next operation to use.

    glibc gives a freed block straight back to the system, which must clear it before it serves
    again, until it has seen a larger block freed. This one is never touched and costs nothing.
    """
    torch.empty(size, dtype=torch.uint8)
