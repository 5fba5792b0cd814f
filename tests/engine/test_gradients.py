"""The image is differentiable: every gradient the documentation promises, checked."""

import itertools
import math
import shlex
from operator import attrgetter
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.errors import UnsupportedError, UsageError
from engine.experiment import Experiment
from engine.parameters import substitute
from engine.simulator import simulate

LINE = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -distance 100 -phi 5 "
    "-detpixels_f 5 -detpixels_s 4 -pixel 0.4 -lambda 1.5 -polar 0.9 -mosaic 1 -mosaic_dom 2 "
    "-detector_rotx 5 -detector_roty 3 -detector_rotz 2 -twotheta 15 -oversample 1 "
)
PARAMETERS = {
    "crystal.cell.a_A": "", "crystal.cell.b_A": "", "crystal.cell.c_A": "",
    "crystal.cell.alpha_rad": "", "crystal.cell.beta_rad": "", "crystal.cell.gamma_rad": "",
    "crystal.misset_rad": "", "crystal.mosaic_spread_rad": "",
    "phi.start_rad": "", "phi.step_rad": "-osc 1 -phisteps 2",
    "detector.distance_m": "", "detector.close_distance_m": "-close_distance 100",
    "detector.Xbeam_m": "-Xbeam 1", "detector.Ybeam_m": "-Ybeam 1",
    "detector.ORGX_px": "-xds -ORGX 2", "detector.ORGY_px": "-xds -ORGY 2",
    "detector.rotations_rad": "", "detector.twotheta_rad": "",
    "beam.wavelength_m": "", "beam.fluence": "", "structure_factors.default_F": "",
}  # fmt: skip
"""Names of all numbers that a gradient flows to, with flags that make them matter."""


def experiment(line: str = "") -> Experiment:
    return Experiment.from_args(shlex.split(LINE + line))


def image(whole: Experiment, amplitudes: Tensor | None = None) -> Tensor:
    return simulate(whole, dtype=torch.float64, amplitudes=amplitudes)


def factors(whole: Experiment, name: str) -> tuple[Tensor, Tensor]:
    """Return a number's value, and ones: the numbers are refined as multiples of it."""
    value = torch.tensor(attrgetter(name)(whole), dtype=torch.float64)
    return value, torch.ones_like(value, requires_grad=True)


def check(whole: Experiment, name: str) -> None:
    value, ones = factors(whole, name)
    peak = float(image(whole).max())

    def relative(factor: Tensor) -> Tensor:
        return image(substitute(whole, {name: value * factor})) / peak

    assert torch.autograd.gradcheck(relative, (ones,), eps=1e-7, atol=1e-6, rtol=1e-5)
    (gradient,) = torch.autograd.grad(relative(ones).square().sum(), ones)
    assert (gradient != 0.0).all()


@pytest.mark.parametrize("name", PARAMETERS)
def test_gradcheck(name: str) -> None:
    check(experiment(PARAMETERS[name]), name)


FORMS = [
    "-round_xtal", "-gauss_xtal -N 2", "-oversample 2", "-oversample 2 -oversample_omega",
    "-curved_det", "-detector_abs 400 -detector_thick 200 -detector_thicksteps 2",
    "-hdivrange 1 -hdivsteps 2 -dispersion 1 -dispsteps 2", "-dmin 8", "-water 1 -fluence 1e24",
    "-point_pixel -nopolar", "-corrected -phi 0 -osc 1 -phisteps 2",
]  # fmt: skip


@pytest.mark.parametrize("line", FORMS)
def test_gradcheck_through_every_kind_of_experiment(line: str) -> None:
    check(experiment(line), "beam.wavelength_m")


@pytest.fixture
def with_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Experiment:
    monkeypatch.chdir(tmp_path)
    rows = [
        f"{h} {k} {m} {100 + 7 * h - 5 * k + 3 * m}\n"
        for h, k, m in itertools.product(range(-4, 5), repeat=3)
    ]
    Path("test.hkl").write_text("".join(rows))
    return experiment("-hkl test.hkl -nointerpolate -twotheta 0 -distance 300")


@pytest.mark.parametrize("interpolate", [False, True])
def test_gradcheck_of_structure_factors(with_table: Experiment, interpolate: bool) -> None:
    whole = substitute(with_table, {"structure_factors.interpolate": interpolate})
    table = whole.structure_factors.load()
    assert table is not None
    values = torch.from_numpy(table.amplitudes)
    centre = values[3:5, 3:5, 3:5].clone().requires_grad_()
    peak = float(image(whole).max())

    def relative(centre: Tensor) -> Tensor:
        amplitudes = values.clone()
        amplitudes[3:5, 3:5, 3:5] = centre
        return image(whole, amplitudes)[:2, :2] / peak

    assert torch.autograd.gradcheck(relative, (centre,), eps=1e-4, atol=1e-8, rtol=1e-6)
    (gradient,) = torch.autograd.grad(relative(centre).sum(), centre)
    assert (gradient != 0.0).any()
    check(whole, "crystal.cell.a_A")


def test_amplitudes_take_the_place_of_the_table(with_table: Experiment) -> None:
    table = with_table.structure_factors.load()
    assert table is not None
    doubled = 2.0 * torch.from_numpy(table.amplitudes)
    assert torch.allclose(image(with_table, doubled), 4.0 * image(with_table))
    with pytest.raises(UsageError, match="amplitudes: shape"):
        image(with_table, doubled[1:])
    with pytest.raises(UsageError, match="no reflection table"):
        image(experiment(), doubled)


@pytest.mark.parametrize("name", ["crystal.cell.a_A", "detector.distance_m", "beam.wavelength_m"])
def test_gradients_agree_with_differences_of_the_fast_path(name: str) -> None:
    whole = experiment("-detpixels 24 -oversample 2")
    value, ones = factors(whole, name)
    changed = image(substitute(whole, {name: value * ones}))
    weights = torch.linspace(0.5, 1.5, changed.numel(), dtype=torch.float64).view(changed.shape)
    (gradient,) = torch.autograd.grad((weights * changed).sum(), ones)
    step = 1e-6

    def sum_at(factor: float) -> float:
        return float((weights * image(substitute(whole, {name: float(value) * factor}))).sum())

    difference = (sum_at(1.0 + step) - sum_at(1.0 - step)) / (2.0 * step)
    assert float(gradient) == pytest.approx(difference, rel=1e-5)


ALL = tuple(name for name, line in PARAMETERS.items() if not line)


@pytest.mark.parametrize("line", ["", "-mosaic 0 -mosaic_dom 1", "-round_xtal", "-gauss_xtal"])
def test_a_gradient_changes_no_value(line: str) -> None:
    """But for the mosaic spread, which is not rounded to single precision."""
    whole = experiment(line)
    names = [name for name in ALL if name != "crystal.mosaic_spread_rad"]
    tracked = substitute(whole, {name: factors(whole, name)[0].requires_grad_() for name in names})
    assert tracked == whole
    found, expected = image(tracked).detach(), image(whole)
    assert (found - expected).abs().max() <= 1e-12 * expected.max()
    single = simulate(tracked)
    assert single.dtype == torch.float32
    assert single.requires_grad


SINGULAR = (
    "-cell 100 100 100 90 90 90 -misset 0 0 0 -N 5 -default_F 10 -distance 100 -lambda 1 "
    "-detpixels 5 -polar 0.5 -xds -phi 0 -mosaic 0 -mosaic_dom 1 -oversample 1 "
)


@pytest.mark.parametrize("shape", ["-square_xtal", "-round_xtal", "-gauss_xtal", "-tophat_spots"])
def test_gradients_are_finite_in_the_direct_beam(shape: str) -> None:
    """h, k, l exactly whole, right angles, no rotation, no spread: 0/0 wherever it can be."""
    whole = Experiment.from_args(shlex.split(SINGULAR + shape))
    values = {name: factors(whole, name)[0].requires_grad_() for name in ALL}
    found = image(substitute(whole, values))
    assert math.isclose(float(found.detach().max()), float(image(whole).max()), rel_tol=1e-12)
    found[2, 2].backward()  # type: ignore[no-untyped-call]
    gradients = {name: value.grad for name, value in values.items() if value.grad is not None}
    assert all(bool(torch.isfinite(gradient).all()) for gradient in gradients.values())
    fluence, distance = gradients["beam.fluence"], gradients["detector.distance_m"]
    photons = float(found[2, 2].detach())
    assert float(fluence) == pytest.approx(photons / whole.beam.fluence, rel=1e-9)
    # A whole index is a maximum: there the solid angle alone changes with the distance.
    assert float(distance) == pytest.approx(-2.0 * photons / 0.1, rel=1e-6)


def test_second_derivatives_are_right() -> None:
    whole = experiment("-detpixels 2")
    value, ones = factors(whole, "crystal.cell.a_A")

    def total(factor: Tensor) -> Tensor:
        return image(substitute(whole, {"crystal.cell.a_A": value * factor})).sum()

    assert torch.autograd.gradgradcheck(total, (ones,), eps=1e-6, rtol=1e-4)


def test_several_tiles_make_the_same_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = experiment("-detpixels 9 -roi 1 7 2 8")
    value, ones = factors(whole, "crystal.misset_rad")

    def both() -> tuple[Tensor, Tensor]:
        found = image(substitute(whole, {"crystal.misset_rad": value * ones}))
        return found.detach(), torch.autograd.grad(found.square().sum(), ones)[0]

    (whole_image, whole_gradient) = both()
    monkeypatch.setattr("engine.differentiable._PATHS_AT_ONCE", 20)
    cut_image, cut_gradient = both()
    assert torch.allclose(cut_image, whole_image, rtol=1e-12, atol=0.0)
    assert torch.allclose(cut_gradient, whole_gradient, rtol=1e-9)
    outside = cut_image.clone()
    outside[2:9, 1:8] = 0.0
    assert not outside.any()


def test_what_is_kept_for_the_backward_pass_does_not_grow_with_the_steps() -> None:
    """80 steps a pixel: without checkpoints, some forty numbers for each of them."""
    whole = experiment("-detpixels 32 -oversample 2 -mosaic_dom 20")
    value, ones = factors(whole, "crystal.misset_rad")
    kept = 0

    def keep(tensor: Tensor) -> Tensor:
        nonlocal kept
        kept += tensor.numel()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        image(substitute(whole, {"crystal.misset_rad": value * ones}))
    assert 0 < kept <= 10 * 32 * 32


def test_without_gradients_the_fast_path_runs() -> None:
    whole = experiment()
    value = torch.tensor(70.0, dtype=torch.float64, requires_grad=True)
    tracked = substitute(whole, {"crystal.cell.a_A": value})
    with torch.no_grad():
        assert torch.equal(simulate(tracked), simulate(whole))
    assert not simulate(tracked.replace(crystal=whole.crystal)).requires_grad


def test_a_number_without_a_derivative_is_refused() -> None:
    value = torch.tensor(4e-4, dtype=torch.float64, requires_grad=True)
    with pytest.raises(UnsupportedError, match="pixel_m: no gradient can flow"):
        substitute(experiment(), {"detector.pixel_m": value})


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_gradients_on_a_cuda_device() -> None:
    whole = experiment("-detpixels 24 -oversample 2")
    value, ones = factors(whole, "crystal.misset_rad")
    gradients = []
    for device in ("cpu", "cuda"):
        changed = substitute(whole, {"crystal.misset_rad": value * ones})
        found = simulate(changed, device=device, dtype=torch.float64)
        assert found.device.type == device
        gradients.append(torch.autograd.grad(found.square().sum(), ones)[0])
    assert torch.allclose(gradients[0], gradients[1], rtol=1e-9)
