"""What can be said before anything runs."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.parity.thresholds import load as load_thresholds
from nbtui.memo import cases
from nbtui.memo.compile import compile_plan
from nbtui.memo.documents import Documents
from nbtui.memo.lint import Finding, Severity, Surroundings, blocking, lint
from nbtui.memo.lint.scope import LedgerState, PastRun, Repository
from nbtui.memo.model import Memo
from nbtui.memo.parse import parse_memo
from nbtui.memo.source import load, packaged
from nbtui.project import Project, Settings

Look = Callable[[str], dict[str, Finding]]


@pytest.fixture
def look(root: Path, settings: Settings) -> Look:
    """Return a function that lints a text without starting anything; findings by rule."""

    def run(text: str) -> dict[str, Finding]:
        memo = parse_memo(text.encode(), name="memo.md")
        plan = compile_plan(memo, settings)
        found = lint(plan, memo, root, settings=settings, ask=False)
        return {f.id: f for f in found.findings}

    return run


def steps(*bullets: str) -> str:
    lines = "\n".join(f"- {b}" for b in bullets)
    return f"Branch: main\nArtifacts: reports/a/b/$STAMP/\nHow-To Map:\n{lines}\n"


def test_the_usual_memo_has_only_what_is_wrong_with_it(look: Look, memo_text: str) -> None:
    found = look(memo_text)
    assert {(f.id, f.severity, f.line) for f in found.values()} == {
        ("golden-output", Severity.WARN, 15),
        ("symmetric-only", Severity.WARN, 15),
        ("tee-exit-code", Severity.INFO, 14),
    }
    assert found["golden-output"].source == "memo.md:15"


def test_findings_come_worst_first(root: Path, settings: Settings, memo_text: str) -> None:
    memo = parse_memo(memo_text.replace("pytest -v", "pytest -k x").encode(), name="m")
    plan = compile_plan(memo, settings)
    found = lint(plan, memo, root, settings=settings, ask=False).findings
    ranks = [(Severity.BLOCK, Severity.WARN, Severity.INFO).index(f.severity) for f in found]
    assert ranks == sorted(ranks)
    assert all(f.fix for f in blocking(found))


@pytest.mark.parametrize(
    ("bullets", "rule", "words"),
    [
        (["`./no/such -x 1`"], "missing-program", "./no/such"),
        (["`python gone.py --x`"], "missing-script", "gone.py"),
        (["`pytest tests/gone.py`"], "missing-test", "tests/gone.py"),
        (["`pytest tests/test_kernel.py::TestGone`"], "missing-test", "TestGone"),
        (["`pytest tests/test_kernel.py::TestKernel::test_gone[a]`"], "missing-test", "test_gone"),
        (["`pytest tests/<x>.py`"], "needs-answer", "<x>"),
        (["`nb-compare --outdir /tmp/x -- -lambda 1`"], "outside-bundle", "/tmp/x"),
        (
            ["`nanobragg -lambda 1 -floatfile golden_data/a/image.bin`"],
            "golden-output",
            "overwrite",
        ),
        (
            ["export LD_PRELOAD=/x.so", "`pytest tests/test_kernel.py`"],
            "refused-variable",
            "foreign",
        ),
        (
            ["export A_B=1", "`A_B=2 pytest tests/test_kernel.py`"],
            "conflicting-variable",
            "A_B=2 here, 1 on line 4",
        ),
        (
            [
                "`nb-benchmark --outdir $OUTDIR/b -- -lambda 6.2 -N 5`",
                "`nb-compare --outdir $OUTDIR/c -- -lambda 0.5 -N 5 -detpixels 64`",
            ],
            "experiments-differ",
            "-lambda 6.2 here, -lambda 0.5 there",
        ),
    ],
)
def test_what_blocks(look: Look, bullets: list[str], rule: str, words: str) -> None:
    finding = look(steps(*bullets))[rule]
    assert finding.severity is Severity.BLOCK
    assert words in finding.text
    assert finding.line is not None
    assert finding.line >= 4


def test_a_comparison_without_a_binding_threshold_blocks(look: Look) -> None:
    compare = "`nb-compare --outdir $OUTDIR/c -- -lambda 1`"
    assert look(steps(compare))["no-gate"].severity is Severity.BLOCK
    assert "no-gate" not in look(steps(f"{compare}, it must end with corr ≥0.9."))


@pytest.mark.parametrize("other", ["", "tests/test_kernel.py"])
def test_a_mapped_test_that_no_step_runs_blocks(look: Look, other: str) -> None:
    node = "tests/test_kernel.py::TestKernel::test_full_frame"
    text = f"Mapped tests: {node}\n" + steps("`nproc`", *([f"`pytest {other}`"] if other else []))
    found = look(text)["mapped-test-unrun"]
    assert (found.severity, found.line) == (Severity.BLOCK, 1)
    assert node in found.text
    assert "mapped-test-unrun" not in look(f"Mapped tests: {node}\n" + steps(f"`pytest {node}`"))


def test_a_region_cannot_stand_for_the_full_frame(project: Project) -> None:
    text = packaged().data.decode()
    for words in ("--roi 0 16 0 16", "--roi=0 16 0 16"):
        part = text.replace("nb-compare --outdir", f"nb-compare {words} --outdir", 1)
        found = full(parse_memo(part.encode(), name="m"), project)
        assert [f.id for f in blocking(found)] == ["partial-frame"]


def test_a_comparison_of_another_port_warns(look: Look) -> None:
    found = look(steps("`nb-compare --py-bin ./port --outdir $OUTDIR/c -- -lambda 1`"))
    assert found["other-port"].severity is Severity.WARN
    assert "./port" in found["other-port"].text


def test_other_values_per_command_only_warn(look: Look) -> None:
    text = steps("`A_B=1 pytest tests/test_kernel.py`", "`A_B=2 pytest tests/test_kernel.py -v`")
    assert look(text)["conflicting-variable"].severity is Severity.WARN


@pytest.mark.parametrize("word", ["-k full", "-m slow", "--deselect tests/test_kernel.py"])
def test_selectors_beyond_the_mapped_node_block(look: Look, memo_text: str, word: str) -> None:
    found = look(memo_text.replace("pytest -v", f"pytest {word}"))
    assert found["extra-selector"].severity is Severity.BLOCK


def test_another_node_than_the_mapped_one_blocks(look: Look, memo_text: str) -> None:
    text = memo_text.replace("pytest -v tests", "pytest -v tests/test_kernel.py tests")
    assert look(text)["extra-node"].severity is Severity.BLOCK


def test_labels_that_contradict_each_other_block(look: Look, memo_text: str) -> None:
    found = look(memo_text + "Branch: another\n")
    assert found["duplicate-label"].severity is Severity.BLOCK
    assert found["duplicate-label"].line == len(memo_text.splitlines()) + 1
    assert "duplicate-label" not in look(memo_text + "Branch: work/kernel\n")


def test_deceiving_characters_block(look: Look, memo_text: str) -> None:
    found = look(memo_text + "Header: a\u202eb\n")
    assert found["characters"].severity is Severity.BLOCK


def test_pointers_that_lead_nowhere_warn(look: Look, memo_text: str) -> None:
    found = look(memo_text.replace("- ledger.md:2 — the item.", "- ledger.md:99 — the item."))
    assert found["dead-pointer"].text == "ledger.md has 3 lines, not 99"
    found = look(memo_text.replace("- ledger.md:2 — the item.", "- docs/no.md:1 — the item."))
    assert found["dead-pointer"].text == "docs/no.md does not exist"


def test_pipefail_in_the_memo_makes_the_pipe_safe(look: Look, memo_text: str) -> None:
    found = look(memo_text.replace("; ensure", "; set -o pipefail; ensure"))
    assert "tee-exit-code" not in found


def test_an_asymmetric_case_is_enough(look: Look) -> None:
    text = steps(
        "`nb-compare --outdir $OUTDIR/a -- -lambda 1 -detpixels 64`",
        "`nb-compare --outdir $OUTDIR/b -- -lambda 1 -misset 1 2 3`",
    )
    assert "symmetric-only" not in look(text)
    square = "-detpixels_f 64 -detpixels_s 64"
    assert "symmetric-only" in look(steps(f"`nb-compare --outdir $OUTDIR/a -- {square}`"))


def test_cuda_blocks_only_where_a_pitfall_forbids_it(look: Look) -> None:
    text = steps("`nb-benchmark --device cuda:0 --outdir $OUTDIR/b`")
    assert "cuda" not in look(text)
    found = look(text + "Pitfalls To Avoid:\n- Avoid CUDA; the gate is about the CPU.\n")
    assert found["cuda"].severity is Severity.BLOCK


def test_a_threshold_without_a_stage_warns(look: Look) -> None:
    text = steps("`pytest tests/test_kernel.py`") + "Next Up: benchmark corr >= 0.9\n"
    assert look(text)["gate-unheld"].severity is Severity.WARN


def test_a_foreign_script_is_read_when_nothing_may_be_asked(look: Look, root: Path) -> None:
    (root / "bench.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\n"
        "p.add_argument('--sizes')\np.parse_args()\n"
    )
    found = look(steps("`python bench.py --sizes 4 --outdir $OUTDIR/x`"))
    assert found["unknown-option"].text.startswith("bench.py has no option --outdir (its source)")
    assert "unknown-option" not in look(steps("`python bench.py --size 4`"))


def test_a_benchmark_with_its_experiment_inside_warns(look: Look, root: Path) -> None:
    (root / "bench.py").write_text("print('fixed experiment')\n")
    text = steps("`python bench.py`", "`nb-compare --outdir $OUTDIR/c -- -misset 1 2 3`")
    assert look(text)["experiment-unknown"].severity is Severity.WARN


def full(memo: Memo, project: Project) -> tuple[Finding, ...]:
    """Lint as a run does, with the strategy's table and the golden cases."""
    plan = compile_plan(
        memo,
        project.settings,
        documents=Documents(
            load_thresholds(project.root / project.settings.strategy), cases.load(project.root)
        ),
    )
    return lint(plan, memo, project.root, settings=project.settings).findings


@pytest.mark.usefixtures("reference_binary")
def test_the_packaged_memo_has_nothing_to_mend(project: Project) -> None:
    found = full(packaged(), project)
    assert {f.severity for f in found} == {Severity.INFO}
    assert {f.id for f in found} == {"threshold-asleep", "threshold-unmeetable"}


@pytest.mark.shared
@pytest.mark.usefixtures("reference_binary")
def test_nothing_in_the_seed_memo_blocks_here(project: Project, shared_material: Path) -> None:
    found = full(load(project.root, shared_material / "seed_memo.md"), project)
    assert blocking(found) == ()
    assert {f.id for f in found} == {
        "golden-output", "symmetric-only", "dead-pointer", "tee-exit-code", "threshold-asleep",
        "threshold-unmeetable",
    }  # fmt: skip


def test_shell_text_is_looked_into(look: Look, root: Path) -> None:
    (root / "bench.py").write_text(
        "import argparse\np = argparse.ArgumentParser()\n"
        "p.add_argument('--sizes')\np.parse_args()\n"
    )
    golden = "golden_data/a/image.bin"
    found = look(
        steps(
            f"`for x in 1 2; do python bench.py --outdir $x; nanobragg -floatfile {golden}; done`",
            "`cd tests && python gone.py`",
        )
    )
    assert "bench.py has no option --outdir" in found["unknown-option"].text
    assert found["golden-output"].severity is Severity.BLOCK
    assert golden in found["golden-output"].text
    removed, moved = found["unknown-option"].remedy, found["golden-output"].remedy
    assert removed is not None
    assert removed.after[-1].startswith("for x in 1 2; do python bench.py; nanobragg -floatfile")
    assert moved is not None
    place = '-floatfile "$OUTDIR/stages/01-bench/image.bin"; done'
    assert moved.after[-1].endswith(place)
    assert "tests/gone.py" in found["missing-script"].text


def test_hidden_inputs_are_looked_for_in_every_working_folder(look: Look, root: Path) -> None:
    (root / "tests" / "Fdump.bin").write_bytes(b"stale")
    text = steps("`cd tests && nproc`")
    assert "tests/Fdump.bin" in look(text)["hidden-input"].text
    assert "hidden-input" not in look(steps("`nproc`"))


def test_stale_memos_are_named(root: Path, settings: Settings, memo_text: str) -> None:
    memo = parse_memo(memo_text.encode(), name="memo.md")
    plan = compile_plan(memo, settings)
    ended = datetime(2031, 1, 2, tzinfo=UTC)

    def past(sha256: str, verdict: str) -> PastRun:
        return PastRun("20310102T000000Z", verdict, sha256, plan.focus, "c0ffee", ended)

    def stale(around: Surroundings) -> dict[str, str]:
        report = lint(plan, memo, root, settings=settings, ask=False, around=around)
        wanted = ("nothing-changed", "memo-older", "row-done")
        found = {f.id: f.text for f in report.findings if f.id in wanted}
        return found | ({"history": report.history[0]} if report.history else {})

    head = Repository(head="c0ffee", branch="work/kernel")
    same = stale(Surroundings(head, past=(past(memo.sha256, "cleared"),)))
    assert "cleared as 20310102T000000Z at this very commit" in same.pop("history")
    assert same == {}
    stuck = stale(Surroundings(head, past=(past(memo.sha256, "blocked"),)))
    assert "was blocked as 20310102T000000Z at this very commit" in stuck["nothing-changed"]
    elsewhere = Repository(head="other", branch="work/kernel")
    again = stale(Surroundings(elsewhere, past=(past(memo.sha256, "blocked"),) * 2))
    assert "at another commit, 2 times in all" in again.pop("history")
    assert again == {}
    before = datetime(2031, 1, 1, tzinfo=UTC)
    older = stale(Surroundings(head, past=(past("0" * 64, "blocked"),), memo_changed=before))
    assert "20310102T000000Z (blocked) of another memo" in older["memo-older"]
    after = datetime(2031, 1, 3, tzinfo=UTC)
    assert not stale(Surroundings(head, past=(past("0" * 64, "blocked"),), memo_changed=after))
    done = LedgerState(done=(("plan row E1", "plans/x.md:3"),))
    assert stale(Surroundings(head, ledger=done))["row-done"] == (
        "plan row E1 is done already (plans/x.md:3)"
    )


def test_what_reads_an_earlier_stages_files_is_not_independent(look: Look) -> None:
    first = "`nb-compare --outdir $OUTDIR/full -- -N 5`"
    reads = look(steps(first, "`cat $OUTDIR/full/summary.json` (independent)"))
    assert "which 01-compare makes" in reads["independent-reads"].text
    assert "independent-reads" not in look(steps(first, "`cat $OUTDIR/full/summary.json`"))
    assert "independent-reads" not in look(steps(first, "`cat b.txt` (independent)"))
