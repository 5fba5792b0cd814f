"""Stands in for nb-compare, nb-benchmark and pytest: writes what they write, or worse.

Usage: tool.py ROLE MODE --outdir DIR [--junitxml FILE] [-- ARGS]. Needs the standard
library only, so that it starts at once.
"""

import array
import hashlib
import json
import math
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

ROLE, MODE = sys.argv[1], sys.argv[2]
WORDS = sys.argv[3:]
PIXELS = [1.0, 2.0, 4.0, 8.0, 3.0, 5.0, 7.0, 6.0, 2.5, 3.5, 4.5, 9.0, 1.5, 0.5, 2.25, 6.25]
PARAMETERS = {"lambda_m": "1e-10", "N": "5 5 5"}


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def option(name: str) -> Path:
    for index, word in enumerate(WORDS):
        if word.startswith(f"{name}="):
            return Path(word.split("=", 1)[1])
        if word == name:
            return Path(WORDS[index + 1])
    sys.exit(f"no {name}")


def parameters() -> dict[str, object]:
    named = dict(PARAMETERS)
    if "-lambda" in WORDS:
        named["lambda_m"] = WORDS[WORDS.index("-lambda") + 1]
    digest = hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
    other = {**named, "N": "1 1 1"} if MODE == "parameters" else named
    return {"c": named, "py": other, "hash": digest}


def metrics(c: list[float], py: list[float]) -> dict[str, float | int | None]:
    bad = [sum(not math.isfinite(v) for v in side) for side in (c, py)]
    if any(bad):
        names = ("correlation", "rmse", "max_abs_diff", "c_sum", "py_sum", "sum_ratio",
                 "relative_l2")  # fmt: skip
        finite = [v for v in c if math.isfinite(v)]
        return {
            **dict.fromkeys(names),
            "c_max": max(finite),
            "nonfinite_c": bad[0],
            "nonfinite_py": bad[1],
        }
    n, mean_c, mean_py = len(c), math.fsum(c) / len(c), math.fsum(py) / len(py)
    cov = math.fsum((a - mean_c) * (b - mean_py) for a, b in zip(c, py, strict=True))
    var = [math.fsum((v - m) ** 2 for v in side) for side, m in ((c, mean_c), (py, mean_py))]
    square = math.fsum((a - b) ** 2 for a, b in zip(c, py, strict=True))
    return {
        "correlation": cov / math.sqrt(var[0] * var[1]),
        "rmse": math.sqrt(square / n),
        "max_abs_diff": max(abs(a - b) for a, b in zip(c, py, strict=True)),
        "c_sum": math.fsum(c),
        "py_sum": math.fsum(py),
        "sum_ratio": math.fsum(py) / math.fsum(c),
        "relative_l2": math.sqrt(square / math.fsum(v * v for v in c)),
        "c_max": max(c),
        "nonfinite_c": 0,
        "nonfinite_py": 0,
    }


def side(outdir: Path, name: str, values: list[float], written: str = "") -> dict[str, object]:
    if written == "swapped-axes":
        values = [values[4 * column + row] for row in range(4) for column in range(4)]
    pixels = array.array("f", values)
    if written == "big-endian":
        pixels.byteswap()
    raw = pixels.tobytes()
    (outdir / f"{name}_float.bin").write_bytes(raw)
    binary = Path(os.environ["NB_C_BIN"])
    return {
        "argv": [name],
        "exit_code": 0,
        "wall_s": 0.1,
        "image": f"{name}_float.bin",
        "image_sha256": hashlib.sha256(raw).hexdigest(),
        "sha256_binary": hashlib.sha256(binary.read_bytes()).hexdigest(),
    }


def compare() -> None:
    outdir = option("--outdir")
    outdir.mkdir(parents=True, exist_ok=True)
    c = list(PIXELS)
    py = [v + 1e-7 * v * (i % 3) for i, v in enumerate(c)]
    py = list(array.array("f", py))
    if MODE == "wrong":
        py = py[::-1]
    if MODE == "nan":
        py[3] = math.nan
    if MODE == "infinite":
        py[3] = math.inf
    if MODE == "same-image":
        py = c
    figures = metrics(c, py)
    if MODE in {"lie", "bare-nan"}:
        figures["correlation"] = 0.99999 if MODE == "lie" else math.nan
    summary = {
        "schema": 1,
        "tool": "nb-compare",
        "started": "2020-01-01T00:00:00.000Z" if MODE == "another-run" else now(),
        "args": [],
        "shape": [4, 4],
        "roi": None,
        "parameters": parameters(),
        "metrics": figures,
        "peaks": {"matched_fraction": 1.0, "max_distance_px": 0.0, "mean_distance_px": 0.0},
        "c": side(outdir, "c", c),
        "py": side(outdir, "py", py),
        "exit_code": 0,
    }
    if MODE == "gave-up":
        told = "the C program: was killed by SIGSEGV; fix: read c_stderr.txt"
        summary |= {"metrics": None, "parameters": None, "error": told, "exit_code": 2}
    if MODE == "truncated-image":
        with (outdir / "py_float.bin").open("r+b") as stream:
            stream.truncate(63)
    if MODE in {"swapped-axes", "big-endian"}:
        # The figures are those of the image as it should be.
        summary["py"] = side(outdir, "py", py, written=MODE)
    write(outdir / "summary.json", summary)
    sys.exit({"wrong": 3, "gave-up": 2}.get(MODE, 0))


def benchmark() -> None:
    outdir = option("--outdir")
    outdir.mkdir(parents=True, exist_ok=True)
    times = {"samples": [0.2], "median": 0.2, "q25": 0.2, "q75": 0.2}
    speedup = {"ratio": 2.0, "ci_low": None, "ci_high": None, "note": "single run"}
    row = {
        "size": 4, "shape": [4, 4], "args": [], "parameters": parameters(), "c_s": times,
        "py_cold_s": times, "py_warm_s": times, "speedup_warm": speedup, "speedup_cold": speedup,
        "correlation": 0.9999999, "sum_ratio": 1.0, "rmse": 1e-8,
        "peak_rss_bytes": {"c": 1000, "py": 2000}, "c": side(outdir, "c", list(PIXELS)),
    }  # fmt: skip
    rows = [] if MODE == "empty" else [row]
    write(outdir / "benchmark_results.json",
          {"schema": 1, "tool": "nb-benchmark", "results": rows})  # fmt: skip


def pytest() -> None:
    junit = option("--junitxml")
    junit.parent.mkdir(parents=True, exist_ok=True)
    inner = {
        "skipped": '<skipped type="pytest.skip" message="no"/>',
        "xfail": '<skipped type="pytest.xfail" message="known"/>',
        "failed": '<failure message="0.9 &lt; 0.95">trace</failure>',
        "error": '<error message="fixture">trace</error>',
    }.get(MODE, "")
    digest = parameters()["hash"]
    case = (
        '<testcase classname="tests.test_x.TestX" name="test_variant"><properties>'
        f'<property name="parameter_hash" value="{digest}"/>'
        '<property name="correlation" value="0.9999"/></properties>'
        f"{inner}</testcase>"
    )
    if MODE == "none":
        case = ""
    junit.write_text(f'<testsuites><testsuite name="pytest">{case}</testsuite></testsuites>')
    closing = {"deselected": ", 3 deselected", "xpass": ", 1 xpassed"}.get(MODE, "")
    sys.stdout.write(f"=== 1 passed{closing} in 0.01s ===\n")
    sys.exit(1 if MODE in {"failed", "error"} else 0)


def write(path: Path, value: object) -> None:
    text = json.dumps(value)
    if MODE == "none":
        return
    path.write_text(text[: len(text) // 2] if MODE == "half" else text)
    if MODE == "old":
        os.utime(path, (1_600_000_000, 1_600_000_000))


sys.stdout.write(f"{ROLE} says PASS\n")
sys.stdout.flush()
{"compare": compare, "benchmark": benchmark, "pytest": pytest}[ROLE]()
