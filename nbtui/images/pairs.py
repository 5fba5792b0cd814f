"""Which pairs of images a bundle holds: told by the summaries that the comparisons left."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtui.durable import StrictJsonError, load_json

SUMMARY = "summary.json"
_FLOAT32_BYTES = 4


@dataclass(frozen=True, slots=True)
class Pair:
    """Two float images of equal shape.

    Attributes
    ----------
    name
        The comparison's folder, relative to the bundle.
    c, port
        The files: float32, little-endian, slow axis outermost, no header.
    shape
        ``(slow, fast)`` pixels.
    console
        What the C program printed, if it was kept.
    worst
        ``(slow, fast)`` of the largest difference, as the comparison tells it.
    trouble
        Why the images cannot be shown; empty when they can.
    """

    name: str
    c: Path
    port: Path
    shape: tuple[int, int]
    console: Path | None = None
    worst: tuple[int, int] | None = None
    trouble: str = ""


def find_pairs(bundle: Path) -> tuple[Pair, ...]:
    """Return the pairs of a bundle, in the order of their folders.

    A summary that cannot be read or names no images is passed over; images that do not have
    the length of their shape are listed with their trouble.
    """
    pairs = []
    for path in sorted(bundle.rglob(SUMMARY)):
        try:
            data = load_json(path.read_bytes())
        except (OSError, StrictJsonError):
            continue
        if isinstance(data, dict) and (pair := _pair(path.parent, data, bundle)):
            pairs.append(pair)
    return tuple(pairs)


def _pair(folder: Path, data: Mapping[str, Any], bundle: Path) -> Pair | None:
    shape = _whole(data.get("shape"))
    c, port = (_inside(folder, data.get(side), "image", bundle) for side in ("c", "py"))
    if shape is None or c is None or port is None:
        return None
    name = "." if folder == bundle else str(folder.relative_to(bundle))
    metrics = data.get("metrics")
    worst = _whole(metrics.get("max_abs_diff_at")) if isinstance(metrics, dict) else None
    console = _inside(folder, data.get("c"), "stdout", bundle)
    wrong = next((text for p in (c, port) if (text := _wrong(p, shape))), "")
    return Pair(name, c, port, shape, console, worst, wrong)


def _inside(folder: Path, side: object, key: str, bundle: Path) -> Path | None:
    """Return the file that a summary names, if it lies in the bundle."""
    name = side.get(key) if isinstance(side, dict) else None
    if not isinstance(name, str) or not name:
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(bundle.resolve()) else None


def _whole(value: object) -> tuple[int, int] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in value):
        return None
    return value[0], value[1]


def _wrong(path: Path, shape: tuple[int, int]) -> str:
    expected = shape[0] * shape[1] * _FLOAT32_BYTES
    try:
        found = path.stat().st_size
    except OSError as error:
        return f"{path.name}: {error.strerror}"
    if found != expected or not expected:
        return f"{path.name}: {found} bytes, but {shape[0]} x {shape[1]} pixels are {expected}"
    return ""
