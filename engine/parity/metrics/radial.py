"""Intensity in rings about the direct beam."""

import math
from itertools import product
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.parity.metrics.model import About, Band, Outcome, Scene, Value

RINGS = 256
LEAST_PIXELS = 100
ENERGY_FLOOR = 1e-6
"""Of the maximum: a ring whose mean is below it is background and not judged."""


class Radial:
    """Ratio of the ring sums of both images, and the worst of it."""

    key: ClassVar[str] = "radial"
    about: ClassVar[About] = About(
        formula=f"sum(y) / sum(x) in {RINGS} rings about the beam; worst |ratio - 1| over rings of "
        f"at least {LEAST_PIXELS} pixels with mean(x) >= {ENERGY_FLOOR:g} max(x)",
        sees="what depends on the scattering angle: polarisation, solid angle, distance, "
        "absorption, wavelength",
        blind_to="faults that cancel around a ring; a beam centre shifted on both sides",
    )
    names: ClassVar[tuple[str, ...]] = ("radial_deviation", "radial_worst_px", "rings_judged")

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        slow0, slow1, fast0, fast1 = scene.region
        corners = [
            math.hypot(s - scene.beam[0], f - scene.beam[1])
            for s, f in product((slow0, slow1), (fast0, fast1))
        ]
        self._step = max(corners) * (1 + 1e-9) / RINGS
        # Along a row one passes the rings inwards to the nearest, then outwards again.
        inwards = np.arange(RINGS - 1, -1, -1)
        self._order = np.concatenate([inwards, inwards[-2::-1]])
        self._n = np.zeros(RINGS)
        self._x = np.zeros(RINGS)
        self._y = np.zeros(RINGS)

    def add(self, band: Band) -> None:
        """Take some rows."""
        columns = band.x.shape[1]
        starts = self._starts(band.row, band.rows, columns)
        ends = np.concatenate([starts[:, 1:], np.full((band.rows, 1), columns)], axis=1)
        lengths = ends - starts
        there = lengths > 0
        which = np.broadcast_to(self._order, lengths.shape)[there]
        flat = (starts + columns * np.arange(band.rows)[:, None])[there]
        x = np.add.reduceat(band.x.ravel(), flat)
        y = np.add.reduceat(band.y.ravel(), flat)
        self._n += np.bincount(which, weights=lengths[there], minlength=RINGS)
        self._x += np.bincount(which, weights=x, minlength=RINGS)
        self._y += np.bincount(which, weights=y, minlength=RINGS)

    def _starts(self, row: int, rows: int, columns: int) -> NDArray[np.int64]:
        """Return the column at which each ring of :attr:`_order` begins, row by row."""
        slow, fast = self._scene.origin
        up = np.arange(row, row + rows) + 0.5 + slow - self._scene.beam[0]
        edges = np.arange(1, RINGS) * self._step
        square = edges * edges - (up * up)[:, None]
        half = np.sqrt(np.maximum(square, 0.0))
        centre = self._scene.beam[1] - 0.5 - fast
        left = np.ceil(centre - half)
        # A row that does not reach into a ring has no run of it: both ends coincide.
        right = np.where(square > 0, np.floor(centre + half) + 1, left)
        first = np.zeros((rows, 1))
        starts = np.concatenate([first, left[:, ::-1], right], axis=1)
        whole: NDArray[np.int64] = np.clip(starts, 0, columns).astype(np.int64)
        return whole

    def outcome(self) -> Outcome:
        """Return the figures and the profile."""
        top = self._scene.c_max
        lit = (self._n >= LEAST_PIXELS) & (self._x >= self._n * ENERGY_FLOOR * top) & (top > 0)
        values: dict[str, Value] = dict.fromkeys(self.names)
        values["rings_judged"] = int(lit.sum())
        if not lit.any():
            reason = "no ring is large enough and brighter than the background"
            return Outcome(values, dict.fromkeys(self.names[:2], reason))
        ratio = np.divide(self._y, self._x, out=np.ones(RINGS), where=lit)
        worst = int(np.argmax(np.abs(ratio - 1.0)))
        values |= {
            "radial_deviation": float(abs(ratio[worst] - 1.0)),
            "radial_worst_px": (worst + 0.5) * self._step,
        }
        profile = {
            "centre": [float(v) for v in self._scene.beam],
            "step_px": self._step,
            "ratio": [float(f"{r:.9g}") if ok else None for r, ok in zip(ratio, lit, strict=True)],
        }
        return Outcome(values, details={"profile": profile})
