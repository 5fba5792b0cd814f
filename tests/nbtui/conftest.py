"""A git repository of its own for a test to damage."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Git = Callable[..., str]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository on branch main with one commit; reports/ is ignored."""
    root = tmp_path / "repo"
    root.mkdir()
    (root / "a.txt").write_text("one\n")
    (root / ".gitignore").write_text("reports/*\n!reports/README.md\nbuild/\n")
    run = _runner(root)
    run("-c", "init.defaultBranch=main", "init", "--quiet")
    run("add", ".")
    run("commit", "--quiet", "-m", "first")
    return root


@pytest.fixture
def git(repo: Path) -> Git:
    """Return a function that runs git in the repository and returns what it prints."""
    return _runner(repo)


def _runner(root: Path) -> Git:
    def run(*args: str) -> str:
        identity = ("-c", "user.name=Op Erator", "-c", "user.email=op@example.org")
        done = subprocess.run(
            ["git", *identity, "-c", "commit.gpgsign=false", *args],
            cwd=root, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    return run
