"""Every gate's figure derived again: from images where they are kept, else from the reports.

Three steps for each stage with results: its result file is read again by the very collector
that read it during the run and held against the journal; the figures are computed again
from the stored images; the gates are held again with what came out.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from nbtui.durable import StrictJsonError, load_json, sha256_file
from nbtui.evidence.collectors.model import Request, relative
from nbtui.evidence.collectors.registry import COLLECTORS
from nbtui.evidence.facts import StageFacts
from nbtui.evidence.gates import hold_all
from nbtui.evidence.records import Collected, GateResult, Metric
from nbtui.evidence.rederive import agree
from nbtui.evidence.text import figure
from nbtui.verify import images
from nbtui.verify.model import Case, Finding, Level, Status, bad, ok, unknown

_LEVEL = Level.FIGURES
GATES = "gates.json"


def check(case: Case) -> Iterator[Finding]:
    """Yield a finding for every figure a gate depends on, and for what is behind it."""
    for stage in case.facts.stages:
        if stage.collected is not None:
            yield from _stage(case, stage)
    yield from _gates_file(case)
    yield from _summary(case)


def _stage(case: Case, stage: StageFacts) -> Iterator[Finding]:
    claimed, collector = stage.collected, COLLECTORS.get(stage.step.role)
    path = result_file(case, stage)
    if claimed is None or collector is None or path is None:
        return
    name = relative(path, case.bundle)
    if claimed.result_sha256 and path.is_file() and sha256_file(path) != claimed.result_sha256:
        yield bad(_LEVEL, "is not the file that the journal says was read", name)
    again = collector.read(_request(case, stage), path)
    yield from _same(claimed, again, name)
    derived: Mapping[str, images.Derived] = {}
    if again.metrics:
        derived, findings = images.derive(case.bundle, stage.step.role, path, _wanted(stage))
        yield from (_admitted(f, claimed) for f in findings)
    for finding in _hold(stage, again, derived, name):
        yield _admitted(finding, claimed)


def _admitted(finding: Finding, claimed: Collected) -> Finding:
    """Return a contradiction as a note where the run itself found it, and blocked for it."""
    metric = finding.what.partition(": ")[2].partition(" ")[0]
    said = finding.what in claimed.problems or any(
        p.startswith(f"{metric}:") for p in claimed.problems if metric
    )
    if finding.status not in {Status.BAD, Status.UNKNOWN} or not said:
        return finding
    what = f"{finding.what} (the run found it too, and stopped)"
    return msgspec.structs.replace(finding, status=Status.NOTE, what=what)


def result_file(case: Case, stage: StageFacts) -> Path | None:
    """Return where a stage's result file lies in this bundle, wherever the bundle is now."""
    collector = COLLECTORS.get(stage.step.role)
    path = collector.locate(stage.argv, case.facts.root) if collector else None
    started = case.state.started
    if path is None or started is None:
        return None
    home = Path(started.bundle)
    return case.bundle / path.relative_to(home) if path.is_relative_to(home) else None


def _request(case: Case, stage: StageFacts) -> Request:
    known = case.facts.provenance
    # The time of a file says nothing any more: a copy or an archive may have another.
    return Request(
        step=stage.step,
        argv=stage.argv,
        bundle=case.bundle,
        log=case.bundle / stage.log,
        started=0.0,
        c_binary_sha256=known.get("c_binary_sha256", ""),
        golden_sha256=known.get("golden_sha256", ""),
    )


def _wanted(stage: StageFacts) -> frozenset[str]:
    return frozenset(g.gate.metric for g in stage.gates)


def _same(claimed: Collected, again: Collected, name: str) -> Iterator[Finding]:
    """Hold what the journal recorded of a result file against what the file says now."""
    now = {m.name: m for m in again.metrics}
    wrong = [
        _differs(name, m.name, m.value, now[m.name].value if m.name in now else None)
        for m in claimed.metrics
        if m.name not in now or not agree(m.name, m.value, now[m.name].value)
    ]
    yield from wrong
    if claimed.parameter_hash != again.parameter_hash:
        what = f"parameter hash {again.parameter_hash}; the journal has {claimed.parameter_hash}"
        yield bad(_LEVEL, what, name)
    new = [p for p in again.problems if p not in claimed.problems]
    yield from (bad(_LEVEL, problem, name) for problem in new)
    if not wrong and not new:
        count = len(claimed.metrics)
        yield ok(_LEVEL, f"says what the journal recorded of it ({count} figures)", name)


def _differs(
    name: str, metric: str, claimed: float | None, derived: float | None, where: str = "the file"
) -> Finding:
    return Finding(
        level=_LEVEL,
        status=Status.BAD,
        file=name,
        what=f"{metric}: claimed {figure(claimed)}, {where} says {figure(derived)}",
        claimed=claimed,
        derived=derived,
    )


def _hold(
    stage: StageFacts, again: Collected, derived: Mapping[str, images.Derived], name: str
) -> Iterator[Finding]:
    """Hold each gate again, with the figure from the images where there is one."""
    believed = tuple(_with(m, derived) for m in again.metrics)
    renewed = msgspec.structs.replace(again, metrics=believed)
    specs = tuple(g.gate for g in stage.gates)
    for old, new in zip(stage.gates, hold_all(specs, stage.step, renewed), strict=True):
        yield _gate(old, new, derived, name)


def _with(metric: Metric, derived: Mapping[str, images.Derived]) -> Metric:
    found = derived.get(metric.name)
    return metric if found is None else msgspec.structs.replace(metric, value=found.value)


def _gate(
    old: GateResult, new: GateResult, derived: Mapping[str, images.Derived], name: str
) -> Finding:
    gate = old.gate
    found = derived.get(gate.metric)
    where = f"from {found.source}" if found else f"read again from {name}"
    wanted = f"{gate.comparison.value} {gate.threshold:.10g}"
    title = f"{old.step_id}: {gate.metric} {wanted}"
    if old.passed != new.passed or not agree(gate.metric, old.value, new.value):
        return msgspec.structs.replace(
            _differs(name, title, old.value, new.value, where), file=name
        )
    says = f"{title}: {figure(new.value)} {where}, {'holds' if new.passed else 'does not hold'}"
    status = Status.OK if found or _is_test(name) else Status.NOTE
    if found is None and not _is_test(name):
        says += "; nothing is stored that it could be derived from"
    return Finding(
        level=_LEVEL, status=status, what=says, file=name, claimed=old.value, derived=new.value
    )


def _is_test(name: str) -> bool:
    """Whether a result file is a test report: that is the thing itself, not a claim about it."""
    return name.endswith(".xml")


def _gates_file(case: Case) -> Iterator[Finding]:
    path = case.bundle / GATES
    held = [g for s in case.facts.stages for g in s.gates]
    try:
        document = load_json(path.read_bytes())
        listed = msgspec.convert(document["gates"], tuple[GateResult, ...])
    except (OSError, StrictJsonError, LookupError, TypeError, msgspec.MsgspecError) as error:
        yield bad(_LEVEL, f"cannot be read ({error})", GATES)
        return
    if list(listed) != held:
        yield bad(_LEVEL, "lists other gate results than the journal", GATES)
    else:
        yield ok(_LEVEL, f"lists the journal's {len(held)} gate results", GATES)


def _summary(case: Case) -> Iterator[Finding]:
    """Hold the rows of the summary against the journal: a figure people read first."""
    name = case.facts.plan.summary_name
    told = {path for path, _ in case.state.files}
    if name not in told or f"{name}.withdrawn" in told:
        return
    try:
        lines = (case.bundle / name).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        yield unknown(_LEVEL, f"cannot be read ({error})", name)
        return
    missing = [g for s in case.facts.stages for g in s.gates if not _row_of(g, lines)]
    for result in missing:
        what = f"{result.step_id}: {result.gate.metric} is not shown as {figure(result.value)}"
        yield bad(_LEVEL, what, name)
    if not missing:
        yield ok(_LEVEL, "shows the journal's figure of every gate", name)


def _row_of(result: GateResult, lines: list[str]) -> bool:
    gate = result.gate
    wanted = (
        f"{result.step_id}: {gate.metric}",
        f"{gate.comparison.value} {gate.threshold:.10g}",
        figure(result.value),
    )
    return any({*wanted} <= {c.strip() for c in line.split("|")} for line in lines)
