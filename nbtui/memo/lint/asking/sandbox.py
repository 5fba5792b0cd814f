"""A child that may answer a question and do nothing else.

It gets a clean environment, a closed standard input, an empty folder of its own, a limit
on what it may write, and a deadline. Where the system lets an unprivileged process make
namespaces (Linux, ``unshare``), it also has no network and sees every disk read-only.
"""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LIMITED = 'ulimit -c 0; ulimit -f 16384; exec "$@"'
_CONFINED = """
mount --make-rprivate / || exit 97
while read -r _ m _ o _; do
  flags=remount,bind,ro
  for f in nosuid nodev noexec noatime relatime; do
    case ",$o," in *",$f,"*) flags=$flags,$f ;; esac
  done
  mount -o "$flags" "$(printf '%b' "$m")" 2>/dev/null
done < /proc/self/mounts
[ -w "$1" ] && exit 98
mount -t tmpfs -o size=64m,mode=700 tmpfs "$2" || exit 99
cd "$3" || exit 96
shift 3
ulimit -c 0; ulimit -f 16384; exec "$@"
"""
"""Arguments: a folder that must have become read-only, the scratch folder, where to start.

A mount keeps its other flags: without them an unprivileged namespace may not change it.
"""
_UNCONFINED = range(96, 100)
"""Exit codes of that script when it could not do what it promises."""

_UNSHARE = ("--user", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--kill-child")
_MOST = 1 << 20
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """How a child ended and what it said."""

    stdout: str
    stderr: str
    exit_code: int | None
    """``None`` when it did not start or was ended at its deadline."""
    confined: bool
    wall_s: float
    outcome: str
    """``exit 0``, ``ended after 15 s``, ``cannot start: ...``."""

    @property
    def answered(self) -> bool:
        """Whether it ended by itself and well."""
        return self.exit_code == 0


def ask(
    argv: Sequence[str],
    *,
    deadline_s: float,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    bare: bool = True,
) -> Reply:
    """Start a child, wait for it, and return what it said.

    Parameters
    ----------
    argv
        Program and arguments; no shell sees them.
    deadline_s
        Seconds after which the child and all its processes are killed.
    env
        Variables in addition to the clean environment.
    cwd
        Where it starts; its own empty folder when not given.
    bare
        Whether it may run where network and disks cannot be taken away from it.
    """
    confined = can_confine()
    if not confined and not bare:
        return Reply("", "", None, False, 0.0, "not started: it could not be confined")
    reply = _ask(argv, deadline_s, env or {}, cwd, confined=confined)
    if confined and bare and reply.exit_code in _UNCONFINED and not reply.stdout:
        reply = _ask(argv, deadline_s, env or {}, cwd, confined=False)
    return reply


def _ask(
    argv: Sequence[str],
    deadline_s: float,
    env: Mapping[str, str],
    cwd: Path | None,
    *,
    confined: bool,
) -> Reply:
    with tempfile.TemporaryDirectory(prefix="nbtui-ask-") as name:
        scratch = Path(name)
        home = scratch / "home"
        home.mkdir()
        start = cwd or home
        walls = [*_unshare(), "sh", "-c", _CONFINED, "sh", str(cwd or scratch.parent), str(home)]
        shell = [*walls, str(start)] if confined else ["sh", "-c", _LIMITED, "sh"]
        with (scratch / "out").open("w+b") as out, (scratch / "err").open("w+b") as err:
            begin = time.monotonic()
            try:
                child = subprocess.Popen(
                    [*shell, *argv],
                    cwd=start,
                    env=_clean(home) | dict(env),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=err,
                    start_new_session=True,
                )
            except OSError as error:
                return Reply("", "", None, confined, 0.0, f"cannot start: {error.strerror}")
            exit_code = _wait(child, deadline_s)
            wall_s = time.monotonic() - begin
            out.seek(0)
            err.seek(0)
            said = out.read(_MOST).decode("utf-8", "replace")
            complained = err.read(_MOST).decode("utf-8", "replace")
    outcome = f"ended after {deadline_s:g} s" if exit_code is None else f"exit {exit_code}"
    return Reply(said, complained, exit_code, confined, wall_s, outcome)


@functools.cache
def can_confine() -> bool:
    """Return whether this system lets us take network and writable disks from a child."""
    tools = all(shutil.which(name, path=os.defpath) for name in ("unshare", "mount", "sh"))
    if sys.platform != "linux" or not tools:
        return False
    with tempfile.TemporaryDirectory(prefix="nbtui-ask-") as folder:
        script = [
            *_unshare(),
            "sh",
            "-c",
            _CONFINED,
            "sh",
            str(Path(folder).parent),
            folder,
            folder,
        ]
        try:
            done = subprocess.run(
                [*script, "true"],
                env={"PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=5,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == 0


def _unshare() -> list[str]:
    return [shutil.which("unshare", path=os.defpath) or "unshare", *_UNSHARE]


def _clean(home: Path) -> dict[str, str]:
    """Return the environment of a child: where programs are, and nothing of the operator's."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _wait(child: "subprocess.Popen[bytes]", deadline_s: float) -> int | None:
    try:
        return child.wait(deadline_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        # Whatever it started goes with it, also when it ended well.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
