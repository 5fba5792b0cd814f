"""AT-PERF-004: neither threads nor tiles show in the image."""

from collections.abc import Iterator

import pytest
import torch

from engine.experiment import Experiment
from engine.simulator import render

LINE = (
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -lambda 1.1 -distance 100 "
    "-pixel 0.2 -detpixels_f 131 -detpixels_s 89 -oversample 2 -phi 1 -osc 2 -mosaic 0.4 "
    "-mosaic_domains 3 -polar 0.9"
)


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Leave the number of threads as it was."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bits(dtype: torch.dtype) -> None:
    """To the last bit, so that a figure never depends on the machine's number of cores."""
    experiment = Experiment.from_args(LINE.split())
    torch.set_num_threads(1)
    expected = render(experiment, None, dtype=dtype)
    assert expected.image.max() > 0
    for count in (1, 2, 4):
        torch.set_num_threads(count)
        for tile_pixels in (131, 1000, 131 * 40):
            found = render(experiment, None, dtype=dtype, tile_pixels=tile_pixels)
            assert torch.equal(found.image, expected.image)
            assert found.omega_sum_sr == pytest.approx(expected.omega_sum_sr, rel=1e-6)
