"""Memos of every form that supervisors write, each read by hand before the parser was asked.

The files in ``memos/`` are written for these tests. The tables say, per line of the memo,
what a careful operator finds there; a line that is in no table holds no work.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from nbtui.memo.compile import compile_plan
from nbtui.memo.coverage import owners
from nbtui.memo.model import SectionKey
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Plan, Role, Step, StepKind
from nbtui.memo.variables import Given, assigned, items

MEMOS = Path(__file__).with_name("memos")
RUNS, ASKS, HAND, TOOL = "runs", "asks", "hand", "tool"

FOUND: dict[str, list[tuple[int, str, str]]] = {
    "header_as_bullets": [
        (10, RUNS, "python tools/time_mirror.py --sizes 64"),
        (11, HAND, "Write two sentences"),
        (7, RUNS, "pytest -v tests/test_mirror.py::TestMirror::test_grazing"),
    ],
    "bare_lines": [
        (12, TOOL, ""),
        (12, HAND, "open a folder"),
        (13, TOOL, ""),
        (14, HAND, "Step 2: Copy last week's list"),
        (15, ASKS, "if you want it beside the count"),
        (16, HAND, "Step 3: Draft the table"),
        (17, RUNS, "pytest --collect-only -q"),
        (17, HAND, "note the number in the table."),
        (18, ASKS, "example"),
        (19, HAND, "Step 5: Test the switch"),
    ],
    "numbered_and_fenced": [
        (10, TOOL, ""),
        (12, RUNS, r"printf 'one=a,b\ntwo=c\n' >> reports/2031-shards"),
        (13, HAND, "Run the ladder:"),
        (14, RUNS, "pytest -q @shards/one.txt"),
        (15, RUNS, "pytest -q @shards/two.txt --maxfail=0"),
        (18, RUNS, "python - <<'PY' > reports/2031-shards/phase_o/$STAMP/totals.txt\nimport"),
        (24, HAND, "Append the totals"),
        (25, ASKS, "placeholder ##"),
        (4, RUNS, "pytest -vv @shards/one.txt -k not slow"),
    ],
    "heredocs": [
        (6, RUNS, "python - <<'PY' >> reports/2031-rooms/phase_b/$STAMP/env.json\nimport json"),
        (10, RUNS, "python - \"$STAMP\" <<'PY2' > reports/2031-rooms/phase_b/$STAMP/argv"),
        (14, RUNS, "cat <<'DOC' > reports/2031-rooms/phase_b/$STAMP/notes.md\n# Notes"),
        (18, ASKS, "its text never comes"),
        (18, HAND, "compare by eye."),
        (19, ASKS, "ellipsis"),
        (20, RUNS, "tee reports/2031-rooms/phase_b/$STAMP/hello.txt <<<'hello'"),
        (4, RUNS, "pytest tests/test_rooms.py -v"),
    ],
    "subshells": [
        (10, TOOL, ""),
        (11, TOOL, ""),
        (12, RUNS, "python tools/weigh.py --span 4096"),
        (13, RUNS, "python ../../../tools/plot.py"),
        (14, RUNS, "mkdir -p trays"),
        (14, RUNS, "python scale.py --out trays/"),
        (15, RUNS, "make -C tools/scale"),
        (15, RUNS, './tools/scale/scale -n 3 \\\n-verbose > "$OUTDIR"/scale.txt'),
        (16, HAND, "note the reading"),
        (17, ASKS, "before `to`"),
        (18, ASKS, "mv is not a program that runs unasked"),
        (7, RUNS, "printenv | sort > $BASE/env/env.txt"),
        (5, ASKS, "which program runs it"),
    ],
    "open_questions": [
        (7, RUNS, "python tools/lens.py --pixel 0 0 --out $OUTDIR/lens.log"),
        (7, ASKS, "which earlier command"),
        (8, ASKS, "which earlier command"),
        (9, ASKS, "which earlier command"),
        (10, ASKS, "placeholder <json>"),
        (11, ASKS, "ellipsis"),
        (12, ASKS, "If CUDA is available"),
        (13, ASKS, "Optional"),
        (14, ASKS, "which of {fast,exact}"),
        (15, ASKS, "rm is not a program that runs unasked"),
        (16, ASKS, "exit code is $?"),
        (17, ASKS, "before `of`"),
        (18, ASKS, "which program runs it"),
        (19, ASKS, "the value of $LENS_CONFIG"),
    ],
    "other_sections": [
        (20, TOOL, ""),
        (21, RUNS, "rg -n shelf tests/test_shelf.py"),
        (21, RUNS, "rg -n board tests/test_shelf.py"),
        (21, HAND, "list each with file:line."),
        (22, RUNS, "pytest tests/test_shelf.py::TestShelf -vv"),
        (23, HAND, "Step 4: Mark checkboxes"),
        (17, RUNS, "pytest --collect-only -q tests/test_shelf.py::TestShelf"),
        (18, RUNS, "sha256sum reports/shelf/phase_a/$STAMP/* > reports/shelf/phase_a/$STAMP/sha"),
        (25, HAND, "list.md names every board."),
        (26, HAND, "pytest finishes without a skip."),
    ],
    "prose_only": [(n, HAND, "") for n in range(5, 14)],
    "console": [
        (16, TOOL, ""),
        (17, RUNS, "python tools/drift.py --hours 2 --out $OUTDIR/drift.json"),
        (22, HAND, "What a result looks like"),
        (32, RUNS, "for h in 3 4; do python tools/drift.py --hours $h; done"),
        (33, RUNS, "git rev-parse HEAD"),
    ],
}  # fmt: skip


def plan_of(name: str) -> Plan:
    """The plan of a fixture memo."""
    return compile_plan(parse_memo((MEMOS / f"{name}.md").read_bytes(), name="memo.md"))


def outcome(step: Step) -> tuple[int, str, str]:
    """Line, kind, and the words that decide."""
    if step.role is Role.SETTING:
        return step.lines.first, TOOL, ""
    if step.kind is StepKind.RUNNABLE:
        assert step.command is not None
        return step.lines.first, RUNS, step.command.script or " ".join(step.command.argv)
    if step.kind is StepKind.NEEDS_ANSWER:
        return step.lines.first, ASKS, step.question or ""
    return step.lines.first, HAND, step.memo_text


@pytest.mark.parametrize("name", sorted(FOUND))
def test_what_an_operator_finds_is_found_and_nothing_else(name: str) -> None:
    found = [outcome(s) for s in plan_of(name).steps if s.role is not Role.SUMMARY]
    assert [(line, kind) for line, kind, _ in found] == [(a, b) for a, b, _ in FOUND[name]]
    for (_, kind, words), (_, _, expected) in zip(found, FOUND[name], strict=True):
        assert expected in words if kind is ASKS else words.startswith(expected)


@pytest.mark.parametrize("name", sorted(FOUND))
def test_every_line_has_one_owner(name: str) -> None:
    memo = parse_memo((MEMOS / f"{name}.md").read_bytes(), name="memo.md")
    plan = compile_plan(memo)
    whose = owners(memo, plan)
    assert len(whose) == len(memo.lines) == memo.coverage().owned
    for step in plan.steps:
        if step.memo_text:
            assert 1 <= step.lines.first <= step.lines.last <= len(memo.lines)
    ids = {s.id for s in plan.steps}
    for item in (i for i in items(memo) if i.key is SectionKey.HOW_TO):
        assert ids.intersection(whose[item.lines.first - 1 : item.lines.last])


@pytest.mark.parametrize("name", sorted(FOUND))
def test_nothing_a_supervisor_left_open_runs(name: str) -> None:
    for step in plan_of(name).steps:
        text = " ".join(step.command.argv) if step.command else ""
        text = text.partition("\n")[0]  # a here-document may say what it likes
        assert not any(mark in text for mark in ("...", "<json>", "##", "|cuda", "{fast"))


@pytest.mark.parametrize(
    ("line", "proposal"),
    [
        (7, 'LIB_OK=TRUE python tools/lens.py --pixel 2048 2048 --out "$OUTDIR"/lens.log'),
        (8, "LIB_OK=TRUE python tools/lens.py --pixel 0 0"),
        (9, 'LIB_OK=FALSE python tools/lens.py --pixel 0 0 --out "$OUTDIR"/lens.log'),
        (11, "pytest tests/test_lens.py -v | tee $OUTDIR/pytest_before.log"),
        (12, "CUDA_VISIBLE_DEVICES=0 pytest tests/test_lens.py -v --device cuda"),
        (17, "lens.py --check all"),
    ],
)
def test_questions_come_with_a_proposal(line: int, proposal: str) -> None:
    steps = [s for s in plan_of("open_questions").steps if s.question]
    assert next(s.proposal for s in steps if s.lines.first == line) == proposal


def test_a_node_without_pytest_is_proposed_with_it() -> None:
    asked = next(s for s in plan_of("subshells").steps if s.lines.first == 5)
    assert asked.proposal == "LIB_OK=TRUE pytest -v tests/test_span.py::TestSpan::test_weight"


def test_a_stamp_with_a_suffix_is_the_bundle_under_every_name() -> None:
    plan = plan_of("subshells")
    assert plan.artifacts_root == "reports/2031-bridge/weigh"
    assert set(plan.folders) == {"env", "logs"}
    plot = next(s for s in plan.steps if s.lines.first == 13)
    assert plot.command is not None
    assert (plot.command.cwd, plot.command.log) == ("$OUTDIR", "$OUTDIR/logs/plot.log")
    printed = next(s for s in plan.steps if s.lines.first == 7)
    assert printed.command is not None
    assert printed.command.env == {"BASE": "$OUTDIR"}
    assert printed.artifacts == ("$OUTDIR/env/env.txt",)


def test_settings_of_a_subshell_outlive_it() -> None:
    memo = parse_memo((MEMOS / "subshells.md").read_bytes(), name="memo.md")
    given = {(a.name, a.given) for a in assigned(memo, items(memo))}
    assert {("BASE", Given.SHELL), ("STAMP", Given.EXPORT), ("LIB_OK", Given.EXPORT)} <= given


def test_a_quoted_value_with_spaces_is_one_value() -> None:
    step = next(s for s in plan_of("numbered_and_fenced").steps if s.lines.first == 4)
    assert step.command is not None
    assert step.command.env["PYTEST_ADDOPTS"] == "--maxfail=1 --timeout=300"
    assert step.timeout_s == 600.0


def test_commands_outside_of_the_work_are_named_but_do_not_run() -> None:
    named = {(m.text, m.source) for m in plan_of("other_sections").mentions}
    assert named == {("make shelf", "memo.md:12")}
    named = {(m.text, m.section) for m in plan_of("header_as_bullets").mentions}
    assert named == {("pytest --collect-only -q", "If Blocked")}


@pytest.mark.parametrize(
    ("bullet", "text"),
    [
        ("Kick off with LIB_OK=1 python tools/x.py --n 3, then rest.", "python tools/x.py --n 3"),
        ("Kick off: python tools/x.py --n 3; see if it's done", "python tools/x.py --n 3"),
        ("(python tools/x.py --n 3)", "python tools/x.py --n 3"),
        ("Do it — python tools/x.py --n 3 — and wait", "python tools/x.py --n 3"),
        ("Result via `python tools/x.py --n 3`. Don't stop.", "python tools/x.py --n 3"),
        ("**Run** `env A_B=1 python3 tools/x.py --n 3`!", "python3 tools/x.py --n 3"),
        ("/usr/bin/time -v python tools/x.py --n 3 | tee $OUTDIR/x.log", "python tools/x.py --n 3"),
        ("python tools/x.py --n 3 (twice is no better)", "python tools/x.py --n 3"),
        ("python tools/x.py --n 3. Then go home.", "python tools/x.py --n 3"),
        ('"$NB_C_BIN" -cell 1 2 3 4 5 6', "./bin/prog -cell 1 2 3 4 5 6"),
        ("STAMP=`date -u +%Y%m%dT%H%M%SZ`; python tools/x.py --n 3", "python tools/x.py --n 3"),
        ("python tools/x.py \\\n  --n 3", "python tools/x.py --n 3"),
        ("`python tools/x.py --n {1,2}`", "python tools/x.py --n 1 2"),
    ],
)  # fmt: skip
def test_a_command_is_found_in_any_sentence(bullet: str, text: str) -> None:
    memo = (
        f"Artifacts: reports/a/b/$STAMP/\nHow-To Map:\n- export NB_C_BIN=./bin/prog\n- {bullet}\n"
    )
    plan = compile_plan(parse_memo(memo.encode(), name="m"))
    found = [" ".join(s.command.argv) for s in plan.stages if s.command]
    if "{1,2}" in bullet:
        assert [s.question for s in plan.steps if s.question] == ["which of {1,2}?"]
    else:
        assert found == [text]


_LABEL = re.compile(r"^([A-Z][A-Za-z& -]{2,30}):", re.MULTILINE)
CLOTHES: dict[str, Callable[[str], str]] = {
    "line ends": lambda t: t.replace("\n", "\r\n"),
    "bold labels": lambda t: _LABEL.sub(r"**\1:**", t),
    "headings": lambda t: _LABEL.sub(r"\n## \1\n", t),
    "lower case": lambda t: _LABEL.sub(
        lambda m: f"{m[1].lower() if m[1] in {'Do Now', 'How-To Map', 'Branch'} else m[1]}:", t
    ),
    "stars": lambda t: re.sub(r"^- ", "* ", t, flags=re.MULTILINE),
    "dots": lambda t: re.sub(r"^- ", "• ", t, flags=re.MULTILINE),
    "numbers": lambda t: re.sub(r"^- ", "1. ", t, flags=re.MULTILINE),
    "signs": lambda t: re.sub(r"^- ", "+ ", t, flags=re.MULTILINE),
    "tabs": lambda t: re.sub(r"^- ", "-\t", t, flags=re.MULTILINE),
    "room between": lambda t: t.replace("\n- ", "\n\n- "),
    "indented": lambda t: re.sub(r"^- ", "  - ", t, flags=re.MULTILINE),
}


@pytest.mark.parametrize("clothes", CLOTHES)
@pytest.mark.parametrize("name", ["open_questions", "other_sections", "prose_only"])
def test_other_clothes_change_no_command(name: str, clothes: str) -> None:
    def work(text: str) -> list[tuple[str, str, str]]:
        plan = compile_plan(parse_memo(text.encode(), name="m"))
        kept = [s for s in plan.steps if s.kind is not StepKind.MANUAL]
        return [(s.kind.value, s.role.value, outcome(s)[2]) for s in kept if s.id[-7:] != "summary"]

    text = (MEMOS / f"{name}.md").read_text("utf-8")
    assert [w[:2] for w in work(CLOTHES[clothes](text))] == [w[:2] for w in work(text)]
