"""Each family of measures against independent arithmetic, and at the edges of its definition."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy import stats

from engine.parity.images import ArrayImage, RawImage, Roi
from engine.parity.metrics import FAMILIES, Family, Measurement, Validity, measure
from engine.parity.metrics.similarity import ssim
from engine.parity.metrics.summary import describe, explain

Array = NDArray[np.float32]
ROOT = Path(__file__).parents[4]
EVERY: tuple[type[Family] | type[Validity], ...] = (Validity, *FAMILIES)


def spots(slow: int = 150, fast: int = 200, seed: int = 3) -> Array:
    """Return smooth spots on a slanted lattice over a weak background."""
    y, x = np.mgrid[0:slow, 0:fast].astype(np.float64)
    pattern = (np.cos(0.31 * x + 0.05 * y) * np.cos(0.27 * y - 0.04 * x)) ** 6
    gain = 1 + 0.1 * np.random.default_rng(seed).random()
    envelope = gain * np.exp(-(((x - 80) / 150) ** 2) - ((y - 60) / 120) ** 2)
    out: Array = (pattern * envelope + 1e-4).astype(np.float32)
    return out


def noisy(a: Array, scale: float = 1e-3) -> Array:
    out: Array = (a * (1 + scale * np.random.default_rng(1).standard_normal(a.shape))).astype("<f4")
    return out


def found(c: Array, py: Array, roi: Roi | None = None, rows: int | None = None) -> Measurement:
    return measure(ArrayImage(c), ArrayImage(py), roi, band_rows=rows)


def test_names_are_unique_and_each_has_a_value_or_a_reason() -> None:
    names = [n for f in EVERY for n in f.names]
    assert len(names) == len(set(names))
    result = found(spots(), noisy(spots()))
    assert set(result.values) == set(names)
    assert {n for n, v in result.values.items() if v is None} <= {"nonfinite_at"}


@pytest.mark.parametrize("family", EVERY)
def test_each_family_says_what_it_is_and_the_page_names_its_figures(
    family: type[Family] | type[Validity],
) -> None:
    assert family.about.formula
    assert family.about.sees
    assert family.about.blind_to
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    missing = [n for n in family.names if f"`{n}`" not in page]
    assert not missing


@pytest.mark.parametrize("rows", [1, 3, 7, 64, 1000])
def test_the_height_of_a_band_does_not_matter(rows: int) -> None:
    c, py = spots(), noisy(spots())
    expected, banded = found(c, py), found(c, py, rows=rows)
    for name, value in expected.values.items():
        if isinstance(value, float):
            assert banded.values[name] == pytest.approx(value, rel=1e-11, abs=1e-13), name
        else:
            assert banded.values[name] == value, name


INVARIANT = (
    "relative_l2", "correlation", "slope", "sum_ratio", "max_abs_diff_relative", "mismatches",
    "log_correlation", "log_rms", "radial_deviation", "centre_correlation", "peaks_c", "peaks_py",
    "peaks_unmatched", "peak_displacement_px", "peak_height_deviation", "equal_fraction",
    "residual_lag1_fast", "residual_lag1_slow", "residual_sign_bias", "residual_row_share",
)  # fmt: skip


ALIKE: dict[str, Callable[[Array], Array]] = {
    # A power of two is exact in float32.
    "scaled": lambda a: a * np.float32(1024),
    "upside down": lambda a: a[::-1].copy(),
    "mirrored": lambda a: a[:, ::-1].copy(),
}


@pytest.mark.parametrize("change", ALIKE)
def test_what_happens_to_both_images_alike_changes_no_relative_figure(change: str) -> None:
    c, py = spots(192, 256), noisy(spots(192, 256))
    same = ALIKE[change]
    expected, alike = found(c, py), found(same(c), same(py))
    for name in (*INVARIANT, "worst_tile_relative_l2", "ssim"):
        assert alike.values[name] == pytest.approx(expected.values[name], rel=1e-9, abs=1e-11), name


edges = st.sampled_from([0.0, 1.0, -1.0, 1e-42, 1e30, -0.0, 3e4])
awkward = hnp.array_shapes(min_dims=2, max_dims=2, max_side=20).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(np.float32, shape, elements=edges),
        hnp.arrays(np.float32, shape, elements=edges),
    )
)


@settings(max_examples=60, deadline=None)
@given(awkward)
def test_awkward_images_give_figures_or_reasons_but_never_nan(pair: tuple[Array, Array]) -> None:
    result = found(*pair)
    for name, value in result.values.items():
        assert (value is None) == (name in result.undefined) or name == "nonfinite_at"
        assert not isinstance(value, float) or math.isfinite(value)
    json.dumps(describe(result), allow_nan=False)


def test_reasons_are_said_once() -> None:
    nan = np.full((40, 40), np.nan, np.float32)
    (sentence, *_) = explain(found(nan, nan))
    assert sentence.count("undefined") == 1


def test_a_constant_image_has_no_correlation_but_the_rest() -> None:
    flat = np.full((300, 300), 2.0, np.float32)
    result = found(flat, flat * np.float32(1.5))
    assert result.undefined["correlation"] == "the C image is constant"
    assert result.undefined["log_correlation"] == "the C image is constant"
    assert result.values["relative_l2"] == pytest.approx(0.5)
    assert result.values["radial_deviation"] == pytest.approx(0.5)
    assert result.values["worst_tile_relative_l2"] == pytest.approx(0.5)
    assert "worst_tile_correlation_deviation" in result.undefined


def test_correlations_agree_with_scipy() -> None:
    c, py = spots(), noisy(spots())
    x, y = c.astype(float).ravel(), py.astype(float).ravel()
    result = found(c, py)
    assert result.values["correlation"] == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-12)
    line = stats.linregress(x, y)
    assert result.values["slope"] == pytest.approx(line.slope, rel=1e-10)
    assert result.values["intercept"] == pytest.approx(line.intercept, abs=1e-12)
    logs = [np.log(v + 1e-6 * float(c.max())) for v in (x, y)]
    expected = stats.pearsonr(*logs)[0]
    assert result.values["log_correlation"] == pytest.approx(expected, abs=1e-12)
    assert result.values["log_rms"] == pytest.approx(np.std(logs[1] - logs[0]), rel=1e-2)


def test_errors_agree_with_scikit_image() -> None:
    from skimage.metrics import mean_squared_error, normalized_root_mse

    c, py = spots().astype(float), noisy(spots()).astype(float)
    result = found(c, py)
    assert result.values["rmse"] == pytest.approx(math.sqrt(mean_squared_error(c, py)))
    norm = float(normalized_root_mse(c, py, normalization="euclidean"))
    assert result.values["relative_l2"] == pytest.approx(norm)


def test_structural_similarity_agrees_with_scikit_image() -> None:
    from skimage.metrics import structural_similarity

    c, py = spots().astype(float), noisy(spots(), 0.3).astype(float)
    expected = structural_similarity(  # type: ignore[no-untyped-call]  # scikit-image is untyped
        c, py, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ssim(c, py, 1.0) == pytest.approx(expected, abs=1e-12)


def test_the_common_figures_agree_with_torchmetrics() -> None:
    from torchmetrics import functional as tm

    c, py = spots().astype(float), noisy(spots(), 0.01).astype(float)
    result = found(c, py)
    x, y = torch.from_numpy(c), torch.from_numpy(py)
    expected = float(tm.pearson_corrcoef(y.flatten(), x.flatten()))
    assert result.values["correlation"] == pytest.approx(expected, abs=1e-9)
    rmse = float(tm.mean_squared_error(y.flatten(), x.flatten(), squared=False))
    assert result.values["rmse"] == pytest.approx(rmse, rel=1e-9)


def test_tiles_agree_with_a_plain_loop() -> None:
    c, py = spots(), noisy(spots())
    py[70:80, 130:140] *= 1.5
    result = found(c, py)
    x, y = c.astype(float), py.astype(float)
    errors = {}
    for slow in range(0, 150, 64):
        for fast in range(0, 200, 64):
            a, b = x[slow : slow + 64, fast : fast + 64], y[slow : slow + 64, fast : fast + 64]
            errors[slow, fast] = np.linalg.norm(b - a) / np.linalg.norm(a)
    assert result.values["worst_tile_at"] == (64, 128) == max(errors, key=errors.__getitem__)
    assert result.values["worst_tile_relative_l2"] == pytest.approx(max(errors.values()))
    assert result.values["tiles_judged"] == len(errors) == 12


def test_a_tile_in_the_dark_is_not_judged() -> None:
    c = spots()
    c[:64, :64] = 1e-9
    py = c.copy()
    py[:64, :64] = 2e-9
    result = found(c, py)
    assert result.values["tiles_judged"] == 11
    assert result.values["worst_tile_relative_l2"] == 0.0


@pytest.mark.parametrize("beam", [None, (20.3, 150.9), (-40.0, 60.5), (75.5, 100.5)])
def test_rings_agree_with_a_plain_count(beam: tuple[float, float] | None) -> None:
    c, py = spots(), noisy(spots(), 0.05)
    result = measure(ArrayImage(c), ArrayImage(py), beam=beam)
    profile = result.details["radial"]["profile"]
    assert isinstance(profile, dict)
    slow, fast = beam or (75.0, 100.0)
    y, x = np.mgrid[0:150, 0:200] + 0.5
    ring = (np.hypot(y - slow, x - fast) / profile["step_px"]).astype(int).ravel()
    counts = np.bincount(ring, minlength=256)
    sums = [np.bincount(ring, a.astype(float).ravel(), 256) for a in (c, py)]
    wanted = counts >= 100
    assert [r is not None for r in profile["ratio"]] == wanted.tolist()
    expected = sums[1][wanted] / sums[0][wanted]
    shown = [r for r in profile["ratio"] if r is not None]
    assert shown == pytest.approx(expected.tolist(), abs=1e-8)
    worst = float(np.abs(expected - 1).max())
    assert result.values["radial_deviation"] == pytest.approx(worst)


def test_units_in_the_last_place_are_counted() -> None:
    c = np.array([[1.0, 1.0, 1.0, -0.0, 1e-45, 2.0]], np.float32)
    py = c.copy()
    py[0, 1] = np.nextafter(np.float32(1), np.float32(2))
    py[0, 2] = np.float32(1) + np.float32(5 * 2**-23)
    py[0, 3] = 0.0
    py[0, 4] = -1e-45
    result = found(c, py)
    histogram = result.details["ulp"]["ulp_histogram"]
    assert histogram == {"from": [0, 1, 2, 4], "pixels": [3, 1, 1, 1]}
    assert (result.values["ulp_max"], result.values["equal_fraction"]) == (5, 0.5)
    assert result.values["ulp_median"] == 0
    tiny = np.nextafter(np.abs(c) + 1, np.float32(np.inf))
    assert found(np.abs(c) + 1, tiny).values["ulp_median"] == 1


def test_the_ten_worst_pixels_are_named_in_order() -> None:
    c = spots()
    py = c.copy()
    places = [(i * 13 % 150, i * 29 % 200) for i in range(1, 13)]
    for n, at in enumerate(places):
        py[at] += (n + 1) * 0.01
    result = found(c, py, rows=5)
    rows = result.details["extremes"]["worst_pixels"]
    assert isinstance(rows, list)
    assert [tuple(r["at"]) for r in rows] == places[:1:-1]
    assert rows[0]["difference"] == pytest.approx(0.12, rel=1e-4)
    assert result.values["max_abs_diff_at"] == places[-1]
    assert result.values["mismatches"] == 12


def test_the_kind_of_residual_is_named() -> None:
    c = spots()
    moved = (c + 1e-4 * np.gradient(c, axis=1)).astype("<f4")
    rows = c.copy()
    rows[10::20] *= np.float32(1.1)
    kinds = [found(c, py).details["residual"]["kind"] for py in (c, noisy(c), moved, rows)]
    assert [str(k).split()[0] for k in kinds] == ["none", "white", "smooth", "striped"]


@pytest.mark.parametrize(
    ("moved", "least", "most"), [(0.02, 0.012, 0.03), (0.05, 0.035, 0.06), (0.5, 0.45, 0.55)]
)
def test_a_displacement_is_measured_below_a_pixel(moved: float, least: float, most: float) -> None:
    from scipy import ndimage

    c = spots()
    py = ndimage.shift(c.astype(float), (0.0, moved), order=3, mode="nearest").astype("<f4")
    result = found(c, py)
    assert least <= (result.number("peak_displacement_fast_px") or 0.0) <= most
    assert abs(result.number("peak_displacement_slow_px") or 0.0) < 0.1 * moved
    assert result.values["peaks_unmatched"] == 0


def test_missing_and_spurious_spots_are_counted_and_placed() -> None:
    c = spots()
    py = c.copy()
    py[50:70, 70:90] = 0
    py[5, 5] = 1.0
    result = found(c, py, (2, 140, 1, 190))
    places = result.details["positions"]
    assert result.values["peaks_spurious"] == 1
    assert places["spurious_at"] == [[5.0, 5.0]]
    assert (result.number("peaks_missing") or 0) >= 1
    assert result.values["peaks_unmatched"] == 1 + (result.number("peaks_missing") or 0)


def test_the_centre_is_the_part_about_the_beam() -> None:
    c, py = spots(700, 640), noisy(spots(700, 640), 0.01)
    result = measure(ArrayImage(c), ArrayImage(py), beam=(100.0, 600.0))
    inside = np.s_[0:356, 344:640]
    expected = stats.pearsonr(c[inside].astype(float).ravel(), py[inside].astype(float).ravel())[0]
    assert result.values["centre_correlation"] == pytest.approx(expected, abs=1e-12)
    far = measure(ArrayImage(c), ArrayImage(py), beam=(-900.0, 0.0))
    assert "outside" in far.undefined["centre_correlation"]


def test_large_files_are_read_by_bands(tmp_path: Path) -> None:
    import tracemalloc

    shape = (2048, 1024)
    for side in ("c", "py"):
        np.tile(spots(256, 256), (8, 4)).tofile(tmp_path / side)
    images = RawImage(tmp_path / "c", shape), RawImage(tmp_path / "py", shape)
    measure(*images)
    tracemalloc.start()
    try:
        measure(*images)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2048 * 1024 * 8 * 1.5
