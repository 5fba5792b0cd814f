"""The plan of the recorded runs: small, but with every kind of step, gate and guard."""

import hashlib
from pathlib import Path

import msgspec

from nbtui.memo.plan import (
    Command,
    Comparison,
    Deviation,
    GateSpec,
    Guard,
    LineSpan,
    Plan,
    Role,
    Step,
    StepKind,
    Variable,
)

STRATEGY = "docs/development/testing_strategy.md"
MEMO = (Path(__file__).parent / "recorded_memo.md").read_text(encoding="utf-8")
_MEMO_LINES = MEMO.splitlines()
_NODE = (
    "tests/test_at_parallel_012.py::TestATParallel012ReferencePatternCorrelation"
    "::test_high_resolution_variant"
)
_ARGS = (
    "-lambda", "0.5", "-cell", "100", "100", "100", "90", "90", "90", "-N", "5",
    "-default_F", "100", "-distance", "500", "-detpixels", "4096", "-pixel", "0.05",
)  # fmt: skip


def _step(
    position: int, slug: str, title: str, role: Role, line: int, *argv: str, log: str = ""
) -> Step:
    return Step(
        id=f"{position:02}-{slug}",
        title=title,
        kind=StepKind.RUNNABLE,
        role=role,
        lines=LineSpan(line, line),
        memo_text=_MEMO_LINES[line - 1],
        command=Command(argv=argv, log=f"$OUTDIR/logs/{log}") if argv else None,
        timeout_s=600.0,
    )


def _gate(metric: str, role: Role, comparison: str, threshold: float, line: int) -> GateSpec:
    return GateSpec(
        id=f"{role.value}-{metric}",
        metric=metric,
        role=role,
        comparison=Comparison(comparison),
        threshold=threshold,
        source=f"{STRATEGY}:{line}",
    )


def _steps() -> tuple[Step, ...]:
    benchmark = _step(
        3, "benchmark", "Benchmark (CPU, full frame)", Role.BENCHMARK, 11,
        "nb-benchmark", "--sizes", "4096", "--device", "cpu", "--dtype", "float32",
        "--iterations", "1", "--profile", "--outdir", "$OUTDIR/benchmark/",
        log="benchmark.log",
    )  # fmt: skip
    deviation = Deviation(
        memo_says="python scripts/benchmarks/benchmark_detailed.py",
        runs="nb-benchmark",
        why="this repository's name for it ([tool.nbtui.aliases])",
    )
    benchmark = msgspec.structs.replace(
        benchmark,
        deviations=(deviation,),
        artifacts=("$OUTDIR/benchmark/benchmark_results.json",),
    )
    compare = _step(
        4, "nb-compare", "Full-frame nb-compare for correlation", Role.COMPARE, 12,
        "nb-compare", "--outdir", "$OUTDIR/full_frame", "--", *_ARGS, log="nb_compare.log",
    )  # fmt: skip
    compare = msgspec.structs.replace(
        compare, experiment=_ARGS, artifacts=("$OUTDIR/full_frame/summary.json",)
    )
    pytest_step = _step(
        5, "pytest", "Targeted pytest", Role.PYTEST, 13, "pytest", "-v", _NODE,
        log="pytest_highres.log",
    )  # fmt: skip
    if pytest_step.command:
        command = msgspec.structs.replace(pytest_step.command, env={"NB_RUN_PARALLEL": "1"})
        pytest_step = msgspec.structs.replace(pytest_step, command=command)
    manual = msgspec.structs.replace(
        _step(7, "ledger", "Update the ledgers (Phase E2)", Role.MANUAL, 18),
        kind=StepKind.MANUAL,
    )
    return (
        _step(1, "environment", "Environment", Role.SETTING, 9),
        _step(2, "stamp", "STAMP and folders", Role.SETTING, 10),
        benchmark,
        compare,
        pytest_step,
        _step(6, "summary", "Summary", Role.SUMMARY, 14),
        manual,
    )


def _gates() -> tuple[GateSpec, ...]:
    return (
        _gate("correlation", Role.BENCHMARK, ">=", 0.999, 61),
        msgspec.structs.replace(
            _gate("correlation", Role.COMPARE, ">=", 0.999, 62),
            overrides=("0.99 (input.md:18)",),
        ),
        _gate("sum_ratio_deviation", Role.COMPARE, "<=", 5e-3, 63),
        _gate("correlation", Role.PYTEST, ">=", 0.95, 64),
        _gate("matched_fraction", Role.PYTEST, ">=", 0.95, 65),
    )


def sample_plan() -> Plan:
    """Return the plan of :data:`MEMO`."""
    return Plan(
        memo_name="input.md",
        memo_sha256=hashlib.sha256(MEMO.encode()).hexdigest(),
        summary=_MEMO_LINES[0].removeprefix("Summary: "),
        focus="docs/fix_plan.md [VECTOR-PARITY-001] Restore 4096² benchmark parity",
        branch="main",
        artifacts_root="reports/2026-01-vectorization-parity/phase_e",
        folders=("benchmark", "full_frame", "logs"),
        mapped_tests=(_NODE,),
        environment=(
            Variable(name="NB_C_BIN", value="./build/reference/nanoBragg", source="input.md:9"),
            Variable(name="NB_RUN_PARALLEL", value="1", source="input.md:13"),
        ),
        steps=_steps(),
        gates=_gates(),
        guards=(
            Guard(id="golden", text="Golden data stay as they are", source="input.md:16"),
            Guard(id="reports", text="reports/ stays untracked", source="input.md:16"),
        ),
        golden_image="golden_data/high_resolution_4096/image.bin",
        summary_name="phase_e_summary.md",
    )
