"""JUnit, checklist, attestation of a real run, and the step summary of a workflow."""

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from junitparser import JUnitXml

from nbtui import step_summary
from nbtui.evidence import checklist, junit
from nbtui.evidence.facts import RunFacts
from nbtui.evidence.records import Blocker, Verdict
from nbtui.run.attest import facts_in, read_journal


@pytest.fixture(scope="module")
def facts(sealed_bundle: Path) -> RunFacts:
    return facts_in(sealed_bundle, read_journal(sealed_bundle)[1])


def stopped(facts: RunFacts) -> RunFacts:
    """Return the same run, had its test stage never been started."""
    blocker = Blocker(kind="gate", where="01-compare", reason="correlation 0.72 < 0.999")
    stages = tuple(type(s)(s.step) if s.step.id != "01-compare" else s for s in facts.stages)
    return replace(facts, stages=stages, blocker=blocker, verdict=Verdict.BLOCKED)


def test_junit_counts_what_ran_and_skips_what_is_only_reported(sealed_bundle: Path) -> None:
    document = JUnitXml.fromstring((sealed_bundle / "run.junit.xml").read_bytes())
    suites = {s.name: s for s in document}
    compare = suites["stage 01-compare"]
    assert (compare.tests, compare.failures, compare.skipped) == (6, 0, 1)
    assert "does not" not in str(compare)
    assert document.failures == 0
    assert suites["preflight"].tests > 5


def test_a_stage_that_was_not_run_fails_the_build(facts: RunFacts) -> None:
    document = JUnitXml.fromstring(junit.render(stopped(facts)))
    failing = [
        c for s in document for c in s if any(type(r).__name__ == "Failure" for r in c.result)
    ]
    assert [c.classname for c in failing] == ["02-pytest", "03-summary"]
    assert "0.72" in failing[0].result[0].message


def test_the_checklist_marks_what_was_done(sealed_bundle: Path, facts: RunFacts) -> None:
    text = (sealed_bundle / "checklist.md").read_text("utf-8")
    assert "- [x] 1. compare both programs (01-compare, memo line 1)" in text
    assert "  - correlation" in text
    assert "[ ]" not in text
    after = checklist.render(stopped(facts))
    assert "- [ ] 2. step 2 (02-pytest, memo line 2): not reached" in after


def test_the_attestation_is_a_statement_about_seal_journal_and_commit(sealed_bundle: Path) -> None:
    statement = json.loads((sealed_bundle / "attestation.json").read_text("utf-8"))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert [s["name"] for s in statement["subject"]] == ["SHA256SUMS", "events.jsonl", "git"]
    predicate = statement["predicate"]
    assert predicate["result"] == "WARNED"  # one gate is only reported, and does not hold
    assert "gate:01-compare:correlation>=0.999" in predicate["passedTests"]
    assert "gate:01-compare:relative_l2<=1e-12" in predicate["warnedTests"]
    assert "pytest:tests/test_small.py::test_golden" in predicate["passedTests"]
    assert predicate["failedTests"] == []
    assert {c["name"] for c in predicate["configuration"]} >= {"plan.json", "docs/strategy.md"}


def test_the_environment_is_for_its_owner_alone(sealed_bundle: Path) -> None:
    mode = (sealed_bundle / "environment.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o400


def test_a_workflow_shows_the_summary(sealed_bundle: Path, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    env = {step_summary.VARIABLE: str(page)}
    text = step_summary.of_run(sealed_bundle, "phase_a_summary.md")
    assert step_summary.append(env, text) is None
    assert page.read_text().startswith("before\n# ")
    assert "relative_l2" in page.read_text()
    assert step_summary.append({}, text) is None
    problem = step_summary.append({step_summary.VARIABLE: str(tmp_path)}, text)
    assert problem is not None
    assert step_summary.VARIABLE in problem


def test_a_summary_that_is_too_large_is_cut_and_says_so(tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    step_summary.append({step_summary.VARIABLE: str(page)}, "x" * 2_000_000)
    assert page.stat().st_size < 1_000_000
    assert "cut; the whole is in the bundle" in page.read_text()
