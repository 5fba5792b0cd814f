"""Forks supervisors from one warm interpreter, each of them stopped until it is told to go.

Starting Python anew for every crash point would take longer than all of the runs.

Usage: nursery.py ROOT. A line "run BUNDLE" on stdin makes a supervisor of it, "recover BUNDLE"
a process that closes a dead run: its pid is printed; after one more line it goes; how it
ended is printed (negative: the signal).
"""

import os
import sys
from pathlib import Path

from nbtui.run import supervisor
from nbtui.run.recover import SUPERVISOR_LOG, recover


def bear(what: str, bundle: Path, root: str) -> int:
    """Fork a process that waits until it is told to go; return how it ended."""
    wait, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go)
        os.setsid()
        log = os.open(bundle / SUPERVISOR_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        null = os.open(os.devnull, os.O_RDWR)
        for old, new in ((null, 0), (log, 1), (log, 2)):
            os.dup2(old, new)
        os.read(wait, 1)
        if what == "run":
            os._exit(supervisor.main([str(bundle), "--root", root]))
        recover(bundle)
        os._exit(0)
    os.close(wait)
    say(pid)
    sys.stdin.readline()
    os.close(go)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def say(number: int) -> None:
    """Print a number now."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for line in iter(sys.stdin.readline, ""):
        what, path = line.rstrip("\n").split(" ", 1)
        say(bear(what, Path(path), sys.argv[1]))
