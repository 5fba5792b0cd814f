"""Tiles handed to threads: the image does not know how many there were."""

import shlex
from collections.abc import Iterator

import pytest
import torch

from engine.experiment import Experiment
from engine.kernel import Job, Photons, Scene, Way
from engine.kernel import render as render_job
from engine.simulator import render, simulate
from engine.tiles import cut

ARGS = shlex.split(
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -distance 100 "
    "-detpixels_f 90 -detpixels_s 70 -pixel 0.2 -lambda 1.5 -polar 0.9"
)


@pytest.fixture(autouse=True)
def same_number_of_threads_afterwards() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def experiment() -> Experiment:
    return Experiment.from_args(ARGS)


@pytest.mark.parametrize("threads", [2, 5])
def test_any_number_of_threads_gives_the_same_bits(experiment: Experiment, threads: int) -> None:
    torch.set_num_threads(1)
    alone = render(experiment, None, tile_pixels=500)
    torch.set_num_threads(threads)
    together = render(experiment, None, tile_pixels=500)
    assert torch.equal(alone.image, together.image)
    assert alone.omega_sum_sr == together.omega_sum_sr


def test_the_caller_keeps_its_number_of_threads(experiment: Experiment) -> None:
    torch.set_num_threads(3)
    render(experiment, None, tile_pixels=500)
    assert torch.get_num_threads() == 3


def test_no_gradient_is_recorded_in_the_threads(experiment: Experiment) -> None:
    torch.set_num_threads(2)
    with torch.enable_grad():
        assert not simulate(experiment).requires_grad


def test_an_error_in_a_thread_reaches_the_caller(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_late(scene: Scene, job: Job, way: Way) -> Photons:
        if job.tile.slow0 > 30:
            raise MemoryError("no room for this tile")
        return render_job(scene, job, way)

    monkeypatch.setattr("engine.tiles.render", fails_late)
    torch.set_num_threads(2)
    with pytest.raises(MemoryError, match="no room"):
        render(experiment, None, tile_pixels=500)


def test_progress_ends_with_every_pixel(experiment: Experiment) -> None:
    seen: list[tuple[int, int]] = []
    simulate(experiment, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (90 * 70, 90 * 70)


def test_tiles_cover_the_region_once(experiment: Experiment) -> None:
    count = torch.zeros(experiment.shape, dtype=torch.int32)
    for tile in cut(experiment, 37):
        count[tile.slow, tile.fast] += 1
        assert tile.pixels <= 37
    assert bool((count == 1).all())
