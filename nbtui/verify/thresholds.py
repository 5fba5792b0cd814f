"""Every threshold held against the sentence or the table row it cites.

The memo and the cited documents lie in the bundle as they were; where the project's git is
at hand, the documents are also held against the commit the run was made at.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from engine.parity import thresholds
from engine.parity.errors import ParityError
from nbtui import vcs
from nbtui.durable import sha256_file
from nbtui.errors import VcsError
from nbtui.evidence import sources
from nbtui.memo import gates as gates_of
from nbtui.memo.citations import Cited
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import GateSpec
from nbtui.verify.model import Case, Finding, Level, bad, note, ok

_LEVEL = Level.THRESHOLDS
_COMMAND = "command-"
"""Ids of gates that a command line sets (:func:`nbtui.memo.gates.from_commands`)."""


def check(case: Case) -> Iterator[Finding]:
    """Yield a finding for every gate's threshold, and for every document cited."""
    for gate in case.facts.plan.gates:
        yield _gate(case, gate)
    yield from _documents(case)
    yield from _complete(case)


def _gate(case: Case, gate: GateSpec) -> Finding:
    said = f"{gate.metric} {gate.comparison.value} {gate.threshold:.10g}"
    name, line = sources.split(gate.source)
    if name == case.facts.plan.memo_name:
        found, where = _in_memo(case, gate), "memo.md"
    else:
        where = f"{sources.FOLDER}/{name}"
        if not (case.bundle / where).is_file():
            return note(_LEVEL, f"{said} ({gate.source}): the bundle holds no copy of it")
        found = _in_document(case.bundle / where, line, gate)
    if found is None:
        return note(_LEVEL, f"{said}: line {line} is not of a form that is read here", where)
    if not found:
        return bad(_LEVEL, f"line {line} does not say {said}", where)
    return ok(_LEVEL, f"line {line} says {said}", where)


def _in_memo(case: Case, gate: GateSpec) -> bool | None:
    if gate.id.startswith(_COMMAND):
        return _on_command_line(case, gate)
    memo = parse_memo((case.bundle / "memo.md").read_bytes(), name=case.facts.plan.memo_name)
    return _among(gate, gates_of.from_memo(memo))


def _on_command_line(case: Case, gate: GateSpec) -> bool:
    line = sources.split(gate.source)[1]
    steps = [s for s in case.facts.plan.steps if s.lines.first == line and s.command]
    words = [w for s in steps if s.command for w in s.command.argv]
    return any(_number(w.rpartition("=")[2]) == gate.threshold for w in words)


def _in_document(path: Path, line: int, gate: GateSpec) -> bool | None:
    """Return whether a line says a threshold: a row of the table, else a sentence."""
    try:
        rows = [t for t in thresholds.load(path) if t.line == line]
    except ParityError:
        rows = []
    if rows:
        row = rows[0]
        said = (row.metric, row.comparison, row.value, row.binding)
        return said == (gate.metric, gate.comparison.value, gate.threshold, gate.binding)
    lines = path.read_text("utf-8", "replace").splitlines()
    if not 0 < line <= len(lines):
        return False
    return _among(gate, gates_of.from_citations([Cited(gate.source, lines[line - 1])]))


def _among(gate: GateSpec, found: tuple[GateSpec, ...]) -> bool | None:
    here = [g for g in found if g.source == gate.source and g.metric == gate.metric]
    if not here:
        return None if gate.source.endswith(":0") else False
    return any(g.threshold == gate.threshold and g.comparison is gate.comparison for g in here)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _documents(case: Case) -> Iterator[Finding]:
    recorded = sources.recorded(case.facts.provenance)
    for name, digest in sorted(recorded.items()):
        where = f"{sources.FOLDER}/{name}"
        path = case.bundle / where
        if not path.is_file() or sha256_file(path) != digest:
            yield bad(_LEVEL, f"is not the {name} of the run (SHA-256 {digest})", where)
            continue
        yield _at_commit(case, name, path.read_bytes())


def _at_commit(case: Case, name: str, data: bytes) -> Finding:
    commit = case.facts.provenance.get("git_sha", "")
    where = f"{sources.FOLDER}/{name}"
    if case.project is None:
        return note(_LEVEL, f"not held against commit {commit[:12]}: no repository here", where)
    try:
        known = vcs.content_at(case.project, commit, name)
    except VcsError as error:
        return note(_LEVEL, f"not held against commit {commit[:12]}: {error.what}", where)
    if known is None:
        return note(_LEVEL, f"this repository has no {name} at commit {commit[:12]}", where)
    if known != data and name in case.facts.provenance.get("git_dirty", "").splitlines():
        return note(_LEVEL, "was changed and not committed when the run was made", where)
    if known != data:
        return bad(_LEVEL, f"is not what commit {commit[:12]} has", where)
    return ok(_LEVEL, f"is what commit {commit[:12]} has", where)


def _complete(case: Case) -> Iterator[Finding]:
    """Yield the gates that a cleared run lacks: deleting one must never clear a run."""
    if case.facts.verdict is None or case.facts.verdict.value != "cleared":
        return
    plan = case.facts.plan
    lacking = 0
    for stage in case.facts.stages:
        held = [g.gate for g in stage.gates]
        for gate in plan.gates:
            if gate.applies_to(stage.step) and gate not in held:
                lacking += 1
                what = f"{stage.step.id}: gate {gate.id} of the plan was not held as it stands"
                yield bad(_LEVEL, what, "events.jsonl")
    if not lacking:
        count = sum(len(s.gates) for s in case.facts.stages)
        yield ok(_LEVEL, f"every gate of the plan was held ({count} results)", "events.jsonl")
