"""The commands around the app, as they are typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nbtui.commands.root import group
from nbtui.errors import ConfigError
from nbtui.tui.actions import ACTIONS


def test_every_action_is_listed_with_the_keys_in_force(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text("[keys]\nfind_next = 'f9'\n")
    env = {"NBTUI_KEYS": str(path)}
    done = CliRunner().invoke(group, ["keys", "--json"], env=env)
    rows = json.loads(done.output)
    assert {row["id"] for row in rows} == {action.id for action in ACTIONS}
    assert next(row["keys"] for row in rows if row["id"] == "find_next") == "f9"
    plain = CliRunner().invoke(group, ["keys"], env=env)
    assert str(path) in plain.output
    assert "Next match" in plain.output


def test_a_key_file_that_is_wrong_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text("[keys]\nfind_nxt = 'f9'\n")
    done = CliRunner().invoke(group, ["keys"], env={"NBTUI_KEYS": str(path)})
    assert isinstance(done.exception, ConfigError)
    assert str(path) in str(done.exception)


def test_pressing_keys_needs_a_terminal() -> None:
    done = CliRunner().invoke(group, ["keys", "--press"])
    assert done.exit_code == 2
    assert "needs a terminal" in done.output


@pytest.mark.parametrize("words", [["keys", "--help"]])
def test_help_gives_examples(words: list[str]) -> None:
    assert "Examples:" in CliRunner().invoke(group, words).output
