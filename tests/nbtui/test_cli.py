"""The commands: what they print, their exit codes, and how they fail."""

import json
import os
import pty
import subprocess
import sys
from importlib import metadata

import pytest

from nbtui import __version__
from nbtui.exit_codes import ExitCode
from nbtui.run.catalog import bundles
from tests.nbtui.faces import MEMO, NBTUI, PATIENCE_S, Desk

pytestmark = pytest.mark.timeout(300)


def test_the_version_is_the_packages(desk: Desk) -> None:
    argv = [NBTUI, "--version"]
    done = subprocess.run(argv, env=desk.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"nbtui {__version__}\n")
    assert metadata.version("nbtui") == __version__


@pytest.mark.parametrize("words", [("-h",), ("--help",), ("plan", "-h"), ("runs", "--help")])
def test_help_is_everywhere(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.run(*words)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: nbtui")


def test_without_a_terminal_the_bare_command_explains_itself(desk: Desk) -> None:
    done = desk.run()
    assert done.returncode == ExitCode.USAGE
    assert done.stdout == ""
    assert "nbtui --batch --yes" in done.stderr


def test_a_dumb_terminal_is_told_what_to_do_instead(desk: Desk) -> None:
    master, terminal = pty.openpty()
    done = subprocess.run(
        [NBTUI], cwd=desk.root, env=desk.env | {"TERM": "dumb"}, stdin=terminal, stdout=terminal,
        stderr=subprocess.PIPE, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    os.close(terminal)
    os.close(master)
    assert done.returncode == ExitCode.USAGE
    assert "nbtui --batch --yes" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--no-such-option",),
        ("plam",),
        ("--yes",),
        ("--batch", "plan"),
        ("--root", "/no/such/folder", "plan"),
    ],
)
def test_usage_errors_are_exit_two(desk: Desk, words: tuple[str, ...]) -> None:
    done = desk.run(*words)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_the_nearest_command_is_suggested(desk: Desk) -> None:
    assert "plan" in desk.run("plam").stderr


def test_the_plan_is_shown_whole_and_as_data(desk: Desk) -> None:
    text = desk.run("plan")
    data = desk.run("plan", "--json")
    assert text.returncode == data.returncode == 0
    shown = json.loads(data.stdout)
    assert shown["digest"] in text.stdout
    assert [s["id"] for s in shown["plan"]["steps"]] == [
        "01-folders", "02-stage", "03-stage", "04-summary",
    ]  # fmt: skip
    for words in ("scripts/stage.py --seconds 0.0", "$OUTDIR/logs/first.log", "Lint:", "tee"):
        assert words in text.stdout
    assert bundles(desk.root) == ()


def test_a_plan_that_lint_blocks_is_exit_three(desk: Desk) -> None:
    desk.memo(0.0, MEMO.replace("scripts/stage.py --seconds 0 ", "scripts/absent.py "))
    done = desk.run("plan")
    assert done.returncode == ExitCode.NOT_STARTED
    assert "BLOCK" in done.stdout
    assert "scripts/absent.py" in done.stdout


def test_preflight_prints_every_check_with_its_fix(desk: Desk) -> None:
    good = desk.run("preflight")
    assert good.returncode == 0, good.stdout
    (desk.root / "Fdump.bin").write_bytes(b"stale")
    bad = desk.run("preflight")
    assert bad.returncode == ExitCode.NOT_STARTED
    assert "BLOCK" in bad.stdout
    assert "fix:" in bad.stdout
    data = json.loads(desk.run("preflight", "--json").stdout)
    assert any(c["status"] == "block" for c in data["checks"])
    assert bundles(desk.root) == ()


def test_the_checklist_is_complete_and_runs_in_bash(desk: Desk) -> None:
    done = desk.run("checklist")
    assert done.returncode == 0
    text = done.stdout
    for words in (
        "# Checklist: [TEST-001] a small plan", "- [ ] branch is `main`", "2. [ ] **First**",
        "(machine, memo line 8)", "Never commit reports", "export OUTDIR=",
    ):  # fmt: skip
        assert words in text
    blocks = [b.split("```")[0] for b in text.split("```bash\n")[1:]]
    script = "set -e\n" + "\n".join(line.strip() for b in blocks for line in b.splitlines())
    ran = subprocess.run(
        ["bash", "-c", f'{script}\ncat "$OUTDIR"/logs/first.log "$OUTDIR"/logs/second.log'],
        cwd=desk.root, env=desk.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith("begun\nended\n" * 2)


def test_runs_and_status_tell_of_what_was(desk: Desk) -> None:
    empty = desk.run("runs")
    assert (empty.returncode, empty.stdout) == (0, "")
    assert "no run yet" in desk.run("status").stderr
    assert desk.run("--batch", "--yes").returncode == 0
    (bundle,) = bundles(desk.root)
    assert desk.run("runs").stdout.startswith(f"{bundle.name}  cleared")
    status = desk.run("status").stdout
    assert f"run {bundle.name}: cleared" in status
    assert "stage 02-stage: passed" in status
    assert json.loads(desk.run("status", "--json").stdout)["verdict"] == "cleared"
    assert json.loads(desk.run("runs", "--json").stdout)[0]["stamp"] == bundle.name
    assert desk.run("cancel").returncode == ExitCode.NOTHING_TO_DO
    missing = desk.run("status", "19990101T000000Z")
    assert missing.returncode == ExitCode.VERIFY_FAILED
    assert "nbtui runs" in missing.stderr


def test_a_memo_without_a_command_has_nothing_to_do(desk: Desk) -> None:
    desk.memo(0.0, "Summary: s\nBranch: main\nDo Now: Read the plan and think.\n")
    done = desk.run("--batch", "--yes")
    assert done.returncode in {ExitCode.NOTHING_TO_DO, ExitCode.WAITING, ExitCode.USAGE}
    assert bundles(desk.root) == ()


def test_the_project_is_found_from_below_and_by_option(desk: Desk) -> None:
    (desk.root / "deep" / "er").mkdir(parents=True)
    for words, cwd in (
        (("--root", str(desk.root), "plan"), "/"),
        (("plan", "--root", str(desk.root)), "/"),
        (("plan",), str(desk.root / "deep" / "er")),
    ):
        done = subprocess.run(
            [NBTUI, *words], cwd=cwd, env=desk.env, capture_output=True, text=True, check=False
        )
        assert "a small plan" in done.stdout or "A small plan" in done.stdout


def test_a_bug_is_one_line_with_a_report(desk: Desk) -> None:
    script = (
        "import sys, nbtui.listing, nbtui.cli\n"
        "def broken(*a): raise RuntimeError('first\\nsecond')\n"
        "nbtui.listing.plan_text = broken\n"
        "sys.argv = ['nbtui', *sys.argv[1:]]\nnbtui.cli.main()\n"
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, *words], cwd=desk.root,
            env=desk.env | {"TMPDIR": str(desk.root.parent)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    done = run("plan")
    assert done.returncode == ExitCode.BUG
    (line,) = done.stderr.splitlines()
    assert "RuntimeError: first second" in line
    (report,) = desk.root.parent.glob("nbtui-bug-*.txt")
    assert str(report) in line
    assert "Traceback" in report.read_text()
    assert "Traceback" in run("--debug", "plan").stderr
