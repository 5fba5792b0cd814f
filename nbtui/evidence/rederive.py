"""Claims checked against the pixels: the metrics of a comparison, computed again here.

The images a comparison stored are its evidence; its ``summary.json`` is a claim about
them. Both are held side by side, and a difference beyond rounding blocks.
"""

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from nbtui.durable import StrictJsonError, load_json, sha256_file
from nbtui.evidence.collectors.compare import FIGURES
from nbtui.evidence.collectors.model import mapping, strings

RELATIVE_TOLERANCE = 1e-9
"""Two float64 one-pass sums over 16.7 million pixels in another order agree far better."""

_ABSOLUTE_TOLERANCE = 1e-12
_CANCELLING = re.compile(r".*_deviation|residual_.*|peak_(displacement|distance)_.*|log_rms")
"""A difference of two numbers near each other keeps their absolute rounding, not its own."""

_LEFT_OUT = frozenset({"intercept"})
"""The intercept is all cancellation."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure as claimed and as computed again."""

    name: str
    claimed: float | None
    rederived: float | None
    agrees: bool


class Rederivation(msgspec.Struct, frozen=True, kw_only=True):
    """What the stored images of one stage say."""

    step_id: str
    source: str
    """The claims, relative to the bundle."""
    figures: tuple[Figure, ...] = ()
    image_sha256: dict[str, str] = msgspec.field(default_factory=dict)
    problems: tuple[str, ...] = ()


def rederive(step_id: str, summary: Path, bundle: Path) -> Rederivation:
    """Compute the metrics of a comparison again from the images it stored.

    Parameters
    ----------
    step_id
        The compare stage.
    summary
        Its ``summary.json``.
    bundle
        The run's folder; the images must lie in it.
    """
    source = str(summary.relative_to(bundle))
    try:
        claims = mapping(load_json(summary.read_bytes()))
        images = {side: _image(claims, side, summary.parent, bundle) for side in ("c", "py")}
        metrics = _compute(images, claims)
    except (OSError, StrictJsonError, _CannotError) as error:
        problem = f"cannot be re-derived: {error}"
        return Rederivation(step_id=step_id, source=source, problems=(problem,))
    claimed = mapping(claims.get("metrics"))
    names = [*FIGURES, *(n for n in claimed if n in metrics and n not in FIGURES)]
    figures = tuple(_figure(name, claimed.get(name), metrics[name]) for name in names)
    hashes = {side: sha256_file(path) for side, path in images.items()}
    return Rederivation(
        step_id=step_id,
        source=source,
        figures=figures,
        image_sha256=hashes,
        problems=(
            *(_difference(f) for f in figures if not f.agrees),
            *_wrong_hashes(claims, hashes),
        ),
    )


def agree(name: str, claimed: float | None, rederived: float | None) -> bool:
    """Return whether two figures are the same but for rounding; undefined agrees with undefined."""
    if claimed is None or rederived is None:
        return claimed is rederived
    absolute = _ABSOLUTE_TOLERANCE if _CANCELLING.fullmatch(name) else 0.0
    return math.isclose(claimed, rederived, rel_tol=RELATIVE_TOLERANCE, abs_tol=absolute)


class _CannotError(Exception):
    """The images or their description are not usable."""


def _image(claims: Mapping[str, Any], side: str, folder: Path, bundle: Path) -> Path:
    name = mapping(claims.get(side)).get("image")
    if not isinstance(name, str):
        raise _CannotError(f"the summary names no {side} image")
    path = (folder / name).resolve()
    if not path.is_relative_to(bundle.resolve()):
        raise _CannotError(f"the {side} image lies outside this run's folder ({path})")
    return path


def _compute(images: Mapping[str, Path], claims: Mapping[str, Any]) -> dict[str, float | None]:
    # NumPy is slow to import and only a compare stage needs it.
    from engine.parity.errors import ParityError  # noqa: PLC0415
    from engine.parity.images import RawImage  # noqa: PLC0415
    from engine.parity.metrics import measure  # noqa: PLC0415
    from engine.parity.parameters import EffectiveParameters  # noqa: PLC0415

    shape, roi = claims.get("shape"), claims.get("roi")
    slow, fast = _integers(shape, 2)
    region = None if roi is None else _integers(roi, 4)
    try:
        found = measure(
            RawImage(images["c"], (slow, fast)),
            RawImage(images["py"], (slow, fast)),
            None if region is None else (region[0], region[1], region[2], region[3]),
            beam=EffectiveParameters(strings(mapping(claims.get("parameters")).get("c"))).beam_px,
        )
    except ParityError as error:
        raise _CannotError(str(error)) from error
    return {
        name: found.number(name)
        for name, value in found.values.items()
        if name not in _LEFT_OUT and not name.endswith("_at") and not isinstance(value, tuple)
    }


def _integers(value: object, count: int) -> list[int]:
    if (
        isinstance(value, list)
        and len(value) == count
        and all(isinstance(n, int) and not isinstance(n, bool) for n in value)
    ):
        return list(value)
    raise _CannotError(f"the summary's shape or region is {value!r}")


def _figure(name: str, claimed: object, rederived: float | None) -> Figure:
    number = (
        float(claimed)
        if isinstance(claimed, int | float) and not isinstance(claimed, bool)
        else None
    )
    return Figure(
        name=name, claimed=number, rederived=rederived, agrees=agree(name, number, rederived)
    )


def _difference(figure: Figure) -> str:
    return (
        f"{figure.name}: the stage claims {figure.claimed!r}, its images say {figure.rederived!r}"
    )


def _wrong_hashes(claims: Mapping[str, Any], hashes: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        f"the {side} image has SHA-256 {found}, the stage claims {claimed}"
        for side, found in hashes.items()
        if (claimed := mapping(claims.get(side)).get("image_sha256")) != found
    )
