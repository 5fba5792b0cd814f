"""From the memo's words to what runs, with every difference on record."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtui.errors import MemoError
from nbtui.memo import shelltext
from nbtui.memo.compile import compile_plan
from nbtui.memo.lint import lint
from nbtui.memo.model import Memo
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Deviation, Plan, Role, Step, StepKind, Variable, decode, encode
from nbtui.memo.source import load, packaged
from nbtui.project import Project, Settings

PlanOf = Callable[[str], Plan]
NODE = "tests/test_kernel.py::TestKernel::test_full_frame"


def how_to(*bullets: str) -> str:
    """A memo that holds only these bullets."""
    lines = "\n".join(f"- {b}" for b in bullets)
    return f"Artifacts: reports/a/b/$STAMP/\nHow-To Map:\n{lines}\n"


def only(plan: Plan) -> Step:
    """The plan's one step besides an implied summary."""
    (step,) = [s for s in plan.steps if s.role is not Role.SUMMARY]
    return step


def says(deviations: tuple[Deviation, ...], text: str) -> Deviation:
    """The deviation whose memo side holds the text."""
    return next(d for d in deviations if text in d.memo_says)


def test_steps_kinds_and_roles(plan_of: PlanOf, memo_text: str) -> None:
    plan = plan_of(memo_text)
    assert [(s.id, s.kind, s.role, s.lines.first) for s in plan.steps] == [
        ("01-environment", StepKind.RUNNABLE, Role.SETTING, 12),
        ("02-folders", StepKind.RUNNABLE, Role.SETTING, 13),
        ("03-benchmark", StepKind.RUNNABLE, Role.BENCHMARK, 14),
        ("04-compare", StepKind.RUNNABLE, Role.COMPARE, 15),
        ("05-pytest", StepKind.RUNNABLE, Role.PYTEST, 16),
        ("06-summary", StepKind.RUNNABLE, Role.SUMMARY, 17),
    ]
    assert [s.title for s in plan.stages] == [
        "Speed (CPU)",
        "Frames",
        "Test (Do Now command)",
        "Summary",
    ]


def test_what_runs(plan_of: PlanOf, memo_text: str) -> None:
    benchmark, compare, pytest_stage, summary = plan_of(memo_text).stages
    assert benchmark.command is not None
    assert benchmark.command.argv == (
        "nb-benchmark", "--sizes", "64", "--outdir", "$OUTDIR/speed/",
    )  # fmt: skip
    assert benchmark.command.env == {"LIB_OK": "TRUE"}
    assert benchmark.command.log == "$OUTDIR/logs/speed.log"
    assert benchmark.artifacts == ("$OUTDIR/speed/benchmark_results.json",)
    assert compare.command is not None
    assert compare.command.argv[-2:] == ("-floatfile", "golden_data/a/image.bin")
    assert compare.experiment == ("-lambda", "1", "-detpixels", "64")
    assert compare.artifacts == (
        "$OUTDIR/frames/summary.json",
        "$OUTDIR/frames/c_float.bin",
        "$OUTDIR/frames/py_float.bin",
    )
    assert pytest_stage.command is not None
    junit = "$OUTDIR/stages/05-pytest/junit.xml"
    assert pytest_stage.command.argv == ("pytest", "-v", NODE, f"--junitxml={junit}")
    assert pytest_stage.command.env == {"LIB_OK": "TRUE", "NB_C_BIN": "./new/nanoBragg"}
    assert pytest_stage.artifacts == (junit,)
    assert summary.command is None
    assert summary.artifacts == ("$OUTDIR/phase_b_summary.md",)


def test_every_difference_is_a_deviation(plan_of: PlanOf, memo_text: str) -> None:
    plan = plan_of(memo_text)
    benchmark, compare, pytest_stage, summary = plan.stages
    assert says(benchmark.deviations, "python tools/bench.py").runs == "nb-benchmark"
    assert "exit code" in says(benchmark.deviations, "| tee").why
    assert says(compare.deviations, "data/golden_data/a").runs == "golden_data/a/image.bin"
    assert "golden file as output" in says(compare.deviations, "-floatfile golden_data").why
    assert says(compare.deviations, "2>&1 | tee").runs.endswith("$OUTDIR/logs/frames.log")
    assert says(pytest_stage.deviations, "no result file").runs.startswith("--junitxml=")
    assert says(pytest_stage.deviations, "NB_C_BIN=./old").runs == "NB_C_BIN=./new/nanoBragg"
    assert says(summary.deviations, "checksums.txt").runs.endswith("golden_data/cases.json")
    assert says(plan.deviations, "NB_C_BIN=./old").runs == "NB_C_BIN=./new/nanoBragg"


def test_the_plans_own_facts(plan_of: PlanOf, memo_text: str) -> None:
    plan = plan_of(memo_text)
    assert plan.branch == "work/kernel"
    assert plan.artifacts_root == "reports/2031-kernel/phase_b"
    assert plan.folders == ("speed", "frames", "logs")
    assert plan.mapped_tests == (NODE,)
    assert plan.golden_image == "golden_data/a/image.bin"
    assert plan.min_available_memory_bytes == 12_000_000_000
    assert plan.summary_name == "phase_b_summary.md"
    assert plan.summary.startswith("Measure the new kernel")


def test_the_environment(plan_of: PlanOf, memo_text: str) -> None:
    assert set(plan_of(memo_text).environment) == {
        Variable(name="DOC", value="docs/rules.md", source="memo.md:12"),
        Variable(name="NB_C_BIN", value="./new/nanoBragg", source="memo.md:7"),
        Variable(name="LIB_OK", value="TRUE", source="memo.md:7"),
        Variable(name="NB_LICENCE", value=None, source="memo.md:20"),
    }


def test_a_plan_counts_its_gates_as_a_run_does(plan_of: PlanOf) -> None:
    compare = "`nb-compare --outdir $OUTDIR/{} -- -N 5`, corr ≥0.999"
    plan = plan_of(how_to(compare.format("a"), compare.format("b")))
    assert len([g for g in plan.gates if g.binding]) == 1
    assert [(g.metric, s.id) for g, s in plan.held() if g.binding] == [
        ("correlation", "01-compare"), ("correlation", "02-compare"),
    ]  # fmt: skip


def test_guards(plan_of: PlanOf, memo_text: str) -> None:
    guards = {(g.id, g.source) for g in plan_of(memo_text).guards}
    assert guards >= {
        ("golden-unchanged", "memo.md:19"),
        ("reports-untracked", "memo.md:19"),
        ("environment-fixed", "memo.md:20"),
        ("memory", "memo.md:21"),
        ("pytest-selector", "memo.md:22"),
        ("thresholds-fixed", "memo.md:8"),
        ("interpreter", "memo.md:12"),
    }


def test_a_plan_can_be_written_and_read_back(plan_of: PlanOf, memo_text: str) -> None:
    plan = plan_of(memo_text)
    assert decode(encode(plan)) == plan
    assert plan_of(memo_text).digest() == plan.digest()
    assert "STAMP" not in "".join(w for s in plan.stages if s.command for w in s.command.argv)


def test_do_now_is_no_second_step_when_how_to_has_it(plan_of: PlanOf, memo_text: str) -> None:
    assert [s.role for s in plan_of(memo_text).steps].count(Role.PYTEST) == 1


def test_do_now_is_a_step_of_its_own_when_it_differs(plan_of: PlanOf, memo_text: str) -> None:
    plan = plan_of(memo_text.replace("pytest -v tests", "pytest -vv tests", 1))
    assert [s.id for s in plan.steps][-3:] == ["05-pytest", "06-pytest", "07-summary"]
    assert plan.steps[-2].lines.first == 7


def test_without_aliases_the_memos_own_programs_run(memo_text: str) -> None:
    plan = compile_plan(parse_memo(memo_text.encode(), name="m"), Settings())
    benchmark = plan.stages[0]
    assert benchmark.command is not None
    assert benchmark.command.argv[:2] == ("python", "tools/bench.py")
    assert benchmark.role is Role.BENCHMARK
    assert benchmark.artifacts == ()


@pytest.mark.parametrize(
    ("bullet", "question"),
    [
        ("`pytest -v tests/<file>.py`", "placeholder <file>"),
        ("`pytest -v tests/.../a.py`", "ellipsis"),
        ("`python a.py --to $(hostname`", "whole command"),
        ("`python - <<'PY'` snippet that prints", "here-document"),
        ("`python - <<'PY' ...`", "ellipsis"),
        ("`python a.py --to $PLACE/x`", "the value of $PLACE"),
        ("`python a.py > $PLACE/x`", "the value of $PLACE"),
        ("`rm -rf build`", "rm is not a program that runs unasked"),
        ("`ls build | xargs rm`", "xargs is not a program that runs unasked"),
        ("`git push origin main`", "may change the repository"),
        ("`echo $? > code.txt`", "exit code is $?"),
        ("`frobnicate --x 1`", "which program runs it"),
        ("`pytest tests/a.py -k [cpu|cuda]`", "which of [cpu|cuda]"),
        ("`python a.py --mode {spec,c-parity}`", "which of {spec,c-parity}"),
        ("`mkdir -p reports/a/b/$STAMP/chunk_##`, `pytest tests/chunk_##.py`", "placeholder ##"),
        ("pytest -v tests/a.py for the record", "before `for`"),
        ("same command with `-trace_pixel 1 2`", "which earlier command"),
        ("If CUDA is available, run `pytest tests/a.py`", "If CUDA is available"),
        ("Optional: `pytest tests/a.py`", "Optional"),
        ("`pytest tests/a.py` if time permits", "if time permits"),
        ("Look around, e.g. `ls -l build`", "example"),
        ("`sha256sum * > sha256.txt` inside the run directory", "in which folder"),
    ],
)
def test_what_cannot_run_unasked_is_a_question(plan_of: PlanOf, bullet: str, question: str) -> None:
    step = next(s for s in plan_of(how_to(bullet)).steps if s.kind is StepKind.NEEDS_ANSWER)
    assert step.command is None
    assert question in (step.question or "")


@pytest.mark.parametrize(
    "bullet",
    [
        "Edit `src/kernel.py` and thread the option through.",
        "Check `KMP_DUPLICATE_LIB_OK=TRUE` is there.",
        "pytest must stay green; python 3.11 is fine.",
        "Compare with `docs/a.md` and mention `-k`.",
        "make sure the tests still pass",
    ],
)
def test_prose_is_never_a_command(plan_of: PlanOf, bullet: str) -> None:
    assert only(plan_of(how_to(bullet))).kind is StepKind.MANUAL


@pytest.mark.parametrize(
    ("bullet", "argv"),
    [
        ("`env A_B=1 timeout 90 pytest -q tests/a.py`", ("pytest", "-q", "tests/a.py")),
        ("A_B=1 python tools/x.py --n 4096.", ("python", "tools/x.py", "--n", "4096")),
        ("Hash it: `sha256sum golden_data/a/image.bin`", ("sha256sum", "golden_data/a/image.bin")),
        ("Look: ./bin/prog -x 1", ("./bin/prog", "-x", "1")),
    ],
)
def test_forms_of_a_command(plan_of: PlanOf, bullet: str, argv: tuple[str, ...]) -> None:
    step = only(plan_of(how_to(bullet)))
    assert step.command is not None
    assert step.command.argv[: len(argv)] == argv


def test_a_timeout_becomes_the_stages_deadline(plan_of: PlanOf) -> None:
    step = only(plan_of(how_to("`timeout 15m pytest tests/a.py`")))
    assert step.timeout_s == 900.0
    assert "900 s" in says(step.deviations, "timeout 15m").runs


def test_a_full_stop_is_not_an_argument_and_is_on_record(plan_of: PlanOf) -> None:
    step = only(plan_of(how_to("A_B=1 python tools/x.py --n 4096.")))
    assert says(step.deviations, "4096.").runs == "4096"


def test_a_log_outside_of_the_bundle_is_moved_into_it(plan_of: PlanOf) -> None:
    step = only(plan_of(how_to("`pytest tests/a.py | tee /var/log/x.log`")))
    assert step.command is not None
    assert step.command.log == "$OUTDIR/logs/01-pytest.log"
    assert "bundle" in says(step.deviations, "log /var/log/x.log").why


def test_a_tool_without_outdir_gets_one_in_the_bundle(plan_of: PlanOf) -> None:
    step = only(plan_of(how_to("`nb-compare -- -lambda 1`")))
    assert step.command is not None
    outdir = "$OUTDIR/stages/01-compare"
    assert step.command.argv == ("nb-compare", "--outdir", outdir, "--", "-lambda", "1")
    assert says(step.deviations, "no --outdir").runs == f"--outdir {outdir}"


def test_a_result_file_of_the_memo_is_replaced(plan_of: PlanOf) -> None:
    step = only(plan_of(how_to("`pytest tests/a.py --junitxml mine.xml -v`")))
    assert step.command is not None
    assert step.command.argv == (
        "pytest", "tests/a.py", "-v", "--junitxml=$OUTDIR/stages/01-pytest/junit.xml",
    )  # fmt: skip


@pytest.mark.parametrize(
    "place",
    [
        "reports/a/b/$STAMP/x",
        "reports/a/b/${STAMP}/x",
        "reports/a/b/<STAMP>/x",
        "./reports/a/b/$STAMP//x",
        "reports/a/b/$(date -u +%Y%m%dT%H%M%SZ)/x",
        '"$BASE"/x',
        "${BASE}/x",
    ],
)
def test_every_spelling_of_the_bundle_is_outdir(plan_of: PlanOf, place: str) -> None:
    text = how_to("`BASE=reports/a/b/$STAMP`", f"`python t.py --to {place}`")
    step = plan_of(text).stages[0]
    assert step.command is not None
    assert step.command.argv == ("python", "t.py", "--to", "$OUTDIR/x")


def test_variables_built_on_themselves_end(plan_of: PlanOf) -> None:
    text = how_to("`BASE=$BASE$BASE/$OUT`", "`OUT=$BASE$BASE`", "`python t.py $BASE`")
    assert plan_of(text).steps[-1].kind is StepKind.NEEDS_ANSWER


def test_artifacts_with_an_old_stamp_never_lead_into_an_old_bundle(plan_of: PlanOf) -> None:
    text = "Artifacts: reports/a/b/20300101T000000Z/x.json\nHow-To Map:\n- `pytest tests/a.py`\n"
    assert plan_of(text).artifacts_root == "reports/a/b"


@pytest.mark.parametrize("path", ["/etc/passwd", "reports/../../x/$STAMP", "reports/$STAMP", "x/y"])
def test_artifacts_stay_below_reports(plan_of: PlanOf, path: str) -> None:
    plan = plan_of(f"Artifacts: {path}\nHow-To Map:\n- `pytest tests/a.py`\n")
    assert plan.artifacts_root == "reports/memo/evidence"


def test_a_memo_without_any_step_says_where_to_write_one(read: Callable[[str], Memo]) -> None:
    with pytest.raises(MemoError, match="no step") as caught:
        compile_plan(read("Summary: nothing\nBranch: main\n"))
    assert caught.value.where == "memo.md:1"


def test_every_line_with_work_belongs_to_a_step(plan_of: PlanOf, memo_text: str) -> None:
    covered = {n for s in plan_of(memo_text).steps for n in range(s.lines.first, s.lines.last + 1)}
    assert set(range(12, 18)) <= covered


def test_the_packaged_memo_is_a_runnable_plan(project: Project) -> None:
    plan = compile_plan(packaged(), project.settings)
    assert [s.role for s in plan.stages] == [
        Role.BENCHMARK,
        Role.COMPARE,
        Role.COMPARE,
        Role.PYTEST,
        Role.SUMMARY,
    ]
    assert plan.branch == "main"
    assert plan.memo_name == "packaged"
    assert {v.name: v.value for v in plan.environment} == {
        "AUTHORITATIVE_CMDS_DOC": "docs/development/testing_strategy.md",
        "KMP_DUPLICATE_LIB_OK": "TRUE",
        "NB_C_BIN": "./build/reference/nanoBragg",
        "NB_RUN_PARALLEL": "1",
    }
    assert plan.golden_image == "golden_data/high_resolution_4096/image.bin"
    assert plan.min_available_memory_bytes == 16_000_000_000


@pytest.mark.shared
def test_the_seed_memo_runs_here_unchanged(project: Project, shared_material: Path) -> None:
    memo = load(project.root, shared_material / "seed_memo.md")
    plan = compile_plan(memo, project.settings)
    benchmark, compare, pytest_stage, summary = plan.stages
    assert benchmark.command is not None
    assert benchmark.command.argv == (
        "nb-benchmark", "--sizes", "4096", "--device", "cpu", "--dtype", "float32",
        "--iterations", "1", "--profile", "--keep-artifacts", "--outdir", "$OUTDIR/benchmark/",
    )  # fmt: skip
    assert compare.command is not None
    assert compare.command.argv[:4] == (
        "nb-compare",
        "--resample",
        "--outdir",
        "$OUTDIR/full_frame",
    )
    assert pytest_stage.command is not None
    assert pytest_stage.command.argv[2] == plan.mapped_tests[0]
    assert pytest_stage.command.env["NB_C_BIN"] == "./build/reference/nanoBragg"
    assert summary.artifacts == ("$OUTDIR/phase_e_summary.md",)
    assert plan.branch == "feature/spec-based-2"
    assert plan.artifacts_root == "reports/2026-01-vectorization-parity/phase_e"
    assert plan.folders == ("benchmark", "full_frame", "logs")
    assert plan.golden_image == "golden_data/high_resolution_4096/image.bin"
    assert all(s.kind is StepKind.RUNNABLE for s in plan.steps)
    assert [s.lines.first for s in plan.steps] == [15, 16, 17, 18, 19, 20]
    assert [len(s.deviations) for s in plan.stages] == [2, 4, 3, 2]


@pytest.mark.shared
def test_every_sample_memo_compiles(project: Project, shared_material: Path) -> None:
    paths = sorted((shared_material / "memos").glob("*.md"))
    assert len(paths) >= 25
    for path in paths:
        memo = load(project.root, path)
        coverage = memo.coverage()
        assert coverage.owned == coverage.lines > 0, path.name
        plan = compile_plan(memo, project.settings)
        assert decode(encode(plan)) == plan
        for step in plan.stages:
            words = step.command.argv if step.command and not step.command.script else ()
            assert not [w for w in words if "<" in w or "..." in w or "`" in w], (path.name, words)


_PIECES = st.sampled_from(
    [
        "`", "``", '"', "'", "$(", ")", "${", "}", "{a,b}", "$STAMP", "<x>", "...", "|", " | tee ",
        "&&", ";", "\n- ", "\n", ".", "=", "A_B=1 ", "export ", "mkdir -p ", "env ", "timeout 5 ",
        "/usr/bin/time -v ", "python ", "pytest ", "-v ", "--x=1 ", "tests/a.py", "nb-compare ",
        " -- ", "-floatfile ", "golden_data/a/i.bin", "python - <<'PY'", "PY", "Run ", "\\", "— ",
        "Summarise ", "x_summary.md", "same command with ", "git status", "corr >= 0.9", "2>&1",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, min_size=1, max_size=25))
def test_any_words_compile_and_shell_text_is_whole(pieces: list[str]) -> None:
    text = f"Do Now: {''.join(pieces)}\nHow-To Map:\n- {''.join(reversed(pieces))}\n"
    memo = parse_memo(text.encode(), name="m")
    try:
        plan = compile_plan(memo)
    except MemoError:
        return
    assert decode(encode(plan)) == plan
    assert len({s.id for s in plan.steps}) == len(plan.steps)
    for step in plan.stages:
        if step.command is None:
            continue
        if step.command.script is not None:
            assert shelltext.is_whole(step.command.script)
            continue
        for word in step.command.argv:
            assert "$(" not in word
            assert "$" not in word.replace("$OUTDIR", "").replace("$STAMP", "").replace(
                "${STAMP}", ""
            )
    lint(plan, memo, Path("/nonexistent"), ask=False)
