"""What ``nb-benchmark`` wrote: ``benchmark_results.json`` in its output folder."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from nbtui.evidence.collectors.compare import other_program, sum_ratio_deviation
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

TOOL = "nb-benchmark"
FILE = "benchmark_results.json"
_TIMES = {"c_s": "c_s", "py_cold_s": "py_cold_s", "py_warm_s": "py_warm_s"}
_SPEEDUPS = ("speedup_warm", "speedup_cold")
_SINGLE_RUN_FACTOR = 2.0
_WORST_IS_LEAST = frozenset({"correlation", *_SPEEDUPS})


def read(request: Request, path: Path) -> Collected:
    """Read the benchmark's figures.

    With several sizes every figure is kept with its size, and the plain name holds the
    worst of them: a gate must hold for each size. The largest size speaks for the
    experiment.
    """
    try:
        data = read_tool_json(path, request, TOOL)
    except UnbelievableError as error:
        return unbelievable(request, str(error))
    source = relative(path, request.bundle)
    results = data.get("results")
    rows = [mapping(r) for r in results] if isinstance(results, list) else []
    told = tool_error(data, TOOL)
    if not rows and told:
        return unbelievable(request, told)
    if not rows:
        return unbelievable(request, f"{source} holds no result: nothing was measured")
    each = [list(_row(row, f"{source}#results.{i}")) for i, row in enumerate(rows)]
    largest = max(rows, key=_pixels)
    parameters = mapping(largest.get("parameters"))
    return believed(
        request,
        each[0] if len(rows) == 1 else _merged(rows, each),
        (told,) if told else tuple(_problems(request, rows)),
        parameter_hash=parameters.get("hash"),
        parameters=parameters.get("c"),
    )


def _row(row: Mapping[str, Any], source: str) -> Iterator[Metric]:
    yield _correlation(row, source)
    for name in ("sum_ratio", "rmse"):
        yield finite_metric(name, row.get(name), f"{source}.{name}")
    yield sum_ratio_deviation(row.get("sum_ratio"), f"{source}.sum_ratio")
    for key, name in _TIMES.items():
        times = mapping(row.get(key))
        found = finite_metric(
            name, times.get("median"), f"{source}.{key}.median", unit="s", note="median"
        )
        samples = times.get("samples")
        single = isinstance(samples, list) and len(samples) == 1
        yield _doubtful(found) if single else found
    for name in _SPEEDUPS:
        speedup = mapping(row.get(name))
        note = str(speedup.get("note") or _interval(speedup))
        ratio = finite_metric(name, speedup.get("ratio"), f"{source}.{name}.ratio", note=note)
        low, high = (finite_metric(name, speedup.get(k), "").value for k in ("ci_low", "ci_high"))
        if low is None or high is None:
            yield _doubtful(ratio)
        else:
            yield msgspec.structs.replace(ratio, low=low, high=high)
    for side, peak in mapping(row.get("peak_rss_bytes")).items():
        yield finite_metric(
            f"peak_rss_{side}", peak, f"{source}.peak_rss_bytes.{side}", unit="bytes"
        )


def _correlation(row: Mapping[str, Any], source: str) -> Metric:
    """Return the lower of the fresh and the live process's: each has a speed-up of its own."""
    cold = finite_metric("correlation", row.get("correlation"), f"{source}.correlation")
    if "correlation_warm" not in row:
        return cold
    name = f"{source}.correlation_warm"
    warm = finite_metric("correlation", row["correlation_warm"], name, note="live process")
    if cold.value is None or (warm.value is not None and cold.value <= warm.value):
        return cold
    return warm


def _doubtful(metric: Metric) -> Metric:
    """Return a figure that too few runs stand behind: it may be half or twice as much.

    Single pairs of runs were seen to differ by 40 % on a busy machine, so one run may meet a
    limit only when it is well inside.
    """
    if metric.value is None:
        return metric
    low, high = metric.value / _SINGLE_RUN_FACTOR, metric.value * _SINGLE_RUN_FACTOR
    return msgspec.structs.replace(metric, low=low, high=high)


def _interval(speedup: Mapping[str, Any]) -> str:
    low, high = speedup.get("ci_low"), speedup.get("ci_high")
    if not isinstance(low, int | float) or not isinstance(high, int | float):
        return ""
    return f"95 % interval {low:.3g} to {high:.3g}"


def _merged(rows: Sequence[Mapping[str, Any]], each: Sequence[list[Metric]]) -> list[Metric]:
    sized = [
        msgspec.structs.replace(m, name=f"{m.name}[{row.get('size')}]")
        for row, metrics in zip(rows, each, strict=True)
        for m in metrics
    ]
    worst: list[Metric] = []
    for candidates in zip(*each, strict=False):
        undefined = [m for m in candidates if m.value is None]
        pick = min if candidates[0].name in _WORST_IS_LEAST else max
        worst.append(undefined[0] if undefined else pick(candidates, key=lambda m: m.value or 0.0))
    return worst + sized


def _problems(request: Request, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        yield from other_program(request, mapping(row.get("c")).get("sha256_binary"))
        size, parameters = row.get("size"), mapping(row.get("parameters"))
        if not isinstance(parameters.get("hash"), str):
            yield f"size {size}: the effective parameters are not recorded"
        if mapping(parameters.get("c")) != mapping(parameters.get("py")):
            yield f"size {size}: C and PyTorch ran with different parameters"


def _pixels(row: Mapping[str, Any]) -> int:
    shape = row.get("shape")
    if isinstance(shape, list) and len(shape) == 2 and all(isinstance(n, int) for n in shape):
        return int(shape[0]) * int(shape[1])
    return 0


COLLECTOR = Collector(role=Role.BENCHMARK, locate=in_outdir(FILE), read=read)
