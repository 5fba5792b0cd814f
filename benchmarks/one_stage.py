"""A small project whose plan is one stage, as the measurements beside it need one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nbtui.memo.plan import Command, LineSpan, Plan, Role, Step, StepKind

if TYPE_CHECKING:
    from collections.abc import Callable

LOG = "$OUTDIR/logs/stage.log"


def project(root: Path, stage: str, memo: str) -> dict[str, str]:
    """Make a project of a stage and a memo in a folder; return the environment of its runs."""
    (root / "stage.py").write_text(stage)
    (root / "input.md").write_text(memo)
    (root / ".gitignore").write_text("reports/\nlocks/\nenough\n")
    env = {**os.environ, "NBTUI_LOCK_DIR": str(root / "locks"), "VIRTUAL_ENV": sys.prefix}
    run: Callable[..., object] = subprocess.run
    for words in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=b", "-c", "user.email=b@example.invalid", "commit", "-qm", "start"],
    ):
        run(["git", *words], cwd=root, check=True)
    return env


def plan_of(*words: str, summary: str, artifacts_root: str, timeout_s: float) -> Plan:
    """Return the plan that runs ``stage.py`` with these words and nothing else.

    Parameters
    ----------
    words
        The command line of ``stage.py``.
    summary, artifacts_root
        What the plan says of itself, and the folder of its bundles.
    timeout_s
        When the stage is ended, in seconds.
    """
    argv = (sys.executable, "-S", "stage.py", *words)
    stage = Step(
        id="01-work",
        title="work",
        kind=StepKind.RUNNABLE,
        role=Role.COMMAND,
        lines=LineSpan(1, 1),
        memo_text="work",
        command=Command(argv=argv, log=LOG),
        timeout_s=timeout_s,
    )
    return Plan(
        memo_name="input.md",
        memo_sha256="0" * 64,
        summary=summary,
        focus="",
        artifacts_root=artifacts_root,
        steps=(stage,),
        min_available_memory_bytes=0,
    )
