"""Dangerous commands are marked, through wrappers and shells; harmless ones are not."""

import pytest

from nbtui.memo.danger import dangerous_variables, dangers
from nbtui.memo.plan import SHELL, Command


def of(*argv: str) -> str:
    return "; ".join(dangers(Command(argv=argv, log="$OUTDIR/l.log")))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rm -rf build", "rm: deletes"),
        ("true && rm x", "rm: deletes"),
        ("for f in a b; do rm $f; done", "rm: deletes"),
        ("echo $(rm x)", "rm: deletes"),
        ("find . -name '*.o' -delete", "find: deletes"),
        ("git push origin main", "git push: changes the repository; git push: reaches the network"),
        ("git commit -am x", "git commit: changes"),
        ("git reset --hard", "git reset: changes"),
        ("git checkout main", "git checkout: changes"),
        ("sudo make install", "sudo: runs as another user"),
        ("sudo rm x", "rm: deletes"),
        ("env A=1 timeout 60 curl -O u", "curl: reaches the network"),
        ("ls | xargs -I {} rm {}", "rm: deletes"),
        ("env -u NAME timeout -s KILL 5 rm x", "rm: deletes"),
        ("bash --rcfile file -c 'wget u'", "wget: reaches the network"),
        ("bash -c 'wget u'", "wget: reaches the network"),
        ("bash -lc 'wget u'", "wget: reaches the network"),
        ("python -m pip install x", "pip install: reaches the network"),
        ("eval rm x", "eval: runs text as commands; rm"),
        ("echo x > /etc/hosts", "writes /etc/hosts, outside"),
        ("echo x >> notes.txt", "writes notes.txt, outside"),
        ("echo x > $OUTDIR/../y", "outside the run's folder"),
        ("true | tee log.txt", "writes log.txt, outside"),
        ("nanoBragg -N 5 -floatfile golden_data/a/image.bin", "writes golden data"),
        ("nanoBragg -N 5 -floatfile out.bin", "writes outside the run's folder"),
        ("echo 'unclosed", "not understood"),
    ],
)
def test_what_is_dangerous_is_said(text: str, words: str) -> None:
    assert words in of(*SHELL, text)


@pytest.mark.parametrize(
    "argv",
    [
        ("nb-compare", "--outdir", "$OUTDIR/x", "--", "-N", "5"),
        ("python", "scripts/rm.py", "rm", "-rf"),
        ("git", "status"),
        ("git", "rev-parse", "HEAD"),
        ("pytest", "tests/test_x.py::test_git_push"),
        (*SHELL, "sha256sum a > $OUTDIR/sums.txt 2>&1"),
        (*SHELL, 'ls | tee "${OUTDIR}/logs/a.log"; true > /dev/null'),
    ],
)
def test_what_is_harmless_is_not_marked(argv: tuple[str, ...]) -> None:
    assert of(*argv) == ""


def test_plain_words_are_looked_at_like_shell_text() -> None:
    assert "rm: deletes" in of("rm", "-rf", "build")
    assert "rm: deletes" in of("/usr/bin/env", "A=1", "/bin/rm", "x")
    assert dangers(None) == ()


def test_variables_that_steer_programs_are_said() -> None:
    command = Command(argv=("pytest",), env={"PYTHONPATH": "/x", "A": "1"}, log="l")
    assert dangers(command) == ("sets PYTHONPATH: changes what runs",)
    assert dangerous_variables(["LD_PRELOAD", "GIT_DIR", "OMP_NUM_THREADS"]) == (
        "LD_PRELOAD", "GIT_DIR",
    )  # fmt: skip


def test_shells_in_shells_end_somewhere() -> None:
    text = "rm x"
    for _ in range(12):
        text = f"eval {text}"
    assert "eval" in of(*SHELL, text)
