"""The command ``nbtui self-test``."""

import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from engine.parity.errors import ParityError
from engine.parity.thresholds import load
from nbtui.durable import dump_json
from nbtui.errors import SelfTestError
from nbtui.exit_codes import ExitCode
from nbtui.project import Project
from nbtui.selftest.examine import Finding, examine, gates
from nbtui.selftest.lab import Lab


def run(
    project: Project,
    env: dict[str, str],
    *,
    c_bin: str | None,
    py_bin: str | None,
    timeout_s: float,
    as_json: bool,
) -> int:
    """Plant every fault, print what the gates say, and return the exit code.

    Raises
    ------
    SelfTestError
        A program or the table of thresholds is missing or unusable.
    """
    strategy = project.root / project.settings.strategy
    try:
        rows = load(strategy) if strategy.is_file() else ()
    except ParityError as error:
        raise SelfTestError(error.what, where=error.where, fix=error.fix) from error
    held = gates(rows, project.settings.strategy)
    found: list[Finding] = []
    with tempfile.TemporaryDirectory(prefix="nbtui-self-test-") as folder:
        lab = Lab.open(
            Path(folder), project.root, env, c_bin=c_bin, py_bin=py_bin, timeout_s=timeout_s
        )
        for finding in examine(lab, held, _say):
            found.append(finding)
            if not as_json:
                sys.stdout.write(f"{line(finding)}\n")
    ok = all(f.ok for f in found)
    if as_json:
        record = {
            "schema": 1,
            "ok": ok,
            "gates": held,
            "controls": [{**asdict(f), "ok": f.ok} for f in found],
        }
        sys.stdout.write(dump_json(record).decode())
    caught = sum(f.ok for f in found)
    _say(f"{caught} of {len(found)} as they should be, {len(held)} gates")
    return int(ExitCode.CLEARED if ok else ExitCode.BLOCKED)


def line(finding: Finding) -> str:
    """Return what came of one control, in a line."""
    word = "ok  " if finding.ok else "FAIL"
    failing = ", ".join(finding.failed) or "none"
    text = f"{word} {finding.control:11} {finding.title}; failing gates: {failing}"
    if finding.asleep:
        text += f"; should fail and do not: {', '.join(finding.asleep)}"
    return f"{text}; {finding.problem}" if finding.problem else text


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
