"""Results that are missing, half written, of another run, or not numbers."""

import msgspec
import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Role, Step
from nbtui.store import RunState
from tests.faults.harness.site import Site
from tests.nbtui.run.lab import plan_of, python, shell, tool

pytestmark = pytest.mark.timeout(300)


def blocks(site: Site, stage: Step, because: str) -> RunState:
    """Run the stage and one after it; the first one must block for that reason."""
    run = site.start(plan_of(stage, shell(2, "echo never")))
    state = run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, because)
    assert len(state.stages) == 1
    return state


@pytest.mark.parametrize(
    ("mode", "because"),
    [
        ("nan", "nonfinite_py is 1"),
        ("infinite", "nonfinite_py is 1"),
        ("truncated-image", "63 bytes"),
        ("same-image", "same image"),
        ("bare-nan", "NaN is not a JSON number"),
        ("none", "no result file out1/summary.json"),
        ("half", "cannot be read"),
        ("old", "older than the stage: of another run"),
        ("another-run", "before the stage: of another run"),
        ("lie", "the stage claims 0.99999"),
        ("wrong", "correlation"),
    ],
)
def test_a_comparison_that_cannot_be_believed_blocks(site: Site, mode: str, because: str) -> None:
    state = blocks(site, tool(1, Role.COMPARE, mode), because)
    assert b"compare says PASS" in (state.bundle / "logs/1.log").read_bytes()


@pytest.mark.parametrize(
    ("mode", "named"),
    [("swapped-axes", "image is transposed"), ("big-endian", "image is in the other byte order")],
)
def test_an_image_written_in_another_order_is_recognised(site: Site, mode: str, named: str) -> None:
    state = blocks(site, tool(1, Role.COMPARE, mode), "the stage claims 0.99")
    report = (state.bundle / "blockers.md").read_text()
    assert f"Diagnosis  : The port's {named}" in report


def test_results_copied_from_an_earlier_run_block(site: Site) -> None:
    first = site.start(plan_of(tool(1, Role.COMPARE))).ends(Verdict.CLEARED, ExitCode.CLEARED)
    copy = "import shutil, sys; shutil.copytree(sys.argv[2], sys.argv[4])"
    stage = python(1, copy)
    assert stage.command is not None
    words = (*stage.command.argv, "--from", str(first.bundle / "out1"), "--outdir", "$OUTDIR/out1")
    command = msgspec.structs.replace(stage.command, argv=words)
    stage = msgspec.structs.replace(stage, role=Role.COMPARE, command=command)
    blocks(site, stage, "of another run")


@pytest.mark.parametrize(
    ("mode", "because"),
    [
        ("none", "no test was collected"),
        ("skipped", "skipped tests.test_x.TestX::test_variant"),
        ("xfail", "skipped tests.test_x.TestX::test_variant: known"),
        ("deselected", "3 deselected"),
        ("failed", "0.9 < 0.95"),
    ],
)
def test_tests_that_did_not_run_and_pass_block(site: Site, mode: str, because: str) -> None:
    blocks(site, tool(1, Role.PYTEST, mode), because)


def test_a_test_program_that_leaves_early_blocks(site: Site) -> None:
    """``os._exit(0)`` while tests are collected: exit code 0 and no JUnit file."""
    stage = python(1, "import os; print('collected', flush=True); os._exit(0)")
    assert stage.command is not None
    words = (*stage.command.argv, "--junitxml=$OUTDIR/stages/01-pytest/junit.xml")
    command = msgspec.structs.replace(stage.command, argv=words)
    blocks(
        site, msgspec.structs.replace(stage, role=Role.PYTEST, command=command), "no result file"
    )


@pytest.mark.parametrize(
    ("left", "named"),
    [("ln -s /etc/passwd $OUTDIR/stolen", "stolen"), ("mkfifo $OUTDIR/logs/2.log", "logs/2.log")],
    ids=["link", "pipe"],
)
def test_what_is_no_file_cannot_be_vouched_for(site: Site, left: str, named: str) -> None:
    state = blocks(site, shell(1, left), "bundle-links")
    assert named in (state.bundle / "blockers.md").read_text()
    assert not any(p.is_symlink() or p.is_fifo() for p in state.bundle.rglob("*"))
    assert b"root:" not in b"".join(p.read_bytes() for p in state.bundle.rglob("*.log"))
