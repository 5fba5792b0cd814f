"""What is known of a failure, before its report is written: asked of a process of its own.

The supervisor seals evidence; it must survive whatever reads images and old bundles. So
``nbtui diagnose --quick`` runs as a child with a deadline: it runs no simulator, reads what
the stages stored, and asks the history. Only comparisons that block come here: a green plan
pays nothing.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from nbtui.durable import StrictJsonError, load_json
from nbtui.evidence.collectors.model import mapping
from nbtui.evidence.records import Explanation
from nbtui.memo.plan import Plan, Role
from nbtui.run.events import Explained, Noted
from nbtui.run.interrupts import Interrupts
from nbtui.run.recorder import Recorder

DEADLINE_S = 60.0
DIAGNOSIS = "diagnosis.json"
_LOOK_S = 0.2
_COMPARING = (Role.BENCHMARK, Role.COMPARE, Role.PYTEST)


def explain(
    recorder: Recorder, interrupts: Interrupts, plan: Plan, root: Path, env: Mapping[str, str]
) -> None:
    """Record what explains a comparison that blocked; that nothing explains it harms nothing.

    Parameters
    ----------
    recorder
        Of the blocked run; its journal already names the blocker.
    interrupts
        A request to stop ends the explanation too.
    plan
        Says what the blocking stage is for; only stages that compare are explained.
    root, env
        The project's root and the operator's environment.
    """
    blocker = recorder.state.blocker
    roles = {step.id: step.role for step in plan.stages}
    if blocker is None or roles.get(blocker.where) not in _COMPARING:
        return
    argv = [
        sys.executable, "-P", "-m", "nbtui", "diagnose", str(recorder.bundle),
        "--quick", "--json", "--root", str(root),
    ]  # fmt: skip
    try:
        data, why = _answer(argv, interrupts, root, env)
        record = mapping(load_json(data)) if data else {}
    except (OSError, StrictJsonError) as error:
        record, why = {}, str(error)
    if not record:
        recorder.emit(Noted(text=f"the failure could not be explained: {why or 'no answer'}"))
        return
    recorder.emit(Explained(explanation=_explanation(record)))
    recorder.publish(DIAGNOSIS, data, "why the two sides differ")


def _answer(
    argv: list[str], interrupts: Interrupts, root: Path, env: Mapping[str, str]
) -> tuple[bytes, str]:
    """Return what the child printed, or why it did not."""
    deadline = time.monotonic() + DEADLINE_S
    with subprocess.Popen(
        argv,
        cwd=root,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    out, err = child.communicate(timeout=_LOOK_S)
                    said = err.decode("utf-8", "replace").strip().splitlines()
                    return out, said[-1] if said and not out else ""
                if interrupts.requested is not None:
                    return b"", f"the run was asked to stop ({interrupts.requested})"
                if time.monotonic() > deadline:
                    return b"", f"it took longer than {DEADLINE_S:g} s"
        finally:
            child.kill()


def _explanation(record: Mapping[str, object]) -> Explanation:
    earlier, known = record.get("same_figures"), record.get("known_issues")
    return Explanation(
        sentence=str(record.get("sentence") or ""),
        explained=record.get("explained") is True,
        command=str(record.get("command") or ""),
        earlier=tuple(str(text) for text in earlier) if isinstance(earlier, list) else (),
        known=tuple(
            f"{mapping(line).get('text')} [{mapping(line).get('source')}]" for line in known
        )
        if isinstance(known, list)
        else (),
    )
