"""System calls that kill their process, or fail, at the N-th time: ``strace --inject``."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from nbtui.memo.plan import Plan
from nbtui.run import launch, stamp
from nbtui.run.recover import SUPERVISOR_LOG
from tests.faults.harness.site import MEMO, Site, of_memo
from tests.nbtui.run.lab import Lab
from tests.nursery.client import Nursery

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
class Flawed:
    """Supervisors and recoveries with a flaw in one of their system calls."""

    lab: Lab
    born: Nursery
    runs: int = 0

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
        self.runs += 1
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.runs)
        bundle = self.lab.root / plan.artifacts_root / moment.strftime(stamp.FORMAT)
        bundle.mkdir(parents=True)
        launch.fill(bundle, MEMO, of_memo(plan))
        words = [str(bundle), "--root", str(self.lab.root)]
        return bundle, self._flawed("nbtui.run.supervisor:main", words, call, flaw, trace)

    def calls(self, plan: Plan, call: str) -> list[str]:
        """Run a plan; return its calls in order, each with the beginning of what it was given."""
        trace = self.lab.root.parent / "calls"
        self.run(plan, call, "delay_enter=0", trace)
        return [line for line in trace.read_text().splitlines() if line.startswith(f"{call}(")]

    def recover(self, bundle: Path, call: str, flaw: str) -> int:
        """Close a dead run with a flaw in one system call; return the exit status."""
        return self._flawed(
            "tests.nursery.roles:close_run", [str(bundle)], call, flaw, Path(os.devnull)
        )

    def _flawed(self, role: str, words: list[str], call: str, flaw: str, trace: Path) -> int:
        log = Path(words[0]) / SUPERVISOR_LOG
        with log.open("ab") as said:
            process = self.born.start(
                role, words, cwd=self.lab.root, env=self.lab.env, out=said.fileno(),
                err=said.fileno(), held=True,
            )  # fmt: skip
        tracer = ["strace", "-p", str(process.pid), "-o", str(trace), "-s", "2000"]
        tracer += ["-e", f"trace={call}", "-e", f"inject={call}:{flaw}"]
        with subprocess.Popen(tracer, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            heard = strace.stderr.readline()
            assert "attached" in heard, heard
            process.go()
            return process.wait()


def flawed(site: Site) -> Flawed:
    """Return what puts flaws into the calls of a site's supervisors."""
    require()
    return Flawed(site.lab, site.born)
