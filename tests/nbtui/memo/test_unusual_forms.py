"""Memos of forms that nobody foresaw, each read by hand before the parser was asked.

The files in ``memos/`` are written for these tests. The tables are those of
:mod:`tests.nbtui.memo.test_forms`: per line of the memo what a careful operator finds there.
"""

import pytest

from nbtui.memo.compile import compile_plan
from nbtui.memo.coverage import owners
from nbtui.memo.parse import parse_memo
from nbtui.memo.plan import Role, StepKind
from tests.nbtui.memo.test_forms import ASKS, HAND, MEMOS, RUNS, TOOL, outcome, plan_of

FOUND: dict[str, list[tuple[int, str, str]]] = {
    "crlf_and_tabs": [
        (7, TOOL, ""),
        (8, RUNS, "python tools/lamp.py --watts 5 --out $OUTDIR/glow.csv"),
        (9, RUNS, "python tools/plot.py $OUTDIR/glow.csv --title glow"),
        (11, HAND, "Look at the plot"),
        (12, RUNS, "python tools/lamp.py --off"),
        (5, RUNS, "pytest -q tests/test_lamp.py::test_glow"),
    ],
    "setext_headings": [
        (15, RUNS, "python tools/sonar.py --pings 12"),
        (16, HAND, "Compare the depth"),
        (17, RUNS, "./tools/drain.sh --dry-run"),
        (22, RUNS, "pytest tests/test_pond.py"),
    ],
    "tables": [
        (10, RUNS, "python tools/kiln.py --heat 900"),
        (11, ASKS, "placeholder <minutes>"),
        (12, HAND, "Look — by eye"),
        (13, RUNS, "python tools/kiln.py --heat 20"),
    ],
    "html_comments": [
        (7, RUNS, "python tools/collect.py --day 3"),
        (9, HAND, "Read the list."),
        (14, RUNS, "python tools/report.py --quiet"),
        (5, RUNS, "pytest -q tests/test_notes.py"),
    ],
    "nested_lists": [
        (7, RUNS, "python tools/box.py --size 1"),
        (8, HAND, "weigh it"),
        (10, RUNS, "python tools/box.py --size 9"),
        (14, RUNS, "python tools/crate.py --list"),
        (15, HAND, "After: write the count"),
        (18, RUNS, "pytest tests/test_box.py -q"),
    ],
    "bold_everything": [
        (11, RUNS, "python tools/moon.py --phase 2"),
        (12, RUNS, "python tools/moon.py --phase 3"),
        (13, ASKS, "only when the sky is clear"),
        (14, HAND, "**Never** run"),
        (15, HAND, "***Note*** the hour"),
        (7, RUNS, "pytest -q tests/test_night.py::test_moon"),
    ],
    "other_quotes": [
        (5, ASKS, "typographic quotes"),
        (6, ASKS, "typographic dashes"),
        (7, RUNS, "python tools/label.py --list"),
        (7, HAND, "keep the list"),
        (8, ASKS, "which program runs it"),
        (9, ASKS, "which program runs it"),
        (10, RUNS, "python tools/label.py --size 3"),
        (11, RUNS, "pytest -q tests/test_label.py"),
    ],
    "other_order": [
        (7, RUNS, "python tools/hedge.py --height 2"),
        (8, RUNS, "python tools/hedge.py --measure > $OUTDIR/height.txt"),
        (9, RUNS, "pytest tests/test_hedge.py -q"),
    ],
    "no_labels": [
        (1, HAND, "Please look after"),
        (3, RUNS, "python tools/feed.py --grams 3"),
        (3, HAND, "note\nwhat they leave"),
        (6, RUNS, "python tools/pump.py --check"),
        (8, RUNS, "python tools/light.py --hours 8"),
        (13, HAND, "Thanks, and do not run"),
    ],
    "enumerations": [
        (5, RUNS, "python tools/train.py --cars 3"),
        (6, RUNS, "python tools/train.py --cars 4"),
        (7, RUNS, "python tools/train.py --cars 5"),
        (8, HAND, "Look at the rails"),
        (9, RUNS, "python tools/track.py --length 10"),
        (10, RUNS, "python tools/track.py --length 20"),
        (11, RUNS, "python tools/track.py --sweep"),
        (12, HAND, "Step 6 - write the length"),
        (13, RUNS, "python tools/horn.py --test"),
        (14, RUNS, "python tools/horn.py --loud"),
        (15, RUNS, "pytest -q tests/test_train.py"),
    ],
    "quoted_mail": [
        (5, HAND, "On Friday somebody wrote:"),
        (6, RUNS, "python tools/stamp.py --count 7"),
        (7, HAND, "weigh the parcels"),
        (9, RUNS, "python tools/stamp.py --count 70"),
        (11, RUNS, "python tools/parcel.py --all"),
        (13, RUNS, "python tools/stamp.py --report $OUTDIR/stamps.txt"),
        (14, RUNS, "pytest -q tests/test_stamp.py"),
    ],
    "other_fences": [
        (7, RUNS, "python tools/gate.py --open"),
        (8, RUNS, "python tools/gate.py --close"),
        (12, HAND, "What the answer looks like"),
        (16, HAND, "The source, for reading only"),
        (22, TOOL, ""),
        (24, RUNS, "for n in 1 2; do\n  python tools/gate.py --lane $n\ndone"),
        (28, HAND, "The change that was made"),
        (34, RUNS, "pytest -q tests/test_gate.py"),
    ],
    "long_commands": [
        (5, RUNS, "python tools/dam.py --fill"),
        (7, RUNS, "python tools/dam.py --fill --until full"),
        (10, RUNS, 'python tools/dam.py --check || echo "not full"'),
        (11, RUNS, "python dam.py --drain"),
        (12, RUNS, "python tools/dam.py --watch & python tools/dam.py --spill; wait"),
        (13, RUNS, "if [ -f level.txt ]; then cat level.txt; fi"),
        (14, TOOL, ""),
        (15, HAND, "Compare `$OUTDIR/logs/fill.log`"),
        (16, RUNS, "while read -r line; do python tools/dam.py"),
        (17, RUNS, "pytest -q tests/test_dam.py"),
        (17, RUNS, "pytest -q tests/test_dam.py"),
    ],
    "boxes_and_links": [
        (6, RUNS, "python tools/echo.py --clap 2"),
        (7, HAND, "Swept the floor"),
        (8, HAND, "Hang the curtain"),
        (9, RUNS, "python tools/echo.py --clap 3"),
        (10, RUNS, "bash tools/tune.sh --low"),
        (11, RUNS, "python tools/echo.py --list"),
        (13, HAND, "`echo.csv` has nine lines"),
        (4, RUNS, "pytest -q tests/test_hall.py::test_echo"),
    ],
}


@pytest.mark.parametrize("name", sorted(FOUND))
def test_what_an_operator_finds_is_found_and_nothing_else(name: str) -> None:
    found = [outcome(s) for s in plan_of(name).steps if s.role is not Role.SUMMARY]
    assert [(line, kind) for line, kind, _ in found] == [(a, b) for a, b, _ in FOUND[name]]
    for (_, kind, words), (_, _, expected) in zip(found, FOUND[name], strict=True):
        assert expected in words if kind is ASKS else words.startswith(expected)


@pytest.mark.parametrize("name", sorted(FOUND))
def test_every_line_has_one_owner(name: str) -> None:
    memo = parse_memo((MEMOS / f"{name}.md").read_bytes(), name="memo.md")
    whose = owners(memo, compile_plan(memo))
    assert len(whose) == len(memo.lines) == memo.coverage().owned


def test_titles_come_from_the_words_around() -> None:
    def titles(name: str) -> list[str]:
        return [s.title for s in plan_of(name).stages if s.role is not Role.SUMMARY]

    assert titles("tables") == ["Heat", "Cool"]
    assert titles("bold_everything")[:2] == ["Step 1", "Step 2"]
    assert "Warm the lamp" in titles("crlf_and_tabs")


def test_what_a_table_pipes_into_tee_is_captured() -> None:
    cool = plan_of("tables").stages[1]
    assert cool.command is not None
    assert cool.command.log == "$OUTDIR/logs/cool.log"
    assert cool.command.env == {"KILN_SAFE": "1"}


def test_typographic_characters_come_with_a_proposal() -> None:
    quotes, dashes = [s for s in plan_of("other_quotes").steps if "typographic" in str(s.question)]
    assert quotes.proposal == 'python tools/label.py --text "two words" --out "$OUTDIR"/label.txt'
    assert dashes.proposal == "python tools/label.py --text plain"


def test_a_very_long_line_is_a_persons_work_and_hides_nothing_behind_it() -> None:
    words = "look again, " * 4000
    text = f"How-To Map:\n- {words} `python tools/x.py --n 1`\n- `python tools/x.py --n 2`\n"
    plan = compile_plan(parse_memo(text.encode(), name="m"))
    kinds = [(s.kind, s.lines.first) for s in plan.steps if s.role is not Role.SUMMARY]
    assert kinds == [(StepKind.MANUAL, 2), (StepKind.RUNNABLE, 3)]


def test_a_comment_that_never_ends_hides_nothing() -> None:
    text = "How-To Map:\n- `python tools/x.py --n 1` <!-- why\n- `python tools/x.py --n 2`\n"
    plan = compile_plan(parse_memo(text.encode(), name="m"))
    assert [s.lines.first for s in plan.stages if s.command] == [2, 3]


@pytest.mark.parametrize(
    ("body", "commands"),
    [
        ("Do Now: cd src; make; ./prog --all\n", ["make", "./prog --all"]),
        ("How-To Map:\n- `$ python x.py --n 1`\n", ["python x.py --n 1"]),
        ("How-To Map:\n- `python x.py \\`\n  `--n 1`\n", ["python x.py --n 1"]),
        ("## 1. Do Now\npython x.py --n 1\n", ["python x.py --n 1"]),
        ("do_now: pytest -q a.py\nhow_to_map:\n  - python x.py --n 1\n",
         ["python x.py --n 1", "pytest -q a.py"]),
    ],
)  # fmt: skip
def test_small_things_that_once_lost_a_command(body: str, commands: list[str]) -> None:
    text = f"Artifacts: reports/a/b/$STAMP/\n{body}"
    plan = compile_plan(parse_memo(text.encode(), name="m"))
    found = [s.command for s in plan.stages if s.command]
    assert [" ".join(c.argv).partition(" --junitxml")[0] for c in found] == commands
    if "cd src" in body:
        assert {c.cwd for c in found} == {"src"}


@pytest.mark.parametrize("mark", ["- ", "+ ", "* ", "1. ", "12) "])
def test_a_here_document_may_stand_in_any_bullets_one_line_each(mark: str) -> None:
    lines = ["`python - <<'PY' > $OUTDIR/x.json`", "`import json`  ", "`print(json)`", "`PY`"]
    text = "Artifacts: reports/a/b/$STAMP/\nHow-To Map:\n" + "".join(f"{mark}{x}\n" for x in lines)
    (step,) = [s for s in compile_plan(parse_memo(text.encode(), name="m")).stages if s.command]
    assert step.command is not None
    assert step.command.script is not None
    assert step.command.script.splitlines()[1:] == ["import json", "print(json)", "PY"]
