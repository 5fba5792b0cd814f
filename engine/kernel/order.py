"""What depends on the order of the original's loops (spec 9.5, 9.7).

The original walks pixel after pixel, and within a pixel layer, sub-pixel, source, spindle step,
domain: its *paths*. Two things it carries from path to path. At φ = 0 the crystal keeps the
orientation of the step before, so the very first path alone may see it unrotated (Q-PHI). And the
first index too near the edge of the reflection table ends interpolation for good (Q-INTERPOFF).
Both come down to finding one path; the pixel it belongs to becomes a tile of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import torch
from torch import Tensor

from engine.kernel.corrections import passes
from engine.kernel.factors import in_range
from engine.kernel.lattice import lattice_factor
from engine.kernel.paths import fractional_indices
from engine.kernel.pixel import ALL_PATHS, Job
from engine.kernel.place import Place, place
from engine.kernel.scene import Scene, Tile

_Path = tuple[int, int, int]
"""Slow pixel, fast pixel, number of the path in the pixel."""

_Test = Callable[[Scene, Place], Iterator[tuple[int, Tensor]]]
"""For some of a sub-pixel's terms, in order: the term's number, and which pixels meet a test."""

_CAN_VANISH = ("gauss", "tophat")


def jobs(scene: Scene, tiles: Sequence[Tile]) -> list[Job]:
    """Return what is to be done for each tile, in the order of the original's pixels.

    Parameters
    ----------
    scene
        What to compute.
    tiles
        Tiles in the order of the pixels, row by row.
    """
    work = [Job(tile, ALL_PATHS if scene.interpolate else 0) for tile in tiles]
    if scene.first_terms is not None:
        found = _first(scene, tiles, _executed)
        if found is not None:
            each = scene.terms_per_source
            number, term = divmod(found[2], scene.terms.count)
            work = _apart(work, found, lambda job: replace(job, first_path=(number, term // each)))
    if scene.interpolate and not scene.corrections.corrected:
        found = _first(scene, tiles, _fails)
        if found is not None:
            path = found
            work = _apart(work, path, lambda job: replace(job, interpolated=path[2]))
            work = [_after(job, path) for job in work]
    return work


def _apart(work: Sequence[Job], path: _Path, change: Callable[[Job], Job]) -> list[Job]:
    """Give one pixel a job of its own, changed; all stay in the order of the pixels."""
    slow, fast = path[:2]
    result: list[Job] = []
    for job in work:
        tile = job.tile
        if not (tile.slow0 <= slow < tile.slow1 and tile.fast0 <= fast < tile.fast1):
            result.append(job)
            continue
        parts = (
            Tile(tile.slow0, slow, tile.fast0, tile.fast1),
            Tile(slow, slow + 1, tile.fast0, fast),
            Tile(slow, slow + 1, fast, fast + 1),
            Tile(slow, slow + 1, fast + 1, tile.fast1),
            Tile(slow + 1, tile.slow1, tile.fast0, tile.fast1),
        )
        split = [replace(job, tile=part) for part in parts]
        split[2] = change(split[2])
        result += [part for part in split if part.tile.pixels > 0]
    return result


def _after(job: Job, path: _Path) -> Job:
    """Switch interpolation off for the pixels after a path."""
    tile = job.tile
    return replace(job, interpolated=0) if (tile.slow0, tile.fast0) > path[:2] else job


def _first(scene: Scene, tiles: Sequence[Tile], test: _Test) -> _Path | None:
    """Return the first path that meets a test."""
    for tile in tiles:
        earliest = _earliest(scene, tile, test)
        shown = earliest < ALL_PATHS
        if scene.mask is not None:
            shown &= scene.mask[tile.slow, tile.fast]
        if bool(shown.any()):
            number = int(torch.nonzero(shown.flatten())[0])
            slow, fast = divmod(number, tile.shape[1])
            return tile.slow0 + slow, tile.fast0 + fast, int(earliest[slow, fast])
    return None


def _earliest(scene: Scene, tile: Tile, test: _Test) -> Tensor:
    """Return the number of each pixel's first path that meets a test, or `ALL_PATHS`."""
    camera = scene.camera
    earliest = torch.full(tile.shape, ALL_PATHS, dtype=torch.int64, device=camera.pix0.device)
    subs = product(range(camera.layers), range(camera.oversample), range(camera.oversample))
    for number, (layer, slow, fast) in enumerate(subs):
        where = place(camera, tile, layer, slow, fast)
        for term, met in test(scene, where):
            path = number * scene.terms.count + term
            earliest[met & (earliest == ALL_PATHS)] = path
    return earliest


def _executed(scene: Scene, where: Place) -> Iterator[tuple[int, Tensor]]:
    """For the first term of each source, whether its photons are looked at."""
    dmin = scene.corrections.dmin_m
    for source in range(scene.sources.count):
        start = source * scene.terms_per_source
        if dmin == 0.0:
            yield start, torch.ones_like(where.inverse_r, dtype=torch.bool)
            return
        yield start, passes(dmin, scene.sources, source, where)


def _fails(scene: Scene, where: Place) -> Iterator[tuple[int, Tensor]]:
    """For every term, whether it reaches the look-up with an index out of range."""
    table, dmin = scene.table, scene.corrections.dmin_m
    assert table is not None  # noqa: S101 - nothing is interpolated without one
    each = scene.terms_per_source
    for source in range(scene.sources.count):
        kept = passes(dmin, scene.sources, source, where) if dmin > 0.0 else None
        for term in range(source * each, (source + 1) * each):
            index = list(fractional_indices(scene.terms.part(term, term + 1), where))
            failed = ~in_range(table, index)
            if scene.crystal.shape in _CAN_VANISH and not scene.has_background:
                delta = (x - torch.ceil(x - 0.5) for x in index)
                failed &= lattice_factor(scene.crystal, delta, torch.float64) != 0.0
            yield term, failed[0] if kept is None else failed[0] & kept
