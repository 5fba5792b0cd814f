"""Figures computed again from the images that a stage stored."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.parity.errors import ParityError
from nbtui.durable import StrictJsonError, load_json, sha256_file
from nbtui.evidence.collectors.compare import PEAKS
from nbtui.evidence.collectors.model import mapping, relative
from nbtui.evidence.rederive import agree, rederive
from nbtui.evidence.text import figure
from nbtui.memo.plan import Role
from nbtui.verify.model import Finding, Level, bad, note, ok, unknown

_LEVEL = Level.FIGURES
_BENCHMARKED = ("correlation", "sum_ratio", "rmse")


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure as computed here."""

    value: float | None
    source: str
    """The image it was computed from, relative to the bundle."""


def derive(
    bundle: Path, role: Role, path: Path, wanted: frozenset[str]
) -> tuple[Mapping[str, Derived], tuple[Finding, ...]]:
    """Return what a stage's images say, and the findings on the way.

    Parameters
    ----------
    bundle
        The folder; images outside of it are not looked at.
    role, path
        What the stage is, and its result file.
    wanted
        Metrics that gates depend on: costly figures are derived for these only.
    """
    if role is Role.COMPARE:
        return _compared(bundle, path, wanted)
    if role is Role.BENCHMARK:
        return _benchmarked(bundle, path)
    return {}, ()


def _compared(
    bundle: Path, path: Path, wanted: frozenset[str]
) -> tuple[Mapping[str, Derived], tuple[Finding, ...]]:
    name = relative(path, bundle)
    again = rederive("", path, bundle)
    if not again.figures:
        return {}, tuple(unknown(_LEVEL, p, name) for p in again.problems)
    source = f"the images in {relative(path.parent, bundle)}/"
    derived = {f.name: Derived(f.rederived, source) for f in again.figures}
    findings = [bad(_LEVEL, problem, name) for problem in again.problems]
    if not findings:
        count = len(again.figures)
        findings.append(ok(_LEVEL, f"its images say the same ({count} figures)", name))
    if wanted & {*PEAKS.values()}:
        peaks, told = _peaks(path, bundle)
        derived |= peaks
        findings += told
    return _completed(derived, source), tuple(findings)


def _completed(derived: Mapping[str, Derived], source: str) -> dict[str, Derived]:
    """Add the figures that a collector forms from others."""
    out = dict(derived)
    both = [out[n].value for n in ("nonfinite_c", "nonfinite_py") if n in out]
    if "nonfinite" not in out and len(both) == 2:
        out["nonfinite"] = Derived(sum(v or 0.0 for v in both), source)
    ratio = out["sum_ratio"].value if "sum_ratio" in out else None
    if "sum_ratio_deviation" not in out and ratio is not None:
        out["sum_ratio_deviation"] = Derived(abs(ratio - 1.0), source)
    return out


def _peaks(path: Path, bundle: Path) -> tuple[dict[str, Derived], list[Finding]]:
    """Match the peaks again: only for gates on them, it takes longer than all sums."""
    from engine.parity.images import RawImage  # noqa: PLC0415  (NumPy and SciPy are slow)
    from engine.parity.peaks import compare_peaks  # noqa: PLC0415

    name = relative(path, bundle)
    try:
        claims = mapping(load_json(path.read_bytes()))
        said = mapping(claims.get("peaks"))
        shape = (int(claims["shape"][0]), int(claims["shape"][1]))
        pair = [
            RawImage(path.parent / str(mapping(claims[side])["image"]), shape).mapped()
            for side in ("c", "py")
        ]
        region = claims.get("roi")
        if region is not None:
            inside = slice(*region[:2]), slice(*region[2:])
            pair = [image[inside] for image in pair]
        count, limit = int(said["requested"]), float(said["limit_px"])
        found = asdict(compare_peaks(*pair, count=count, limit_px=limit))
    except (OSError, StrictJsonError, ParityError, LookupError, TypeError, ValueError) as error:
        return {}, [unknown(_LEVEL, f"its peaks cannot be matched again ({error})", name)]
    source = f"the images in {relative(path.parent, bundle)}/"
    wrong = [
        bad(_LEVEL, f"peaks.{key}: claimed {said[key]}, its images say {found[key]}", name)
        for key in found
        if key in said and _number(said[key]) and not agree(key, said[key], found[key])
    ]
    derived = {PEAKS[k]: Derived(v, source) for k, v in found.items() if k in PEAKS}
    return derived, wrong or [ok(_LEVEL, "its images have the peaks it claims", name)]


def _number(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _benchmarked(bundle: Path, path: Path) -> tuple[Mapping[str, Derived], tuple[Finding, ...]]:
    name = relative(path, bundle)
    try:
        rows = list(mapping(load_json(path.read_bytes())).get("results") or [])
    except (OSError, StrictJsonError, TypeError) as error:
        return {}, (unknown(_LEVEL, f"cannot be read ({error})", name),)
    findings = [note(_LEVEL, "times: measured once, nothing stored gives them again", name)]
    each: list[dict[str, Derived]] = []
    for row in map(mapping, rows):
        values, told = _row(row, path.parent, bundle, name)
        findings += told
        each.append(values)
    return _worst(each), tuple(findings)


def _worst(each: list[dict[str, Derived]]) -> dict[str, Derived]:
    """Return, of every figure that each size has, the worst: gates must hold for all sizes."""
    names = set(each[0]).intersection(*each[1:]) if each else set()
    out: dict[str, Derived] = {}
    for name in names:
        undefined = [e[name] for e in each if e[name].value is None]
        pick = min if name == "correlation" else max
        out[name] = (undefined or [pick((e[name] for e in each), key=lambda d: d.value or 0.0)])[0]
    return out


def _row(
    row: Mapping[str, Any], folder: Path, bundle: Path, name: str
) -> tuple[dict[str, Derived], list[Finding]]:
    size = row.get("size")
    stored = {k: folder / str(v) for k, v in mapping(row.get("images")).items() if v}
    if "c" not in stored or not any(side in stored for side in ("py", "py_warm")):
        text = f"size {size}: its images were not kept (--keep-artifacts keeps them)"
        return {}, [note(_LEVEL, text, name)]
    findings: list[Finding] = []
    derived: dict[str, Derived] = {}
    for side, suffix in (("py", ""), ("py_warm", "_warm")):
        if side not in stored:
            continue
        try:
            values = _metrics(stored["c"], stored[side], row, bundle)
        except (ParityError, OSError, ValueError, TypeError, LookupError) as error:
            findings.append(unknown(_LEVEL, f"size {size}: {error}", name))
            continue
        source = relative(stored[side], bundle)
        for metric in _BENCHMARKED:
            key = f"{metric}{suffix}"
            if key not in row:
                continue
            value = values[metric]
            if not agree(metric, row[key], value):
                text = f"size {size}: {key} claimed {row[key]}, its images say {figure(value)}"
                findings.append(bad(_LEVEL, text, name))
            derived[key] = Derived(value, source)
    findings += _digests(row, stored, bundle, name)
    return _lower(derived), findings or [ok(_LEVEL, f"size {size}: its images say the same", name)]


def _lower(derived: dict[str, Derived]) -> dict[str, Derived]:
    """Let the plain correlation be the lower of the two processes', as the collector does."""
    out = {k: v for k, v in derived.items() if not k.endswith("_warm")}
    warm, cold = derived.get("correlation_warm"), derived.get("correlation")
    if warm and (cold is None or (warm.value or -1.0) < (cold.value or -1.0)):
        out["correlation"] = warm
    ratio = out["sum_ratio"].value if "sum_ratio" in out else None
    if ratio is not None:
        out["sum_ratio_deviation"] = Derived(abs(ratio - 1.0), out["sum_ratio"].source)
    return out


def _metrics(c: Path, py: Path, row: Mapping[str, Any], bundle: Path) -> dict[str, float | None]:
    from engine.parity.metrics import compare_files  # noqa: PLC0415  (NumPy is slow to import)

    for image in (c, py):
        if not image.resolve().is_relative_to(bundle.resolve()):
            raise ValueError(f"an image lies outside of the bundle ({image})")
    slow, fast = row["shape"]
    measured = compare_files(c, py, (int(slow), int(fast)))
    return {name: getattr(measured, name) for name in _BENCHMARKED}


def _digests(
    row: Mapping[str, Any], stored: Mapping[str, Path], bundle: Path, name: str
) -> Iterator[Finding]:
    for side in ("c", "py"):
        said = mapping(row.get(side)).get("image_sha256")
        path = stored.get(side)
        if said and path and path.is_file() and sha256_file(path) != said:
            what = f"{relative(path, bundle)} is not the image that it names"
            yield bad(_LEVEL, what, name)
