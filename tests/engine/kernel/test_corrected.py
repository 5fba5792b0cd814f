"""What changes when the original's mistakes are put right (spec 15, class F), pixel loop."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.experiment import Experiment
from engine.simulator import simulate

BASE = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -distance 100 -lambda 1.5 "
    "-detpixels_f 24 -detpixels_s 20 -pixel 0.4 -oversample 1"
)


def image(flags: str = "", *, corrected: bool = True) -> Tensor:
    words = f"{BASE} {flags}" + (" -corrected" if corrected else "")
    return simulate(Experiment.from_args(words.split()), dtype=torch.float64)


def same(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-9, atol=1e-12 * float(other.max()))


def test_without_peculiarities_nothing_changes() -> None:
    flags = "-polar 0.8 -phi 5 -osc 1 -phisteps 3 -mosaic 0.5 -hdivrange 2 -hdivsteps 3"
    assert same(image(flags), image(flags, corrected=False))


def test_phi_zero_is_phi_zero() -> None:
    scan = image("-phi 0 -osc 1 -phisteps 2")
    first, second = image("-phi 0"), image("-phi 0.5")
    assert same(scan, (first + second) / 2.0)
    assert not same(image("-phi 0 -osc 1 -phisteps 2", corrected=False), scan)


def test_a_factor_multiplies_its_own_term_only() -> None:
    each = image("-oversample 2 -oversample_omega -oversample_polar")
    once = image("-oversample 2")
    assert torch.allclose(each, once, rtol=0.05)
    assert not same(each, once)
    assert float(image("-oversample 2 -oversample_omega", corrected=False).max()) < (
        0.5 * float(once.max())
    )


def test_without_a_sensor_nothing_is_lost() -> None:
    assert same(image("-oversample_thick"), image())
    assert not image("-oversample_thick", corrected=False).any()


def test_every_layer_counts_with_its_own_capture() -> None:
    """Layers so thin that they all see the same index: their captures add up."""
    flags = "-detector_thick 0.3 -detector_abs 0.1 -thicksteps 4"
    whole = image(flags)
    # Four layers of 0.1 um reach 0.4 um deep.
    assert torch.allclose(whole, image() * (1.0 - torch.exp(torch.tensor(-4.0))), rtol=0.02)
    assert same(image(f"{flags} -oversample_thick"), whole)


def test_a_pixel_beyond_the_cut_keeps_its_background() -> None:
    flags = "-dmin 30 -water 0.01"
    found, black = image(flags), image(flags, corrected=False)
    lost = black == 0.0
    assert lost.any()
    assert not lost.all()
    assert (found[lost] > 0.0).all()
    assert same(found[~lost], black[~lost])


def test_no_polarisation_stays_none() -> None:
    assert same(image("-nopolar -oversample_polar"), image("-nopolar"))
    assert not same(image("-nopolar -oversample_polar", corrected=False), image("-nopolar"))


def test_interpolation_ends_only_where_it_must(tmp_path: Path) -> None:
    reflections = tmp_path / "few.hkl"
    reflections.write_text(
        "".join(
            f"{h} {k} {l} {100 + 10 * h - 7 * k + 3 * l}\n"
            for h in range(-3, 4) for k in range(-3, 4) for l in range(-3, 4)  # noqa: E741 - Miller's
        )
    )  # fmt: skip
    flags = f"-hkl {reflections} -interpolate"
    mixed = image(flags)
    by_nearest, strict = image(f"-hkl {reflections} -nointerpolate"), image(flags, corrected=False)
    assert same(strict, by_nearest)
    central = image(flags) != by_nearest
    assert central.any()
    assert not central.all()
    assert torch.isfinite(mixed).all()


@pytest.mark.parametrize("flags", ["-xds", "-mosflm", "-adxv"])
def test_a_curved_detector_is_flat_near_its_centre(flags: str) -> None:
    line = f"{flags} -distance 500 -detsize 2 -detpixels 20 -pixel 0.1"
    flat, bent = image(line), image(f"{line} -curved_det -nopgm")
    assert torch.allclose(bent, flat, rtol=0.02, atol=2e-3 * float(flat.max()))
    edge = f"{flags} -distance 20"
    assert not same(image(f"{edge} -curved_det -nopgm"), image(edge))
