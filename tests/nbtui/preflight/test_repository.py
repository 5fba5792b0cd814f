"""Branch, commit, clean tree and the reports folder, on real repositories."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nbtui.preflight.model import CheckResult, CheckStatus, Context
from nbtui.preflight.repository import check_branch, check_clean, check_ignored, check_reports

MakeContext = Callable[..., Context]
Git = Callable[..., str]


def branch_of(made: Context) -> CheckResult:
    (result,) = check_branch(made)
    return result


def test_the_memos_branch(context: MakeContext, git: Git) -> None:
    result = branch_of(context())
    assert result.status is CheckStatus.OK
    assert result.facts["commit"] == git("rev-parse", "HEAD")


def test_another_branch_blocks(context: MakeContext, git: Git) -> None:
    git("branch", "feature/x")
    result = branch_of(context(branch="feature/x"))
    assert result.status is CheckStatus.BLOCK
    assert result.expected == "branch feature/x"
    assert result.fix == "git switch feature/x"


def test_a_branch_that_is_not_here_is_fetched_first(context: MakeContext) -> None:
    result = branch_of(context(branch="feature/x"))
    assert result.status is CheckStatus.BLOCK
    assert result.fix.startswith("git fetch && git switch feature/x")


@pytest.mark.parametrize("ref", ["refs/heads/feature/x", "refs/remotes/origin/feature/x"])
def test_a_detached_head_at_the_branchs_tip_is_accepted_and_said(
    context: MakeContext, git: Git, ref: str
) -> None:
    git("update-ref", ref, "HEAD")
    git("switch", "--quiet", "--detach")
    result = branch_of(context(branch="feature/x"))
    assert result.status is CheckStatus.OK
    assert "detached HEAD" in result.found
    assert "feature/x" in result.found


def test_a_detached_head_elsewhere_blocks(context: MakeContext, git: Git) -> None:
    git("switch", "--quiet", "--detach")
    assert branch_of(context(branch="feature/x")).status is CheckStatus.BLOCK


def test_a_branch_that_only_points_to_the_same_commit_is_another_branch(
    context: MakeContext, git: Git
) -> None:
    git("branch", "feature/x")
    assert branch_of(context(branch="feature/x")).status is CheckStatus.BLOCK


def test_a_memo_without_a_branch_warns(context: MakeContext) -> None:
    assert branch_of(context(branch=None)).status is CheckStatus.WARN


def test_no_repository_blocks(context: MakeContext, repo: Path) -> None:
    (repo / ".git").rename(repo.parent / "gone")
    assert branch_of(context()).status is CheckStatus.BLOCK


def clean(made: Context) -> dict[str, CheckResult]:
    return {r.id: r for r in check_clean(made)}


def test_a_clean_tree(context: MakeContext) -> None:
    assert {r.status for r in clean(context()).values()} == {CheckStatus.OK}


def test_a_changed_file_blocks_and_is_listed(context: MakeContext, repo: Path) -> None:
    (repo / "a.txt").write_text("other\n")
    (repo / "new.txt").write_text("x\n")
    result = clean(context())["clean-tree"]
    assert result.status is CheckStatus.BLOCK
    assert result.found == "changed: a.txt; untracked: new.txt"


def test_staged_changes_block(context: MakeContext, repo: Path, git: Git) -> None:
    (repo / "a.txt").write_text("other\n")
    git("add", "a.txt")
    assert clean(context())["staged"].status is CheckStatus.BLOCK


def test_untracked_files_block_and_long_lists_are_cut(context: MakeContext, repo: Path) -> None:
    for n in range(8):
        (repo / f"n{n}").write_text("x\n")
    result = clean(context())["clean-tree"]
    assert result.status is CheckStatus.BLOCK
    assert result.found.endswith("n4 and 3 more")
    assert result.fix.startswith("git stash --include-untracked  # or commit")


def test_the_memo_itself_may_be_untracked(context: MakeContext, repo: Path) -> None:
    made = context()
    (repo / made.plan.memo_name).write_text("Summary: a memo nobody committed\n")
    assert clean(made)["clean-tree"].status is CheckStatus.OK


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at_blocks_until_the_fix_is_run(
    context: MakeContext, git: Git, flag: str
) -> None:
    name = git("ls-files").splitlines()[0]
    git("update-index", flag, name)
    result = clean(context())["clean-tree"]
    assert result.status is CheckStatus.BLOCK
    assert f"told not to look at: {name}" in result.found
    for command in result.fix.removesuffix(": evidence belongs to a commit").split(" && "):
        git(*command.split()[1:])
    assert clean(context())["clean-tree"].status is CheckStatus.OK


@pytest.mark.parametrize("name", ["conftest.py", "below/conftest.py", "pytest.ini"])
def test_an_ignored_file_that_pytest_loads_by_itself_blocks(
    context: MakeContext, repo: Path, name: str
) -> None:
    (repo / "below").mkdir()
    (repo / "below" / "notes.txt").write_text("x\n")
    (repo / ".git" / "info" / "exclude").write_text("conftest.py\npytest.ini\n")
    (before,) = check_ignored(context())
    assert before.status is CheckStatus.OK
    (repo / name).write_text("")
    (result,) = check_ignored(context())
    assert result.status is CheckStatus.BLOCK
    assert result.found == name


def reports(made: Context) -> CheckResult:
    (result,) = check_reports(made)
    return result


def test_reports_ignored_and_untracked(context: MakeContext, repo: Path, git: Git) -> None:
    (repo / "reports").mkdir()
    (repo / "reports" / "README.md").write_text("x\n")
    git("add", "reports/README.md")
    assert reports(context()).status is CheckStatus.OK


def test_a_tracked_report_blocks(context: MakeContext, repo: Path, git: Git) -> None:
    path = repo / "reports" / "a" / "log.txt"
    path.parent.mkdir(parents=True)
    path.write_text("x\n")
    git("add", "--force", "reports/a/log.txt")
    result = reports(context())
    assert result.status is CheckStatus.BLOCK
    assert "reports/a/log.txt" in result.found


def test_reports_that_git_would_see_block(context: MakeContext, repo: Path) -> None:
    (repo / ".gitignore").write_text("build/\n")
    result = reports(context())
    assert result.status is CheckStatus.BLOCK
    assert ".gitignore" in result.fix
