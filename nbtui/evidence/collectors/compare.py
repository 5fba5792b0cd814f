"""What ``nb-compare`` wrote: ``summary.json`` in its output folder."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbtui.evidence.collectors.model import (
    Collector,
    Request,
    UnbelievableError,
    believed,
    in_outdir,
    mapping,
    read_tool_json,
    relative,
    tool_error,
    unbelievable,
)
from nbtui.evidence.gates import finite_metric
from nbtui.evidence.records import Collected, Metric
from nbtui.memo.plan import Role

TOOL = "nb-compare"
FILE = "summary.json"
FIGURES = (
    "correlation", "rmse", "max_abs_diff", "c_sum", "py_sum", "sum_ratio", "relative_l2", "c_max",
    "nonfinite_c", "nonfinite_py",
)  # fmt: skip
"""Figures every comparison must hold; what else it holds is kept too."""
PEAKS: Mapping[str, str] = {
    "matched_fraction": "matched_fraction",
    "max_distance_px": "max_peak_distance_px",
    "mean_distance_px": "mean_peak_distance_px",
}


def read(request: Request, path: Path) -> Collected:
    """Read the comparison's figures; the tool's own verdict is not looked at."""
    try:
        data = read_tool_json(path, request, TOOL)
    except UnbelievableError as error:
        return unbelievable(request, str(error))
    source = relative(path, request.bundle)
    figures, parameters = mapping(data.get("metrics")), mapping(data.get("parameters"))
    metrics = [*_figures(figures, source), *_peaks(mapping(data.get("peaks")), source)]
    told = tool_error(data, TOOL)
    return believed(
        request,
        metrics if figures or told is None else (),
        (told,) if told else tuple(_problems(request, data, figures, parameters)),
        parameter_hash=parameters.get("hash"),
        parameters=parameters.get("c"),
    )


def _figures(figures: Mapping[str, Any], source: str) -> Iterator[Metric]:
    named = dict.fromkeys((*FIGURES, *figures))
    for name in named:
        number = not name.endswith("_at") and isinstance(figures.get(name), int | float | None)
        if name in FIGURES or number:
            yield finite_metric(name, figures.get(name), f"{source}#metrics.{name}")
    if "sum_ratio_deviation" not in figures:
        yield sum_ratio_deviation(figures.get("sum_ratio"), f"{source}#metrics.sum_ratio")
    if "nonfinite" not in figures:
        both = [figures.get("nonfinite_c"), figures.get("nonfinite_py")]
        counts = [n for n in both if isinstance(n, int)]
        total = sum(counts) if len(counts) == len(both) else None
        yield finite_metric("nonfinite", total, f"{source}#metrics.nonfinite_c, nonfinite_py")
    for name in ("max_abs_diff", "rmse"):
        if f"{name}_relative" not in figures:
            yield _relative(figures, name, source)


def _relative(figures: Mapping[str, Any], name: str, source: str) -> Metric:
    """Return a figure over the maximum of the C image."""
    value, scale = (finite_metric(n, figures.get(n), "").value for n in (name, "c_max"))
    ratio = value / scale if value is not None and scale is not None and scale > 0 else None
    where = f"{source}#metrics.{name}, c_max"
    return finite_metric(f"{name}_relative", ratio, where, note=f"{name} / c_max")


def sum_ratio_deviation(ratio: object, source: str) -> Metric:
    """Return ``|sum_ratio - 1|`` as a metric of its own: the form thresholds are stated in."""
    metric = finite_metric("sum_ratio_deviation", ratio, source, note="|sum_ratio - 1|")
    if metric.value is None:
        return metric
    return finite_metric(
        "sum_ratio_deviation", abs(metric.value - 1.0), source, note="|sum_ratio - 1|"
    )


def _peaks(peaks: Mapping[str, Any], source: str) -> Iterator[Metric]:
    for key, name in PEAKS.items():
        if key in peaks:
            unit = "px" if key.endswith("_px") else ""
            yield finite_metric(name, peaks[key], f"{source}#peaks.{key}", unit=unit)


def _problems(
    request: Request,
    data: Mapping[str, Any],
    figures: Mapping[str, Any],
    parameters: Mapping[str, Any],
) -> Iterator[str]:
    for name in ("nonfinite_c", "nonfinite_py"):
        count = figures.get(name)
        if not isinstance(count, int) or count != 0:
            yield f"{name} is {count}: an image with NaN or infinite pixels proves nothing"
    if not isinstance(parameters.get("hash"), str):
        yield "the effective parameters of the comparison are not recorded"
    if mapping(parameters.get("c")) != mapping(parameters.get("py")):
        yield f"C and PyTorch ran with different parameters: {_differing(parameters)}"
    yield from other_program(request, mapping(data.get("c")).get("sha256_binary"))
    yield from _images(data)


def other_program(request: Request, used: object) -> Iterator[str]:
    """Yield what is wrong when a tool ran another C program than the plan's."""
    if request.c_binary_sha256 and used != request.c_binary_sha256:
        yield f"the C program that ran has SHA-256 {used}, not {request.c_binary_sha256}"


def _images(data: Mapping[str, Any]) -> Iterator[str]:
    hashes = [mapping(data.get(side)).get("image_sha256") for side in ("c", "py")]
    if hashes[0] is not None and hashes[0] == hashes[1]:
        # Float images of two independent programs never agree in every bit at this size.
        yield f"both sides stored the same image ({hashes[0]}): one was copied over the other"


def _differing(parameters: Mapping[str, Any]) -> str:
    c, py = mapping(parameters.get("c")), mapping(parameters.get("py"))
    names = sorted(n for n in c.keys() | py.keys() if c.get(n) != py.get(n))
    return ", ".join(f"{n}: C {c.get(n)}, PyTorch {py.get(n)}" for n in names)


COLLECTOR = Collector(role=Role.COMPARE, locate=in_outdir(FILE), read=read)
