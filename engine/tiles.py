"""The image cut into tiles, and the tiles handed to the processor's cores.

Each core works through whole tiles by itself, in a thread of its own. The other way, every
operation of one tile divided among all cores, ends each of some thirty operations a tile with a
barrier at which fast cores spin until the slowest arrives: on a machine with other work to do
that cost up to a hundred times the quiet time (measured at 4096 x 4096 on two cores: 0.13 s
quiet, 3 to 15 s beside two busy processes).
"""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from engine.experiment import Experiment
from engine.kernel import Setup, Tile, Worker

Progress = Callable[[int, int], None]
"""Called with the pixels done and the pixels to do."""


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
    setup: Setup, tiles: Sequence[Tile], image: Tensor, progress: Progress | None = None
) -> float:
    """Render every tile into the image.

    Parameters
    ----------
    setup
        What to compute.
    tiles
        Rectangles that do not overlap.
    image
        Shape ``[slow, fast]``; its device and dtype are those of the kernel.
    progress
        Called after every tile, in the caller's thread.

    Returns
    -------
    float
        The sum of the solid angles used, in steradian: the same to the last bit whatever the
        number of threads.
    """
    if not tiles:
        return 0.0
    total = sum(tile.pixels for tile in tiles)
    done = 0
    omegas = []
    for tile, omega in zip(tiles, _rendered(setup, tiles, image), strict=True):
        omegas.append(omega)
        done += tile.pixels
        if progress is not None:
            progress(done, total)
    return math.fsum(omegas)


def _rendered(setup: Setup, tiles: Sequence[Tile], image: Tensor) -> Iterator[float]:
    capacity = max(tile.pixels for tile in tiles)
    threads = min(torch.get_num_threads(), len(tiles)) if image.device.type == "cpu" else 1
    if threads == 1:
        worker = Worker(setup, image.device, image.dtype, capacity)
        yield from (worker.render(tile, image) for tile in tiles)
        return
    own = threading.local()

    def start() -> None:
        torch.set_num_threads(1)
        own.worker = Worker(setup, image.device, image.dtype, capacity)

    def render(tile: Tile) -> float:
        with torch.no_grad():
            worker: Worker = own.worker
            return worker.render(tile, image)

    configured = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, "tile", initializer=start) as pool:
            yield from pool.map(render, tiles)
    finally:
        # The setting is half per thread and half global: without this, threads that the caller
        # starts later would find one.
        torch.set_num_threads(configured)
