"""A float image's fingerprint: five statistics and sampled pixels, with tolerances.

Computed in chunks in float64, so that an image of any size fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RELATIVE = 1e-6
"""How far a figure may be off where another C library rounds differently: float32 pixels
carry 6e-8 each, and a last-bit difference of a sine grows by cancellation."""

_CHUNK = 1 << 22


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What ``golden_data/cases.json`` keeps of an image that is too large to commit."""

    max: float
    mean: float
    rms: float
    rmsd: float
    sum: float
    samples: tuple[tuple[int, int, float], ...]
    """Slow, fast, value."""

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> "Fingerprint":
        """Return the fingerprint of a case's entry; KeyError or TypeError for another form."""
        samples = tuple((int(s), int(f), float(v)) for s, f, v in entry["samples"])
        return cls(
            max=float(entry["max"]),
            mean=float(entry["mean"]),
            rms=float(entry["rms"]),
            rmsd=float(entry["rmsd"]),
            sum=float(entry["sum"]),
            samples=samples,
        )


def differences(path: Path, shape: tuple[int, int], expected: Fingerprint) -> tuple[str, ...]:
    """Return where an image departs from its fingerprint; empty when it agrees.

    Parameters
    ----------
    path
        Raw float32 little-endian image, slow-major, without header.
    shape
        Slow and fast pixels.
    expected
        The published fingerprint; population statistics over all pixels in float64.
    """
    import numpy as np  # noqa: PLC0415  # only needed when a hash differs

    slow, fast = shape
    if path.stat().st_size != 4 * slow * fast:
        return (f"{path.stat().st_size} bytes instead of {4 * slow * fast}",)
    image = np.memmap(path, dtype="<f4", mode="r", shape=(slow * fast,))
    total = squares = 0.0
    largest = -float("inf")
    for start in range(0, image.size, _CHUNK):
        chunk = image[start : start + _CHUNK].astype(np.float64)
        total += float(chunk.sum())
        squares += float(np.square(chunk).sum())
        largest = max(largest, float(chunk.max()))
    mean = total / image.size
    measured = {
        "max": largest,
        "mean": mean,
        "rms": (squares / image.size) ** 0.5,
        "rmsd": max(squares / image.size - mean * mean, 0.0) ** 0.5,
        "sum": total,
    }
    wrong = [
        f"{name} {value!r}, published {wanted!r}"
        for name, value in measured.items()
        if not _close(value, wanted := float(getattr(expected, name)), abs(wanted))
    ]
    wrong += [
        f"pixel ({s}, {f}) is {float(image[s * fast + f])!r}, published {value!r}"
        for s, f, value in expected.samples
        if not _close(float(image[s * fast + f]), value, expected.max)
    ]
    return tuple(wrong)


def _close(value: float, wanted: float, scale: float) -> bool:
    return abs(value - wanted) <= RELATIVE * max(abs(scale), 1e-300)
