"""A git repository, or a whole small project, of its own for a test to damage."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nbtui.faces import STAGE, Desk
from tests.nbtui.repository import Git, git_in
from tests.nbtui.small_bundle import bundle_copy, sealed_bundle, small_lab
from tests.nursery.client import Nursery

__all__ = ["Git", "bundle_copy", "sealed_bundle", "small_lab"]


@pytest.fixture(scope="session")
def cache_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache folder for the tests' own use."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _users_cache_is_left_alone(cache_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever asks for the user's cache folder (the index of runs) gets the tests'."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_home))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository on branch main with one commit; reports/ is ignored."""
    root = tmp_path / "repo"
    root.mkdir()
    (root / "a.txt").write_text("one\n")
    (root / ".gitignore").write_text("reports/*\n!reports/README.md\nbuild/\n")
    run = git_in(root)
    run("-c", "init.defaultBranch=main", "init", "--quiet")
    run("add", ".")
    run("commit", "--quiet", "-m", "first")
    return root


@pytest.fixture
def git(repo: Path) -> Git:
    """Return a function that runs git in the repository and returns what it prints."""
    return git_in(repo)


@pytest.fixture
def desk(tmp_path: Path, born: Nursery) -> Iterator[Desk]:
    """A project with a memo of two stages, and the command line in it."""
    root = tmp_path / "desk"
    (root / "scripts").mkdir(parents=True)
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "VIRTUAL_ENV": sys.prefix,
        "LANG": "C.UTF-8",
        "NBTUI_LOCK_DIR": str(tmp_path / "locks"),
        "NBTUI_GRACE_S": "0.5",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
    }
    place = Desk(root, env, born)
    (root / ".gitignore").write_text("reports/\n")
    (root / "scripts" / "stage.py").write_text(STAGE)
    place.git("init", "--quiet", "--initial-branch=main")
    place.git("config", "user.name", "desk")
    place.git("config", "user.email", "desk@example.invalid")
    place.git("add", ".")
    place.memo(0.0)
    yield place
    place.end()
