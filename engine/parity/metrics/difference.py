"""The difference ``d = y - x``: its energy, its largest pixels, and how many are beyond noise."""

import math
from typing import ClassVar

import numpy as np

from engine.parity.metrics.model import About, Band, Outcome, Scene, Value, digits
from engine.parity.metrics.moments import dot

WORST = 10
MISMATCH_ABSOLUTE = 1e-6
"""Of the maximum of the C image."""
MISMATCH_RELATIVE = 1e-4


class Energy:
    """Relative L2 distance, the number to lead with, and the RMS error."""

    key: ClassVar[str] = "energy"
    about: ClassVar[About] = About(
        formula="relative_l2 = sqrt(sum d^2 / sum x^2); digits = -log10(relative_l2); "
        "rmse = sqrt(mean d^2); rmse_relative = rmse / max(x)",
        sees="scale, offset, shifts and missing parts, in proportion to their energy",
        blind_to="what happens where the image is weak; where, and of which kind",
    )
    names: ClassVar[tuple[str, ...]] = ("relative_l2", "digits", "rmse", "rmse_relative")

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._square_diff: list[float] = []
        self._square_x: list[float] = []
        self._n = 0

    def add(self, band: Band) -> None:
        """Take some rows."""
        self._square_diff.append(dot(band.difference, band.difference))
        self._square_x.append(dot(band.x, band.x))
        self._n += band.x.size

    def outcome(self) -> Outcome:
        """Return the figures; a C image of zeros has no relative ones."""
        diff2, x2 = math.fsum(self._square_diff), math.fsum(self._square_x)
        rmse = math.sqrt(diff2 / self._n)
        values: dict[str, Value] = dict.fromkeys(self.names)
        values["rmse"] = rmse
        why: dict[str, str] = {}
        if x2:
            values["relative_l2"] = relative = math.sqrt(diff2 / x2)
            values["digits"] = digits(relative)
            if not relative:
                why["digits"] = "the images are equal: every digit agrees"
        else:
            why["relative_l2"] = why["digits"] = "the C image is zero"
        if self._scene.c_max > 0:
            values["rmse_relative"] = rmse / self._scene.c_max
        else:
            why["rmse_relative"] = NOT_POSITIVE
        return Outcome(values, why)


NOT_POSITIVE = "the maximum of the C image is not positive"


class Extremes:
    """The largest difference and the ten worst pixels, with their places."""

    key: ClassVar[str] = "extremes"
    about: ClassVar[About] = About(
        formula="max |d|, its place, and over max(x)",
        sees="one wrong pixel of any number, and where to look (or to trace)",
        blind_to="how many more there are, and faults smaller than the largest rounding",
    )
    names: ClassVar[tuple[str, ...]] = (
        "max_abs_diff", "max_abs_diff_at", "max_abs_diff_relative",
    )  # fmt: skip

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._worst: list[tuple[float, tuple[int, int], float, float]] = []

    def add(self, band: Band) -> None:
        """Take some rows."""
        least = self._worst[-1][0] if len(self._worst) == WORST else -1.0
        distance = band.distance.ravel()
        if not distance.max() > least:
            return
        if distance.size > WORST:
            found = np.argpartition(distance, -WORST)[-WORST:]
            # Ties at the edge of the ten: the first in scan order, whatever the partition chose.
            edge = distance[found].min()
            ties = np.flatnonzero(distance == edge)[:WORST]
            found = np.union1d(found[distance[found] > edge], ties)
        else:
            found = np.arange(distance.size)
        x, y = band.x.ravel(), band.y.ravel()
        new = [
            (float(distance[i]), band.place(int(i)), float(x[i]), float(y[i]))
            for i in found
            if distance[i] > least
        ]
        self._worst = sorted([*self._worst, *new], key=lambda w: (-w[0], w[1]))[:WORST]

    def outcome(self) -> Outcome:
        """Return the figures."""
        largest, place = self._worst[0][:2]
        values: dict[str, Value] = {
            "max_abs_diff": largest,
            "max_abs_diff_at": place,
            "max_abs_diff_relative": None,
        }
        why: dict[str, str] = {}
        if self._scene.c_max > 0:
            values["max_abs_diff_relative"] = largest / self._scene.c_max
        else:
            why["max_abs_diff_relative"] = NOT_POSITIVE
        rows = [
            {"at": list(at), "c": x, "py": y, "difference": y - x}
            for size, at, x, y in self._worst
            if size > 0
        ]
        return Outcome(values, why, {"worst_pixels": rows})


class Mismatches:
    """How many pixels differ by more than a tolerance in units of the image."""

    key: ClassVar[str] = "mismatches"
    about: ClassVar[About] = About(
        formula=f"pixels with |d| > {MISMATCH_ABSOLUTE:g} max(x) + {MISMATCH_RELATIVE:g} |x|",
        sees="the extent of a defect, in bright and weak parts alike",
        blind_to="how large the differences are, and everything below the tolerance",
    )
    names: ClassVar[tuple[str, ...]] = ("mismatches", "mismatch_fraction")

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._count = 0
        self._n = 0

    def add(self, band: Band) -> None:
        """Take some rows."""
        limit = np.multiply(band.x, MISMATCH_RELATIVE)
        if self._scene.c_min < 0:
            np.abs(limit, out=limit)
        limit += MISMATCH_ABSOLUTE * max(self._scene.c_max, 0.0)
        self._count += int(np.count_nonzero(band.distance > limit))
        self._n += limit.size

    def outcome(self) -> Outcome:
        """Return the figures; without a positive maximum there is no tolerance."""
        if self._scene.c_max <= 0:
            return Outcome(dict.fromkeys(self.names), dict.fromkeys(self.names, NOT_POSITIVE))
        return Outcome({"mismatches": self._count, "mismatch_fraction": self._count / self._n})
