"""A child that is asked something can answer, and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbtui.errors import MemoError
from nbtui.memo.compile import compile_plan
from nbtui.memo.lint import lint
from nbtui.memo.lint.asking import programs, sandbox
from nbtui.memo.lint.asking.sandbox import Reply
from nbtui.memo.parse import parse_memo

PROBE = """\
import json, os, socket, sys
found = {"env": sorted(os.environ), "here": os.listdir("."), "stdin": sys.stdin.read()}
for name, path in (("own", "own"), ("outside", sys.argv[1])):
    try:
        open(path, "w").close()
        found[name] = True
    except OSError:
        found[name] = False
try:
    socket.create_connection(("192.0.2.1", 9), timeout=0.2)
except OSError as error:
    found["network"] = type(error).__name__
print(json.dumps(found))
"""


def run(body: str, *words: str, deadline_s: float = 20.0) -> Reply:
    return sandbox.ask([sys.executable, "-c", body, *words], deadline_s=deadline_s)


def test_a_child_has_an_empty_folder_no_terminal_and_next_to_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "secret")
    found = run(PROBE, str(tmp_path / "x"))
    assert found.answered, found
    told = json.loads(found.stdout)
    assert (told["here"], told["stdin"], told["own"]) == ([], "", True)
    assert not {"MY_TOKEN", "VIRTUAL_ENV", "PYTHONPATH"} & set(told["env"])
    assert found.confined == sandbox.can_confine()
    if found.confined:
        assert not told["outside"]
        assert not (tmp_path / "x").exists()
        assert told["network"] == "OSError"


def test_without_namespaces_the_rest_still_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "can_confine", lambda: False)
    found = run(PROBE, str(tmp_path / "x"))
    assert found.answered
    assert not found.confined
    assert '"here": []' in found.stdout


def test_a_child_that_hangs_is_ended() -> None:
    found = run("import time; time.sleep(60)", deadline_s=0.3)
    assert (found.exit_code, found.answered) == (None, False)
    assert found.outcome == "ended after 0.3 s"


def test_a_flood_is_cut_off() -> None:
    found = run("import sys\nwhile True: sys.stdout.write('x' * 65536)")
    assert not found.answered
    assert len(found.stdout) <= 1 << 20


@pytest.mark.parametrize("body", ["sys.exit(3)", "print('nothing here')"])
def test_a_tool_without_an_answer_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    path = tmp_path / "nb-compare"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    path.chmod(0o755)
    monkeypatch.setattr(programs, "beside_python", lambda _: path)
    told, asked = programs.options_of(["nb-compare"], tmp_path, script=None, committed=True, env={})
    assert told is None
    assert asked[0].argv == (str(path), "--help")


WORDS = st.sampled_from(
    [
        "python evil.py", "python", "./evil.py", "./evil.sh", "evil.sh", "pytest", "evil", "-c",
        "rm -rf", "`", "$(touch trap)", "; touch trap", "| tee x", "-p evil", "--rootdir=/tmp",
        "-k 'a or b'", "tests/test_evil.py", "tests/test_evil.py::test_a", "--", "nb-compare",
        "-hkl /etc/passwd", "NB_C_BIN=./evil.sh", "PYTEST_ADDOPTS='-p evil'", "@evil.py",
        "../evil.py", "python -m evil", "python -c 'import evil'", "/bin/sh evil.sh",
        "bash evil.sh", "*.py", "\n- ",
    ]
)  # fmt: skip
BULLETS = st.lists(st.lists(WORDS | st.text(max_size=8), max_size=6).map(" ".join), max_size=6)


@given(bullets=BULLETS)
@settings(max_examples=40, deadline=None)
def test_no_memo_makes_lint_start_anything_but_what_it_lists(
    tmp_path_factory: pytest.TempPathFactory, bullets: Sequence[str]
) -> None:
    root = _folder(tmp_path_factory)
    started: list[tuple[str, ...]] = []

    def ask(argv: Sequence[str], **_: Any) -> Reply:
        started.append(tuple(argv))
        return Reply("", "", 1, True, 0.0, "exit 1")

    def refuse(*args: Any, **_: Any) -> None:
        raise AssertionError(f"started: {args}")

    lines = "\n".join(f"- `{b}`" for b in bullets)
    text = f"Branch: main\nArtifacts: reports/a/b/$STAMP/\nHow-To Map:\n- `nproc`\n{lines}\n"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "ask", ask)
        patch.setattr(sandbox, "can_confine", lambda: True)
        for module, name in ((subprocess, "Popen"), (os, "system"), (os, "posix_spawn")):
            patch.setattr(module, name, refuse)
        try:
            memo = parse_memo(text.encode("utf-8", "replace"), name="m")
            plan = compile_plan(memo)
        except MemoError:
            return
        report = lint(plan, memo, root)
    assert len(started) == len(report.answers.asked)
    listed = {a.argv for a in report.answers.asked if a.why == "options"}
    for argv in started:
        is_help = argv[-1] == "--help" and (len(argv) == 2 or argv[1].startswith(f"{root}/"))
        assert argv in listed if is_help else argv[2].endswith("probe.py")
        assert not {"-p", "-c", "--rootdir=/tmp"} & set(argv)
    assert not (root / "trap").exists()


def _folder(factory: pytest.TempPathFactory) -> Path:
    root = factory.mktemp("root")
    (root / "evil.py").write_text("import argparse\nopen('trap', 'w')\n")
    (root / "evil.sh").write_text("#!/bin/sh\ntouch trap\n")
    (root / "evil.sh").chmod(0o755)
    (root / "tests").mkdir()
    (root / "tests" / "test_evil.py").write_text("open('trap', 'w')\ndef test_a(): ...\n")
    return root
