"""Lint in somebody else's repository: every old mistake of the seed's memo is named."""

from pathlib import Path

import msgspec
import pytest

from nbtui.memo.lint import Finding, Severity
from nbtui.memo.lint.asking import sandbox
from nbtui.memo.lint.asking.tests import collect
from nbtui.run import accepted
from nbtui.run.prepare import Prepared, prepare
from tests.nbtui.memo.lint import foreign
from tests.nbtui.repository import git_in

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The root of the foreign repository."""
    root = tmp_path / "foreign"
    root.mkdir()
    foreign.make(root)
    return root


def by_id(prepared: Prepared) -> dict[str, Finding]:
    return {f.id: f for f in prepared.findings}


def test_every_mistake_of_the_memo_is_named_before_anything_runs(place: Path) -> None:
    prepared = prepare(place)
    found = by_id(prepared)
    said = {
        "unknown-option": (Severity.BLOCK, 15, "no option --outdir"),
        "experiments-differ": (Severity.BLOCK, 15, "-lambda 6.2 (line 11), "),
        "golden-output": (Severity.BLOCK, 16, "tests/golden_data/high_resolution_4096/image.bin"),
        "tee-exit-code": (Severity.INFO, 15, "hides the exit code"),
        "pointer-without-threshold": (Severity.WARN, 10, "no figure stands there"),
        "hidden-input": (Severity.WARN, 15, "Fdump.bin lies in the working folder"),
    }
    for rule, (severity, line, words) in said.items():
        assert (found[rule].severity, found[rule].line) == (severity, line), rule
        assert words in found[rule].text
        assert found[rule].source == f"input.md:{line}"
        assert found[rule].fix
    assert (
        "point at docs/development/testing_strategy.md:11" in found["pointer-without-threshold"].fix
    )
    assert "test-skipped" not in found
    assert not (place / "scripts" / "trap").exists()
    assert not (place / "reports").exists()


def test_the_stages_stand_side_by_side_with_their_defaults(place: Path) -> None:
    memo = place / "input.md"
    memo.write_text(memo.read_text("utf-8").replace(" -N 5", ""), "utf-8")
    prepared = prepare(place, ask=False)
    table = prepared.report.table
    rows = {row.flag: row for row in table.rows}
    assert [e.step_id for e in table.experiments] == ["03-benchmark", "04-compare", "05-pytest"]
    assert (rows["-lambda"].cells, rows["-lambda"].differs) == (("6.2", "0.5", "0.5"), True)
    assert rows["-N"].cells == ("?", "(C 1, port 5)", "5")
    assert rows["-N"].differs
    finding = by_id(prepared)["defaults-differ"]
    assert (finding.severity, finding.line) == (Severity.BLOCK, 16)
    assert "nanoBragg takes 1, other ports take 5" in finding.text


def test_every_child_is_listed_and_none_can_write(place: Path) -> None:
    asked = prepare(place).asked
    children = [a for a in asked if a.why != "git"]
    if sandbox.can_confine():
        shown = [" ".join(a.argv[1:]) for a in children]
        assert [s.removeprefix(f"{place}/") for s in shown] == [
            "scripts/benchmark_detailed.py --help",
            "scripts/nb_compare.py --help",
            f"--collect-only -q {foreign.NODE}",
        ]
        assert all(a.confined for a in children)
    else:
        assert [a.why for a in children] == ["tests"]
    assert {a.argv[:2] for a in asked if a.why == "git"} >= {("git", "status")}


def test_fixes_are_accepted_as_deviations_and_the_memo_stays_as_it_is(place: Path) -> None:
    memo = (place / "input.md").read_bytes()
    before = prepare(place)
    fixes = before.remedies
    assert [f.deviation.memo_says for f in fixes] == [
        "--outdir $OUTDIR/benchmark/",
        "-floatfile tests/golden_data/high_resolution_4096/image.bin",
    ]
    accepted.accept(place, "reports", before.memo.sha256, fixes)
    after = prepare(place)
    assert after.accepted == fixes
    assert not {"unknown-option", "golden-output"} & by_id(after).keys()
    argvs = {s.id: s.command.argv for s in after.plan.stages if s.command}
    assert "--outdir" not in argvs["03-benchmark"]
    assert argvs["04-compare"][-1] == "$OUTDIR/stages/04-compare/image.bin"
    recorded = [d for step, d in after.plan.all_deviations() if step == "03-benchmark"]
    assert fixes[0].deviation in recorded
    assert after.plan.digest() != before.plan.digest()
    assert (place / "input.md").read_bytes() == memo
    assert accepted.forget(place, "reports", before.memo.sha256)
    assert prepare(place, ask=False).plan.digest() == before.plan.digest()


def test_an_acceptance_does_not_outlive_the_words_it_was_given_for(place: Path) -> None:
    before = prepare(place)
    accepted.accept(place, "reports", before.memo.sha256, before.remedies)
    path = place / "input.md"
    path.write_text(path.read_text("utf-8").replace("--profile ", ""), "utf-8")
    after = prepare(place, ask=False)
    assert after.accepted == ()
    assert "unknown-option" in by_id(after)


def test_only_a_fix_that_the_plan_has_is_told_as_accepted(place: Path) -> None:
    before = prepare(place, ask=False)
    fixes = before.remedies
    stale = msgspec.structs.replace(fixes[0], before=(*fixes[0].before, "other"))
    accepted.accept(place, "reports", before.memo.sha256, (stale, *fixes[1:]))
    after = prepare(place, ask=False)
    assert after.accepted == fixes[1:]
    assert stale.deviation not in [d for _, d in after.plan.all_deviations()]


def test_what_is_collected_says_what_would_prove_nothing(place: Path) -> None:
    file = foreign.NODE.split("::", maxsplit=1)[0]
    found, asked = collect([f"{file}::TestPattern"], [], place, {})
    assert [(t.id.rsplit("::")[-1], t.skip, t.xfail) for t in found.tests] == [
        ("test_high_resolution_variant", "NB_RUN_PARALLEL is not set", ""),
        ("test_known", "", "known"),
    ]
    assert asked.argv[:2] == ("pytest", "--collect-only")
    none, _ = collect([file], ["-k", "4096"], place, {})
    assert (none.tests, len(none.deselected)) == ((), 2)
    (place / "tests" / "test_broken.py").write_text("import no_such_module\n")
    broken, _ = collect(["tests/test_broken.py"], [], place, {})
    assert "no_such_module" in broken.problem


def test_a_test_that_would_be_skipped_blocks(place: Path) -> None:
    path = place / "input.md"
    path.write_text(path.read_text("utf-8").replace("NB_RUN_PARALLEL=1 ", ""), "utf-8")
    found = by_id(prepare(place))
    assert found["test-skipped"].severity is Severity.BLOCK
    assert "NB_RUN_PARALLEL is not set" in found["test-skipped"].text


def test_what_is_not_committed_is_read_but_never_started(place: Path) -> None:
    trap = place / "trap"
    (place / "scripts" / "other.py").write_text(
        f"import argparse, pathlib\npathlib.Path({str(trap)!r}).touch()\n"
        "p = argparse.ArgumentParser()\np.add_argument('--sizes')\np.parse_args()\n"
    )
    path = place / "input.md"
    path.write_text(path.read_text("utf-8").replace("benchmark_detailed.py", "other.py"), "utf-8")
    prepared = prepare(place)
    found = by_id(prepared)
    assert "other.py is not part of the commit" in found["not-committed"].text
    assert "its source" in found["unknown-option"].text
    assert not any("other.py" in " ".join(a.argv) for a in prepared.asked)
    assert not trap.exists()


def test_another_branch_warns_before_preflight_blocks(place: Path) -> None:
    git = git_in(place)
    git("switch", "--quiet", "-c", "other")
    finding = by_id(prepare(place, ask=False))["other-branch"]
    assert finding.severity is Severity.WARN
    assert "feature/spec-based-2, but this is other" in finding.text
    git("switch", "--quiet", "--detach", "HEAD")
    assert "other-branch" not in by_id(prepare(place, ask=False))
