"""A checkout that a test may damage, and what a shell sees when ``nbtui`` runs in it."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from nbtui.store import RunState, read


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a shell would have seen, and the bundle that is left."""

    exit_code: int
    stdout: str
    stderr: str
    bundle: Path | None

    @property
    def state(self) -> RunState:
        """The run as its journal tells it."""
        return read(self.folder)

    @property
    def folder(self) -> Path:
        """The bundle; fails the test when there is none."""
        if self.bundle is None:
            pytest.fail(f"no bundle was made:\n{self.stdout}\n{self.stderr}")
        return self.bundle

    @property
    def blockers(self) -> str:
        """The text of blockers.md."""
        return (self.folder / "blockers.md").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Checkout:
    """A clone on branch main with the reference built and the golden images generated."""

    root: Path
    env: Mapping[str, str] = field(default_factory=dict)

    @property
    def c_binary(self) -> Path:
        """The C program the packaged memo names."""
        return self.root / "build" / "reference" / "nanoBragg"

    @property
    def golden(self) -> Path:
        """The golden image the evidence is about."""
        return self.root / "golden_data" / "high_resolution_4096" / "image.bin"

    def git(self, *args: str) -> str:
        """Run git in the checkout and return what it prints."""
        done = subprocess.run(
            ["git", *args], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout

    def bundles(self) -> list[Path]:
        """Return every bundle, oldest first."""
        return sorted(p.parent for p in self.root.glob("reports/*/*/*/events.jsonl"))

    def nbtui(self, *args: str, env: Mapping[str, str] | None = None) -> Outcome:
        """Run ``nbtui`` as a newcomer would and wait for it."""
        before = set(self.bundles())
        done = subprocess.run(
            [str(Path(sys.executable).with_name("nbtui")), *args],
            cwd=self.root,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        new = [b for b in self.bundles() if b not in before]
        return Outcome(done.returncode, done.stdout, done.stderr, new[-1] if new else None)

    def batch(self, *args: str, env: Mapping[str, str] | None = None) -> Outcome:
        """Run the plan headless, confirmed."""
        return self.nbtui("--batch", "--yes", *args, env=env)
