"""``attestation.json``: what a run says of itself, as an in-toto Statement v1.

The predicate is in-toto's ``test-result/v0.1``; the fields that begin with ``nbtui_`` are
our own, which it permits. The statement is canonical JSON and follows from the journal, the
plan and the hash of ``SHA256SUMS`` alone, so that a verifier can write it again and compare
claim by claim, whichever version wrote it. Formats: github.com/in-toto/attestation, spec/v1
and spec/predicates/test-result.md.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from nbtui.evidence.facts import RunFacts, StageFacts
from nbtui.evidence.records import GateResult, Verdict, verdict_words
from nbtui.evidence.text import one_line
from nbtui.memo.plan import GateSpec, Role
from nbtui.preflight.model import CheckStatus

SCHEMA = 1
"""Of what a statement says; 0 is what was written before it was counted."""
STATEMENT = "https://in-toto.io/Statement/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"


@dataclass(frozen=True, slots=True)
class Anchors:
    """The hashes a statement is tied to, all SHA-256."""

    manifest: str
    """Of ``SHA256SUMS``."""
    journal: str
    """Of ``events.jsonl``."""
    tip: str
    """Of the journal's last line."""


def statement(facts: RunFacts, anchors: Anchors) -> bytes:
    """Return the statement about a finished run, as canonical JSON with a final newline."""
    document = {
        "_type": STATEMENT,
        "subject": list(_subjects(facts, anchors)),
        "predicateType": TEST_RESULT,
        "predicate": _predicate(facts, anchors),
    }
    text = json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return f"{text}\n".encode("utf-8", "backslashreplace")


RESULTS = ("passedTests", "warnedTests", "failedTests")
"""The lists of a predicate, the best first."""
_NAMED = (*RESULTS, "configuration")


def claims(document: Any) -> dict[str, Any]:
    """Return what a statement says, claim by claim.

    Names are those of the document, ``subject:NAME``, ``configuration:NAME``, and
    ``test:NAME`` with the lists in which the test stands.

    Raises
    ------
    ValueError, LookupError, TypeError, AttributeError
        When it is no statement about a run.
    """
    predicate = document["predicate"]
    found: dict[str, Any] = {n: v for n, v in document.items() if n not in {"subject", "predicate"}}
    found |= {n: v for n, v in predicate.items() if n not in _NAMED}
    for kind, entries in (
        ("subject", document["subject"]), ("configuration", predicate["configuration"]),
    ):  # fmt: skip
        for entry in entries:
            name = f"{kind}:{entry['name']}"
            if name in found:
                raise ValueError(f"two entries for {name}")
            found[name] = {n: v for n, v in entry.items() if n != "name"}
    for result in RESULTS:
        for test in predicate[result]:
            name = f"test:{test}"
            found[name] = (*found.get(name, ()), result)
    return found


def schema_of(stated: dict[str, Any]) -> int:
    """Return the schema of a statement's claims."""
    return int(stated.get("nbtui_schema", 0))


def _subjects(facts: RunFacts, anchors: Anchors) -> Iterator[dict[str, Any]]:
    yield {"name": "SHA256SUMS", "digest": {"sha256": anchors.manifest}}
    yield {"name": "events.jsonl", "digest": {"sha256": anchors.journal}}
    commit = facts.provenance.get("git_sha", "")
    if len(commit) == 40:
        yield {"name": "git", "digest": {"gitCommit": commit}}


def _predicate(facts: RunFacts, anchors: Anchors) -> dict[str, Any]:
    passed, warned, failed = _tests(facts)
    verdict = facts.verdict or Verdict.INTERRUPTED
    result = (
        ("WARNED" if warned or facts.waived else "PASSED")
        if verdict is Verdict.CLEARED
        else "FAILED"
    )
    return {
        "result": result,
        "configuration": list(_configuration(facts)),
        "passedTests": passed,
        "warnedTests": warned,
        "failedTests": failed,
        "nbtui_journalTip": anchors.tip,
        "nbtui_schema": SCHEMA,
        "nbtui_reason": one_line(facts.blocker.reason) if facts.blocker else "",
        "nbtui_stamp": facts.stamp,
        "nbtui_verdict": verdict_words(verdict, waived=bool(facts.waived)),
        "nbtui_version": facts.version,
        **({"nbtui_waived": list(facts.waived)} if facts.waived else {}),
    }


def _configuration(facts: RunFacts) -> Iterator[dict[str, Any]]:
    yield {"name": "plan.json", "digest": {"sha256": facts.plan_sha256}}
    yield {"name": "memo.md", "digest": {"sha256": facts.plan.memo_sha256}}
    known = facts.provenance
    for name, what in (("golden", "golden image"), ("c_binary", "C program")):
        if digest := known.get(f"{name}_sha256"):
            annotations = {"path": known.get(name, ""), "what": what}
            yield {"name": name, "digest": {"sha256": digest}, "annotations": annotations}
    for fact in sorted(known):
        if fact.startswith("source:"):
            yield {"name": fact.removeprefix("source:"), "digest": {"sha256": known[fact]}}


def _tests(facts: RunFacts) -> tuple[list[str], list[str], list[str]]:
    passed: list[str] = []
    warned: list[str] = []
    failed: list[str] = []
    for stage in (s for s in facts.stages if s.started):
        (passed if stage.passed else failed).append(f"stage:{stage.step.id}")
        for result in stage.gates:
            excused = result.waived_by or not result.gate.binding
            where = passed if result.passed else (warned if excused else failed)
            where.append(gate_name(result.gate, result))
        if stage.step.role is Role.PYTEST:
            (passed if stage.passed else failed).extend(_nodes(stage))
    warned += [f"check:{c.id}" for c in facts.checks if c.status is CheckStatus.WARN]
    blocking = warned if facts.waived else failed
    blocking += [f"check:{c.id}" for c in facts.blocking_checks()]
    failed += [f"guard:{g.guard}" for g in facts.guards if not g.ok]
    return passed, warned, failed


def gate_name(gate: GateSpec, result: GateResult) -> str:
    """Return the name a gate has in the statement: ``gate:04-compare:correlation>=0.999``."""
    return f"gate:{result.step_id}:{gate.metric}{gate.comparison.value}{gate.threshold:.10g}"


def _nodes(stage: StageFacts) -> list[str]:
    return [f"pytest:{w}" for w in stage.argv if "::" in w and not w.startswith("-")]
