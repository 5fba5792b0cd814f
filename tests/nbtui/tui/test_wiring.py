"""The app's real services, on a small repository with a memo of its own."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from nbtui.errors import NbtuiError
from nbtui.memo.lint import Remedy
from nbtui.memo.lint.fixes import replacing
from nbtui.memo.plan import Step
from nbtui.project import find
from nbtui.run.catalog import is_sealed
from nbtui.store import read
from nbtui.tui import wiring
from nbtui.tui.services import Services
from tests.nbtui.tui import recorded

pytestmark = pytest.mark.timeout(300)

MEMO = """\
Summary: A run for the tests of the app.
Mode: Parity
Focus: docs/fix_plan.md [TOY-1] a small run
Branch: main
Artifacts: reports/toy/phase_a/$STAMP/
How-To Map:
- Set STAMP=$(date -u +%Y%m%dT%H%M%SZ) and OUTDIR=reports/toy/phase_a/$STAMP; \
mkdir -p "$OUTDIR"/logs.
- First: `python work.py | tee "$OUTDIR"/logs/first.log`.
- Summarise in "$OUTDIR"/phase_a_summary.md.
"""


def _git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "input.md").write_text(MEMO)
    (root / "work.py").write_text("print('worked')\n")
    (root / "pyproject.toml").write_text("[tool.nbtui]\n")
    (root / ".gitignore").write_text("reports/*\n")
    _git(root, "init", "-q", "-b", "main")
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "start")
    return root


@pytest.fixture
def services(project: Path, tmp_path: Path) -> Services:
    env = {k: v for k, v in os.environ.items() if not k.startswith("NB_")}
    # A machine lock of its own: tests must not wait for somebody's real run.
    env["NBTUI_LOCK_DIR"] = str(tmp_path)
    return wiring.real(find(project), None, env)


def test_the_memo_becomes_a_plan_with_commands(services: Services) -> None:
    view = services.load()
    assert view.memo_text == MEMO
    assert view.blocking == ()
    commands = services.commands(view.plan)
    program, *words = commands[view.plan.stages[0].id]
    assert Path(program).is_absolute()
    assert words == ["work.py"]


def test_a_program_that_does_not_exist_keeps_its_name(project: Path) -> None:
    plan = recorded.sample_plan()
    commands = wiring.resolved_commands(project, plan, {"PATH": ""})
    assert set(commands) == {s.id for s in plan.stages if s.command}
    assert commands["03-benchmark"][0].endswith("nb-benchmark")


def test_facts_follow_the_work_tree(services: Services, project: Path) -> None:
    clean = services.facts()
    assert (clean.branch, clean.dirty, len(clean.sha)) == ("main", False, 40)
    (project / "work.py").write_text("print('changed')\n")
    assert services.facts().dirty


def test_facts_of_a_folder_without_git_name_the_host_only(tmp_path: Path) -> None:
    facts = wiring.read_facts(tmp_path)
    assert facts.sha == ""
    assert facts.host


def test_one_check_is_made_again(services: Services) -> None:
    plan = services.load().plan
    assert [c.id for c in services.check_one(plan, "disk")] == ["disk"]


def test_a_changed_memo_does_not_start(services: Services, project: Path) -> None:
    plan = services.load().plan
    (project / "input.md").write_text(MEMO.replace("work.py", "other.py"))
    with pytest.raises(NbtuiError, match="no longer the one that was shown"):
        services.start(plan)
    assert not (project / "reports").exists()


def fix_of(step: Step, *after: str) -> Remedy:
    assert step.command
    return replacing(step, after, says="work.py", runs=" ".join(after), why="a test")


def test_one_fix_is_accepted_and_taken_back_with_what_builds_on_it(services: Services) -> None:
    plan = services.load().plan
    first = fix_of(plan.stages[0], "python", "work.py", "-a")
    services.accept(plan, first)
    once = services.load()
    assert once.accepted == (first,)
    assert once.plan.stages[0].command.argv == ("python", "work.py", "-a")  # type: ignore[union-attr]
    assert (plan.stages[0].id, first.deviation) in once.plan.all_deviations()
    second = fix_of(once.plan.stages[0], "python", "work.py", "-a", "-b")
    services.accept(once.plan, second)
    twice = services.load()
    assert twice.accepted == (first, second)
    assert services.take_back(twice.plan, second) == 1
    assert services.load().plan == once.plan
    services.accept(once.plan, second)
    assert services.take_back(services.load().plan, first) == 2
    assert services.load().plan == plan


def test_no_fix_is_accepted_for_a_plan_that_is_no_longer_shown(
    services: Services, project: Path
) -> None:
    plan = services.load().plan
    fix = fix_of(plan.stages[0], "python", "work.py", "-a")
    (project / "input.md").write_text(MEMO.replace("work.py", "other.py"))
    with pytest.raises(NbtuiError, match="no longer the one that was shown"):
        services.accept(plan, fix)
    assert services.load().accepted == ()


def test_a_run_starts_is_found_and_remembered(services: Services) -> None:
    plan = services.load().plan
    assert services.active() is None
    bundle = services.start(plan)
    deadline = time.monotonic() + 120
    # The supervisor ends a little after the seal; waited for, it leaves nothing to collect.
    while services.alive(read(bundle)) and time.monotonic() < deadline:
        assert services.active() in {bundle, None}
        time.sleep(0.05)
    assert is_sealed(bundle)
    state = read(bundle)
    assert state.ended
    assert services.active() is None
    assert services.bundle_plan(bundle) == plan
    assert not services.cancel(bundle, False)
    assert services.forecast(plan)[plan.stages[0].id].last == bundle.name


def test_a_bundle_without_a_plan_is_still_shown(tmp_path: Path) -> None:
    assert wiring.bundle_plan(tmp_path) is None
    (tmp_path / "plan.json").write_text("{")
    assert wiring.bundle_plan(tmp_path) is None
