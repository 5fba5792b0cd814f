"""Makes the demo's project: a memo, thresholds, two stand-in programs, a git repository."""

import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from nbtui.errors import NbtuiError

_MEMO = (Path(__file__).parent / "memo.md").read_text(encoding="utf-8")
_PROGRAM = """\
#!/bin/sh
# A stand-in of the demonstration; the real programs are nanoBragg and the port.
exec {python} -P -m nbtui.demo.program {side} {fault} "$@"
"""


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which nothing of the operator's own work speaks."""
    return {name: value for name, value in env.items() if not name.startswith("NB_")}


def make(root: Path, *, blocked: bool) -> None:
    """Write the project.

    Parameters
    ----------
    root
        Its folder; must not hold anything yet.
    blocked
        Whether the port has a fault, so that the run blocks at its gate.

    Raises
    ------
    NbtuiError
        The folder is in use or cannot be written, or git is missing.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()):
            fix = "name another folder, or none"
            raise NbtuiError("the folder is not empty", where=str(root), fix=fix)
        (root / "programs").mkdir()
        (root / "input.md").write_text(_MEMO, encoding="utf-8")
        (root / ".gitignore").write_text("reports/\n", encoding="utf-8")
        for name, side in (("nanoBragg", "c"), ("port", "port")):
            path = root / "programs" / name
            fault = "scale" if blocked and side == "port" else "none"
            text = _PROGRAM.format(python=shlex.quote(sys.executable), side=side, fault=fault)
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755)
    except OSError as error:
        raise NbtuiError(
            f"the demo cannot be written: {error.strerror}", where=str(root)
        ) from error
    _git(root, "init", "--quiet", "--initial-branch=main")
    _git(root, "add", ".")
    who = ("-c", "user.name=demo", "-c", "user.email=demo@example.invalid")
    _git(root, *who, "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "The demonstration")


def _git(root: Path, *words: str) -> None:
    try:
        subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NbtuiError("git could not make the demo's repository", where=str(root)) from error
