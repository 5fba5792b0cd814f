"""The planted faults. A new one is a line here."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

HKL = "reflections.hkl"
CHANGED_HKL = "one_changed.hkl"
REFLECTION = (1, -1, -3)
"""A reflection of middling strength on the detector."""
FACTOR = 1.2
_REACH = 12

EXPERIMENT = (
    "-lambda", "1", "-cell", "70", "80", "90", "85", "95", "105", "-misset", "10", "20", "30",
    "-N", "5", "-hkl", HKL, "-distance", "100", "-detpixels_f", "256", "-detpixels_s", "192",
    "-pixel", "0.1", "-fluence", "1e24",
)  # fmt: skip
"""A small experiment without any symmetry: triclinic, turned, on a detector that is not square."""

PATTERN = frozenset({"correlation", "relative_l2", "worst_tile_relative_l2",
                     "log_correlation_deviation", "radial_deviation"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Control:
    """One fault on one side.

    Attributes
    ----------
    id, title
        Its name, and what is wrong.
    fails
        Metrics whose gates have to fail.
    instead
        Flag to its operand, changed in the arguments of the C program.
    named
        Effective parameter that has to be told as different.
    spoil
        Change of the port's image, when the fault is not one of the arguments.
    """

    id: str
    title: str
    fails: frozenset[str]
    instead: tuple[str, str] | None = None
    named: str = ""
    spoil: Callable[[Pixels], Pixels] | None = None


def _next_row(image: Pixels) -> Pixels:
    return np.roll(image, 1, axis=0)


def _flipped_byte(image: Pixels) -> Pixels:
    """Flip one bit of the exponent of a middling pixel, as a bad copy would."""
    out = image.copy()
    level = float(image.max()) / 20
    at = int(np.argmin(np.abs(image.ravel() - level)))
    out.view(np.uint8)[at // image.shape[1], 4 * (at % image.shape[1]) + 3] ^= 1
    return out


def _not_a_number(image: Pixels) -> Pixels:
    out = image.copy()
    out[image.shape[0] // 3, image.shape[1] // 3] = np.nan
    return out


def _half_lost(image: Pixels) -> Pixels:
    return np.where(image < np.median(image), np.float32(0), image)


def _doubled(image: Pixels) -> Pixels:
    wide = image.astype(np.float64)
    out: Pixels = (2 * wide - wide.mean()).astype(np.float32)
    return out


CONTROLS: tuple[Control, ...] = (
    Control("wavelength", "wavelength off by 0.1 %", PATTERN, ("-lambda", "1.001"), "lambda_m"),
    Control("cells", "6 instead of 5 unit cells along each axis",
            PATTERN | {"sum_ratio_deviation"}, ("-N", "6"), "N"),
    Control("distance", "detector off by 0.1 %", PATTERN, ("-distance", "100.1"), "distance_m"),
    Control("fluence", "fluence off by 1 %",
            frozenset({"sum_ratio_deviation", "relative_l2", "radial_deviation"}),
            ("-fluence", "1.01e24"), "fluence"),
    Control("reflection", f"one structure factor of {(2 * _REACH + 1) ** 3} off by 20 %",
            frozenset({"correlation", "relative_l2", "worst_tile_relative_l2",
                       "log_correlation_deviation"}),
            ("-hkl", CHANGED_HKL), "file -hkl"),
    Control("row", "image shifted by a row",
            frozenset({"correlation", "relative_l2", "worst_tile_relative_l2",
                       "log_correlation_deviation"}), spoil=_next_row),
    Control("byte", "one bit of one byte flipped",
            frozenset({"relative_l2", "worst_tile_relative_l2"}), spoil=_flipped_byte),
    Control("nan", "one pixel that is no number", frozenset({"nonfinite", "correlation"}),
            spoil=_not_a_number),
    Control("background", "the darker half of the pixels cut off",
            frozenset({"log_correlation_deviation"}), spoil=_half_lost),
    Control("doubled", "y = 2x - mean, which has a correlation of 1 and the right sum",
            frozenset({"relative_l2", "worst_tile_relative_l2", "log_correlation_deviation"}),
            spoil=_doubled),
)  # fmt: skip


def reflections(*, changed: bool) -> str:
    """Return the reflection list; every structure factor is another one's neighbour by chance."""
    span = range(-_REACH, _REACH + 1)
    lines = []
    for h in span:
        for k in span:
            for m in span:
                factor = FACTOR if changed and (h, k, m) == REFLECTION else 1.0
                lines.append(f"{h} {k} {m} {(50 + (73 * h + 31 * k + 17 * m) % 101) * factor:g}")
    return "\n".join(lines) + "\n"
