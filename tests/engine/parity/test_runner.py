"""Running a program: exact end, true peak memory, nothing left behind."""

import contextlib
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from engine.parity import runner
from engine.parity.errors import RunnerError, UsageError


def run(folder: Path, code: str, timeout_s: float = 60.0) -> runner.Outcome:
    return runner.run(
        [sys.executable, "-c", code],
        folder=folder,
        stdout=folder / "out",
        stderr=folder / "err",
        timeout_s=timeout_s,
        environment={"MARK": "set"},
    )


def test_output_environment_folder_and_stdin(tmp_path: Path) -> None:
    code = "import os, sys; print(os.getcwd(), os.environ['MARK'], repr(sys.stdin.read()))"
    outcome = run(tmp_path, code)
    assert outcome.ok
    assert (tmp_path / "out").read_text().split() == [str(tmp_path.resolve()), "set", "''"]


def test_peak_memory_of_a_short_lived_program_is_seen(tmp_path: Path) -> None:
    # More than this process, whatever other tests have made of it.
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + (64 << 20)
    outcome = run(tmp_path, f"b = bytearray({size}); b[::4096] = b'x' * len(b[::4096])")
    assert outcome.peak_rss_bytes > size
    assert outcome.peak_rss_bytes > outcome.rss_floor_bytes


def test_exit_codes_and_signals_are_told_apart(tmp_path: Path) -> None:
    failed = run(tmp_path, "raise SystemExit(7)")
    assert (failed.exit_code, failed.signal, failed.ok) == (7, None, False)
    killed = run(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGABRT)")
    assert (killed.exit_code, killed.signal) == (None, "SIGABRT")
    assert killed.ending() == "was killed by SIGABRT"


@pytest.fixture
def deaf() -> Iterator[None]:
    """Ignore TERM, and with this process all that it starts."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("deaf")
def test_a_program_that_ignores_term_is_killed(tmp_path: Path) -> None:
    # In a thread of its own no handler is installed around the start: the program is deaf from
    # its first moment on, not once it had the time to say so.
    with ThreadPoolExecutor(1) as thread:
        outcome = thread.submit(run, tmp_path, "import time; time.sleep(600)", 0.1).result()
    assert outcome.timed_out
    assert outcome.signal == "SIGKILL"
    assert not outcome.ok


def test_children_it_leaves_behind_are_ended(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "open('pid', 'w').write(str(p.pid))\n"
    )
    assert run(tmp_path, code).ok
    left = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 120
    while _alive(left) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _alive(left)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_cannot_be_started_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunnerError, match="nowhere"):
        runner.run(
            ["/nowhere"], folder=tmp_path, stdout=tmp_path / "o", stderr=tmp_path / "e", timeout_s=1
        )


def test_a_scratch_folder_is_empty_and_gone_afterwards(tmp_path: Path) -> None:
    with runner.scratch_folder(tmp_path) as folder:
        assert list(folder.iterdir()) == []
        (folder / "Fdump.bin").write_bytes(b"x")
    assert list(tmp_path.iterdir()) == []


def test_the_port_is_the_engine_of_this_checkout(project_root: Path) -> None:
    program = runner.port_program(None)
    assert program.argv == (sys.executable, "-m", "engine")
    assert program.environment["PYTHONPATH"].split(os.pathsep)[0] == str(project_root.resolve())


def test_words_of_the_port_are_split_unless_they_are_a_file(tmp_path: Path) -> None:
    assert runner.port_program("/bin/echo -n 'a b'").argv == ("/bin/echo", "-n", "a b")
    spaced = tmp_path / "with space"
    spaced.write_text("#!/bin/sh\n")
    spaced.chmod(0o755)
    assert runner.port_program(str(spaced)).argv == (str(spaced),)


def test_a_program_is_found_on_the_path_and_its_option_beats_the_environment() -> None:
    assert runner.c_program("true", {"NB_C_BIN": "/nowhere"}).argv[0].endswith("/true")
    with pytest.raises(RunnerError, match="NB_C_BIN=/nowhere"):
        runner.c_program(None, {"NB_C_BIN": "/nowhere"})
    with pytest.raises(UsageError, match="build-reference"):
        runner.c_program(None, {})


def test_the_tail_of_a_log_is_one_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\n" * 5000 + b"two\n\n\xff three\n")
    assert runner.tail(log, lines=3) == "two / \\xff three"
    assert runner.tail(tmp_path / "nowhere") == ""


def test_two_programs_run_at_the_same_time(tmp_path: Path) -> None:
    # Each ends only when it has seen the other's file.
    waiting = (
        "import pathlib, sys, time\n"
        "mine, other = map(pathlib.Path, sys.argv[1:])\n"
        "mine.touch()\n"
        "while not other.exists(): time.sleep(0.01)\n"
    )
    names = [tmp_path / "a", tmp_path / "b"]
    with contextlib.ExitStack() as stack:
        started = [
            stack.enter_context(
                runner.running(
                    [sys.executable, "-c", waiting, str(mine), str(other)],
                    folder=tmp_path,
                    stdout=tmp_path / f"{mine.name}.out",
                    stderr=tmp_path / f"{mine.name}.err",
                )
            )
            for mine, other in (names, names[::-1])
        ]
        assert [program.end(60.0).exit_code for program in started] == [0, 0]
