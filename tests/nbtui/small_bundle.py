"""One small, real bundle for a whole session: C program, port, pytest, a supervisor."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.memo.plan import Command, Comparison, GateSpec, Plan, Role, Variable
from nbtui.run import launch
from nbtui.run.catalog import bundles
from nbtui.store import read
from tests.nbtui.run.lab import Lab, plan_of, step, summary_step

MEMO = b"""# Memo
Summary: a small comparison
Focus: [TEST-001] a small comparison
Branch: main
Do Now: run nb-compare, then the test.
- The comparison holds |sum_ratio - 1| <= 5e-3.
"""
STRATEGY = """# Strategy

### 2.5 Acceptance thresholds

| id | applies to | scope | metric | comparison | threshold | binding | why |
|---|---|---|---|---|---|---|---|
| compare-correlation | compare | full frame | correlation | >= | 0.999 | yes | pattern |
| compare-relative-l2 | compare | full frame | relative_l2 | <= | 1e-3 | yes | scale |
| compare-matched | compare | full frame | matched_fraction | >= | 0.95 | yes | places |
| compare-strict | compare | full frame | relative_l2 | <= | 1e-12 | no | reported |
"""
ARGS = (
    "-lambda", "1", "-cell", "30", "40", "50", "90", "90", "90", "-N", "5", "-default_F", "100",
    "-distance", "100", "-detpixels_x", "96", "-detpixels_y", "64", "-pixel", "0.5",
)  # fmt: skip
TEST = """
import hashlib, pathlib

def test_golden(record_property):
    data = pathlib.Path("golden/image.bin").read_bytes()
    record_property("golden_sha256", hashlib.sha256(data).hexdigest())
    assert data
"""


def gate(metric: str, comparison: Comparison, threshold: float, source: str) -> GateSpec:
    """Return a gate of the comparison."""
    return GateSpec(
        id=f"compare-{metric}",
        metric=metric,
        role=Role.COMPARE,
        comparison=comparison,
        threshold=threshold,
        source=source,
        binding=threshold != 1e-12,
    )


GATES = (
    gate("correlation", Comparison.AT_LEAST, 0.999, "docs/strategy.md:7"),
    gate("relative_l2", Comparison.AT_MOST, 1e-3, "docs/strategy.md:8"),
    gate("matched_fraction", Comparison.AT_LEAST, 0.95, "docs/strategy.md:9"),
    gate("relative_l2", Comparison.AT_MOST, 1e-12, "docs/strategy.md:10"),
    gate("sum_ratio_deviation", Comparison.AT_MOST, 5e-3, "input.md:6"),
)


def small_plan(reference: Path) -> Plan:
    """Return a plan of one comparison, one test and the summary."""
    beside = Path(sys.executable).parent
    compare = (str(beside / "nb-compare"), "--outdir", "$OUTDIR/full_frame", "--", *ARGS)
    test = (
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
        "tests/test_small.py::test_golden", "--junitxml=$OUTDIR/stages/02-pytest/junit.xml",
    )  # fmt: skip
    return plan_of(
        step(
            1,
            role=Role.COMPARE,
            title="compare both programs",
            command=Command(argv=compare, log="$OUTDIR/logs/compare.log"),
            artifacts=("$OUTDIR/full_frame/summary.json",),
        ),
        step(2, role=Role.PYTEST, command=Command(argv=test, log="$OUTDIR/logs/pytest.log")),
        summary_step(3),
        gates=GATES,
        memo_sha256=hashlib.sha256(MEMO).hexdigest(),
        environment=(Variable(name="NB_C_BIN", value=str(reference), source="input.md:5"),),
    )


FILES = {
    "pyproject.toml": "[tool.nbtui]\nmin_free_disk_bytes = 1\nstrategy = 'docs/strategy.md'\n",
    ".gitignore": "reports/\n__pycache__/\n",
    "docs/strategy.md": STRATEGY,
    "input.md": MEMO.decode(),
    "tests/test_small.py": TEST,
    "golden/image.bin": "golden" * 100,
}


@pytest.fixture(scope="session")
def small_lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A git repository with a strategy, a golden image and a test; all workers have the same."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "small"
    folder.mkdir(exist_ok=True)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "VIRTUAL_ENV": sys.prefix,
        "LANG": "C.UTF-8",
        "NBTUI_LOCK_DIR": str(folder / "locks"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "SECRET_TOKEN": "canary-4711",
    }
    lab = Lab(folder / "lab", env)
    with _one_worker_at_a_time(folder):
        if not lab.root.exists():
            _fill(lab)
    return lab


def _fill(lab: Lab) -> None:
    for name, content in FILES.items():
        (lab.root / name).parent.mkdir(parents=True, exist_ok=True)
        (lab.root / name).write_text(content)
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("config", "user.name", "lab"),
        ("config", "user.email", "lab@example.invalid"),
        ("add", "."),
        ("commit", "--quiet", "--message", "start"),
    ):
        lab.git(*words)


@contextmanager
def _one_worker_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def sealed_bundle(small_lab: Lab, reference_binary: Path) -> Path:
    """The bundle of a cleared run; nobody changes it, and all workers have the same."""
    with _one_worker_at_a_time(small_lab.root.parent):
        if not bundles(small_lab.root):
            plan = small_plan(reference_binary)
            bundle = launch.start_plan(small_lab.root, MEMO, plan, small_lab.env)
            small_lab.bundles.append(bundle)
            try:
                small_lab.finish(bundle)
            finally:
                small_lab.end()
    (bundle,) = bundles(small_lab.root)
    state = read(bundle)
    assert state.verdict is Verdict.CLEARED, state.reason
    return bundle


@pytest.fixture
def bundle_copy(sealed_bundle: Path, tmp_path: Path) -> Path:
    """A copy of the bundle, elsewhere, that a test may damage."""
    copy = tmp_path / sealed_bundle.name
    shutil.copytree(sealed_bundle, copy)
    subprocess.run(["chmod", "-R", "u+w", str(copy)], check=True)
    return copy
