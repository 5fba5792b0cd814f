"""Variables that are missing, wrong, changed, secret, or left over from another day."""

import pytest

from nbtui.evidence.records import Verdict
from nbtui.exit_codes import ExitCode
from nbtui.memo.plan import Variable
from tests.faults.harness.site import Site
from tests.nbtui.run.lab import plan_of, shell

pytestmark = pytest.mark.timeout(300)
C_BIN = Variable(name="NB_C_BIN", value="./program", source="input.md:3")
DEMANDED = Variable(name="KMP_DUPLICATE_LIB_OK", value="TRUE", source="input.md:4")


def test_a_variable_that_the_shell_sets_otherwise_starts_nothing(site: Site) -> None:
    plan = plan_of(shell(1, "true"), environment=(C_BIN, DEMANDED))
    run = site.start(plan, env={"KMP_DUPLICATE_LIB_OK": "FALSE"})
    state = run.ends(Verdict.BLOCKED, ExitCode.NOT_STARTED, DEMANDED.name)
    assert state.stages == ()


def test_a_variable_that_is_demanded_and_unset_starts_nothing(site: Site) -> None:
    demanded = Variable(name="NB_DATA", value=None, source="input.md:4")
    run = site.start(plan_of(shell(1, "true"), environment=(C_BIN, demanded)))
    state = run.ends(Verdict.BLOCKED, ExitCode.NOT_STARTED, "NB_DATA")
    assert state.stages == ()


def test_what_turns_red_tests_green_is_held_back_and_noted(site: Site) -> None:
    stage = shell(1, 'echo "[$PYTEST_ADDOPTS$PYTHONPATH$LD_PRELOAD$BASH_ENV$STRAY]"')
    run = site.start(plan_of(stage), env=STRAYS)
    state = run.ends(Verdict.CLEARED, ExitCode.CLEARED)
    assert (run.bundle / "logs/1.log").read_text() == "[]\n"
    assert any("PYTEST_ADDOPTS" in note for note in state.notes)


STRAYS = {"PYTEST_ADDOPTS": "-k nothing", "STRAY": "1", "BASH_ENV": "/x"}
CANARIES = {
    "GITHUB_TOKEN": "ghp_" + "c4n4ry" * 6,
    "SITE_PASSWORD": "hunter2-c4n4ry",
    "INDEX_URL": "https://user:c4n4ry@example.invalid/simple",
}


@pytest.mark.parametrize("script", ["true", "exit 3"], ids=["cleared", "blocked"])
def test_no_secret_of_the_environment_is_written_down(site: Site, script: str) -> None:
    run = site.start(plan_of(shell(1, script)), env=CANARIES)
    code = ExitCode.BLOCKED if script != "true" else ExitCode.CLEARED
    run.ends(Verdict.BLOCKED if code else Verdict.CLEARED, code)
    found = [p for p in run.bundle.rglob("*") if p.is_file() and b"c4n4ry" in p.read_bytes()]
    assert found == []
    assert b"c4n4ry" not in run.out.read_bytes() + run.err.read_bytes()
