"""The pass over both images: a scan, then every family, band by band, in bounded memory."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from engine.parity.images import (
    Image,
    Roi,
    Shape,
    checked_roi,
    keep_freed_memory,
    same_shape,
)
from engine.parity.metrics.model import Band, Detail, Family, Outcome, Scene, Value, undefined
from engine.parity.metrics.registry import BESIDE, FAMILIES
from engine.parity.metrics.validity import Validity

BAND_PIXELS = 1 << 16
"""Pixels per band: half a MiB of float64, so that a dozen arrays of it stay in the cache."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a comparison measured.

    Attributes
    ----------
    values
        Every figure by name; ``None`` where it has no value, never NaN.
    undefined
        Why it has none.
    details
        Maps, profiles and lists, by family.
    """

    values: Mapping[str, Value]
    undefined: Mapping[str, str]
    details: Mapping[str, Mapping[str, Detail]]

    def number(self, name: str) -> float | None:
        """Return a figure as a number; ``None`` where it has no value or is a place.

        Raises
        ------
        KeyError
            No measured family has such a figure.
        """
        value = self.values[name]
        return float(value) if isinstance(value, int | float) else None


def measure(
    c: Image,
    py: Image,
    roi: Roi | None = None,
    *,
    beam: tuple[float, float] | None = None,
    families: Iterable[type[Family]] = FAMILIES,
    band_rows: int | None = None,
) -> Measurement:
    """Measure how far two images agree.

    Parameters
    ----------
    c, py
        The C image and the port's.
    roi
        Region to compare, half-open; the whole image when ``None``.
    beam
        Where the direct beam hits, ``(slow, fast)`` in pixels from the corner of the full
        image; its middle when ``None``. Only the rings and the centre depend on it.
    families
        What to measure; everything unless told otherwise.
    band_rows
        Rows handled at a time; chosen for the cache when ``None``.

    Raises
    ------
    ShapesDifferError
        The shapes differ.
    UsageError
        The region is empty or outside.
    ImageError
        A file ends early.
    """
    shape = same_shape(c, py)
    region = checked_roi(roi, shape)
    rows = band_rows or max(1, BAND_PIXELS // (region[3] - region[2]))
    keep_freed_memory()
    validity = Validity.scan(c, py, region, rows)
    scene = validity.scene(shape, beam or middle(shape))
    chosen = tuple(families)
    if scene is None:
        reason = f"{validity.nonfinite} pixels are NaN or infinite"
        outcomes = {f.key: undefined(f.names, reason) for f in chosen}
    else:
        running = [family(scene) for family in chosen]
        _feed(running, scene, (c, py), rows)
        outcomes = {family.key: family.outcome() for family in running}
    return _joined({validity.key: validity.outcome(), **outcomes})


def _feed(families: Sequence[Family], scene: Scene, images: tuple[Image, Image], rows: int) -> None:
    """Let every family see every band in order; two halves of them see it side by side."""
    beside = [f for f in families if isinstance(f, BESIDE)]
    parties = [party for party in ([f for f in families if f not in beside], beside) if party]

    def read(party: Sequence[Family]) -> None:
        row = 0
        for x, y in zip(*(i.bands(scene.region, rows) for i in images), strict=True):
            band = Band(scene, row, x, y)
            for family in party:
                family.add(band)
            row += x.shape[0]

    with ThreadPoolExecutor(max(len(parties), 1), "families") as pool:
        list(pool.map(read, parties))


def middle(shape: Shape) -> tuple[float, float]:
    """Return the middle of an image, in pixels from its corner."""
    return shape[0] / 2, shape[1] / 2


def _joined(outcomes: Mapping[str, Outcome]) -> Measurement:
    why: dict[str, str] = {}
    values: dict[str, Value] = {}
    for outcome in outcomes.values():
        why |= outcome.undefined
        values |= dict(_finite(outcome, why))
    details = {key: o.details for key, o in outcomes.items() if o.details}
    return Measurement(values, why, details)


def _finite(outcome: Outcome, why: dict[str, str]) -> Iterator[tuple[str, Value]]:
    """Yield the values; one that overflowed has none, and says so."""
    for name, value in outcome.values.items():
        if isinstance(value, float) and not math.isfinite(value):
            why[name] = "beyond the range of float64"
            yield name, None
        else:
            yield name, value
