"""``run.junit.xml``: preflight, stages and gates of a run as JUnit, for CI systems to show.

A view for machines that know nothing of this tool; the record is the journal. A gate that
is only reported and does not hold is a skipped test, with the reason: it never fails a
build, and it is never silent.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.gates import sentence
from nbtui.evidence.records import GateResult, excused
from nbtui.evidence.text import printable
from nbtui.preflight.model import CheckStatus


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: what failed it, or why it counts as skipped."""

    classname: str
    name: str
    seconds: float = 0.0
    failure: str = ""
    skipped: str = ""
    out: str = ""


def render(facts: RunFacts) -> bytes:
    """Return the JUnit XML of a run: a suite each for preflight, guards and every stage."""
    suites = [("preflight", _checks(facts)), ("guards", _guards(facts))]
    suites += [(f"stage {s.step.id}", _stage(s, facts)) for s in facts.stages]
    root = ET.Element("testsuites", name=f"nbtui {facts.stamp}", time=f"{facts.wall_s:.3f}")
    for name, cases in suites:
        root.append(_suite(name, list(cases), facts))
    counts = {n: sum(int(s.get(n, "0")) for s in root) for n in ("tests", "failures", "skipped")}
    root.attrib.update({n: str(c) for n, c in counts.items()}, errors="0")
    ET.indent(root)
    xml: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return xml + b"\n"


def _suite(name: str, cases: list[_Case], facts: RunFacts) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        name=name,
        tests=str(len(cases)),
        failures=str(sum(bool(c.failure) for c in cases)),
        errors="0",
        skipped=str(sum(bool(c.skipped) for c in cases)),
        time=f"{sum(c.seconds for c in cases):.3f}",
        timestamp=facts.started.rstrip("Z"),
        hostname=facts.provenance.get("host", ""),
    )
    for case in cases:
        node = ET.SubElement(
            suite,
            "testcase",
            classname=printable(case.classname),
            name=printable(case.name),
            time=f"{case.seconds:.3f}",
        )
        if case.failure:
            ET.SubElement(node, "failure", message=printable(case.failure))
        elif case.skipped:
            ET.SubElement(node, "skipped", message=printable(case.skipped))
        if case.out:
            ET.SubElement(node, "system-out").text = printable(case.out)
    return suite


def _checks(facts: RunFacts) -> Iterator[_Case]:
    for check in facts.checks:
        told = f"found {check.found}; expected {check.expected} ({check.source})"
        blocks = check.status is CheckStatus.BLOCK and not facts.waived
        yield _Case(
            "preflight",
            check.id,
            failure=f"{told}; fix: {check.fix}" if blocks else "",
            out=told,
        )


def _guards(facts: RunFacts) -> Iterator[_Case]:
    last = {g.guard: g for g in facts.guards}
    broken = {g.guard: g for g in reversed(facts.guards) if not g.ok}
    for name, guard in last.items():
        seen = broken.get(name, guard)
        told = f"{seen.when}: found {seen.found}; expected {seen.expected}"
        yield _Case("guards", name, failure="" if seen.ok else told, out=told)


def _stage(stage: StageFacts, facts: RunFacts) -> Iterator[_Case]:
    outcome, name = stage.outcome, stage.step.title
    if not stage.started:
        # Not run is not passed: what was planned and did not happen fails the build.
        stopped = facts.blocker.reason if facts.blocker else "the run ended before"
        yield _Case(stage.step.id, name, failure=f"not run: {stopped}")
        return
    problems = "; ".join(stage.collected.problems) if stage.collected else ""
    failure = (outcome.failure or "") if outcome else "its end was not recorded"
    if outcome is not None and excused(outcome, stage.gates):
        failure = ""
    yield _Case(
        stage.step.id,
        name,
        seconds=outcome.wall_s if outcome else 0.0,
        failure=failure or problems,
        out=f"log: {stage.log}" if stage.log else "",
    )
    yield from (_gate(result) for result in stage.gates)


def _gate(result: GateResult) -> _Case:
    gate = result.gate
    said = f"{sentence(result)} (source {gate.source}; measured from {result.measured_from})"
    missed = not result.passed
    excuse = f"waived by {result.waived_by}" if result.waived_by else "reported only"
    passes = bool(result.waived_by) or not gate.binding
    return _Case(
        result.step_id,
        f"{gate.metric} {gate.comparison.value} {gate.threshold:.10g}",
        failure=said if missed and not passes else "",
        skipped=f"{excuse}: {said}" if missed and passes else "",
        out=said,
    )
