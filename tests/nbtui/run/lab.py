"""A small project of its own for each test: a git repository, a program, tiny stages."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from nbtui.memo.plan import (
    Command,
    Comparison,
    GateSpec,
    LineSpan,
    Plan,
    Role,
    Step,
    StepKind,
    Variable,
)
from nbtui.run import launch
from nbtui.run.catalog import is_sealed
from nbtui.run.journal import JOURNAL, parse
from nbtui.store import JournalFollower, RunState, read

PYPROJECT = "[project]\nname = 'lab'\nversion = '0'\n[tool.nbtui]\nmin_free_disk_bytes = 1\n"
TOOL = Path(__file__).with_name("fakes") / "tool.py"
PATIENCE_S = 120.0
"""Ends a hang; it does not judge a busy machine."""
NODE = "tests/test_x.py::TestX::test_variant"
GATE = GateSpec(
    id="corr",
    metric="correlation",
    role=Role.COMPARE,
    comparison=Comparison.AT_LEAST,
    threshold=0.999,
    source="docs/strategy.md:7",
)


def step(number: int, *argv: str, role: Role = Role.COMMAND, **more: Any) -> Step:
    """Return a runnable step; ``more`` replaces fields."""
    fields: dict[str, Any] = {
        "id": f"{number:02}-{role.value}",
        "title": f"step {number}",
        "kind": StepKind.RUNNABLE,
        "role": role,
        "lines": LineSpan(number, number),
        "memo_text": "what the memo said",
        "timeout_s": 60.0,
        "command": Command(argv=argv, log=f"$OUTDIR/logs/{number}.log"),
    }
    return Step(**(fields | more))


def shell(number: int, script: str, **more: Any) -> Step:
    """Return a step that runs a shell script."""
    return step(number, "/bin/sh", "-c", script, **more)


def python(number: int, script: str, **more: Any) -> Step:
    """Return a step that runs a Python script."""
    return step(number, sys.executable, "-S", "-c", script, **more)


def tool(number: int, role: Role, mode: str = "ok", *words: str, outdir: str = "out") -> Step:
    """Return a stage of the fake tools in one of their moods."""
    argv = [sys.executable, "-S", str(TOOL), role.value, mode]
    if role is Role.PYTEST:
        argv += [NODE, f"--junitxml=$OUTDIR/stages/{number:02}-pytest/junit.xml"]
    else:
        argv += ["--outdir", f"$OUTDIR/{outdir}{number}"]
    return step(number, *argv, *words, role=role)


def summary_step(number: int) -> Step:
    """Return the step that the tool does itself at the end."""
    return step(number, role=Role.SUMMARY, command=None)


def plan_of(*steps: Step, gates: tuple[GateSpec, ...] = (GATE,), **more: Any) -> Plan:
    """Return a plan of steps, for branch main and without demands on the machine."""
    fields: dict[str, Any] = {
        "memo_name": "input.md",
        "memo_sha256": "0" * 64,
        "summary": "a test",
        "focus": "[TEST-001] a test",
        "branch": "main",
        "artifacts_root": "reports/test/phase_a",
        "environment": (Variable(name="NB_C_BIN", value="./program", source="input.md:3"),),
        "steps": steps,
        "gates": gates,
        "golden_image": "golden/image.bin",
        "min_available_memory_bytes": 0,
        "summary_name": "phase_a_summary.md",
    }
    return Plan(**(fields | more))


@dataclass(slots=True)
class Lab:
    """The project, its environment, and what was started in it."""

    root: Path
    env: dict[str, str]
    bundles: list[Path] = field(default_factory=list)

    def git(self, *words: str) -> str:
        """Run git in the project."""
        done = subprocess.run(
            ["git", *words], cwd=self.root, env=self.env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def start(self, plan: Plan, **env: str) -> Path:
        """Start a run and return its bundle."""
        bundle = launch.start_plan(self.root, b"the memo\n", plan, self.env | env)
        self.bundles.append(bundle)
        return bundle

    def run(self, plan: Plan, **env: str) -> RunState:
        """Start a run and wait until it is sealed."""
        return self.finish(self.start(plan, **env))

    def until(self, bundle: Path, condition: Callable[[RunState], bool], what: str) -> RunState:
        """Follow the journal until the condition holds."""
        follower = JournalFollower(bundle)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            follower.poll()
            if condition(follower.state):
                return follower.state
            time.sleep(0.01)
        pytest.fail(f"the journal never told of {what}; last: {follower.state.last_event}")

    def started(self, bundle: Path, step_id: str) -> RunState:
        """Wait until a stage has started."""
        return self.until(bundle, lambda s: s.stage(step_id) is not None, f"start of {step_id}")

    def logged(self, bundle: Path, log: str, text: str) -> None:
        """Wait until a stage's log holds a text."""
        path = bundle / log
        self.until(bundle, lambda _: path.exists() and text in path.read_text(), f"{text} in {log}")

    def finish(self, bundle: Path) -> RunState:
        """Wait until the run is sealed and its supervisor gone."""
        self.until(bundle, lambda s: s.ended and is_sealed(bundle), "its end and seal")
        self.gone(bundle)
        return read(bundle)

    def gone(self, bundle: Path) -> None:
        """Wait until the supervisor is gone, and collect its exit status."""
        self.until(bundle, lambda _: not launch.alive(bundle), "the supervisor's exit")

    def assert_sound(self, bundle: Path) -> None:
        """Check what holds whatever happened: chain, seal, golden image, no orphan."""
        chain = parse((bundle / JOURNAL).read_bytes())
        assert chain.torn == b""
        done = subprocess.run(
            ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"],
            cwd=bundle,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        state = read(bundle)
        assert state.ended
        assert_no_process_with(state.facts.get("token", "no token"))

    def end(self) -> None:
        """Leave no supervisor behind, whatever the test did."""
        for bundle in self.bundles:
            state = read(bundle)
            if state.started is not None and launch.is_alive(state):
                os.kill(state.started.supervisor_pid, signal.SIGKILL)
                self.gone(bundle)
            for process in processes_with(state.facts.get("token", "no token")):
                os.kill(process, signal.SIGKILL)


def build(root: Path, home: Path) -> Lab:
    """Make the project: a git repository with one commit, a program and a golden image."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "VIRTUAL_ENV": sys.prefix,
        "LANG": "C.UTF-8",
        "NBTUI_LOCK_DIR": str(home / "locks"),
        "NBTUI_GRACE_S": "0.5",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    root.mkdir()
    laboratory = Lab(root, env)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / ".gitignore").write_text("reports/\n/golden/\n")
    (root / "program").write_text("#!/bin/sh\nexit 0\n")
    (root / "program").chmod(0o755)
    (root / "golden").mkdir()
    (root / "golden" / "image.bin").write_bytes(b"golden" * 100)
    (root / "golden" / "image.bin").chmod(0o444)
    laboratory.git("init", "--quiet", "--initial-branch=main")
    laboratory.git("config", "user.name", "lab")
    laboratory.git("config", "user.email", "lab@example.invalid")
    laboratory.git("add", ".")
    laboratory.git("commit", "--quiet", "--message", "start")
    return laboratory


def processes_with(token: str) -> list[int]:
    """Return the processes whose environment holds the token."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if token.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def assert_no_process_with(token: str) -> None:
    """No process of the run may be left."""
    assert processes_with(token) == []
