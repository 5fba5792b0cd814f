"""Forks processes from one interpreter that has imported everything.

A test of the whole tool needs a launcher, a supervisor, a viewer of its own; to start Python
anew for each of them takes longer than what they do. What is forked here gets folder,
environment, descriptors, signals and a session of its own, as a new process would, and then
runs the very function that ``python -m`` would run.

Usage: server.py FD. Orders come, and news goes, as lines of JSON over the socket FD:
``{"role": "module:function", "words": [...], ...}``, sent together with the descriptors that it
gets, is answered by ``{"pid": ...}``; a process that is held goes after ``{"go": PID}``;
``{"ended": PID, "status": ...}`` tells how one ended (negative: the signal).
"""

import contextlib
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NoReturn

from nbtui.run import launch

EARLY = (
    "git", "numpy", "tree_sitter_bash", "nbtui.commands.recovery", "nbtui.commands.root",
    "nbtui.evidence.rederive", "nbtui.run.led", "nbtui.run.supervisor", "nbtui.verify.check",
    "tests.nursery.roles",
)  # fmt: skip
"""What is imported here, so that what is forked need not."""
_HANDLED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)
_ASIDE = 200
"""Descriptors from here on are in nobody's way."""
Role = Callable[[list[str]], int]


def become(
    role: Role,
    words: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    descriptors: Mapping[int, int],
    hold: int | None = None,
) -> NoReturn:
    """Be a new process: nothing of the one that was forked is left but its memory.

    Parameters
    ----------
    role, words
        What it does, with which command line.
    cwd, env
        Its folder and its whole environment.
    descriptors
        Its descriptors, by number, and what they are here; it has no others.
    hold
        A descriptor to wait at before the first step.
    """
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in _HANDLED:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    aside = {new: fcntl.fcntl(old, fcntl.F_DUPFD, _ASIDE) for new, old in descriptors.items()}
    waits = None if hold is None else fcntl.fcntl(hold, fcntl.F_DUPFD, _ASIDE)
    for fd in {int(name) for name in os.listdir("/proc/self/fd")}:  # noqa: PTH208
        if fd < _ASIDE:
            with contextlib.suppress(OSError):
                os.close(fd)
    for new, old in aside.items():
        os.dup2(old, new)
        os.close(old)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    if waits is not None:
        os.read(waits, 1)
        os.close(waits)
    code = 1
    try:
        code = role(list(words))
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(bool(leaving.code))
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def role_of(name: str) -> Role:
    """Return the function that ``module:function`` names."""
    module, _, function = name.partition(":")
    role: Role = getattr(importlib.import_module(module), function)
    return role


class Forked:
    """Stands in for ``subprocess.Popen`` where a forked launcher starts its supervisor."""

    def __init__(self, argv: list[str], **how: Any) -> None:
        python, isolated, flag, module, *words = argv
        assert (python, isolated, flag) == (sys.executable, "-P", "-m")
        assert how["start_new_session"]
        role = role_of(f"{module}:main")
        null = os.open(os.devnull, os.O_RDWR)
        own = {0: null, 1: how["stdout"].fileno(), 2: how["stderr"].fileno()}
        own |= {fd: fd for fd in how["pass_fds"]}
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            become(role, words, cwd=str(how["cwd"]), env=how["env"], descriptors=own)
        os.close(null)

    def poll(self) -> int | None:
        """Return how it ended, ``None`` while it runs."""
        return self._wait(os.WNOHANG)

    def wait(self) -> int | None:
        """Wait for its end."""
        return self._wait(0)

    def kill(self) -> None:
        """Kill it."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGKILL)

    def _wait(self, how: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, how)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode


class Server:
    """Hears orders and tells of ends."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self.held: dict[int, int] = {}

    def serve(self) -> None:
        """Do what is ordered until the other side is gone."""
        woken, wakes = os.pipe()
        for fd in (woken, wakes):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        line, heard = self.line.fileno(), b""
        while True:
            ready, _, _ = select.select([line, woken], [], [])
            if woken in ready:
                os.read(woken, 4096)
                self._tell()
            if line in ready:
                data, given, _, _ = socket.recv_fds(self.line, 1 << 16, 16)
                if not data:
                    return
                *orders, heard = (heard + data).split(b"\n")
                for order in orders:
                    self._obey(json.loads(order), given)

    def _obey(self, order: dict[str, Any], given: list[int]) -> None:
        """Do what one order says; only the last of several has descriptors: it is waited for."""
        if "go" in order:
            os.close(self.held.pop(order["go"]))
            return
        null = os.open(os.devnull, os.O_RDONLY)
        own = {0: null} | dict(zip(order["descriptors"], given, strict=True))
        hold, go = os.pipe() if order["held"] else (None, None)
        pid = os.fork()
        if pid == 0:
            become(
                role_of(order["role"]), order["words"], cwd=order["cwd"], env=order["env"],
                descriptors=own, hold=hold,
            )  # fmt: skip
        for fd in (null, *given, *([hold] if hold is not None else [])):
            os.close(fd)
        if go is not None:
            self.held[pid] = go
        self._say({"pid": pid})

    def _tell(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                self._say({"ended": pid, "status": os.waitstatus_to_exitcode(status)})

    def _say(self, news: dict[str, int]) -> None:
        self.line.sendall(json.dumps(news).encode() + b"\n")


def main(fd: int) -> None:
    """Import everything and serve."""
    for name in EARLY:
        importlib.import_module(name)
    vars(launch)["subprocess"] = SimpleNamespace(Popen=Forked, DEVNULL=subprocess.DEVNULL)
    gc.collect()
    gc.freeze()
    Server(socket.socket(fileno=fd)).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
