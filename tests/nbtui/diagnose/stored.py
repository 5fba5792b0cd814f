"""A run whose comparison blocked, with what nb-compare leaves; nothing of it ever ran."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from nbtui.evidence.manifest import MANIFEST
from nbtui.evidence.records import Blocker, Collected, Metric, StageOutcome, Verdict
from nbtui.memo.plan import Role, encode
from nbtui.run import events as ev
from nbtui.run.catalog import PLAN
from nbtui.store import JOURNAL
from tests.nbtui.run.lab import plan_of, step

STAMP = "20260101T000000Z"
ARGS = ("-cell", "100", "100", "100", "90", "90", "90", "-N", "5", "-default_F", "100")
Pixels = NDArray[np.float32]


def stored_run(
    root: Path,
    images: tuple[Pixels, Pixels],
    consoles: tuple[str, str] = ("", ""),
    *,
    hashes: Sequence[str] = ("a" * 64,),
    stamp: str = STAMP,
) -> Path:
    """Write a blocked run below ``root`` and return its folder.

    Parameters
    ----------
    root
        The project's root.
    images, consoles
        What the C program and the port made and printed.
    hashes
        Parameter hash of the comparison, and of a pytest stage after it.
    stamp
        Its STAMP.
    """
    bundle = root / "reports" / "test" / "phase_a" / stamp
    full = bundle / "full"
    full.mkdir(parents=True)
    plan = plan_of(
        step(1, "nb-compare", "--outdir", "$OUTDIR/full", role=Role.COMPARE),
        step(2, "pytest", role=Role.PYTEST),
    )
    summary = {"schema": 1, "tool": "nb-compare", "args": ARGS, "shape": images[0].shape}
    for name, pixels, console in zip(("c", "py"), images, consoles, strict=True):
        pixels.astype("<f4").tofile(full / f"{name}_float.bin")
        (full / f"{name}_stdout.txt").write_text(console)
        summary[name] = {"argv": ["/nowhere/program", "-floatfile", "float.bin"]}
    (full / "summary.json").write_text(json.dumps(summary))
    (bundle / PLAN).write_bytes(encode(plan))
    lines = [
        ev.Line(seq=n, t=f"2026-01-01T00:00:{n:02}.000Z", mono_ns=n, prev="", event=event)
        for n, event in enumerate(_events(bundle, root, hashes))
    ]
    (bundle / JOURNAL).write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    (bundle / MANIFEST).write_text("")
    return bundle


def _events(bundle: Path, root: Path, hashes: Sequence[str]) -> list[ev.AnyEvent]:
    started = ev.RunStarted(
        stamp=bundle.name, root=str(root), bundle=str(bundle), plan_sha256="0" * 64,
        memo_name="input.md", supervisor_pid=0, host="here", operator="op", boot_id="", version="0",
    )  # fmt: skip
    events: list[ev.AnyEvent] = [started]
    roles = (Role.COMPARE, Role.PYTEST)
    for number, (role, digest) in enumerate(zip(roles, hashes, strict=False), 1):
        step_id = f"{number:02}-{role.value}"
        argv = ("nb-compare", "--outdir", str(bundle / "full"))
        outcome = StageOutcome(
            step_id=step_id, role=role, title="t", argv=argv, cwd=str(root), log="l", started="",
            wall_s=1.0, exit_code=0,
        )  # fmt: skip
        figures = (Metric(name="correlation", value=0.5, source="s"),)
        collected = Collected(
            step_id=step_id, metrics=figures, parameter_hash=digest, parameters={"N": digest[:1]}
        )
        events += [
            ev.StageStarted(step_id=step_id, title="t", pid=1, argv=argv),
            ev.StageEnded(outcome=outcome),
            ev.ResultsCollected(collected=collected),
        ]
    where = f"{len(hashes):02}-{roles[len(hashes) - 1].value}"
    blocker = Blocker(kind="gate", where=where, reason="correlation 0.5 is below 0.999")
    ended = ev.RunEnded(verdict=Verdict.BLOCKED, exit_code=1, wall_s=1.0)
    return [*events, ev.Blocked(blocker=blocker), ended]
