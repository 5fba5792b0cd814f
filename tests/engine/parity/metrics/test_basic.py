"""The measures: right against independent arithmetic, stable, and never NaN."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from engine.parity import metrics
from engine.parity.errors import ImageError, ShapesDifferError, UsageError

Array = NDArray[np.float32]

finite = st.floats(-1e6, 1e6, width=32)
pairs = hnp.array_shapes(min_dims=2, max_dims=2, max_side=17).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(np.float32, shape, elements=finite),
        hnp.arrays(np.float32, shape, elements=finite),
    )
)


def spots(slow: int = 96, fast: int = 128, seed: int = 3) -> Array:
    rng = np.random.default_rng(seed)
    return (rng.random((slow, fast)) ** 8).astype(np.float32)


@given(pairs)
def test_sums_and_differences_agree_with_exact_arithmetic(pair: tuple[Array, Array]) -> None:
    c, py = pair
    found = metrics.compare_arrays(c, py)
    x, y = c.astype(np.float64).ravel(), py.astype(np.float64).ravel()
    assert found.c_sum == pytest.approx(math.fsum(x), rel=1e-12, abs=1e-9)
    assert found.rmse == pytest.approx(math.sqrt(math.fsum((y - x) ** 2) / x.size), rel=1e-12)
    assert found.max_abs_diff == np.abs(y - x).max()
    assert found.max_abs_diff_at is not None
    slow, fast = found.max_abs_diff_at
    assert abs(float(py[slow, fast]) - float(c[slow, fast])) == found.max_abs_diff
    assert found.pixels == x.size


@given(pairs)
def test_correlation_agrees_with_numpy_where_it_exists(pair: tuple[Array, Array]) -> None:
    c, py = (a.astype(np.float64) for a in pair)
    found = metrics.compare_arrays(c, py).correlation
    if c.min() == c.max() or py.min() == py.max():
        assert found is None
    elif min(c.std() / np.abs(c).max(), py.std() / np.abs(py).max()) > 1e-6:
        assert found == pytest.approx(np.corrcoef(c.ravel(), py.ravel())[0, 1], abs=1e-9)


@given(pairs, st.integers(1, 20))
def test_the_size_of_a_band_does_not_matter(pair: tuple[Array, Array], rows: int) -> None:
    whole = metrics.compare_arrays(*pair, band_rows=1000)
    banded = metrics.compare_arrays(*pair, band_rows=rows)
    assert banded.max_abs_diff_at == whole.max_abs_diff_at
    for name in ("rmse", "c_sum", "relative_l2", "max_abs_diff"):
        expected, found = getattr(whole, name), getattr(banded, name)
        assert (found is None) == (expected is None)
        if expected is not None:
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("rows", [1, 7, 64, 1000])
def test_correlation_is_the_same_for_every_band_size(rows: int) -> None:
    c = spots()
    py = c * (1 + 1e-5 * np.random.default_rng(0).standard_normal(c.shape)).astype(np.float32)
    expected = np.corrcoef(c.ravel().astype(float), py.ravel().astype(float))[0, 1]
    found = metrics.compare_arrays(c, py, band_rows=rows).correlation
    assert found == pytest.approx(expected, abs=1e-13)


def test_a_pedestal_costs_no_digits() -> None:
    c = spots().astype(np.float64)
    py = c + 1e-4 * spots(seed=4)
    plain = metrics.compare_arrays(c, py).correlation
    lifted = metrics.compare_arrays(c + 1e6, py + 1e6).correlation
    assert plain is not None
    assert lifted == pytest.approx(plain, abs=1e-9)
    assert lifted is not None
    assert lifted <= 1.0


def test_more_ones_than_float32_can_count() -> None:
    ones = np.ones((4097, 4097), np.float32)
    found = metrics.compare_arrays(ones, ones)
    assert found.c_sum == 4097**2
    assert found.sum_ratio == 1.0
    assert found.undefined["correlation"] == "the C image is constant"


def test_scale_and_offset_are_named_although_correlation_is_blind() -> None:
    c = spots().astype(np.float64)
    found = metrics.compare_arrays(c, 2 * c - c.mean())
    assert found.correlation == pytest.approx(1.0, abs=1e-12)
    assert found.sum_ratio == pytest.approx(1.0)
    assert found.slope == pytest.approx(2.0)
    assert found.intercept == pytest.approx(-c.mean())
    assert found.relative_l2 is not None
    assert found.relative_l2 > 0.5


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_pixel_that_is_no_number_leaves_nothing_defined(bad: float) -> None:
    c, py = spots(), spots()
    largest = float(py.max())
    py[70, 9] = bad
    found = metrics.compare_arrays(c, py)
    assert (found.nonfinite_c, found.nonfinite_py, found.nonfinite) == (0, 1, 1)
    assert found.nonfinite_at == (70, 9)
    assert found.correlation is None
    assert found.max_abs_diff_at is None
    assert "NaN or infinite" in found.undefined["relative_l2"]
    assert found.py_max == largest


def test_both_images_all_nan() -> None:
    nan = np.full((4, 4), np.nan, np.float32)
    found = metrics.compare_arrays(nan, nan)
    assert found.nonfinite == 32
    assert found.c_max is None
    assert found.correlation is None


def test_a_black_reference_has_no_ratio() -> None:
    found = metrics.compare_arrays(np.zeros((5, 5)), np.ones((5, 5)))
    assert found.sum_ratio is None
    assert found.relative_l2 is None
    assert found.rmse == 1.0
    assert found.undefined["sum_ratio"] == "the C image sums to zero"
    assert found.undefined["rmse_relative"] == "the maximum of the C image is not positive"


def test_denormal_images_are_measured() -> None:
    c = spots() * np.float32(1e-42)
    found = metrics.compare_arrays(c, c)
    assert found.correlation == pytest.approx(1.0)
    assert found.relative_l2 == 0.0


def test_a_single_pixel() -> None:
    found = metrics.compare_arrays(np.array([[2.0]]), np.array([[3.0]]))
    assert found.correlation is None
    assert found.sum_ratio == 1.5
    assert found.relative_l2 == 0.5


def test_region_is_half_open_and_reported_in_full_coordinates() -> None:
    c, py = spots(), spots()
    py[10, 20] += 1.0
    inside = metrics.compare_arrays(c, py, (10, 11, 20, 21))
    outside = metrics.compare_arrays(c, py, (0, 10, 0, 128))
    assert inside.pixels == 1
    assert inside.max_abs_diff_at == (10, 20)
    assert outside.max_abs_diff == 0.0


@pytest.mark.parametrize("roi", [(0, 0, 0, 4), (4, 2, 0, 4), (0, 97, 0, 4), (-1, 4, 0, 4)])
def test_a_region_outside_is_refused(roi: tuple[int, int, int, int]) -> None:
    with pytest.raises(UsageError, match="outside"):
        metrics.compare_arrays(spots(), spots(), roi)


def test_shapes_must_agree() -> None:
    with pytest.raises(ShapesDifferError, match="96 x 128"):
        metrics.compare_arrays(spots(), spots(128, 96))


def test_files_give_what_arrays_give(tmp_path: Path) -> None:
    c, py = spots(), spots(seed=5)
    c.tofile(tmp_path / "c")
    py.tofile(tmp_path / "py")
    roi = (3, 90, 5, 77)
    expected = metrics.compare_arrays(c, py, roi)
    found = metrics.compare_files(tmp_path / "c", tmp_path / "py", (96, 128), roi, band_rows=10)
    assert found.correlation == pytest.approx(expected.correlation, abs=1e-14)
    assert found.max_abs_diff_at == expected.max_abs_diff_at


@pytest.mark.parametrize("change", [-4, -1, 4])
def test_a_file_of_another_length_is_refused(tmp_path: Path, change: int) -> None:
    spots().tofile(tmp_path / "c")
    data = (tmp_path / "c").read_bytes()
    (tmp_path / "py").write_bytes(data[:change] if change < 0 else data + b"\0" * change)
    with pytest.raises(ImageError, match="49152"):
        metrics.compare_files(tmp_path / "c", tmp_path / "py", (96, 128))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="nowhere"):
        metrics.compare_files(tmp_path / "nowhere", tmp_path / "nowhere", (2, 2))


@settings(max_examples=20)
@given(st.floats(1e-3, 1e3), pairs)
def test_a_common_scale_changes_no_relative_measure(
    factor: float, pair: tuple[Array, Array]
) -> None:
    c, py = (a.astype(np.float64) for a in pair)
    plain, scaled = metrics.compare_arrays(c, py), metrics.compare_arrays(c * factor, py * factor)
    assert (plain.relative_l2 is None) == (scaled.relative_l2 is None)
    if plain.relative_l2 is not None:
        assert scaled.relative_l2 == pytest.approx(plain.relative_l2, rel=1e-9)
