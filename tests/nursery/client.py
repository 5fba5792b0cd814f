"""Processes out of the nursery, with the part of ``subprocess.Popen`` that faults need."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).parents[2]


class Process(Protocol):
    """What a started process is to a test, forked or started anew."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def returncode(self) -> int | None:
        """How it ended, as far as is known."""

    def poll(self) -> int | None:
        """Return how it ended, ``None`` while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; return how."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal."""

    def kill(self) -> None:
        """Kill it."""


@dataclass(slots=True)
class Born:
    """A process out of the nursery."""

    nursery: "Nursery"
    pid: int

    @property
    def returncode(self) -> int | None:
        """How it ended, as far as is known."""
        return self.nursery.ended.get(self.pid)

    def poll(self) -> int | None:
        """Return how it ended, ``None`` while it runs."""
        self.nursery.hear(0.0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; return how."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.returncode is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0.0:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
            self.nursery.hear(left)
        return self.nursery.ended[self.pid]

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sig)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def go(self) -> None:
        """Let it go, if it was held."""
        self.nursery.say({"go": self.pid})


@dataclass(slots=True)
class Nursery:
    """The interpreter that others are forked from."""

    line: socket.socket
    ended: dict[int, int] = field(default_factory=dict)
    _heard: bytes = b""
    _pids: list[int] = field(default_factory=list)

    def start(
        self,
        role: str,
        words: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        out: int,
        err: int,
        passed: Sequence[int] = (),
        held: bool = False,
    ) -> Born:
        """Fork a process; held back before its first step until :meth:`Born.go`, if so wished.

        Parameters
        ----------
        role, words
            A function, ``module:function``, and its command line.
        cwd, env
            Its folder and its whole environment.
        out, err, passed
            Descriptors that it gets: for what it says, and others under the same number.
        held
            Whether it waits.
        """
        order = {
            "role": role, "words": list(words), "cwd": str(cwd), "env": dict(env),
            "descriptors": [1, 2, *passed], "held": held,
        }  # fmt: skip
        line = json.dumps(order).encode() + b"\n"
        sent = socket.send_fds(self.line, [line], [out, err, *passed])
        self.line.sendall(line[sent:])
        while not self._pids:
            self.hear(None)
        return Born(self, self._pids.pop())

    def popen(self, argv: list[str], **how: Any) -> Born:
        """Stand in for ``subprocess.Popen`` where the launcher starts its supervisor."""
        python, isolated, flag, module, *words = argv
        assert (python, isolated, flag) == (sys.executable, "-P", "-m")
        assert how["start_new_session"]
        return self.start(
            f"{module}:main", words, cwd=how["cwd"], env=how["env"], out=how["stdout"].fileno(),
            err=how["stderr"].fileno(), passed=how["pass_fds"],
        )  # fmt: skip

    def say(self, order: dict[str, int]) -> None:
        """Order something that needs no answer."""
        self.line.sendall(json.dumps(order).encode() + b"\n")

    def hear(self, seconds: float | None) -> None:
        """Take in what there is to hear; wait so long for it, ``None``: for ever."""
        self.line.settimeout(seconds)
        try:
            data = self.line.recv(1 << 16)
        except (TimeoutError, BlockingIOError):
            return
        assert data, "the nursery is gone; its complaint is among the test's output"
        *lines, self._heard = (self._heard + data).split(b"\n")
        for news in map(json.loads, lines):
            if "pid" in news:
                self.ended.pop(news["pid"], None)  # of the process that had this number before
                self._pids.append(news["pid"])
            else:
                self.ended[news["ended"]] = news["status"]


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Return a nursery for as long as the block lasts."""
    ours, theirs = socket.socketpair()
    words = [sys.executable, "-m", "tests.nursery.server", str(theirs.fileno())]
    env = os.environ | {"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}
    with ours, subprocess.Popen(words, cwd=ROOT, env=env, pass_fds=[theirs.fileno()]) as process:
        theirs.close()
        try:
            yield Nursery(ours)
        finally:
            process.kill()
