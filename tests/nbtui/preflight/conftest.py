"""A plan to hold a prepared world against."""

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import pytest

from nbtui.memo.plan import Command, LineSpan, Plan, Role, Step, StepKind
from nbtui.preflight.model import Context
from nbtui.project import Settings
from tests.nbtui.repository import Git, git_in, make_repository

MakeContext = Callable[..., Context]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Return a repository on branch main with one commit; reports/ is ignored."""
    make_repository(tmp_path / "repo")
    return tmp_path / "repo"


@pytest.fixture
def git(repo: Path) -> Git:
    """Return a function that runs git in the repository."""
    return git_in(repo)


def _stage() -> Step:
    return Step(
        id="01-compare",
        title="Compare",
        kind=StepKind.RUNNABLE,
        role=Role.COMPARE,
        lines=LineSpan(1, 1),
        memo_text="",
        command=Command(argv=("nb-compare", "--", "-dump", "Cache.bin"), log="$OUTDIR/l.log"),
    )


@pytest.fixture
def context(repo: Path) -> MakeContext:
    """Return a function that makes a context on the repository, plan fields by keyword."""

    def make(env: Mapping[str, str] | None = None, **fields: object) -> Context:
        plan = Plan(
            memo_name="memo.md",
            memo_sha256="0" * 64,
            summary="s",
            focus="f",
            branch="main",
            artifacts_root="reports/a/b",
            steps=(_stage(),),
        )
        plan = msgspec.structs.replace(plan, **fields)
        return Context(root=repo, plan=plan, env=env or {}, settings=Settings())

    return make
