"""Photon noise against the sequence of specification 11.4, and what it depends on (11.2)."""

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.noise import PoissonStream, log_gamma, noise_stream
from engine.random import ShuffleTable, Stream

MEANS = np.array(
    [0, 0.5, 0.5, 5, 11.999, 12, 12, 100, 1e4, 1e6, 1.5e6, 1.5e6, 2e6, 1.5e6], np.float32
)
PHOTONS = "0 0 1 6 14 16 9 102 10003 998457 1500012.12 1498904.12 1999081.62 1499989.38"
CRYSTAL = Experiment.from_args(["-cell", "100", "-default_F", "1", "-detpixels", "4"]).crystal


def test_the_sequence_of_the_specification() -> None:
    photons = PoissonStream(Stream(-1)).draw(MEANS)
    assert " ".join(f"{count:.9g}" for count in photons) == PHOTONS


def test_pixels_drawn_apart_are_those_drawn_together() -> None:
    means = np.tile(MEANS, 1300)
    together, apart = PoissonStream(Stream(-77)), PoissonStream(Stream(-77))
    pieces = [apart.draw(piece) for piece in np.split(means, [1, 2, 9001, 9012])]
    assert np.array_equal(together.draw(means), np.concatenate(pieces))


def test_a_dark_pixel_takes_exactly_one_deviate() -> None:
    one, other = PoissonStream(Stream(-5)), PoissonStream(Stream(-5))
    one.draw(np.zeros(3, np.float32))
    assert not other.draw(np.array([0.0, np.nan, -4.0], np.float32)).any()
    assert np.array_equal(one.draw(MEANS), other.draw(MEANS))


def test_logarithms_of_the_gamma_function() -> None:
    z = np.array([13, 101, 1e6], np.float32)
    assert [f"{value:.8g}" for value in log_gamma(z)] == ["19.987215", "363.73938", "12815505"]


@pytest.mark.parametrize("mean", [0.3, 7.0, 40.0, 2e6])
def test_mean_and_spread_are_those_of_counting(mean: float) -> None:
    photons = PoissonStream(Stream(-1)).draw(np.full(4000, mean, np.float32)).astype(np.float64)
    assert photons.mean() == pytest.approx(mean, abs=5 * np.sqrt(mean / 4000))
    assert photons.var() == pytest.approx(mean, rel=0.15)


def test_a_negative_number_on_the_command_line_continues_the_mosaic_draws() -> None:
    means = np.full(50, 3.0, np.float32)
    table = ShuffleTable()
    mosaic = Stream(CRYSTAL.mosaic_seed, table)
    for _ in range(3 * CRYSTAL.mosaic_domains):
        mosaic.draw()
    continued = PoissonStream(Stream(5, table)).draw(means)
    assert np.array_equal(noise_stream(CRYSTAL, 5).draw(means), continued)
    assert not np.array_equal(noise_stream(CRYSTAL, -5).draw(means), continued)
    assert np.array_equal(
        noise_stream(CRYSTAL, 0).draw(means), noise_stream(CRYSTAL, -1).draw(means)
    )
