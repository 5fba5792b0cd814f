"""The memo this project started from, walked by keys from lint to a sealed verdict: 80 x 24, tmux.

The run is the real one at 4096 x 4096; every page on the way is looked at as it stands there.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.store import read
from nbtui.verify.check import verify
from tests.e2e.checkout import Checkout
from tests.nbtui.tui.tmux import Terminal, needs_tmux, terminal

PATIENCE_S = 600.0
"""Ends a hang; it does not judge a busy machine."""
BRANCH = "feature/spec-based-2"

pytestmark = [
    needs_tmux, pytest.mark.slow, pytest.mark.shared, pytest.mark.timeout(2 * PATIENCE_S),
]  # fmt: skip


@pytest.fixture
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a short path: a socket's has at most 107 bytes."""
    folder = tmp_path_factory.mktemp("t")
    yield folder / "s"
    shutil.rmtree(folder, ignore_errors=True)


def test_the_seed_memo_from_lint_to_its_verdict(
    checkout: Checkout, seed_memo: Path, socket: Path
) -> None:
    environ = {**checkout.env, "PAGER": shutil.which("less") or "more", "LESS": ""}
    command = f"nbtui --memo {seed_memo}"
    with terminal(checkout.root, command, environ, socket=socket, patience_s=PATIENCE_S) as at:
        take_what_lint_offers(at, checkout)
        start(at)
        watch(at)
        (bundle,) = checkout.bundles()
        read_the_verdict(at, bundle)
        at.press("q")
        assert at.left() == ExitCode.CLEARED
    state = read(bundle)
    assert state.verdict is Verdict.CLEARED, state.reason
    assert any("-floatfile" in d.memo_says for _, d in state.deviations)
    report = verify(bundle)
    assert report.sound, report
    assert checkout.git("status", "--porcelain") == ""


def take_what_lint_offers(at: Terminal, checkout: Checkout) -> None:
    """Go to the memo's branch, which ends a warning, and accept the fix that ends another."""
    seen = at.page("Start here", "warnings", "! -floatfile names a golden file", "f fixes it")
    assert f"main@{checkout.git('rev-parse', '--short=7', 'HEAD').strip()}" in seen.lines[0]
    warnings = int(str(seen).partition(" warnings")[0].split()[-1])
    at.press("Down", "Down")
    at.page(f"! warn  the memo is for the branch {BRANCH}", "where     seed_memo.md:4")
    checkout.git("switch", "--quiet", "--create", BRANCH)
    at.press("r")
    at.page(f"{BRANCH}@", f"Lint        {warnings - 1} warnings", but=f"for the branch {BRANCH}")
    at.press("Down")
    at.page(
        "where       seed_memo.md:18", "why         golden data are never written",
        "+ … 4096 -pixel 0.05", "enter ▸  accept this fix, as shown; u takes it back",
    )  # fmt: skip
    at.press("Enter")
    at.page(
        "≠ fixed -floatfile", f"Lint        {warnings - 2} warnings",
        f"enter ▸  run preflight (lint: {warnings - 2} warnings)",
    )  # fmt: skip


def start(at: Terminal) -> None:
    """Let preflight look at everything, then read what will be executed and start it."""
    at.press("Enter")
    at.page(
        "2 Preflight ✓", "✓ ok     Environment NB_C_BIN", "✓ ok     Available memory",
        "enter ▸  start the run (4 stages; asks first)",
    )  # fmt: skip
    at.press("Enter")
    at.dialog(
        "Start the run?", "y  start the run", "esc  not now", "plan hash",
        "KMP_DUPLICATE_LIB_OK=TRUE", "nb-benchmark", "--sizes 4096",
    )  # fmt: skip
    at.press("y")


def watch(at: Terminal) -> None:
    """See the run under way, and its end."""
    at.page("● RUNNING", "● running  Benchmark (CPU, full frame)", "· waiting  Summary")
    at.page(
        "✓ CLEARED", "✓ passed   Preflight", "✓ passed   Benchmark (CPU, full frame)",
        "✓ passed   Full-frame nb-compare", "✓ passed   Targeted pytest", "✓ passed   Summary",
        "1 passed", "enter ▸  read the verdict",
    )  # fmt: skip


def read_the_verdict(at: Terminal, bundle: Path) -> None:
    """Read the verdict and the summary behind it."""
    at.press("Enter")
    at.page(
        "gates passed", "The evidence is sealed.", bundle.name, "✓ PASS     correlation",
        "enter ▸  open phase_e_summary.md (q comes back)",
    )  # fmt: skip
    at.press("Enter")
    at.wait("[VECTOR-PARITY-001] Restore 4096² benchmark parity: cleared", "## Criteria")
    at.press("q")
    at.page("The evidence is sealed.")
