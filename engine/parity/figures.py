"""Pictures of two images and their difference, small enough to look at, true to the peaks.

A 4096 x 4096 image is reduced by *pooling*, not by sampling: each picture pixel shows the
largest intensity of its block, and of the differences the one that is largest in magnitude,
with its sign. A single wrong pixel therefore stays visible.

The colour tables are computed here in the OKLab space (Ottosson 2020), where equal steps in
lightness look equal: intensities run from dark violet to light yellow with rising lightness
alone, differences from blue (the port is lower) over white to orange (higher), a pair that
all common colour deficiencies tell apart.
"""

import io
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.parity.images import (
    BAND_ROWS,
    Image,
    Roi,
    checked_roi,
    keep_freed_memory,
    same_shape,
)

if TYPE_CHECKING:
    from PIL import Image as Pillow

MAX_SIDE = 1024
INTENSITY_DECADES = 6.0
DIFFERENCE_DECADES = 4.0
NOT_A_NUMBER = (255, 0, 255)
"""Colour of blocks that hold a NaN or an infinity."""

_Plane = NDArray[np.float64]
_Colours = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Figures:
    """The three pictures as PNG bytes, and what their colours mean."""

    c: bytes
    py: bytes
    diff: bytes
    scale: str


def render(c: Image, py: Image, roi: Roi | None = None, *, max_side: int = MAX_SIDE) -> Figures:
    """Draw the C image, the port's image and their difference (port minus C).

    Parameters
    ----------
    c, py
        Images of equal shape.
    roi
        Region to draw, half-open; everything when ``None``.
    max_side
        Longest side of a picture in pixels.

    Raises
    ------
    ShapesDifferError, UsageError
        As :func:`engine.parity.metrics.compare_arrays`.
    """
    region = checked_roi(roi, same_shape(c, py))
    c_pool, py_pool, diff_pool = _pool(c, py, region, max_side)
    top = _largest_finite(c_pool, py_pool)
    worst = _largest_finite(np.abs(diff_pool))
    scale = (
        f"c, py: log10 over {INTENSITY_DECADES:g} decades, yellow = {top:.6g} (largest of both); "
        f"diff = py - c: orange higher, blue lower, logarithmic over {DIFFERENCE_DECADES:g} "
        f"decades up to {worst:.6g}; magenta: not finite; largest value of each block is shown"
    )
    return Figures(
        c=_intensity_picture(c_pool, top),
        py=_intensity_picture(py_pool, top),
        diff=_difference_picture(diff_pool, worst),
        scale=scale,
    )


def _pool(c: Image, py: Image, region: Roi, max_side: int) -> tuple[_Plane, _Plane, _Plane]:
    slow, fast = region[1] - region[0], region[3] - region[2]
    block = max(1, -(-max(slow, fast) // max_side))
    rows = block * max(1, BAND_ROWS // block)
    pools: tuple[list[_Plane], list[_Plane], list[_Plane]] = ([], [], [])
    keep_freed_memory()
    with np.errstate(invalid="ignore"):
        for x, y in zip(c.bands(region, rows), py.bands(region, rows), strict=True):
            difference = y.astype(np.float64) - x
            pools[0].append(block_maximum(x, block))
            pools[1].append(block_maximum(y, block))
            pools[2].append(block_extreme(difference, block))
    joined = tuple(np.concatenate(p) for p in pools)
    return joined[0], joined[1], joined[2]


def block_maximum(image: NDArray[np.floating[Any]], block: int) -> _Plane:
    """Return the largest value of each ``block`` x ``block`` square; NaN wins."""
    return _reduced(image, block, np.maximum)


def block_extreme(image: NDArray[np.floating[Any]], block: int) -> _Plane:
    """Return the value of largest magnitude of each square, with its sign; NaN wins."""
    high = _reduced(image, block, np.maximum)
    low = _reduced(image, block, np.minimum)
    return np.where(-low > high, low, high)


def _reduced(image: NDArray[np.floating[Any]], block: int, larger: np.ufunc) -> _Plane:
    rows = _every(block, image, larger)
    out: _Plane = _every(block, rows.T, larger).T.astype(np.float64, order="C")
    return out


def _every(
    block: int, image: NDArray[np.floating[Any]], larger: np.ufunc
) -> NDArray[np.floating[Any]]:
    """Reduce every ``block`` rows to one, the last ones to one more when they are fewer."""
    whole = image.shape[0] // block * block
    out = image[0:whole:block].copy(order="K")
    for first in range(1, block):
        larger(out, image[first:whole:block], out=out)
    if whole == image.shape[0]:
        return out
    return np.concatenate([out, larger.reduce(image[whole:], axis=0, keepdims=True)])


def _largest_finite(*planes: _Plane) -> float:
    return max((float(p[np.isfinite(p)].max(initial=0.0)) for p in planes), default=0.0)


def _intensity_picture(plane: _Plane, top: float) -> bytes:
    finite = np.where(np.isfinite(plane), plane, 0.0)
    if top <= 0:
        return _painted(np.zeros(plane.shape, np.uint8), plane, intensity_table())
    floor = top * 10.0**-INTENSITY_DECADES
    level = np.log10(np.clip(finite, floor, top) / floor) / INTENSITY_DECADES
    return _painted(_index(level), plane, intensity_table())


def _difference_picture(plane: _Plane, worst: float) -> bytes:
    finite = np.where(np.isfinite(plane), plane, 0.0)
    if worst <= 0:
        return _painted(np.full(plane.shape, 128, np.uint8), plane, difference_table())
    floor = worst * 10.0**-DIFFERENCE_DECADES
    size = np.clip(np.abs(finite), floor, worst)
    level = np.sign(finite) * np.log10(size / floor) / DIFFERENCE_DECADES
    return _painted(_index((level + 1) / 2), plane, difference_table())


def _index(level: _Plane) -> _Colours:
    return np.clip(np.rint(level * 255), 0, 255).astype(np.uint8)


@cache
def intensity_table() -> _Colours:
    """Return 256 RGB colours of rising lightness: violet, blue, green, yellow."""
    t = np.linspace(0.0, 1.0, 256)
    lightness = 0.17 + 0.75 * t
    chroma = 0.09 + 0.03 * np.sin(np.pi * t) + 0.06 * t**2
    hue = np.deg2rad(305.0 - 200.0 * t)
    return _srgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))


@cache
def difference_table() -> _Colours:
    """Return 256 RGB colours from blue over white to orange, lightest in the middle."""
    t = np.linspace(-1.0, 1.0, 256)
    size = np.abs(t)
    lightness = 0.985 - 0.42 * size
    chroma = 0.16 * size
    hue = np.deg2rad(np.where(t < 0, 258.0, 52.0))
    return _srgb(lightness, chroma * np.cos(hue), chroma * np.sin(hue))


def _srgb(lightness: _Plane, a: _Plane, b: _Plane) -> _Colours:
    """Convert OKLab to 8-bit sRGB, clipped to the gamut."""
    roots = np.stack(
        [
            lightness + 0.3963377774 * a + 0.2158037573 * b,
            lightness - 0.1055613458 * a - 0.0638541728 * b,
            lightness - 0.0894841775 * a - 1.2914855480 * b,
        ]
    )
    to_rgb = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    linear = np.clip(to_rgb @ roots**3, 0.0, 1.0)
    curved = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    out: _Colours = np.rint(255 * curved.T).astype(np.uint8)
    return out


def png(colours: _Colours) -> bytes:
    """Return an RGB picture ``[slow, fast, 3]`` as PNG bytes."""
    # Pillow only encodes, and only here: nothing else should wait for its import.
    from PIL import Image as Pillow  # noqa: PLC0415

    return _encoded(Pillow.fromarray(colours))


def _painted(index: _Colours, plane: _Plane, table: _Colours) -> bytes:
    """Return a plane in the table's colours at ``index``, what is not finite marked, as PNG."""
    from PIL import Image as Pillow  # noqa: PLC0415 - as above

    marked = ~np.isfinite(plane)
    if marked.any():
        colours = table[index]
        colours[marked] = NOT_A_NUMBER
        return png(colours)
    # A palette has 256 places, all taken by the table; it leaves a third of the bytes to compress.
    picture = Pillow.fromarray(index)
    picture.putpalette(table.tobytes())
    return _encoded(picture)


def _encoded(picture: "Pillow.Image") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG", compress_level=1)
    return stream.getvalue()
