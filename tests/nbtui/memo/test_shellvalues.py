"""Values of the run's own variables reach a shell in one piece, whatever they hold."""

import subprocess
from pathlib import Path

import pytest

from nbtui.errors import PlanError
from nbtui.memo.plan import SHELL, resolve
from nbtui.memo.shellvalues import filled, in_one_piece
from nbtui.memo.wrappers import text_at

STRANGE = "/x y/$HOME `id` 'q' \"d\" \\ *;光"
TEXTS = {
    "bare": "printf '[%s]' $OUTDIR/a",
    "braces": "printf '[%s]' ${OUTDIR}/a",
    "double quotes": 'printf "[%s]" "$OUTDIR/a"',
    "single quotes": "printf '[%s]' '$OUTDIR/a'",
    "assignment": 'here=$OUTDIR/a; printf "[%s]" "$here"',
    "substitution": 'printf "%s" "$(printf "[%s]" $OUTDIR/a)"',
    "default": "printf '[%s]' ${OUTDIR:-$STAMP}/a",
    "here-document": "printf '['; head -c -1 <<END\n$OUTDIR/a\nEND\nprintf ']'",
    "condition": "if [ -n $OUTDIR ]; then printf '[%s]' $OUTDIR/a; fi",
}


def said(argv: tuple[str, ...], cwd: Path) -> str:
    env = {"PATH": "/usr/bin:/bin", "OUTDIR": STRANGE, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(argv, env=env, cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_text_of_another_shell_gets_the_value_whole(text: str, tmp_path: Path) -> None:
    argv = filled(("sh", "-c", text), {"OUTDIR": STRANGE, "STAMP": "x"})
    assert said(argv, tmp_path) == f"[{STRANGE}/a]"


@pytest.mark.parametrize("text", [t for n, t in TEXTS.items() if n != "single quotes"])
def test_shell_text_gets_the_value_whole(text: str, tmp_path: Path) -> None:
    argv = filled((*SHELL, text), {"OUTDIR": STRANGE, "STAMP": "x"})
    assert said(argv, tmp_path) == f"[{STRANGE}/a]"


def test_a_shell_without_its_environment_is_not_left_to_fill_in_nothing() -> None:
    argv = ("env", "-i", "PATH=/bin", "sh", "-c", "rm -r $OUTDIR/tmp")
    with pytest.raises(PlanError, match="takes the run's folder"):
        filled(argv, {"OUTDIR": STRANGE})
    quoted = 'rm -r "$OUTDIR"/tmp'
    assert filled(("bash", "-i", "-c", argv[-1]), {"OUTDIR": STRANGE})[-1] == quoted
    assert filled(argv, {"OUTDIR": "/plain"})[-1] == "rm -r /plain/tmp"
    assert filled((*argv[:-1], "ls /"), {"OUTDIR": STRANGE})[-1] == "ls /"


def test_a_quoted_dollar_sign_of_shell_text_stays_one(tmp_path: Path) -> None:
    argv = filled((*SHELL, TEXTS["single quotes"]), {"OUTDIR": STRANGE})
    assert said(argv, tmp_path) == "[$OUTDIR/a]"


def test_plain_values_leave_shell_text_as_the_memo_has_it() -> None:
    plain = {"OUTDIR": "/data/reports/a_b/20260101T000000Z"}
    text = "ls $OUTDIR | wc -l"
    assert filled((*SHELL, text), plain)[-1] == text
    assert filled(("sh", "-c", text), plain)[-1] == f"ls {plain['OUTDIR']} | wc -l"


def test_words_that_no_shell_reads_hold_the_value_itself() -> None:
    argv = ("python", "-c", "print('$OUTDIR')", "$OUTDIR/a", "$OUTDIRS", "$OTHER")
    words = filled(argv, {"OUTDIR": STRANGE})
    assert words[2:] == (f"print('{STRANGE}')", f"{STRANGE}/a", "$OUTDIRS", "$OTHER")


def test_a_value_that_looks_like_another_name_is_not_filled_in_again() -> None:
    assert resolve("$A/$B", {"A": "/x/$B", "B": "b"}) == "/x/$B/b"


def test_what_is_not_understood_stays_as_it_is() -> None:
    assert in_one_piece("ls $OUTDIR 'open", ["OUTDIR"]) == "ls $OUTDIR 'open"
    assert in_one_piece("", ["OUTDIR"]) == ""


@pytest.mark.parametrize(
    ("argv", "at"),
    [
        ("sh -c TEXT", 2),
        ("/bin/bash -o pipefail -c TEXT zero", 4),
        ("bash -elc TEXT", 2),
        ("bash -c -e TEXT", 3),
        ("env A=1 timeout 5s sh -c TEXT", 6),
        ("xargs -I {} -n 1 sh -c TEXT", 7),
        ("env -u NAME A=1 timeout -s KILL 5s sh -c TEXT", 10),
        ("bash --rcfile file -c TEXT", 4),
        ("bash script.sh -c TEXT", None),
        ("bash --norc script.sh", None),
        ("echo sh -c TEXT", None),
        ("sh -c", None),
    ],
)
def test_the_text_of_a_shell_is_found(argv: str, at: int | None) -> None:
    assert text_at(tuple(argv.split())) == at
