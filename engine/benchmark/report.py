"""Benchmark results in lines for people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def report(results: Mapping[str, Any], outdir: Path) -> list[str]:
    """Return the results as lines: times with quartiles, ratios, images, warnings."""
    facts = results["environment"]
    machine = f"{facts['cpu']}, {facts['threads']} threads, torch {facts['torch']}"
    lines = [
        f"results    {outdir}",
        f"machine    {machine}, load {facts['load_1m_before']:.2f}",
    ]
    for entry in results["results"]:
        lines += _entry_lines(entry, len(entry.get("rounds", ())))
    if results["profile"]:
        lines.append(f"profile    {outdir / results['profile']} (open in a Chrome trace viewer)")
    lines += [f"warning    {text}" for text in results["warnings"]]
    return lines


def _entry_lines(entry: Mapping[str, Any], rounds: int) -> list[str]:
    known = entry["parameters"]
    if known and known["differences"]:
        rows = [f"  {d['name']:24} {d['c']!s:24} {d['py']!s:24}" for d in known["differences"]]
        return ["parameters DIFFER", f"  {'name':24} {'C program':24} {'port':24}", *rows]
    if "c_s" not in entry or not entry["gate"]:
        return []
    slow, fast = entry["shape"]
    gate, peaks = entry["gate"], entry["peak_rss_bytes"]
    correlation = "undefined" if entry["correlation"] is None else f"{entry['correlation']:.15g}"
    verdict = "PASS" if gate["passed"] else "FAIL"
    count = "1 round" if rounds == 1 else f"{rounds} rounds"
    how = f"{count} in random order, parameters {str(known['hash'])[:16]}"
    start = entry.get("py_warm_start", {})
    compiled = (
        [f"compiled   once, in {start.get('compile_s', 0.0):.1f} s (0: it was before)"]
        if start.get("compiled")
        else []
    )
    return [
        f"size       {slow} x {fast} pixels (slow x fast), {how}",
        f"C          {_times(entry['c_s'])}, peak {peaks['c'] / 1e6:.0f} MB",
        f"PyTorch    cold {_times(entry['py_cold_s'])}, peak {peaks['py'] / 1e6:.0f} MB",
        f"           warm {_times(entry['py_warm_s'])}",
        *compiled,
        f"C / PyTorch  warm {_ratio(entry['speedup_warm'])}",
        f"             cold {_ratio(entry['speedup_cold'])}",
        f"correlation  {correlation}  >= {gate['threshold']:g}  {verdict}",
    ]


def _times(times: Mapping[str, Any]) -> str:
    if len(times["samples"]) == 1:
        return f"{times['median']:.3f} s"
    return f"{times['median']:.3f} s [{times['q25']:.3f}, {times['q75']:.3f}]"


def _ratio(found: Mapping[str, Any]) -> str:
    interval = (
        "" if found["ci_low"] is None else f" [{found['ci_low']:.2f}, {found['ci_high']:.2f}]"
    )
    return f"{found['ratio']:.2f}{interval} ({found['note']})"
