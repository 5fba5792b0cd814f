"""Verification for the app: ``nbtui verify`` in a process of its own, behind everything else.

Measuring images again takes a core for seconds. In another process it cannot hold up the
screen, and at the lowest priority it leaves a timed stage alone.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Event

import msgspec

from nbtui import step_summary
from nbtui.errors import BundleError
from nbtui.tui.services import Verified
from nbtui.verify.model import Report

_LOOKS_EVERY_S = 0.1
_LEAST = 19
"""The lowest priority there is."""


class _Answer(msgspec.Struct, frozen=True):
    """What the command adds to its report."""

    integrity: str
    exit_code: int


def verify(env: Mapping[str, str], bundle: Path, left: Event) -> Verified:
    """Return what ``nbtui verify --json`` says of a bundle; give up when ``left`` is set.

    Raises
    ------
    BundleError
        It said nothing that can be read, or was given up.
    """
    # -P: a folder of this name where the app was started is not what verifies.
    words = (sys.executable, "-P", "-m", "nbtui", "verify", str(bundle), "--json")
    # On a CI machine the operator's look is no part of the workflow's page.
    inherited = {k: v for k, v in env.items() if k != step_summary.VARIABLE}
    with subprocess.Popen(
        words,
        env=inherited,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as child:
        _step_back(child.pid)
        while True:
            if left.is_set():
                child.kill()
            try:
                said, trouble = child.communicate(timeout=_LOOKS_EVERY_S)
                break
            except subprocess.TimeoutExpired:
                continue
    try:
        report = msgspec.json.decode(said, type=Report)
        answer = msgspec.json.decode(said, type=_Answer)
    except msgspec.DecodeError as error:
        told = trouble.decode("utf-8", "replace").strip() or f"exit code {child.returncode}"
        raise BundleError(told, where=str(bundle), fix="nbtui verify, in a shell") from error
    return Verified(report, answer.integrity, answer.exit_code)


def _step_back(pid: int) -> None:
    try:
        os.setpriority(os.PRIO_PROCESS, pid, _LEAST)
    except OSError:
        return  # it has ended already, or nothing may be changed here
