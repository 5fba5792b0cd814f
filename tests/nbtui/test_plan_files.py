"""From memo to plan file to approval to run, as a shell would do it."""

import json
from pathlib import Path

import msgspec
import pytest

from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Plan
from nbtui.run.catalog import bundles
from nbtui.run.forecast import forecasts
from tests.nbtui.faces import Desk

pytestmark = pytest.mark.timeout(60)
MEMO = """\
Summary: A plan with a question.
Branch: main
Artifacts: reports/test/phase_a/$STAMP/
How-To Map:
- Set STAMP=$(date -u +%Y%m%dT%H%M%SZ) and BASE=reports/test/phase_a/$STAMP; mkdir -p $BASE/deep.
- First: `(cd "$BASE"/deep && python SCRIPT --seconds 0 > begun.txt)`
- Second: `python - <<'PY' > $BASE/where.txt
import os
print(os.environ["STAMP"], "$BASE")
PY`
- If time permits, run `python scripts/stage.py --seconds 0`.
Pitfalls To Avoid:
- At least 1 GB of memory free.
- Never commit reports.
"""


@pytest.fixture
def asked(desk: Desk) -> Desk:
    """A desk whose memo holds shell text and one question."""
    (desk.root / "input.md").write_text(MEMO.replace("SCRIPT", str(desk.root / "scripts/stage.py")))
    desk.git("commit", "--quiet", "--all", "--message", "a question")
    return desk


def test_a_plan_is_written_answered_approved_and_run(asked: Desk, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    written = asked.run("plan", "--toml")
    assert written.returncode == ExitCode.NOT_STARTED  # lint: the question is still open
    path.write_text(written.stdout.replace('answer = ""', 'answer = "skip"'))
    named = ("--plan", str(path))

    assert asked.run("approve", *named).returncode == ExitCode.NOT_STARTED  # nobody said yes
    approved = asked.run("approve", *named, "--yes")
    assert approved.returncode == ExitCode.CLEARED, approved.stderr
    digest = approved.stdout.split()[1]
    assert asked.run("approve", digest[:-1] + "x", *named).returncode == ExitCode.NOT_STARTED

    done = asked.run("--batch", *named)
    assert done.returncode == ExitCode.CLEARED, done.stdout + done.stderr
    assert "approved by" in done.stderr
    (bundle,) = bundles(asked.root)
    assert (bundle / "deep" / "begun.txt").read_text() == "begun\nended\n"
    assert (bundle / "where.txt").read_text() == f"{bundle.name} $BASE\n"
    ran = msgspec.json.decode((bundle / "plan.json").read_bytes(), type=Plan)
    assert f"sha256:{ran.digest()}" == digest
    assert [d.why for s in ran.steps for d in s.deviations][-1].startswith("every run ends")

    # what it took is the forecast of the next run
    found = forecasts(ran, asked.root)
    assert {s.id for s in ran.stages if s.command} == set(found)
    assert all(f.runs == 1 and f.last == bundle.name for f in found.values())
    shown = asked.run("plan", *named)
    assert "forecast: " in shown.stdout
    assert f"last {bundle.name}" in shown.stdout
    lines = len(MEMO.splitlines())
    assert f"Memo: {lines} of {lines} lines owned" in shown.stdout


def test_without_an_approval_nothing_runs(asked: Desk, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text(asked.run("plan", "--json").stdout)
    open_question = asked.run("--batch", "--plan", str(path))
    assert open_question.returncode in {ExitCode.WAITING, ExitCode.NOT_STARTED}
    plan = json.loads(path.read_text())
    for step in plan["plan"]["steps"]:
        step["answer"] = "skip" if step["question"] else ""
    path.write_text(json.dumps(plan))
    assert asked.run("--batch", "--plan", str(path)).returncode == ExitCode.NOT_STARTED
    assert bundles(asked.root) == ()


def test_a_plan_file_that_lowers_a_threshold_is_refused(asked: Desk, tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        asked.run("plan", "--toml").stdout + '\n[[guards]]\nid="x"\ntext=""\nsource=""\n'
    )
    refused = asked.run("plan", "--plan", str(path))
    assert refused.returncode == ExitCode.USAGE
    assert "guards" in refused.stderr


def test_the_operator_marks_a_stage_independent(asked: Desk) -> None:
    plain = json.loads(asked.run("plan", "--json").stdout)
    ids = [s["id"] for s in plain["plan"]["steps"] if s["command"]]
    flag = ("--independent", ids[-1])
    shown = json.loads(asked.run("plan", "--json", *flag).stdout)
    assert shown["digest"] != plain["digest"]
    (step,) = (s for s in shown["plan"]["steps"] if s["id"] == ids[-1])
    assert step["independent"]
    assert step["deviations"][-1]["runs"] == f"after a block {ids[-1]} runs for information only"
    wrong = asked.run("--batch", "--yes", "--independent", "09-nothing")
    assert wrong.returncode == ExitCode.USAGE
    assert f"name one of {', '.join(ids)}" in wrong.stderr
    assert asked.run(*flag).returncode == ExitCode.USAGE  # without --batch
