"""The command line in a small project of its own, as a shell would start it.

What is waited for is forked from an interpreter that has imported it already; what runs beside
the test is started as its own program, and so is ``nbtui --version``.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nbtui.run import launch
from nbtui.run.catalog import bundles
from nbtui.store import read
from tests.nursery.client import Nursery

NBTUI = str(Path(sys.executable).with_name("nbtui"))
PATIENCE_S = 120.0
"""Ends a hang; it does not judge a busy machine."""
MEMO = """\
Summary: A small plan for tests.
Focus: [TEST-001] a small plan
Branch: main
Artifacts: reports/test/phase_a/$STAMP/
How-To Map:
- Set STAMP=$(date -u +%Y%m%dT%H%M%SZ) and OUTDIR=reports/test/phase_a/$STAMP;
  mkdir -p "$OUTDIR"/{logs}.
- First: `python scripts/stage.py --seconds SECONDS | tee "$OUTDIR"/logs/first.log`.
- Second: `python scripts/stage.py --seconds 0 | tee "$OUTDIR"/logs/second.log`.
Pitfalls To Avoid:
- At least 1 GB of memory free.
- Never commit reports.
"""
STAGE = """\
import argparse, pathlib, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("--seconds", type=float)
parser.add_argument("--until", type=pathlib.Path, help="a file that somebody makes")
given = parser.parse_args()
sys.stdout.write("begun\\n")
sys.stdout.flush()
time.sleep(given.seconds)
while given.until is not None and not given.until.exists():
    time.sleep(0.02)
sys.stdout.write("ended\\n")
"""


@dataclass(slots=True)
class Desk:
    """A project with a memo, and the command line in it."""

    root: Path
    env: dict[str, str]
    born: Nursery
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run ``nbtui`` and wait for it."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = self.born.start(
                "tests.nursery.roles:nbtui", words, cwd=self.root, env=self.env | env,
                out=out.fileno(), err=err.fileno(),
            )  # fmt: skip
            try:
                code = process.wait(PATIENCE_S)
            finally:
                process.kill()
            said = []
            for stream in (out, err):
                stream.seek(0)
                said.append(stream.read().decode())
            return subprocess.CompletedProcess(words, code, *said)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start ``nbtui`` and do not wait."""
        process = subprocess.Popen(
            [NBTUI, *words],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def memo(self, seconds: float, text: str = MEMO) -> None:
        """Write and commit the memo; its first stage takes that long."""
        (self.root / "input.md").write_text(text.replace("SECONDS", str(seconds)))
        self.git("add", "input.md")
        self.git("commit", "--quiet", "--allow-empty", "--message", "memo")

    @property
    def gate(self) -> Path:
        """The file that ends the first stage of a held run; no part of the project."""
        return self.root.parent / "gate"

    def hold(self) -> None:
        """Write and commit a memo whose first stage lasts until :meth:`let_go`.

        What a test does meanwhile comes before the end, however long it takes.
        """
        self.memo(0.0, MEMO.replace("SECONDS |", f"0 --until {self.gate} |"))

    def let_go(self) -> None:
        """Let the first stage of a held run end."""
        self.gate.touch()

    def git(self, *words: str) -> str:
        """Run git in the project."""
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=self.env, check=True, capture_output=True, text=True
        )
        return done.stdout

    def bundle(self) -> Path:
        """Return the newest run's folder; wait until a stage of it speaks."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for found in bundles(self.root):
                log = found / "logs" / "first.log"
                if log.exists() and "begun" in log.read_text():
                    return found
            time.sleep(0.02)
        pytest.fail("no stage began")

    def end(self) -> None:
        """Leave nothing running."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()
        for bundle in bundles(self.root):
            state = read(bundle)
            if state.started is not None and launch.is_alive(state):
                os.kill(state.started.supervisor_pid, signal.SIGKILL)


def json_lines(text: str) -> list[dict[str, Any]]:
    """Return the objects of JSON lines."""
    return [json.loads(line) for line in text.splitlines()]
