"""System calls that kill their process, or fail, at the N-th time: ``strace --inject``."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from nbtui.memo.plan import Plan
from nbtui.run import launch, stamp
from tests.faults.harness.site import MEMO, of_memo
from tests.nbtui.run.lab import Lab

NURSERY = Path(__file__).with_name("nursery.py")
KILLED = -9


@cache
def _missing() -> str:
    """Return why nothing can be traced here, empty when it can."""
    program = shutil.which("strace")
    if program is None:
        return "strace is not installed (Debian: apt-get install strace)"
    words = [program, "-o", "/dev/null", "-e", "trace=none", "true"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"strace may not trace here: {done.stderr.strip()}"


def require() -> None:
    """Skip, with the reason, where system calls cannot be traced."""
    if why := _missing():
        pytest.skip(why)


@dataclass(slots=True)
class Nursery:
    """Supervisors with a flaw in one of their system calls."""

    lab: Lab
    process: subprocess.Popen[str]
    born: int = 0

    def run(
        self, plan: Plan, call: str, flaw: str, trace: Path = Path(os.devnull)
    ) -> tuple[Path, int]:
        """Run a plan with a flaw in one system call; return bundle and exit status.

        Parameters
        ----------
        plan
            What to run.
        call, flaw
            The system call, and what strace does to it, e.g. ``signal=SIGKILL:when=3``.
        trace
            Where strace lists the calls.
        """
        self.born += 1
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.born)
        bundle = self.lab.root / plan.artifacts_root / moment.strftime(stamp.FORMAT)
        bundle.mkdir(parents=True)
        launch.fill(bundle, MEMO, of_memo(plan))
        return bundle, self._flawed(f"run {bundle}", call, flaw, trace)

    def calls(self, plan: Plan, call: str) -> list[str]:
        """Run a plan; return its calls in order, each with the beginning of what it was given."""
        trace = self.lab.root.parent / "calls"
        self.run(plan, call, "delay_enter=0", trace)
        return [line for line in trace.read_text().splitlines() if line.startswith(f"{call}(")]

    def recover(self, bundle: Path, call: str, flaw: str) -> int:
        """Close a dead run with a flaw in one system call; return the exit status."""
        return self._flawed(f"recover {bundle}", call, flaw, Path(os.devnull))

    def _flawed(self, words: str, call: str, flaw: str, trace: Path) -> int:
        tracer = ["strace", "-p", str(self._ask(words)), "-o", str(trace), "-s", "2000"]
        tracer += ["-e", f"trace={call}", "-e", f"inject={call}:{flaw}"]
        with subprocess.Popen(tracer, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            heard = process.stderr.readline()
            assert "attached" in heard, heard
            return self._ask("go")

    def _ask(self, words: str) -> int:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def nursery(lab: Lab) -> Iterator[Nursery]:
    """Return a nursery of a project for as long as the block lasts."""
    require()
    words = [sys.executable, str(NURSERY), str(lab.root)]
    with subprocess.Popen(
        words, cwd=lab.root, env=lab.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Nursery(lab, process)
        finally:
            process.kill()
