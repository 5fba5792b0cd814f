"""The floor of every measure: how far the reference moves when one input moves by a rounding.

An input changed by 1e-7 of itself is about one unit in the last place of float32. No port that
keeps some of its geometry in float32 can agree better than the reference agrees with itself
then; a threshold below a few times this floor is not meetable, and one a thousand times above
it sees nothing small.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from engine.parity.errors import ImageError, UsageError

if TYPE_CHECKING:
    # Who reads a floor file needs no NumPy.
    from engine.parity.metrics import Measurement

TOOL = "nb-floor"
RELATIVE = 1e-7
UNMEETABLE = 3.0
"""A threshold must stand at least so many times above the floor."""
ASLEEP = 1000.0
"""One so many times above it sees nothing small."""

MEASURES = (
    "relative_l2", "rmse", "rmse_relative", "correlation_deviation", "slope_deviation",
    "sum_ratio_deviation", "max_abs_diff", "max_abs_diff_relative", "mismatch_fraction",
    "ulp_p99", "worst_tile_relative_l2", "worst_tile_sum_deviation",
    "worst_tile_correlation_deviation", "log_correlation_deviation", "log_rms",
    "radial_deviation", "peaks_unmatched", "peak_displacement_px", "peak_distance_p99_px",
    "peak_height_deviation",
)  # fmt: skip
"""Figures that are 0 for equal images and grow with their distance."""

_INPUTS: tuple[tuple[str, int], ...] = (
    ("-lambda", 1), ("-wave", 1), ("-energy", 1), ("-distance", 1), ("-close_distance", 1),
    ("-cell", 1),
)  # fmt: skip
"""Flags whose operand is moved: the word's beginning, and which operand."""


class Rank(StrEnum):
    """How a threshold stands to the floor."""

    UNMEETABLE = "unmeetable"
    AWAKE = "awake"
    ASLEEP = "asleep"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One input moved.

    Attributes
    ----------
    name
        ``-lambda +1e-07``.
    args
        The nanoBragg arguments with that change.
    """

    name: str
    args: tuple[str, ...]


def perturbations(args: Sequence[str], relative: float = RELATIVE) -> tuple[Perturbation, ...]:
    """Return each movable input of an experiment, moved up and down.

    Raises
    ------
    UsageError
        The arguments name no wavelength, distance or cell.
    """
    found = tuple(_moved(args, relative))
    if not found:
        raise UsageError(
            "nothing to move: no wavelength, distance or cell",
            where=" ".join(args) or "no arguments",
            fix="name -lambda, -distance or -cell in the arguments",
        )
    return found


def _moved(args: Sequence[str], relative: float) -> Iterator[Perturbation]:
    from engine.parity.arguments import c_real  # noqa: PLC0415  (as above)

    for index, word in enumerate(args):
        operand = next((n for flag, n in _INPUTS if word.startswith(flag)), None)
        if operand is None or index + operand >= len(args):
            continue
        value = c_real(args[index + operand])
        for sign in (1, -1):
            changed = list(args)
            changed[index + operand] = repr(value * (1 + sign * relative))
            yield Perturbation(f"{word} {sign * relative:+g}", tuple(changed))


def figures(found: "Measurement") -> dict[str, float | None]:
    """Return the figures of a measurement that have a floor."""
    return {name: found.number(name) for name in MEASURES}


def floor_of(runs: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return the largest of each figure; one that a run could not tell has no floor."""
    out: dict[str, float | None] = {}
    for name in MEASURES:
        values = [run.get(name) for run in runs]
        known = [v for v in values if v is not None]
        out[name] = max(known) if known and len(known) == len(values) else None
    return out


def allowance(metric: str, comparison: str, threshold: float) -> tuple[str, float] | None:
    """Return the figure with a floor that a threshold bounds, and how far it lets it go.

    ``correlation >= 0.999`` lets ``correlation_deviation`` go to 1e-3. ``None`` for a figure
    without a floor.
    """
    if metric in MEASURES and comparison in ("<=", "=="):
        return metric, threshold
    if metric in ("correlation", "log_correlation") and comparison in (">=", "=="):
        return f"{metric}_deviation", 1.0 - threshold
    return None


def rank(allowed: float, floor: float | None) -> tuple[Rank, float | None]:
    """Return how a threshold stands to the floor, and its distance as a factor."""
    if floor is None or not math.isfinite(floor) or floor <= 0:
        # Without a floor above zero every threshold above it can be met, by what factor ever.
        return Rank.UNKNOWN, None
    factor = allowed / floor
    if factor < UNMEETABLE:
        return Rank.UNMEETABLE, factor
    return (Rank.ASLEEP if factor > ASLEEP else Rank.AWAKE), factor


@dataclass(frozen=True, slots=True)
class FloorFile:
    """What ``nb-floor`` wrote.

    Attributes
    ----------
    args
        The experiment's nanoBragg arguments.
    floor
        Figure to floor.
    """

    args: tuple[str, ...]
    floor: Mapping[str, float | None]


def load(path: Path) -> FloorFile:
    """Read a floor file.

    Raises
    ------
    ImageError
        It cannot be read, or is not what ``nb-floor`` writes.
    """
    fix = f"write it again: nb-floor --output {path} -- NANOBRAGG_ARGUMENTS"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        written_by = (data["schema"], data["tool"])
        floor = {str(k): None if v is None else float(v) for k, v in data["floor"].items()}
        args = tuple(map(str, data["args"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ImageError(f"is no floor file ({error})", where=str(path), fix=fix) from error
    if written_by != (1, TOOL):
        raise ImageError(f"is no floor file (schema, tool: {written_by})", where=str(path), fix=fix)
    return FloorFile(args, floor)
