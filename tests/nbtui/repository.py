"""A git repository of its own for a test to damage."""

import subprocess
from collections.abc import Callable
from pathlib import Path

Git = Callable[..., str]


def make_repository(root: Path) -> Git:
    """Make a repository on branch main with one commit, reports/ ignored; return its git."""
    root.mkdir()
    (root / "a.txt").write_text("one\n")
    (root / ".gitignore").write_text("reports/*\n!reports/README.md\nbuild/\n")
    git = git_in(root)
    git("-c", "init.defaultBranch=main", "init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "first")
    return git


def git_in(root: Path) -> Git:
    """Return a function that runs git in a folder and returns what it prints."""

    def run(*args: str) -> str:
        identity = ("-c", "user.name=Op Erator", "-c", "user.email=op@example.org")
        done = subprocess.run(
            ["git", *identity, "-c", "commit.gpgsign=false", *args],
            cwd=root, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    return run
