"""The kernel as one function computes what the eager one does, without a compiler."""

import subprocess
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine import compilation
from engine.compilation import bands, choose, render_compiled
from engine.errors import UsageError
from engine.experiment import Experiment
from engine.kernel import Job, Scene, Tile, Way, jobs
from engine.kernel.build import example
from engine.kernel.compiled import Compiled, CompileError, Runner
from engine.kernel.fused import INPUTS, Fused, variant_of
from engine.prepare import prepare
from engine.simulator import simulate
from engine.tiles import cut

BASE = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 3 -default_F 100 -distance 100 -lambda 1.5 "
    "-detpixels_f 24 -detpixels_s 20 -pixel 0.4 -oversample 2"
)


def build(flags: str = "") -> Experiment:
    return Experiment.from_args(f"{BASE} {flags}".split())


def scene(experiment: Experiment) -> Scene:
    table = experiment.structure_factors.load()
    return prepare(experiment, table, device=torch.device("cpu"), dtype=torch.float64)


def fused(experiment: Experiment) -> Tensor:
    """Render as a compiled kernel would, by the function that it is compiled from."""
    ready = scene(experiment)
    variant = variant_of(ready, torch.float64, interpolate=False)
    assert variant is not None
    kernel = Fused(variant)
    runner = Runner(ready, {False: Compiled(lambda given: kernel(*given), 0.0)})
    image = torch.zeros(experiment.shape, dtype=torch.float64)
    with torch.no_grad():
        work = jobs(ready, cut(experiment, 100))
        omega = render_compiled(runner, work, image, Way(torch.float64, 100))
    assert omega > 0.0
    return image


@pytest.mark.parametrize(
    "flags",
    [
        "-mosaic 0.5 -mosaic_dom 3 -hdivrange 2 -hdivsteps 3 -polar 0.8",
        "-round_xtal -nopolar -point_pixel",
        "-gauss_xtal -fudge 1e-4 -water 0.01",
        "-tophat_spots -detector_thick 300 -thicksteps 3",
        "-osc 1 -phisteps 3 -roi 3 20 2 17 -detector_rotx 5",
        "-nointerpolate -hkl {list} -default_F 30",
    ],
)
def test_it_is_the_eager_image(flags: str, tmp_path: Path) -> None:
    listed = tmp_path / "some.hkl"
    span = range(-6, 7)
    listed.write_text("".join(f"{h} {k} 1 {20 + h - k}\n" for h in span for k in span))
    experiment = build(flags.format(list=listed))
    eager = simulate(experiment, dtype=torch.float64, compile=False)
    assert torch.allclose(
        fused(experiment), eager, rtol=1e-9, atol=1e-12 * float(eager.abs().max())
    )


@pytest.mark.parametrize("flags", ["-dmin 5", "-oversample_omega", "-curved_det -nopgm"])
def test_what_keeps_something_stays_eager(flags: str) -> None:
    assert variant_of(scene(build(flags)), torch.float32, interpolate=False) is None


def test_small_work_is_not_compiled_and_a_missing_compiler_is_no_obstacle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def no_compiler(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(words, 1, "", "no g++ here\n")

    monkeypatch.setattr("engine.kernel.compiled.subprocess.run", no_compiler)
    monkeypatch.setattr("engine.kernel.compiled.cache_folder", lambda: tmp_path)
    experiment = build()
    ready = scene(experiment)
    work = jobs(ready, cut(experiment, 100))
    assert choose(ready, work, torch.float32, None).warnings == ()
    monkeypatch.setattr(compilation, "PAYS_ABOVE_S", 0.0)
    choice = choose(ready, work, torch.float32, None)
    assert choice.runner is None
    assert "no g++ here" in choice.warnings[0]
    assert choose(ready, work, torch.float32, False).warnings == ()
    with pytest.raises(CompileError, match="install a C"):
        simulate(experiment, compile=True)
    assert not list(tmp_path.iterdir())


def test_bands_join_what_continues() -> None:
    tiles = [Tile(0, 2, 0, 9), Tile(2, 4, 0, 9), Tile(4, 5, 0, 3), Tile(4, 5, 3, 9)]
    joined = [job.tile for job in bands([Job(tile) for tile in tiles])]
    assert joined == [Tile(0, 4, 0, 9), *tiles[2:]]


def test_the_example_has_every_argument() -> None:
    variant = variant_of(scene(build()), torch.float32, interpolate=False)
    assert variant is not None
    arguments = example(variant)
    assert len(arguments) == len(INPUTS) + 1
    Fused(variant)(*arguments)
    assert torch.isfinite(arguments[0]).all()


def test_an_image_can_be_written_where_the_caller_says() -> None:
    experiment = build()
    mine = torch.full(experiment.shape, 7.0)
    assert simulate(experiment, out=mine) is mine
    assert torch.equal(mine, simulate(experiment))
    with pytest.raises(UsageError, match="out"):
        simulate(experiment, out=torch.zeros(3, 3))
