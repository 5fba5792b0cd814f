"""The project's root and its settings."""

from pathlib import Path

import pytest

from nbtui.errors import ConfigError
from nbtui.project import Settings, find


def write(root: Path, text: str) -> Path:
    (root / "pyproject.toml").write_text(text)
    return root


def test_the_nearest_table_upwards_is_the_root(tmp_path: Path) -> None:
    write(tmp_path, '[tool.nbtui]\nreports = "out"\n')
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    write(inner, "[project]\nname = 'x'\n")
    project = find(inner)
    assert project.root == tmp_path
    assert project.settings.reports == "out"


def test_a_work_tree_is_the_root_where_no_table_is(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "a"
    inner.mkdir()
    assert find(inner).root == tmp_path
    assert find(inner).settings == Settings()


def test_a_folder_stands_for_itself_without_either(tmp_path: Path) -> None:
    # the temporary folder must not lie in a repository itself for this to hold
    assert find(tmp_path).settings == Settings()


def test_aliases_are_read(tmp_path: Path) -> None:
    write(tmp_path, '[tool.nbtui.aliases.commands]\n"python a.py" = "b"\n')
    assert find(tmp_path).settings.aliases.commands == {"python a.py": "b"}


@pytest.mark.parametrize(
    ("text", "what", "where", "fix"),
    [
        ('[tool.nbtui]\n\nreport = "x"\n', "unknown key 'report'", ":3", "write 'reports'"),
        ("[tool.nbtui]\nzzz = 1\n", "unknown key 'zzz'", ":2", "known keys: aliases"),
        ("[tool.nbtui.aliases.path]\na = 'b'\n", "unknown key 'path'", ":1", "write 'paths'"),
        ("[tool.nbtui]\nvenv = 3\n", "Expected `str`, got `int`", ":2", "docs/memos.md"),
        ("[tool.nbtui]\nvenv = \n", "cannot be read", "pyproject.toml", "correct"),
    ],
)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, text: str, what: str, where: str, fix: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        find(write(tmp_path, text))
    assert what in caught.value.what
    assert str(caught.value.where).endswith(where)
    assert fix in str(caught.value.fix)
