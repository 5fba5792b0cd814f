"""The headless face: what it prints, what it returns, and that it cannot harm the run."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.run import launch
from nbtui.run.catalog import bundles, is_sealed
from nbtui.store import RunState, read
from tests.nbtui.dying import kill_supervisor
from tests.nbtui.faces import MEMO, NBTUI, PATIENCE_S, Desk, json_lines

pytestmark = pytest.mark.timeout(300)


def sealed(bundle: Path) -> RunState:
    """Wait until the run is sealed."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if is_sealed(bundle) and not launch.alive(bundle):
            return read(bundle)
        time.sleep(0.02)
    pytest.fail("the run was never sealed")


def test_a_cleared_run_ends_with_verdict_and_bundle(desk: Desk) -> None:
    done = desk.run("--batch", "--yes")
    assert done.returncode == ExitCode.CLEARED, done.stderr
    *_, verdict, bundle = done.stdout.splitlines()
    assert verdict == "verdict: cleared"
    folder = Path(bundle.removeprefix("bundle: "))
    assert is_sealed(folder)
    assert (folder / "memo.md").read_bytes() == (desk.root / "input.md").read_bytes()
    assert "scripts/stage.py --seconds 0" in done.stderr
    assert f"nbtui verify {folder.name}" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert desk.git("status", "--porcelain") == ""


def test_json_is_the_journal_verbatim(desk: Desk) -> None:
    done = desk.run("--batch", "--yes", "--json")
    assert done.returncode == ExitCode.CLEARED, done.stderr
    (bundle,) = bundles(desk.root)
    assert done.stdout.encode() == (bundle / "events.jsonl").read_bytes()
    assert json_lines(done.stdout)[-1]["event"]["verdict"] == "cleared"


def test_a_failing_stage_blocks_and_names_the_report(desk: Desk) -> None:
    (desk.root / "scripts" / "stage.py").write_text("import sys; sys.exit(9)\n")
    desk.git("commit", "--quiet", "--all", "--message", "broken")
    done = desk.run("--batch", "--yes")
    assert done.returncode == ExitCode.BLOCKED
    assert "BLOCKED at 02-stage: exit code 9" in done.stdout
    assert "verdict: blocked" in done.stdout
    assert "blockers.md" in done.stderr


def test_nothing_runs_unconfirmed(desk: Desk) -> None:
    done = desk.run("--batch")
    assert done.returncode == ExitCode.NOT_STARTED
    assert "not confirmed: nothing ran" in done.stderr
    assert "--approve sha256:" in done.stderr
    assert bundles(desk.root) == ()
    digest = next(w for w in done.stderr.split() if w.startswith("sha256:"))
    wrong = desk.run("--batch", "--approve", "sha256:" + "0" * 64)
    assert wrong.returncode == ExitCode.NOT_STARTED
    assert "not the approved one" in wrong.stderr
    assert bundles(desk.root) == ()
    assert desk.run("--batch", "--approve", digest).returncode == ExitCode.CLEARED


@pytest.mark.parametrize(("answer", "code"), [("y", ExitCode.CLEARED), ("", ExitCode.NOT_STARTED)])
def test_on_a_terminal_it_asks(desk: Desk, answer: str, code: ExitCode) -> None:
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [NBTUI, "--batch"], cwd=desk.root, env=desk.env, stdin=terminal, stdout=terminal,
        stderr=terminal, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    heard = b""
    while b"[y/N]" not in heard:
        heard += os.read(master, 4096)
    os.write(master, f"{answer}\n".encode())
    try:
        while chunk := os.read(master, 4096):
            heard += chunk
    except OSError:
        pass  # the terminal's other end is closed: the process is gone
    os.close(master)
    assert process.wait() == code, heard.decode()
    assert len(bundles(desk.root)) == (code == ExitCode.CLEARED)


def test_a_preflight_block_is_exit_three(desk: Desk) -> None:
    (desk.root / "Fdump.bin").write_bytes(b"stale")
    done = desk.run("--batch", "--yes")
    assert done.returncode == ExitCode.NOT_STARTED
    assert "check BLOCK" in done.stdout
    assert "Fdump.bin" in done.stdout


def test_lint_blocks_before_anything_exists(desk: Desk) -> None:
    desk.memo(0.0, MEMO.replace("stage.py --seconds 0 ", "stage.py --no-such-option 0 "))
    done = desk.run("--batch", "--yes")
    assert done.returncode == ExitCode.NOT_STARTED
    assert "--no-such-option" in done.stderr
    assert "nothing ran" in done.stderr
    assert bundles(desk.root) == ()


def test_a_memo_that_is_not_there_is_a_usage_error(desk: Desk) -> None:
    done = desk.run("--batch", "--yes", "--memo", "absent.md")
    assert done.returncode == ExitCode.USAGE
    assert "absent.md" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("number", "verdict", "code"),
    [
        (signal.SIGINT, Verdict.CANCELLED, ExitCode.SIGINT),
        (signal.SIGTERM, Verdict.INTERRUPTED, ExitCode.SIGTERM),
    ],
)
def test_a_signal_stops_the_run_in_order(
    desk: Desk, number: signal.Signals, verdict: Verdict, code: ExitCode
) -> None:
    desk.memo(600)
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    batch.send_signal(number)
    out, err = batch.communicate(timeout=PATIENCE_S)
    assert batch.returncode == code, err
    assert f"verdict: {verdict.value}" in out
    state = sealed(bundle)
    assert state.verdict is verdict
    assert state.stages[0].outcome is not None
    assert state.stages[0].outcome.signal == "SIGTERM"


def test_a_second_interrupt_does_not_wait(desk: Desk) -> None:
    (desk.root / "scripts" / "stage.py").write_text(
        "import signal, sys, time\nif '--help' in sys.argv: sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "sys.stdout.write('begun\\n'); sys.stdout.flush(); time.sleep(600)\n"
    )
    desk.git("commit", "--quiet", "--all", "--message", "deaf")
    desk.env["NBTUI_GRACE_S"] = "600"
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    batch.send_signal(signal.SIGINT)
    assert batch.stderr is not None
    # Sent before the first one was noticed, the second would arrive as the same one.
    assert any("once more: at once" in line for line in iter(batch.stderr.readline, ""))
    batch.send_signal(signal.SIGINT)
    batch.communicate(timeout=PATIENCE_S)
    assert batch.returncode == ExitCode.SIGINT
    state = sealed(bundle)
    assert state.verdict is Verdict.CANCELLED
    assert state.stages[0].outcome is not None
    assert state.stages[0].outcome.signal == "SIGKILL"


def test_a_hangup_takes_the_viewer_and_leaves_the_run(desk: Desk) -> None:
    desk.hold()
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    batch.send_signal(signal.SIGHUP)
    batch.communicate(timeout=PATIENCE_S)
    assert batch.returncode == ExitCode.HANGUP
    assert not read(bundle).ended
    desk.let_go()
    assert sealed(bundle).verdict is Verdict.CLEARED


def test_a_killed_viewer_leaves_the_run(desk: Desk) -> None:
    desk.hold()
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    batch.kill()
    batch.communicate(timeout=PATIENCE_S)
    assert not read(bundle).ended
    desk.let_go()
    assert sealed(bundle).verdict is Verdict.CLEARED


def test_a_reader_that_goes_away_harms_nothing(desk: Desk) -> None:
    desk.memo(0.5)
    pipeline = f"{NBTUI} --batch --yes 2>/dev/null | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", pipeline], cwd=desk.root, env=desk.env, capture_output=True, check=False
    )
    assert done.returncode == ExitCode.CLEARED, done
    assert len(done.stdout.splitlines()) == 1
    assert sealed(bundles(desk.root)[0]).verdict is Verdict.CLEARED


def test_a_killed_supervisor_is_noticed_and_closed(desk: Desk) -> None:
    desk.memo(600)
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    started = read(bundle).started
    assert started is not None
    os.kill(started.supervisor_pid, signal.SIGKILL)
    out, err = batch.communicate(timeout=PATIENCE_S)
    assert batch.returncode == ExitCode.INTERRUPTED, err
    assert "verdict: interrupted" in out
    assert sealed(bundle).verdict is Verdict.INTERRUPTED


def test_the_machine_runs_one_plan_at_a_time(desk: Desk) -> None:
    desk.memo(600)
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    second = desk.run("--batch", "--yes")
    assert second.returncode == ExitCode.TEMPORARY
    assert str(bundle) in second.stderr
    assert desk.run("cancel").returncode == ExitCode.CLEARED
    batch.communicate(timeout=PATIENCE_S)
    assert batch.returncode == ExitCode.INTERRUPTED  # somebody else cancelled it
    assert sealed(bundle).verdict is Verdict.CANCELLED


def test_attach_shows_a_run_and_leaves_it_running(desk: Desk) -> None:
    desk.hold()
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    viewer = desk.start("attach", bundle.name)
    assert viewer.stdout is not None
    assert "started in" in viewer.stdout.readline()
    viewer.send_signal(signal.SIGINT)
    _, err = viewer.communicate(timeout=PATIENCE_S)
    assert viewer.returncode == ExitCode.SIGINT
    assert "the run goes on" in err
    desk.let_go()
    out, _ = batch.communicate(timeout=PATIENCE_S)
    assert batch.returncode == ExitCode.CLEARED
    again = desk.run("attach")
    assert again.returncode == ExitCode.CLEARED
    assert again.stdout == out


def test_attach_closes_a_dead_run(desk: Desk) -> None:
    desk.memo(600)
    batch = desk.start("--batch", "--yes")
    bundle = desk.bundle()
    batch.kill()
    batch.communicate()
    kill_supervisor(bundle)
    done = desk.run("attach", bundle.name)
    assert done.returncode == ExitCode.INTERRUPTED
    assert "verdict: interrupted" in done.stdout


def test_colour_only_where_somebody_sees_it(desk: Desk) -> None:
    script = f"import pty, sys; sys.exit(pty.spawn([{NBTUI!r}, *sys.argv[1:]]) >> 8)"

    def shown(*words: str, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script, *words], cwd=desk.root, env=desk.env | env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.stdout

    desk.run("--batch", "--yes")
    assert "\x1b[32mverdict: cleared" in shown("attach", TERM="xterm")
    assert "\x1b" not in shown("attach", TERM="dumb")
    assert "\x1b" not in shown("attach", TERM="xterm", NO_COLOR="1")
    assert "\x1b" not in shown("--no-color", "attach", TERM="xterm")
