"""The kernel: properties that hold for any image, and single pixels computed by hand."""

import math
from shlex import split as words

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import OutOfMemoryError, UsageError
from engine.experiment import Experiment
from engine.kernel import Tile
from engine.simulator import render, simulate
from engine.tiles import cut

BASE = (
    "-cell 61 72 83 90 90 90 -misset 7 -4 11 -N 5 -default_F 100 -distance 100 -lambda 1.1 "
    "-pixel 0.3 -detpixels_f 37 -detpixels_s 29"
)


CUBIC = "-cell 100 100 100 90 90 90 -N 5 -default_F 100 -distance 100 -detpixels 64 -lambda 1"
G1 = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.4 -lambda 1.5 -polar 0.9 -phi 5 -detector_rotx 5 -detector_roty 3 -detector_rotz 2 "
    "-twotheta 15 -oversample 1"
)


def build(line: str = "") -> Experiment:
    return Experiment.from_args(f"{BASE} {line}".split())


@pytest.mark.parametrize("tile_pixels", [1, 7, 37, 38, 100, 5000])
@pytest.mark.parametrize(
    "line",
    ["-oversample 1", "-oversample 2 -mosaic 1 -mosaic_domains 3 -phi 1 -osc 2 -roi 2 14 1 8"],
)
def test_the_tiles_do_not_show(line: str, tile_pixels: int) -> None:
    experiment = build(line)
    whole = render(experiment, None).image
    assert torch.equal(render(experiment, None, tile_pixels=tile_pixels).image, whole)


@given(
    st.integers(0, 36), st.integers(0, 36), st.integers(0, 28), st.integers(0, 28)
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_a_region_is_a_crop_and_the_rest_is_zero(f0: int, f1: int, s0: int, s1: int) -> None:
    f0, f1, s0, s1 = min(f0, f1), max(f0, f1), min(s0, s1), max(s0, s1)
    whole = simulate(build(), dtype=torch.float64)
    part = simulate(build(f"-roi {f0} {f1} {s0} {s1}"), dtype=torch.float64)
    region = (slice(s0, s1 + 1), slice(f0, f1 + 1))
    assert torch.equal(part[region], whole[region])
    part[region] = 0.0
    assert not part.any()


def test_a_region_can_be_given_to_the_function() -> None:
    assert torch.equal(simulate(build(), roi=(3, 9, 5, 21)), simulate(build("-roi 5 20 3 8")))
    for roi in [(3, 3, 0, 5), (0, 30, 0, 5), (-1, 3, 0, 5)]:
        with pytest.raises(UsageError, match="not a region"):
            simulate(build(), roi=roi)


def test_axes_are_slow_then_fast() -> None:
    assert simulate(build()).shape == (29, 37)


def test_tiles_cover_every_pixel_once() -> None:
    seen = torch.zeros(29, 37)
    for tile in cut(build(), 11):
        assert tile.pixels <= 11
        seen[tile.slow, tile.fast] += 1
    assert (seen == 1).all()
    assert Tile(0, 2, 3, 7).shape == (2, 4)


def test_the_two_precisions_agree() -> None:
    experiment = build("-oversample 2 -polar 0.9 -detector_rotx 10 -twotheta 20")
    single, double = simulate(experiment), simulate(experiment, dtype=torch.float64)
    assert (single.double() - double).abs().max() <= 2e-6 * double.max()


def test_a_pixel_by_hand() -> None:
    """The pixel that the specification traces as G1 (section 13.3)."""
    experiment = Experiment.from_args(words(G1))
    image = simulate(experiment, dtype=torch.float64)
    assert float(image[20, 45]) == pytest.approx(514.42317974352773, rel=1e-10)


def test_sub_pixels_share_the_first_solid_angle() -> None:
    """The pixel that the specification traces as G6 (section 13.8)."""
    experiment = Experiment.from_args(words(CUBIC))
    image = simulate(experiment, dtype=torch.float64)
    assert float(image[20, 45]) == pytest.approx(0.2019668417904186, rel=1e-10)


def test_mosaic_domains_are_averaged() -> None:
    """The pixel that the specification traces as G2 (section 13.4)."""
    experiment = Experiment.from_args(words(f"{CUBIC} -pixel 0.4 -mosaic 0.5 -oversample 1"))
    assert float(simulate(experiment)[20, 45]) == pytest.approx(85.912979125976562, rel=1e-6)


def test_the_first_path_alone_sees_phi_zero() -> None:
    """Row 0 of the specification's trace G5 (section 13.7): the second pixel is stale."""
    experiment = Experiment.from_args(words(f"{CUBIC} -pixel 0.4 -osc 1 -phisteps 5 -oversample 1"))
    image = simulate(experiment, dtype=torch.float64)
    assert float(image[0, 0]) == pytest.approx(0.0004413147621291669, rel=1e-9)
    assert float(image[0, 1]) == pytest.approx(1.4787625784269386e-06, rel=1e-8)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_spot_exactly_on_a_pixel_is_finite_and_full(dtype: torch.dtype) -> None:
    """At a whole index the lattice factor is N, not 0/0: the direct beam, hkl 0 0 0."""
    line = "-cell 100 -N 5 -default_F 10 -distance 100 -lambda 1 -detpixels 5 -nopolar -xds"
    image = simulate(Experiment.from_args([*line.split(), "-oversample", "1"]), dtype=dtype)
    assert torch.isfinite(image).all()
    full = 10.0**2 * 5.0**6 * (1e-4 / 0.1) ** 2
    assert float(image[2, 2]) == pytest.approx(full, rel=1e-6)


@given(st.integers(1, 12))
@settings(max_examples=12, deadline=None)
def test_intensity_at_a_spot_grows_with_the_sixth_power_of_n(n: int) -> None:
    line = "-cell 100 -default_F 1 -distance 100 -lambda 1 -detpixels 1 -nopolar -xds"
    one = simulate(Experiment.from_args([*line.split(), "-oversample", "1", "-N", "1"]))
    many = simulate(Experiment.from_args([*line.split(), "-oversample", "1", "-N", str(n)]))
    assert float(many[0, 0] / one[0, 0]) == pytest.approx(n**6, rel=1e-5)


def test_intensity_grows_with_the_square_of_f_and_with_the_fluence() -> None:
    base = simulate(build())
    assert torch.allclose(simulate(build("-default_F 300")), 9.0 * base, rtol=1e-5)
    assert torch.allclose(simulate(build("-fluence 251864030572454172721401561088")), 2.0 * base)


def test_polarisation_follows_kahn() -> None:
    """Unpolarised: (1 + cos² 2θ)/2 of the unweighted image, pixel by pixel."""
    experiment = build("-oversample 1 -distance 20")
    plain = simulate(build("-oversample 1 -distance 20 -nopolar"), dtype=torch.float64)
    weighted = simulate(experiment, dtype=torch.float64)
    placed = experiment.placed()
    fast = (torch.arange(37, dtype=torch.float64) + 0.5) * 3e-4
    slow = (torch.arange(29, dtype=torch.float64) + 0.5) * 3e-4
    x = (
        torch.tensor(placed.pix0_m)
        + fast[None, :, None] * torch.tensor(placed.fdet)
        + slow[:, None, None] * torch.tensor(placed.sdet)
    ).double()
    cos = (x @ torch.tensor(placed.beam).double()) / x.norm(dim=2)
    assert torch.allclose(weighted, plain * 0.5 * (1.0 + cos**2), rtol=1e-6)


def test_a_point_pixel_has_no_area() -> None:
    area = 3e-4**2
    flat = simulate(build("-oversample 1 -distance 5000"), dtype=torch.float64)
    point = simulate(build("-oversample 1 -distance 5000 -point_pixel"), dtype=torch.float64)
    assert torch.allclose(point * area, flat, rtol=1e-5)


def test_the_solid_angle_of_the_report() -> None:
    experiment = Experiment.from_args(words(CUBIC))
    assert f"{render(experiment, None).omega_sum_sr:g}" == "0.00409179"


def test_progress_reaches_the_end() -> None:
    seen: list[tuple[int, int]] = []
    render(build(), None, tile_pixels=100, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (37 * 29, 37 * 29)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


def test_an_empty_region_gives_a_black_image() -> None:
    assert not simulate(build("-roi 20 10 0 5")).any()


def test_no_gradients_are_recorded_and_no_global_state_changes() -> None:
    threads = torch.get_num_threads()
    assert torch.is_grad_enabled()
    assert not simulate(build()).requires_grad
    assert torch.is_grad_enabled()
    assert torch.get_num_threads() == threads


def test_other_dtypes_are_refused() -> None:
    with pytest.raises(UsageError, match="float32 or float64"):
        simulate(build(), dtype=torch.float16)


def test_an_image_that_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_args: object, **_kwargs: object) -> torch.Tensor:
        raise RuntimeError("not enough memory: you tried to allocate 8 PB")

    experiment = build()
    monkeypatch.setattr("engine.simulator.torch.zeros", no_memory)
    with pytest.raises(OutOfMemoryError, match="no memory for an image of 37 x 29 pixels"):
        simulate(experiment)


def test_non_perpendicular_axes_enter_the_distance() -> None:
    line = "-fdet_vector 0 0.3 1 -sdet_vector 0 -1 0.1 -oversample 1 -N 1 -nopolar -point_pixel"
    experiment = build(line)
    placed = experiment.placed()
    image = simulate(experiment, dtype=torch.float64)
    fast, slow = 36.5 * 3e-4, 28.5 * 3e-4
    corner = [
        p + fast * f + slow * s
        for p, f, s in zip(placed.pix0_m, placed.fdet, placed.sdet, strict=True)
    ]
    expected = 100.0**2 / math.fsum(component**2 for component in corner)
    assert float(image[28, 36]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_cuda_device_computes_the_same_image(dtype: torch.dtype) -> None:
    experiment = build("-oversample 2 -polar 0.9 -osc 1 -mosaic 0.5")
    there = simulate(experiment, device="cuda", dtype=dtype)
    here = simulate(experiment, dtype=dtype)
    assert there.device.type == "cuda"
    assert torch.allclose(there.cpu(), here, rtol=1e-4, atol=2e-6 * float(here.max()))
