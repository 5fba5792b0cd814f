"""What programs print: a flood, one endless line, bytes that are no text, orders to a terminal."""

import hashlib
import re
from pathlib import Path

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from tests.faults.harness.site import Run, Site
from tests.nbtui.run.lab import plan_of, python, shell

pytestmark = pytest.mark.timeout(300)
GIGABYTE = 1 << 30
SMALL = 200_000


def assert_calm(run: Run) -> None:
    """Check that nothing of a stage's output went anywhere but to its log."""
    assert (run.bundle / "events.jsonl").stat().st_size < SMALL
    assert (run.bundle / "blockers.md").stat().st_size < SMALL
    shown = run.out.read_bytes() + run.err.read_bytes()
    assert len(shown) < SMALL
    assert b"\x1b" not in shown


def peak_rss_bytes(pid: int) -> int:
    """Return the largest resident set of a living process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def test_a_gigabyte_of_output_is_kept_and_held_by_nobody(site: Site) -> None:
    wait = f"until [ -e '{site.gate}' ]; do sleep 0.05; done"
    flood = "dd if=/dev/zero bs=4194304 count=256 2>/dev/null; touch $OUTDIR/flooded"
    run = site.start(plan_of(shell(1, f"{flood}; {wait}; echo end")))
    run.told(lambda _: (run.bundle / "flooded").exists(), "the end of the flood")
    peaks = [peak_rss_bytes(pid) for pid in (run.front.pid, run.supervisor)]
    site.let_go()
    run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    log = run.bundle / "logs/1.log"
    assert log.stat().st_size == GIGABYTE + 4
    assert max(peaks) < 200e6
    assert (run.bundle / "events.jsonl").stat().st_size < SMALL


def test_a_log_beyond_its_limit_ends_the_stage(site: Site) -> None:
    project = site.root / "pyproject.toml"
    project.write_text(project.read_text() + "max_log_bytes = 10000000\n")
    site.lab.git("commit", "--quiet", "--all", "--message", "a limit")
    flood = "head -c 12000000 /dev/zero; sleep 600"
    run = site.start(plan_of(shell(1, flood), shell(2, "echo never")))
    state = run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "log limit of 10.0 MB passed")
    assert len(state.stages) == 1
    assert (run.bundle / "logs/1.log").stat().st_size == 12_000_000


def test_one_endless_line_is_cut_in_the_report_only(site: Site) -> None:
    script = "import sys; [sys.stdout.write('y' * 10_000_000) for _ in range(10)]; sys.exit(1)"
    run = site.start(plan_of(python(1, script)))
    run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "exit code 1")
    assert (run.bundle / "logs/1.log").stat().st_size == 100_000_000
    assert "65536 characters" in (run.bundle / "blockers.md").read_text()
    assert_calm(run)


def test_the_last_lines_stand_in_the_report_with_their_numbers(site: Site) -> None:
    run = site.start(plan_of(python(1, "import sys; sys.stdout.write('x\\n' * 200); sys.exit(1)")))
    run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "exit code 1")
    report = (run.bundle / "blockers.md").read_text()
    assert re.findall(r"logs/1.log:(\d+): x", report) == [str(n) for n in range(181, 201)]


def test_a_program_that_cuts_its_own_log_is_noted(site: Site) -> None:
    script = "echo before >&2; echo cut > /dev/stderr; echo after >&2"
    run = site.start(plan_of(shell(1, script)))
    state = run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    assert (run.bundle / "logs/1.log").read_text() == "cut\nafter\n"
    assert state.stages[0].streams.spans == ()
    assert any("its stdout and stderr are not told apart" in note for note in state.notes)


RAW = {
    "nul": b"\x00\x00begun\x00\n",
    "invalid-utf8": b"\xc0\x00\xa0\xa1 \xff\xfe \xed\xa0\x80\n",
    "escapes": b"\x1b]0;title\x07\x1b]52;c;bWFsaWNl\x07\x1bc\x1b[2J\x9b31m\x1bP+q\x1b\\end\n",
    "markup": b"]]>&<b> ``` ~~~~ [link](http://x) | cell\n",
    "bidi": "\u202egnp.exe\u2066\n".encode(),
    "no-newline": b"the last line has no end",
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW)
def test_bytes_are_kept_as_they_are_and_shown_escaped(site: Site, raw: bytes) -> None:
    script = f"import sys; sys.stdout.buffer.write({raw!r}); sys.exit(1)"
    run = site.start(plan_of(python(1, script)))
    run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "exit code 1")
    assert (run.bundle / "logs/1.log").read_bytes() == raw
    assert (run.bundle / "attempt_failed.log").read_bytes().endswith(raw)
    report = (run.bundle / "blockers.md").read_text()
    assert not any(c in report for c in "\x1b\x9b\u202e\u2066")
    assert_calm(run)


def test_a_progress_bar_is_one_line_in_the_report(site: Site) -> None:
    script = (
        "import sys; sys.stdout.write(''.join(f'\\r{i} of 1000000' for i in range(1_000_001))); "
        "sys.exit(1)"
    )
    run = site.start(plan_of(python(1, script)))
    run.ends(Verdict.BLOCKED, ExitCode.BLOCKED, "exit code 1")
    expected = "".join(f"\r{i} of 1000000" for i in range(1_000_001)).encode()
    log = (run.bundle / "logs/1.log").read_bytes()
    assert hashlib.sha256(log).digest() == hashlib.sha256(expected).digest()
    assert "logs/1.log:1: 1000000 of 1000000" in (run.bundle / "blockers.md").read_text()
    assert_calm(run)
