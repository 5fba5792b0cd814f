"""What a stage is given, and what is kept from it and from the records."""

import sys
from pathlib import Path

import pytest

from nbtui.errors import PlanError
from nbtui.evidence.secrets import TOKEN_VARIABLE, redacted
from nbtui.memo.plan import Command, Variable
from nbtui.run import environment
from nbtui.run.locks import acquire
from tests.nbtui.run.lab import plan_of, step

BUNDLE = Path("/root/reports/x/y/20260101T000000Z")


def test_only_listed_variables_pass_and_the_plan_comes_last() -> None:
    plan = plan_of(environment=(Variable(name="HOME", value="/planned", source="m:1"),))
    one = step(1, "true")
    shell = {"HOME": "/home/me", "AWS_KEY": "x", "LC_ALL": "C", "PYTHONPATH": "/evil"}
    env, delta = environment.child_environment(plan, one, shell, BUNDLE, "of this run")
    assert env["HOME"] == "/planned"
    assert env["LC_ALL"] == "C"
    assert "AWS_KEY" not in env
    assert "PYTHONPATH" not in env
    assert delta["OUTDIR"] == str(BUNDLE)
    assert delta[TOKEN_VARIABLE] == "of this run"
    assert env["PATH"].startswith(str(Path(sys.executable).parent))
    assert environment.held_back(shell) == ("PYTHONPATH",)


def test_a_demanded_variable_keeps_the_shells_value_and_a_step_overrides() -> None:
    plan = plan_of(environment=(Variable(name="SITE", value=None, source="m:1"),))
    own = step(1, "true", command=Command(argv=("true",), env={"NB": "1"}, log="$OUTDIR/l"))
    assert environment.planned(plan, own, {"SITE": "here"}) == {"SITE": "here", "NB": "1"}
    assert environment.planned(plan, own, {}) == {"NB": "1"}


def test_the_c_program_may_be_the_shells_where_the_memo_names_none() -> None:
    shell = {"NB_C_BIN": "./other"}
    for plan, expected in (
        (plan_of(environment=()), "./other"),
        (plan_of(), "./program"),
    ):
        env, delta = environment.child_environment(plan, step(1, "true"), shell, BUNDLE)
        assert env["NB_C_BIN"] == delta["NB_C_BIN"] == expected
    assert environment.planned(plan_of(environment=()), None, {}) == {}


def test_programs_are_found_beside_the_interpreter_first(tmp_path: Path) -> None:
    (tmp_path / "python").write_text("")
    found = environment.resolve_program("python", tmp_path, str(tmp_path))
    assert found == str(Path(sys.executable).parent / "python")
    assert environment.resolve_program("sh", tmp_path, "/bin:/usr/bin").endswith("/sh")
    (tmp_path / "own").write_text("")
    assert environment.resolve_program("./own", tmp_path, "") == str(tmp_path / "own")
    with pytest.raises(PlanError, match="no such program"):
        environment.resolve_program("./absent", tmp_path, "/bin")


@pytest.mark.parametrize("name", ["/etc/passwd", "../other", "logs/../../x", "/root/reports"])
def test_a_path_outside_the_bundle_is_refused(name: str) -> None:
    with pytest.raises(PlanError):
        environment.inside(BUNDLE, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_TOKEN", "x"),
        ("DB_PASSWORD", "x"),
        ("PLAIN", "ghp_abcdefghijklmnopqrstuvwxyz"),
        ("REMOTE", "https://user:secret@example.org/x"),
        ("CERT", "-----BEGIN PRIVATE"),
    ],
)
def test_secrets_are_not_written_down(name: str, value: str) -> None:
    assert redacted({name: value, "HOME": "/h"}) == {name: "(redacted)", "HOME": "/h"}


def test_ordinary_values_are_written_down() -> None:
    plain = {"AUTHORITATIVE_CMDS_DOC": "docs/x.md", "KMP_DUPLICATE_LIB_OK": "TRUE"}
    assert redacted(plain) == plain


def test_the_lock_can_be_taken_again_once_it_is_let_go(tmp_path: Path) -> None:
    env = {"NBTUI_LOCK_DIR": str(tmp_path)}
    acquire(env).close()
    acquire(env).close()
