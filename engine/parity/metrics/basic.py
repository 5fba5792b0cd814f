"""The basic figures as one record, for callers that need no maps: tests, benchmark, gates."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from engine.parity.images import (
    BAND_ROWS,
    ArrayImage,
    Image,
    Pixels,
    RawImage,
    Roi,
    Shape,
)
from engine.parity.metrics.measure import measure
from engine.parity.metrics.registry import BASIC


@dataclass(frozen=True, slots=True)
class Metrics:
    """What one comparison measured. Names are those of ``summary.json``.

    Coordinates are ``(slow, fast)`` in the full image, also when a region was compared.
    Values are in the image's unit (photons per pixel) where they have one.
    """

    pixels: int
    nonfinite_c: int
    nonfinite_py: int
    correlation: float | None = None
    relative_l2: float | None = None
    rmse: float | None = None
    rmse_relative: float | None = None
    """RMSE over the maximum of the C image."""
    max_abs_diff: float | None = None
    max_abs_diff_at: tuple[int, int] | None = None
    max_abs_diff_relative: float | None = None
    """Largest difference over the maximum of the C image."""
    c_sum: float | None = None
    py_sum: float | None = None
    sum_ratio: float | None = None
    sum_ratio_deviation: float | None = None
    """``|sum_ratio - 1|``."""
    slope: float | None = None
    intercept: float | None = None
    c_min: float | None = None
    c_max: float | None = None
    py_min: float | None = None
    py_max: float | None = None
    nonfinite: int = 0
    """NaN and infinite pixels of both images together."""
    nonfinite_at: tuple[int, int] | None = None
    """The first of them in scan order."""
    undefined: Mapping[str, str] = field(default_factory=dict)
    """Measure without a value -> why."""


def compare_arrays(
    c: Pixels, py: Pixels, roi: Roi | None = None, *, band_rows: int = BAND_ROWS
) -> Metrics:
    """Compare two images in memory.

    Parameters
    ----------
    c, py
        Two-dimensional arrays ``[slow, fast]`` of equal shape.
    roi
        ``(slow0, slow1, fast0, fast1)``, half-open; the whole image when ``None``.
    band_rows
        Rows handled at a time.

    Raises
    ------
    ShapesDifferError
        The shapes differ.
    UsageError
        The region is empty or outside.
    """
    return _compare(ArrayImage(c), ArrayImage(py), roi, band_rows)


def compare_files(
    c_path: Path, py_path: Path, shape: Shape, roi: Roi | None = None, *, band_rows: int = BAND_ROWS
) -> Metrics:
    """Compare two raw float images on disk; see :func:`compare_arrays`.

    Raises
    ------
    ImageError
        A file is missing or does not have the length of ``shape``.
    """
    return _compare(RawImage(c_path, shape), RawImage(py_path, shape), roi, band_rows)


def compare_images(c: Image, py: Image, roi: Roi | None = None) -> Metrics:
    """Compare two image sources of either kind; see :func:`compare_arrays`."""
    return _compare(c, py, roi, BAND_ROWS)


_FIGURES = tuple(f.name for f in fields(Metrics) if f.name != "undefined")


def _compare(c: Image, py: Image, roi: Roi | None, band_rows: int) -> Metrics:
    found = measure(c, py, roi, families=BASIC, band_rows=band_rows)
    values: dict[str, Any] = {name: found.values[name] for name in _FIGURES}
    why = {name: reason for name, reason in found.undefined.items() if name in _FIGURES}
    return Metrics(**values, undefined=why)
