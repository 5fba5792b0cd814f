"""The sample memos beside the checkout, held against what a person found in them.

The table was made by reading the memos line by line. Per memo it gives the lines of Do Now,
How-To Map, mapped tests and lists of commands that hold a command, and its program;
``~`` stands for "the same command, but". Settings (assignments, ``mkdir``) are left out.
"""

import re
from functools import cache
from pathlib import Path

import pytest

from nbtui.memo.compile import compile_plan
from nbtui.memo.coverage import owners
from nbtui.memo.extract import Part, PartKind
from nbtui.memo.model import Memo
from nbtui.memo.plan import Plan, StepKind
from nbtui.memo.planfile import from_text, to_json, to_toml
from nbtui.memo.source import load
from nbtui.memo.variables import items
from nbtui.project import Settings

FOUND = {
    "07a2396a": "7 pytest 16 cp 19 pytest 20 pytest 21 pytest 22 python",
    "0a13ce47": "5 pytest 7 python 16 python 17 python 18 ~ 19 cp cp 20 python",
    "0fb60d20": "7 python 23 pwd 24 git 25 python 26 python 27 echo 41 python 44 cd 48 python "
    "49 python 59 pytest 62 sha256sum",
    "19219fad": "17 pytest 29 mkdir python 31 python 32 grep 33 sha256sum 34 ls 35 python "
    "43 nb-compare 45 python 53 tee 58 pytest",
    "2721a035": "7 python 17 python 18 python 36 pytest 37 python",
    "2ae60797": "6 python 38 make 41 python 44 $NB_C_BIN 47 diff 51 nb-compare 55 pytest 56 pytest "
    "57 pytest 65 ~ 66 git git",
    "2c287c9e": "8 pytest 19 pytest 20 nb-compare 21 sh 22 python 23 python",
    "34b0645a": "8 pytest 20 pytest 22 nb-compare 24 python ~ 26 python 28 diff 30 python 44 git",
    "5140d182": "13 pytest 30 pytest 31 pytest 32 pytest 33 python 34 ~ 35 python 36 nanoBragg "
    "85 python 86 python 87 python 88 python 89 pytest 90 pytest 91 nanoBragg 92 nanoBragg "
    "93 pytest 94 python",
    "5913a199": "5 pytest 7 pytest 19 python 24 env 25 python 34 pytest 35 echo 36 pytest",
    "5973bbdb": "5 pytest 11 pytest 26 cp 33 pytest 34 date 35 pytest 36 pytest 38 python",
    "5d4dd3a9": "5 pytest 7 pytest python $NB_C_BIN python $NB_C_BIN 17 pytest 21 python 41 env "
    "43 python",
    "66872551": "7 pytest 31 pytest 35 python",
    "76eeb6cb": "5 pytest 7 pytest 18 python 19 ~ 20 make 21 nanoBragg 22 ~ 24 git python "
    "25 pytest",
    "76fad871": "7 pytest 16 pytest printf 17 env python",
    "803c1317": "7 python 25 git python python nvidia-smi 31 python 32 python 36 python "
    "41 sha256sum",
    "80405b7f": "9 pytest 12 pytest 56 pytest 65 git 66 git",
    "9fc99fb1": "6 pytest 7 pytest 16 pytest 41 pytest 42 pytest 45 ~ 56 git 59 pytest",
    "acb6b94c": "6 pytest 7 pytest 8 pytest 22 cp 24 printf 29 python",
    "b099d941": "5 pytest 7 pytest python 16 git git uname 17 pytest 20 python python 36 pytest "
    "37 tee 38 python 39 python 50 python",
    "c9ca3c44": "12 pytest 13 pytest 14 pytest 25 pytest pytest 43 pytest 44 script 46 pytest "
    "49 rg 50 pytest 51 pytest 54 sha256sum",
    "ced840c3": "17 pytest 28 pytest 29 pytest 31 python 33 python 47 pytest 48 python",
    "d4e2159b": "6 pytest 7 pytest 8 pytest 9 pytest 10 pytest 20 pytest 32 pytest 33 pytest "
    "34 pytest 35 pytest 36 pytest 40 cat 52 make 56 python 58 $NB_C_BIN 60 python 64 python",
    "ebaf35f2": "5 pytest 26 pytest 43 pytest 44 pytest 45 python 46 sha256sum 50 rg rg 52 pytest "
    "53 echo 54 python 57 pytest 62 git",
    "eef6c80f": "5 pytest 7 pytest 15 touch 16 python python 17 printf 19 pytest 20 pytest "
    "21 pytest 22 pytest 23 pytest 24 pytest 25 pytest 26 pytest 27 pytest 28 pytest",
    "seed_memo": "7 pytest 17 python 18 python 19 pytest",
}
_WRAPPER = re.compile(
    r"""^(?:\(|[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|\S*)\s|(?:\S*/)?(?:time|timeout)\s+\S+\s|env\s(?=\S+=))"""
)


def expected(table: str) -> list[tuple[int, str]]:
    """The pairs of line and program of a row."""
    pairs: list[tuple[int, str]] = []
    line = 0
    for word in table.split():
        if word.isdigit():
            line = int(word)
        else:
            pairs.append((line, word))
    return sorted(pairs)


def program(part: Part) -> str:
    """The program that a part of a bullet starts."""
    if part.kind is PartKind.CHANGE:
        return "~"
    text = part.text
    while match := _WRAPPER.match(text):
        text = text[match.end() :]
    return text.split()[0].strip('"').rsplit("/", maxsplit=1)[-1]


@cache
def memo_of(path: Path) -> Memo:
    """A sample, read."""
    return load(path.parent, path)


@cache
def plan_of(path: Path) -> Plan:
    """The plan of a sample, without any project's aliases."""
    return compile_plan(memo_of(path), Settings())


def paths(shared: Path) -> list[Path]:
    """The samples and the seed."""
    return [*sorted((shared / "memos").glob("*.md")), shared / "seed_memo.md"]


@pytest.mark.shared
def test_every_command_that_a_reader_finds_is_found_and_no_prose(shared_material: Path) -> None:
    active = {PartKind.COMMAND, PartKind.QUESTION, PartKind.CHANGE}
    wrong: dict[str, object] = {}
    for path in paths(shared_material):
        memo = memo_of(path)
        found = [
            (item.lines.first + part.line, program(part))
            for item in items(memo)
            if not item.box
            for part in item.parts
            if part.kind in active
        ]
        wanted = expected(FOUND[path.stem])
        if sorted(found) != wanted:
            lost = [p for p in wanted if p not in found]
            wrong[path.stem] = {"lost": lost, "more": [p for p in found if p not in wanted]}
    assert wrong == {}


@pytest.mark.shared
def test_every_line_of_every_sample_has_an_owner(shared_material: Path) -> None:
    for path in paths(shared_material):
        memo = memo_of(path)
        plan = plan_of(path)
        coverage = memo.coverage()
        assert coverage.owned == coverage.lines == len(memo.lines)
        assert len(owners(memo, plan)) == len(memo.lines)


@pytest.mark.shared
def test_nothing_that_a_sample_leaves_open_would_run(shared_material: Path) -> None:
    for path in paths(shared_material):
        for step in plan_of(path).steps:
            if step.kind is StepKind.NEEDS_ANSWER:
                assert step.question, (path.stem, step.id)
            if step.command is not None:
                text = " ".join(step.command.argv).partition("\n")[0]
                assert not re.search(r"<[a-z][\w ]*>|\.\.\.|##|`", text), (path.stem, text)


@pytest.mark.shared
def test_the_plans_of_the_samples_come_back_from_disk(shared_material: Path) -> None:
    for path in paths(shared_material):
        plan = plan_of(path)
        assert from_text(to_toml(plan)) == plan
        assert from_text(to_json(plan)) == plan
