"""Words of another layout, and the names that the tool owns."""

import pytest

from nbtui.memo.aliases import map_command, map_paths
from nbtui.memo.names import Names, Place, artifacts_place, spell_stamp, unknown_variables
from nbtui.memo.shelledits import places, with_aliases, with_words
from nbtui.project import Aliases

ALIASES = Aliases(
    commands={"python tools/compare.py": "nb-compare"},
    paths={"./old/prog": "./new/prog", "tests/golden_data/": "golden_data/"},
)


@pytest.mark.parametrize(
    "words",
    [
        ("python", "tools/compare.py"),
        ("python3", "tools/compare.py"),
        ("python", "./tools/compare.py"),
        ("tools/compare.py",),
        ("./tools/compare.py",),
    ],
)
def test_python_disappears_with_an_aliased_script(words: tuple[str, ...]) -> None:
    mapped = map_command((*words, "--x", "1"), ALIASES)
    assert mapped.words == ("nb-compare", "--x", "1")
    (deviation,) = mapped.deviations
    assert (deviation.memo_says, deviation.runs) == (" ".join(words), "nb-compare")


@pytest.mark.parametrize(
    "words", [("python", "tools/compare.py.bak"), ("python",), ("ruby", "tools/compare.py"), ()]
)
def test_other_commands_stay(words: tuple[str, ...]) -> None:
    assert map_command(words, ALIASES).words == words
    assert map_command(words, ALIASES).deviations == ()


@pytest.mark.parametrize(
    ("word", "mapped"),
    [
        ("./old/prog", "./new/prog"),
        ("old/prog", "./new/prog"),
        ("tests/golden_data/a/image.bin", "golden_data/a/image.bin"),
        ("./tests/golden_data/a", "golden_data/a"),
        ("--in=tests/golden_data/a", "--in=golden_data/a"),
        ("old/program", "old/program"),
        ("my/tests/golden_data/a", "my/tests/golden_data/a"),
        ("--old/prog", "--old/prog"),
    ],
)
def test_paths(word: str, mapped: str) -> None:
    result = map_paths((word,), ALIASES)
    assert result.words == (mapped,)
    assert bool(result.deviations) is (word != mapped)


@pytest.mark.parametrize(
    ("paths", "root"),
    [
        (["reports/a/b/$STAMP/"], Place("reports/a/b", "$STAMP")),
        (["reports/a/b/<STAMP>/x/y.json"], Place("reports/a/b", "$STAMP")),
        (["reports/a/b/20300101T000000Z/x.json"], Place("reports/a/b", "$STAMP")),
        (["reports/a/20300101T000000Z/c/$STAMP/"], Place("reports/a/20300101T000000Z/c", "$STAMP")),
        (["docs/x.md", "reports/a/b/c/"], Place("reports/a/b/c")),
        (["reports/a/b/summary.md"], Place("reports/a/b")),
        (["reports/a/b/c/", "reports/d/e/$STAMP/"], Place("reports/d/e", "$STAMP")),
        (["reports/a/b/{x,y}"], Place("reports/a/b", "$STAMP")),
        (["reports/a/<ts>_check/{x,y}"], Place("reports/a", "${STAMP}_check")),
        (["reports/a/b/log_${STAMP}.txt"], Place("reports/a/b")),
        (["reports/$STAMP"], None),
        (["/reports/a/$STAMP"], None),
        (["reports/../a/$STAMP"], None),
        ([], None),
    ],
)
def test_the_folder_above_the_stamp(paths: list[str], root: Place | None) -> None:
    assert artifacts_place(paths, "reports") == root


def test_an_unstamped_folder_of_the_memo_is_the_bundle_too() -> None:
    names = Names("reports/a/b", {}, stamped=False)
    assert names.resolve("reports/a/b/x.log") == "$OUTDIR/x.log"
    assert names.resolve("reports/a/bc/x.log") == "reports/a/bc/x.log"


def test_similar_names_are_not_the_bundle() -> None:
    names = Names("reports/a/b", {})
    for path in ("old/reports/a/b/$STAMP/x", "reports/a/b/$STAMP2", "reports/a/b/x"):
        assert "$OUTDIR" not in names.resolve(path)


def test_unknown_variables_are_named_once() -> None:
    assert unknown_variables("$OUTDIR/$A/${B}/$A") == ("A", "B")


@pytest.mark.parametrize("text", ["$(date +%s)", "`date -u`", "<timestamp>", "${STAMP}", "$stamp"])
def test_spellings_of_the_stamp(text: str) -> None:
    assert spell_stamp(f"x/{text}/y") == "x/$STAMP/y"


@pytest.mark.parametrize(
    ("text", "mapped"),
    [
        ("cd x && python tools/compare.py --a 1", "cd x && nb-compare --a 1"),
        (
            "env A=1 timeout 5 python3 tools/compare.py -- -N 5 | sort > ./old/prog",
            "env A=1 timeout 5 nb-compare -- -N 5 | sort > ./new/prog",
        ),
        ('P=./old/prog "./old/prog" -v 2>&1 | wc', 'P=./new/prog "./new/prog" -v 2>&1 | wc'),
        (
            "for f in tests/golden_data/*; do cmp $f tests/golden_data/a; done",
            "for f in tests/golden_data/*; do cmp $f golden_data/a; done",
        ),
        ("cat <<'X' > y\npython tools/compare.py\nX", "cat <<'X' > y\npython tools/compare.py\nX"),
        ("echo ü && ./old/prog -v", "echo ü && ./new/prog -v"),
        ("echo './old/prog/x' | cat", "echo './old/prog/x' | cat"),
    ],
)  # fmt: skip
def test_shell_text_keeps_everything_but_the_words_that_are_mapped(text: str, mapped: str) -> None:
    changed, deviations = with_aliases(text, ALIASES)
    assert changed == mapped
    assert bool(deviations) is (text != mapped)


def test_words_of_one_command_are_exchanged() -> None:
    text = "make x; prog --a 1 \\\n  --b 'two  words' | tee log"
    assert with_words(text, 1, 3, 2, ()) == "make x; prog --a 1 | tee log"
    assert with_words(text, 1, 1, 1, ("--alpha",)) == text.replace("--a ", "--alpha ")
    assert [w.bare for w in places(text)[1]] == ["prog", "--a", "1", "--b", "two  words"]
