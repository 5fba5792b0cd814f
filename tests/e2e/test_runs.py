"""The real run at 4096 x 4096: cleared, blocked by a wrong program, without its terminal."""

import hashlib
import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.parity.metrics import compare_files
from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.run.catalog import is_sealed
from nbtui.store import JournalFollower, RunState, StageStatus
from nbtui.verify.check import verify
from nbtui.verify.model import Status
from tests.e2e.checkout import Checkout
from tests.e2e.documented import (
    THE_RUN,
    at_full_size,
    commands_to_run,
    is_part_of,
    of_the_assistant,
    wrong_ones,
)

# Far beyond what a run takes: it ends a hang, and does not judge a busy machine.
PATIENCE_S = 600.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2 * PATIENCE_S)]


def wait_until(holds: Callable[[], bool], what: Callable[[], str]) -> None:
    """Look every 50 ms until something holds."""
    last = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > last:
            pytest.fail(what())
        time.sleep(0.05)


def wait_for(follower: JournalFollower, condition: Callable[[RunState], bool], what: str) -> None:
    """Follow the journal until the condition holds."""

    def holds() -> bool:
        follower.poll()
        return condition(follower.state)

    wait_until(
        holds, lambda: f"the journal never told of {what}; it ends with {follower.state.last_event}"
    )


def test_a_wrong_program_blocks_at_the_comparison(
    checkout: Checkout, scaled_reference: Callable[[float], None]
) -> None:
    before = hashlib.sha256(checkout.golden.read_bytes()).hexdigest()
    scaled_reference(1.01)
    outcome = checkout.batch()
    assert outcome.exit_code == ExitCode.BLOCKED, outcome.stdout + outcome.stderr
    state = outcome.state
    assert state.blocker is not None
    assert "compare" in state.blocker.where
    assert "sum_ratio" in outcome.blockers
    roles = [s.step_id for s in state.stages]
    assert not any("pytest" in r or "summary" in r for r in roles)
    assert hashlib.sha256(checkout.golden.read_bytes()).hexdigest() == before
    failed = [g for g in state.gates() if not g.passed and g.gate.binding]
    assert any(g.gate.metric == "sum_ratio_deviation" for g in failed)
    deviation = next(g.value for g in failed if g.gate.metric == "sum_ratio_deviation")
    assert deviation == pytest.approx(1 - 1 / 1.01, abs=1e-4)
    assert (outcome.folder / "attempt_failed.log").stat().st_size > 0


@pytest.fixture(scope="module")
def cleared(common_checkout: Checkout) -> tuple[Checkout, RunState]:
    """A checkout whose packaged plan was run to its verdict, its terminal lost on the way."""
    checkout = common_checkout
    pid, master = pty.fork()
    if pid == 0:  # the operator's shell
        os.chdir(checkout.root)
        nbtui = str(Path(sys.executable).with_name("nbtui"))
        os.execve(nbtui, shlex.split(THE_RUN), dict(checkout.env))  # noqa: S606
    wait_until(lambda: bool(checkout.bundles()), lambda: "no bundle appeared")
    follower = JournalFollower(checkout.bundles()[-1])
    wait_for(follower, lambda s: bool(s.stages), "a first stage")
    os.close(master)  # the terminal is gone: SIGHUP for everything in its session
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) in {ExitCode.HANGUP, -signal.SIGHUP}
    assert not follower.state.ended
    wait_for(follower, lambda s: s.ended and is_sealed(s.bundle), "the end of the run")
    return checkout, follower.state


def test_a_lost_terminal_does_not_stop_the_run(cleared: tuple[Checkout, RunState]) -> None:
    checkout, state = cleared
    assert state.verdict is Verdict.CLEARED, state.reason
    assert [s.status for s in state.stages] == [StageStatus.PASSED] * len(state.stages)
    assert_bundle_is_evidence(state)
    shown = checkout.nbtui("attach", state.bundle.name)
    assert shown.exit_code == ExitCode.CLEARED
    assert "cleared" in shown.stdout
    assert checkout.git("status", "--porcelain") == ""


def test_the_documented_commands_at_full_size_are_stages_of_that_run(
    cleared: tuple[Checkout, RunState],
) -> None:
    _, state = cleared
    stages = [json.loads(p.read_bytes()) for p in state.bundle.glob("stages/*/command.json")]
    shown = [c for c in commands_to_run() if at_full_size(c) and not of_the_assistant(c)]
    assert shown
    assert [c for c in shown if not is_part_of(c, stages)] == []


def test_every_command_of_the_assistant_does_what_its_page_says(
    cleared: tuple[Checkout, RunState],
) -> None:
    checkout, _ = cleared
    chosen = {
        command: code
        for command, code in commands_to_run().items()
        if (of_the_assistant(command) or command.startswith("export ")) and command != THE_RUN
    }
    assert THE_RUN in commands_to_run()
    assert not wrong_ones(checkout, chosen)
    # What a reader tried must not block the run that follows.
    assert checkout.git("status", "--porcelain") == ""


def assert_bundle_is_evidence(state: RunState) -> None:
    """The bundle of a cleared run holds what the memo asked for, and it is true."""
    bundle = state.bundle
    summary = (bundle / "phase_e_summary.md").read_text(encoding="utf-8")
    for word in ("correlation", "sum_ratio", "rmse", "testing_strategy.md:", "2df24451e8cb"):
        assert word in summary
    compare = json.loads((bundle / "full_frame" / "summary.json").read_text(encoding="utf-8"))
    measured = compare_files(
        bundle / "full_frame" / "c_float.bin",
        bundle / "full_frame" / "py_float.bin",
        (4096, 4096),
    )
    assert compare["metrics"]["correlation"] == pytest.approx(measured.correlation, rel=1e-12)
    assert compare["metrics"]["correlation"] >= 0.9999999
    hashes = {s.collected.parameter_hash for s in state.stages if s.collected is not None}
    assert len(hashes - {None}) == 2  # the canonical experiment, and the one without symmetry
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
        cwd=bundle,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = verify(bundle)
    assert report.sound, [f.what for f in (*report.of(Status.BAD), *report.of(Status.UNKNOWN))]


@pytest.mark.shared
def test_the_seed_memo_runs_here_on_its_own_branch(checkout: Checkout, seed_memo: Path) -> None:
    wrong = checkout.batch("--memo", str(seed_memo))
    assert wrong.exit_code == ExitCode.NOT_STARTED
    assert "feature/spec-based-2" in wrong.blockers
    checkout.git("switch", "--quiet", "--create", "feature/spec-based-2")
    right = checkout.batch("--memo", str(seed_memo))
    assert right.exit_code == ExitCode.CLEARED, right.stdout + right.stderr
    assert wrong.folder.name != right.folder.name
    mapped = {d.memo_says for _, d in right.state.deviations}
    for name in ("benchmark_detailed.py", "nb_compare.py", "golden_suite_generator"):
        assert any(name in says for says in mapped)
    assert checkout.git("status", "--porcelain") == ""
