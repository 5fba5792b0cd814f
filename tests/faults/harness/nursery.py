"""Forks processes from one interpreter that has imported everything.

A fault needs a launcher, a supervisor and a viewer of its own, many times over; to start
Python anew for each of them would take longer than the faults. What is forked gets folder,
environment, descriptors and a session of its own, as a new process would, and then runs the
very functions that ``python -m`` would run.

Usage: nursery.py FD. Orders come, and news goes, as lines of JSON over the socket FD:
``{"role": ..., "words": [...], ...}`` is answered by ``{"pid": ...}``; a process that is held
goes after ``{"go": PID}``; ``{"ended": PID, "status": ...}`` tells how one ended (negative: the
signal).
"""

import contextlib
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
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from nbtui import cli
from nbtui.run import launch, stamp, supervisor
from nbtui.run.recover import recover
from tests.faults.harness import front

LATER = (
    "git", "numpy", "tree_sitter_bash", "nbtui.commands.recovery", "nbtui.commands.root",
    "nbtui.evidence.rederive",
    "nbtui.verify.check",
)  # fmt: skip
"""What these processes import only once they need it."""
_HANDLED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)


def _front(words: list[str]) -> int:
    return front.main(*(Path(word) for word in words))


def _nbtui(words: list[str]) -> int:
    sys.argv = ["nbtui", *words]
    cli.main()


def _allocate(words: list[str]) -> int:
    sys.stdout.write(stamp.allocate(Path(words[0]), words[1]).stamp)
    return 0


def _recover(words: list[str]) -> int:
    recover(Path(words[0]))
    return 0


ROLES: dict[str, Callable[[list[str]], int]] = {
    "allocate": _allocate, "front": _front, "nbtui": _nbtui, "recover": _recover,
    "supervisor": supervisor.main,
}  # fmt: skip


def become(
    role: Callable[[list[str]], int],
    words: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    descriptors: tuple[int, int, int],
    kept: Iterable[int] = (),
    hold: int | None = None,
) -> NoReturn:
    """Be a new process: nothing of the one that was forked is left but its memory."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    for number in _HANDLED:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for new, old in enumerate(descriptors):
        os.dup2(old, new)
    stays = {0, 1, 2, *kept, *([hold] if hold is not None else [])}
    for fd in {int(name) for name in os.listdir("/proc/self/fd")} - stays:  # noqa: PTH208
        with contextlib.suppress(OSError):
            os.close(fd)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    if hold is not None:
        os.read(hold, 1)
        os.close(hold)
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


class Forked:
    """Stands in for ``subprocess.Popen`` where the launcher starts its supervisor."""

    def __init__(self, argv: list[str], **how: Any) -> None:
        python, isolated, flag, module, *words = argv
        assert (python, isolated, flag) == (sys.executable, "-P", "-m")
        role = importlib.import_module(module).main
        assert how["start_new_session"]
        null = os.open(os.devnull, os.O_RDWR)
        streams = (null, how["stdout"].fileno(), how["stderr"].fileno())
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            become(
                role, words, cwd=str(how["cwd"]), env=how["env"], descriptors=streams,
                kept=how["pass_fds"],
            )  # fmt: skip
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
        heard = b""
        while True:
            line = self.line.fileno()
            ready, _, _ = select.select([line, woken], [], [])
            if woken in ready:
                os.read(woken, 4096)
                self._tell()
            if line in ready:
                data = self.line.recv(1 << 16)
                if not data:
                    return
                *orders, heard = (heard + data).split(b"\n")
                for order in orders:
                    self._obey(json.loads(order))

    def _obey(self, order: dict[str, Any]) -> None:
        if "go" in order:
            os.close(self.held.pop(order["go"]))
            return
        null = os.open(os.devnull, os.O_RDONLY)
        out, err = (
            os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND) for name in ("out", "err")
        )
        hold, go = os.pipe() if order["held"] else (None, None)
        pid = os.fork()
        if pid == 0:
            role = ROLES[order["role"]]
            become(
                role, order["words"], cwd=order["cwd"], env=order["env"],
                descriptors=(null, out, err), hold=hold,
            )  # fmt: skip
        for fd in (null, out, err, *([hold] if hold is not None else [])):
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
    for name in LATER:
        importlib.import_module(name)
    stand_in = SimpleNamespace(Popen=Forked, DEVNULL=subprocess.DEVNULL)
    vars(launch)["subprocess"] = stand_in
    gc.collect()
    gc.freeze()
    Server(socket.socket(fileno=fd)).serve()


if __name__ == "__main__":
    main(int(sys.argv[1]))
