"""A summary in lines for people: measured, threshold, margin."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast


def report(summary: Mapping[str, object], outdir: Path) -> list[str]:
    """Return the result as lines for people: measured, threshold, margin."""
    lines = [f"results    {outdir}"]
    for side, name in (("c", "C program"), ("py", "port")):
        ran = cast("Mapping[str, Any] | None", summary[side])
        if ran:
            lines.append(
                f"{name:10} {ran['wall_s']:.2f} s, peak {ran['peak_rss_bytes'] / 1e6:.0f} MB, "
                f"{' '.join(ran['argv'][:3])} ..."
            )
    lines += _parameter_lines(summary)
    metrics = cast("Mapping[str, Any] | None", summary["metrics"])
    gate = cast("Mapping[str, Any] | None", summary["gate"])
    if metrics and gate:
        lines += _metric_lines(summary, metrics, gate)
    lines += [f"note       {note}" for note in cast("Sequence[str]", summary["notes"])]
    return lines


def _parameter_lines(summary: Mapping[str, object]) -> list[str]:
    known = cast("Mapping[str, Any] | None", summary["parameters"])
    differing = known["differences"] if known else ()
    if differing:
        rows = [f"  {d['name']:24} {d['c']!s:24} {d['py']!s:24}" for d in differing]
        return ["parameters DIFFER", f"  {'name':24} {'C program':24} {'port':24}", *rows]
    if not known or not known["hash"]:
        return []
    return [f"parameters equal, {len(known['c'])} values, hash {known['hash'][:16]}"]


def _metric_lines(
    summary: Mapping[str, Any], metrics: Mapping[str, Any], gate: Mapping[str, Any]
) -> list[str]:
    peaks = cast("Mapping[str, Any]", summary["peaks"])
    slow, fast = cast("Sequence[int]", summary["shape"])
    roi = cast("Sequence[int] | None", summary["roi"])
    where = f"ROI [{roi[0]}:{roi[1]}, {roi[2]}:{roi[3]}] of " if roi else ""
    margin = None if gate["measured"] is None else gate["measured"] - gate["threshold"]
    verdict = "PASS" if gate["passed"] else "FAIL"
    at = metrics["max_abs_diff_at"]
    rows = [
        ("relative L2", _figure(metrics["relative_l2"]),
         f"{_figure(metrics['digits'], 2)} digits agree"),
        ("correlation", _figure(metrics["correlation"], 15),
         f">= {gate['threshold']:g}  margin {_figure(margin)}  {verdict}"),
        ("of logarithms", _figure(metrics["log_correlation"], 15), "background and weak spots"),
        ("RMSE", _figure(metrics["rmse"]), f"{_figure(metrics['rmse_relative'])} of the maximum"),
        ("max |diff|", _figure(metrics["max_abs_diff"]),
         f"{_figure(metrics['max_abs_diff_relative'])} of the maximum, at slow, fast {at}"),
        ("worst tile", _figure(metrics["worst_tile_relative_l2"]),
         f"relative L2 of 64 x 64 pixels, from slow, fast {metrics['worst_tile_at']}"),
        ("worst ring", _figure(metrics["radial_deviation"]),
         f"of the flux, {_figure(metrics['radial_worst_px'], 4)} px from the beam"),
        ("sum ratio", _figure(metrics["sum_ratio"], 12),
         f"C {_figure(metrics['c_sum'], 10)}, port {_figure(metrics['py_sum'], 10)}"),
        ("mismatches", _figure(metrics["mismatches"], 10),
         f"{_figure(metrics['mismatch_fraction'])} of the pixels"),
        ("ULP", _figure(metrics["ulp_median"], 12), f"median; 99 %: {metrics['ulp_p99']}"),
        ("not finite", str(metrics["nonfinite"]),
         f"C {metrics['nonfinite_c']}, port {metrics['nonfinite_py']}"),
        ("peaks", f"{peaks['matched']}/{max(peaks['c'], peaks['py'])}",
         f"within {peaks['limit_px']:g} px, largest distance {_figure(peaks['max_distance_px'])}"),
        ("all peaks", _figure(metrics["peaks_c"], 10),
         _peaks(metrics)),
        ("residual", str(summary["measures"]["residual"].get("kind", "undefined")), ""),
    ]  # fmt: skip
    return [
        f"compared   {where}{slow} x {fast} pixels (slow x fast)",
        *(f"{name:13} {value:>20}   {more}".rstrip() for name, value, more in rows),
    ]


def _peaks(metrics: Mapping[str, Any]) -> str:
    missing, spurious = metrics["peaks_missing"], metrics["peaks_spurious"]
    moved = _figure(metrics["peak_displacement_px"], 2)
    return f"{missing} missing, {spurious} spurious, displaced by {moved} px"


def _figure(value: float | None, digits: int = 6) -> str:
    return "undefined" if value is None else f"{value:.{digits}g}"
