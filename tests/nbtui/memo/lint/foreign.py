"""A foreign repository of the seed's layout: own scripts, own test, a memo full of old mistakes."""

from pathlib import Path

from tests.nbtui.repository import Git, git_in

NODE = "tests/test_at_parallel_012.py::TestPattern::test_high_resolution_variant"
BENCHMARK = '''\
"""Time the port. Example: benchmark_detailed.py --outdir somewhere (never implemented)."""
import argparse
import os
import socket
from pathlib import Path

Path(__file__).with_name("trap").touch() if os.access(__file__, os.W_OK) else None


def simulate(size):
    return dict(wavelength_A=6.2, distance_mm=100.0, pixel_size_mm=0.1, size=size)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", nargs="+", type=int)
    parser.add_argument("--device")
    parser.add_argument("--dtype")
    parser.add_argument("--iterations", type=int)
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--keep-artifacts", action="store_true")
    simulate(parser.parse_args().sizes)


if __name__ == "__main__":
    main()
'''
COMPARE = """\
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--resample", action="store_true")
parser.add_argument("--outdir")
parser.add_argument("args", nargs=argparse.REMAINDER)
if __name__ == "__main__":
    parser.parse_args()
"""
TEST = """\
import os
import pytest


class TestPattern:
    @pytest.mark.skipif("NB_RUN_PARALLEL" not in os.environ, reason="NB_RUN_PARALLEL is not set")
    def test_high_resolution_variant(self):
        args = ["-lambda", "0.5", "-N", "5", "-distance", "500", "-pixel", "0.05"]
        assert args

    @pytest.mark.xfail(reason="known")
    def test_known(self):
        assert False
"""
STRATEGY = """\
# Testing strategy

## 2.4 Variables
- KMP_DUPLICATE_LIB_OK must be set before torch is imported.
- NB_C_BIN names the executable.

## 3 Acceptance
AT-PARALLEL-012: the pattern correlation must hold.

## 4 Thresholds
The benchmark must reach correlation >= 0.999.
"""
LEDGER = """\
# Fix plan

## [VECTOR-PARITY-001] Restore 4096² benchmark parity
- Status: in_progress
- Attempts History:
  * [2025-10-09] Attempt #3 — Result: BLOCKED. Metrics corr 0.721.
"""
MEMO = f"""\
Summary: Capture fresh 4096² parity evidence so vectorization gating can clear.
Mode: Parity
Focus: docs/fix_plan.md [VECTOR-PARITY-001] Restore 4096² benchmark parity
Branch: feature/spec-based-2
Mapped tests: {NODE}
Artifacts: reports/2026-01-vectorization-parity/phase_e/$STAMP/
Do Now: docs/fix_plan.md [VECTOR-PARITY-001] — NB_RUN_PARALLEL=1 NB_C_BIN=./golden_suite/nanoBragg pytest -v {NODE}
If Blocked: Capture failing output to $OUTDIR/attempt_failed.log and stop.
Priorities & Rationale:
- docs/development/testing_strategy.md:4 — Defines AT-PARALLEL-012 correlation and sum_ratio thresholds.
- docs/fix_plan.md:3 — the parity item that waits.
How-To Map:
- export NB_C_BIN=./golden_suite/nanoBragg; ensure `command -v python` reports the expected venv.
- Set STAMP=$(date -u +%Y%m%dT%H%M%SZ) and OUTDIR=reports/2026-01-vectorization-parity/phase_e/$STAMP; mkdir -p "$OUTDIR"/{{benchmark,full_frame,logs}}.
- Benchmark: `python scripts/benchmark_detailed.py --sizes 4096 --device cpu --profile --outdir "$OUTDIR"/benchmark/ | tee "$OUTDIR"/logs/benchmark.log`.
- Full-frame nb-compare: `python scripts/nb_compare.py --resample --outdir "$OUTDIR"/full_frame -- -lambda 0.5 -cell 100 100 100 90 90 90 -N 5 -default_F 100 -distance 500 -detpixels 4096 -pixel 0.05 -floatfile tests/golden_data/high_resolution_4096/image.bin | tee "$OUTDIR"/logs/nb_compare.log`.
- Targeted pytest: `NB_RUN_PARALLEL=1 NB_C_BIN=./golden_suite/nanoBragg pytest -v {NODE} | tee "$OUTDIR"/logs/pytest.log`.
Pitfalls To Avoid:
- Do not change golden datasets or commit `reports/` artifacts.
- The benchmark must reach corr ≥0.999.
"""  # noqa: E501  (a memo's lines are long)


def make(root: Path, memo: str = MEMO) -> Git:
    """Build the repository, commit everything but the stale cache; return its git."""
    files = {
        "scripts/benchmark_detailed.py": BENCHMARK,
        "scripts/nb_compare.py": COMPARE,
        "tests/test_at_parallel_012.py": TEST,
        "docs/development/testing_strategy.md": STRATEGY,
        "docs/fix_plan.md": LEDGER,
        "golden_suite/nanoBragg": "#!/bin/sh\n",
        "tests/golden_data/high_resolution_4096/image.bin": "golden",
        ".gitignore": "reports/\nFdump.bin\n",
        "input.md": memo,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (root / "golden_suite" / "nanoBragg").chmod(0o755)
    git = git_in(root)
    git("-c", "init.defaultBranch=feature/spec-based-2", "init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    (root / "Fdump.bin").write_bytes(b"stale")
    return git
