"""What the original carries from path to path: found once, and put where it belongs."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.experiment import Experiment
from engine.formats.mask import write_mask
from engine.kernel import Job, Scene, Tile, Way, jobs, render
from engine.kernel.pixel import ALL_PATHS
from engine.prepare import prepare
from engine.tiles import cut

CPU = torch.device("cpu")
LINE = (
    "-cell 60 60 60 90 90 90 -misset 3 5 7 -N 3 -default_F 20 -distance 60 -lambda 1 "
    "-detpixels_f 13 -detpixels_s 11 -pixel 0.5 -oversample 2"
)


def scene(experiment: Experiment) -> Scene:
    table = experiment.structure_factors.load()
    return prepare(experiment, table, device=CPU, dtype=torch.float64)


def build(flags: str) -> Experiment:
    return Experiment.from_args(f"{LINE} {flags}".split())


@pytest.fixture
def reflections(tmp_path: Path) -> Path:
    path = tmp_path / "box.hkl"
    span = range(-4, 5)
    path.write_text("".join(f"{h} {k} {l} 50\n" for h in span for k in span for l in span))  # noqa: E741
    return path


def test_tiles_stay_in_order_and_cover_the_region() -> None:
    experiment = build("-osc 1 -phisteps 2 -roi 3 9 2 8")
    work = jobs(scene(experiment), cut(experiment, 21))
    assert work[0].tile == Tile(2, 3, 3, 4)
    assert work[0].first_path == (0, 0)
    assert all(job.first_path is None for job in work[1:])
    seen = torch.zeros(experiment.shape)
    for job in work:
        seen[job.tile.slow, job.tile.fast] += 1
    assert (seen[2:9, 3:10] == 1).all()
    assert seen.sum() == 49


def test_the_first_path_is_the_first_that_is_not_cut_or_masked(tmp_path: Path) -> None:
    mask = np.ones((11, 13), dtype=np.bool_)
    mask[:4] = False
    write_mask(tmp_path / "mask.img", mask)
    experiment = build(f"-osc 1 -phisteps 2 -mask {tmp_path / 'mask.img'} -dmin 25 -nopolar")
    special = [job for job in jobs(scene(experiment), cut(experiment, 50)) if job.first_path]
    assert len(special) == 1
    tile = special[0].tile
    assert tile.slow0 >= 4
    assert (tile.slow0, tile.fast0) > (4, 0)


def test_interpolation_ends_at_one_path(reflections: Path) -> None:
    experiment = build(f"-hkl {reflections} -interpolate -roi 5 12 4 10")
    work = jobs(scene(experiment), cut(experiment, 30))
    counts = [job.interpolated for job in work]
    edge = next(n for n, count in enumerate(counts) if count < ALL_PATHS)
    assert work[edge].tile.pixels == 1
    assert set(counts[:edge]) <= {ALL_PATHS}
    assert set(counts[edge + 1 :]) == {0}


def test_a_list_without_room_is_never_interpolated(tmp_path: Path) -> None:
    path = tmp_path / "flat.hkl"
    path.write_text("0 0 0 50\n1 1 1 20\n")
    experiment = build(f"-hkl {path} -interpolate")
    assert not scene(experiment).interpolate
    assert all(job.interpolated == 0 for job in jobs(scene(experiment), cut(experiment, 30)))


def test_a_masked_pixel_is_black_and_its_solid_angle_not_counted(tmp_path: Path) -> None:
    mask = np.ones((11, 13), dtype=np.bool_)
    mask[2:5, 3:8] = False
    write_mask(tmp_path / "mask.img", mask)
    whole, part = build(""), build(f"-mask {tmp_path / 'mask.img'}")
    tile = Tile(0, 11, 0, 13)
    way = Way(torch.float64, 1000)
    shown, hidden = (render(scene(e), Job(tile), way) for e in (whole, part))
    assert not hidden.image[torch.from_numpy(~mask)].any()
    assert hidden.omega_sum < shown.omega_sum
