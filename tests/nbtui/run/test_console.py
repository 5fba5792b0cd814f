"""Console reports are read while the programs write them, and block what follows."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from nbtui.evidence.records import Verdict
from nbtui.memo.plan import Role
from nbtui.run.console import Console
from nbtui.run.environment import Resolved
from tests.nbtui.run.lab import Lab, plan_of, shell, step, tool

if TYPE_CHECKING:
    from nbtui.run.events import ConsoleRead

pytestmark = pytest.mark.timeout(300)
ARGS = ("-N", "5", "-default_F", "100", "-lambda", "0.5")


def test_a_report_is_an_event_while_the_stage_still_runs(lab: Lab) -> None:
    script = (
        "echo '  parallelpiped xtal: 5x5x5 cells'; until [ -e $OUTDIR/go ]; do sleep 0.02; done"
    )
    bundle = lab.start(plan_of(shell(1, script, experiment=ARGS)))
    state = lab.until(
        bundle, lambda s: any(r.name == "N" for t in s.stages for r in t.console), "it"
    )
    read = state.stages[0].console
    assert [(r.name, r.value, r.source, r.problem) for r in read] == [
        ("crystal shape", "parallelpiped", "logs/1.log:1", ""),
        ("N", "5x5x5", "logs/1.log:1", ""),
    ]
    assert state.stages[0].outcome is None
    (bundle / "go").touch()
    assert lab.finish(bundle).verdict is Verdict.CLEARED


@pytest.mark.parametrize("setting", ["block", "note"])
def test_a_hidden_input_that_was_read_blocks_unless_the_project_says_otherwise(
    lab: Lab, setting: str
) -> None:
    text = (lab.root / "pyproject.toml").read_text()
    (lab.root / "pyproject.toml").write_text(f"{text}console_findings = '{setting}'\n")
    lab.git("commit", "--quiet", "--all", "--message", "setting")
    plan = plan_of(
        shell(1, "echo begun; echo 'reading Fs from Fdump.bin'", experiment=ARGS), shell(2, "true")
    )
    state = lab.run(plan)
    (problem,) = (r for r in state.stages[0].console if r.problem)
    assert problem.source == "logs/1.log:2"
    if setting == "note":
        assert state.verdict is Verdict.CLEARED
        return
    assert state.verdict is Verdict.BLOCKED
    assert state.blocker is not None
    assert state.blocker.kind == "console"
    assert state.blocker.source == "logs/1.log:2"
    assert len(state.stages) == 1
    report = (state.bundle / "blockers.md").read_text()
    assert "read structure factors from Fdump.bin, which nobody asked for" in report
    assert "READ BY a program in the log (logs/1.log:2)" in report


def test_both_sides_of_a_comparison_are_read_from_their_own_files(lab: Lab) -> None:
    script = (
        "mkdir -p $OUTDIR/out; cd $OUTDIR/out; echo '  x xtal: 1x1x1 cells' > c_stdout.txt; "
        "echo '  x xtal: 5x5x5 cells' > py_stdout.txt"
    )
    stage = step(1, "/bin/sh", "-c", script, "--outdir", "$OUTDIR/out")
    state = lab.run(plan_of(stage))
    assert state.reason == "N differs: C 1x1x1, port 5x5x5"
    assert state.blocker is not None
    assert state.blocker.source == "out/py_stdout.txt:1"


def test_tests_may_simulate_whatever_they_like(lab: Lab) -> None:
    stage = tool(1, Role.PYTEST)
    assert stage.command is not None
    argv = ("/bin/sh", "-c", 'echo "reading Fs from Fdump.bin"; exec "$0" "$@"')
    command = msgspec.structs.replace(stage.command, argv=(*argv, *stage.command.argv))
    state = lab.run(plan_of(msgspec.structs.replace(stage, command=command)))
    assert [r.problem for r in state.stages[0].console] == [""]
    assert state.verdict is Verdict.CLEARED, state.reason


def test_a_file_that_is_written_anew_is_read_anew_and_a_link_is_not_read(
    lab: Lab, tmp_path: Path
) -> None:
    secret = tmp_path / "elsewhere_stdout.txt"
    secret.write_text("reading Fs from Fdump.bin\n")
    script = (
        f"mkdir -p $OUTDIR/out; cd $OUTDIR/out; ln -s {secret} c_stdout.txt; "
        "echo '  x xtal: 5x5x5 cells and more' > py_stdout.txt; "
        'until grep -q \'"type":"stage[.]console"\' $OUTDIR/events.jsonl; do sleep 0.02; done; '
        "echo 'max_I = 3' > py_stdout.txt; rm c_stdout.txt"
    )
    stage = step(1, "/bin/sh", "-c", script, "--outdir", "$OUTDIR/out")
    state = lab.run(plan_of(stage))
    assert state.verdict is Verdict.CLEARED, state.reason
    assert [r.name for r in state.stages[0].console] == ["crystal shape", "N", "maximum"]


def test_a_reading_is_found_in_a_flood_and_its_line_is_the_files(tmp_path: Path) -> None:
    log = tmp_path / "1.log"
    read: list[ConsoleRead] = []
    resolved = Resolved(argv=("x",), env={}, delta={}, cwd=tmp_path, log=log)
    console = Console(shell(1, "x"), resolved, tmp_path, tmp_path, read.append)
    for text in ("flood\n" * 1000, "flood\nmax_I", " = 3\nflood\n", "flood\n", "max_I = 4\n"):
        with log.open("a") as stream:
            stream.write(text)
        console.look()
    assert [(r.value, r.source) for r in read] == [("3", "1.log:1002"), ("4", "1.log:1005")]
