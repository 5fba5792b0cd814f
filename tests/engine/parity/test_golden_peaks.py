"""Peak matching on the real symmetric pattern: noise never fails it, a shift does."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from engine.golden import generate
from engine.parity.metrics import compare_arrays
from engine.parity.peaks import compare_peaks

CENTRE = np.s_[1792:2304, 1792:2304]


@pytest.fixture(scope="module")
def golden(project_root: Path, reference_binary: Path) -> NDArray[np.float32]:
    """Return the centre of the canonical golden image."""
    path = generate.ensure("high_resolution_4096", project_root, program=reference_binary)
    return np.fromfile(path, "<f4").reshape(4096, 4096)[CENTRE]


def test_the_canonical_image_is_its_own_transpose(golden: NDArray[np.float32]) -> None:
    assert compare_arrays(golden, golden.T).correlation == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("scale", [6e-8, 1e-4])
@pytest.mark.parametrize("seed", range(4))
def test_noise_fails_no_peak(golden: NDArray[np.float32], scale: float, seed: int) -> None:
    noise = 1 + scale * np.random.default_rng(seed).standard_normal(golden.shape)
    found = compare_peaks(golden, (golden * noise).astype(np.float32), limit_px=0.5)
    assert found.matched_fraction == 1.0
    assert found.max_distance_px is not None
    assert found.max_distance_px < 0.05


@pytest.mark.parametrize(("moved", "limit_px"), [(0.5, 0.4), (1.0, 0.9), (2.0, 1.0)])
def test_a_shift_fails(golden: NDArray[np.float32], moved: float, limit_px: float) -> None:
    shifted = ndimage.shift(golden, (0.0, moved), mode="nearest")
    found = compare_peaks(golden, shifted, limit_px=limit_px)
    assert found.matched_fraction is not None
    assert found.matched_fraction < 0.95
