"""What git is asked, on real repositories; it is never written to."""

import subprocess
import sys
from pathlib import Path

import pytest

from nbtui import vcs
from nbtui.errors import VcsError
from tests.nbtui.repository import Git, git_in, make_repository


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Return a repository on branch main with one commit; reports/ is ignored."""
    make_repository(tmp_path / "repo")
    return tmp_path / "repo"


@pytest.fixture
def git(repo: Path) -> Git:
    """Return a function that runs git in the repository."""
    return git_in(repo)


def test_a_clean_tree(repo: Path, git: Git) -> None:
    tree = vcs.work_tree(repo)
    tracked = (".gitignore", "a.txt")
    assert tree == vcs.WorkTree(git("rev-parse", "HEAD"), "main", (), (), (), tracked=tracked)


def test_tracked_files_are_named_from_the_root_that_is_asked(repo: Path, git: Git) -> None:
    for name in ("below/reports/a b.txt", "below/reports-b/c.txt", "reports-b/d.txt"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text("x")
    git("add", ".")
    tree = vcs.work_tree(repo / "below")
    assert tree is not None
    assert tree.tracked == vcs.tracked(repo / "below")
    for spelled in ("reports", "./reports/", "reports//"):
        assert tree.tracked_below(spelled) == ("reports/a b.txt",)


def test_a_tracked_link_in_the_place_of_a_folder_is_tracked_there(repo: Path, git: Git) -> None:
    (repo / "runs").symlink_to("elsewhere")
    git("add", "runs")
    tree = vcs.work_tree(repo)
    assert tree is not None
    assert tree.tracked_below("runs") == vcs.tracked(repo, "runs") == ("runs",)


def test_a_flagged_file_is_named_wherever_one_stands_and_not_when_it_is_absent(
    repo: Path, git: Git
) -> None:
    name = git("ls-files").splitlines()[0]
    git("update-index", "--skip-worktree", name)
    (repo / name).write_text("a change that git status does not show\n")
    (repo / "below").mkdir()
    for place in (repo, repo / "below"):
        tree = vcs.work_tree(place)
        assert tree is not None
        assert (tree.dirty, tree.unwatched) == ((), (name,))
    (repo / name).unlink()
    absent = vcs.work_tree(repo)
    assert absent is not None
    assert absent.unwatched == ()


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE"])
def test_a_variable_that_leads_git_elsewhere_is_refused(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "another"))
    with pytest.raises(VcsError, match=f"{name} is set"):
        vcs.work_tree(repo)


def test_changed_staged_and_untracked_files_are_told_apart(repo: Path, git: Git) -> None:
    (repo / "a.txt").write_text("two\n")
    (repo / "with space.txt").write_text("x\n")
    (repo / "new").mkdir()
    (repo / "new" / "n.txt").write_text("x\n")
    (repo / "staged ü.txt").write_text("x\n")
    git("add", "staged ü.txt")
    tree = vcs.work_tree(repo)
    assert tree is not None
    assert tree.dirty == ("a.txt",)
    assert tree.staged == ("staged ü.txt",)
    assert set(tree.untracked) == {"with space.txt", "new/n.txt"}


def test_a_file_may_be_staged_and_changed_again(repo: Path, git: Git) -> None:
    (repo / "a.txt").write_text("two\n")
    git("add", "a.txt")
    (repo / "a.txt").write_text("three\n")
    tree = vcs.work_tree(repo)
    assert tree is not None
    assert (tree.dirty, tree.staged) == (("a.txt",), ("a.txt",))


def test_a_renamed_file_is_two_staged_changes(repo: Path, git: Git) -> None:
    git("mv", "a.txt", "b.txt")
    tree = vcs.work_tree(repo)
    assert tree is not None
    assert set(tree.staged) == {"a.txt", "b.txt"}


def test_a_conflict_counts_as_staged_and_changed(repo: Path, git: Git) -> None:
    git("switch", "--quiet", "-c", "other")
    (repo / "a.txt").write_text("other\n")
    git("commit", "--quiet", "-am", "other")
    git("switch", "--quiet", "main")
    (repo / "a.txt").write_text("main\n")
    git("commit", "--quiet", "-am", "main")
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "--quiet", "other")
    tree = vcs.work_tree(repo)
    assert tree is not None
    assert tree.dirty == ("a.txt",)


def test_a_detached_head_knows_the_branches_whose_tip_it_is(repo: Path, git: Git) -> None:
    git("update-ref", "refs/remotes/origin/work/x", "HEAD")
    git("switch", "--quiet", "--detach")
    tree = vcs.work_tree(repo)
    assert tree is not None
    assert tree.branch is None
    assert set(vcs.branches_at_head(repo)) == {"main", "origin/work/x"}


def test_no_commit_yet(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    tree = vcs.work_tree(tmp_path)
    assert tree is not None
    assert tree.head is None


def test_outside_of_any_repository(tmp_path: Path) -> None:
    assert vcs.top_level(tmp_path) is None
    assert vcs.work_tree(tmp_path) is None


def test_ignored_and_tracked(repo: Path, git: Git) -> None:
    reports = repo / "reports"
    reports.mkdir()
    (reports / "README.md").write_text("x\n")
    git("add", "reports/README.md")
    assert vcs.is_ignored(repo, "reports/a/b/STAMP/file")
    assert not vcs.is_ignored(repo, "a.txt")
    assert vcs.tracked(repo, "reports") == ("reports/README.md",)
    assert set(vcs.tracked(repo)) == {".gitignore", "a.txt", "reports/README.md"}


def test_what_changed_since_a_commit(repo: Path, git: Git) -> None:
    first = git("rev-parse", "HEAD")
    assert vcs.changed_since(repo, first) == ()
    (repo / "sub").mkdir()
    (repo / "sub" / "b.txt").write_text("b")
    git("add", ".")
    git("commit", "--quiet", "-m", "second")
    (repo / "a.txt").write_text("changed")
    (repo / "new.txt").write_text("new")
    assert vcs.changed_since(repo, first) == ("a.txt", "sub/b.txt", "new.txt")
    assert vcs.changed_since(repo / "sub", first) == ("b.txt",)
    assert vcs.changed_since(repo, "e" * 40) is None


def test_a_blob_is_known_without_asking_for_its_content(repo: Path, git: Git) -> None:
    committed = vcs.blob_at_head(repo, "a.txt")
    assert committed == git("rev-parse", "HEAD:a.txt") == vcs.blob_id(repo / "a.txt")
    (repo / "a.txt").write_text("other")
    assert vcs.blob_id(repo / "a.txt") == git("hash-object", "a.txt") != committed
    assert vcs.blob_at_head(repo, "nowhere.txt") is None


def test_the_operators_name(repo: Path, git: Git) -> None:
    git("config", "user.name", "Ada")
    assert vcs.identity(repo) == "Ada"


def test_asking_writes_nothing(repo: Path, git: Git) -> None:
    index = repo / ".git" / "index"
    # a file touched but unchanged tempts git to refresh its index
    (repo / "a.txt").touch()
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    vcs.work_tree(repo)
    vcs.tracked(repo)
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_a_refusal_says_what_git_said(repo: Path) -> None:
    (repo / ".git" / "HEAD").write_text("nonsense\n")
    with pytest.raises(VcsError, match="git refused: fatal") as caught:
        vcs.work_tree(repo)
    assert caught.value.where == str(repo)


def test_git_missing_is_said(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo))
    with pytest.raises(VcsError, match="git was not found"):
        vcs.work_tree(repo)


def test_importing_it_does_not_import_gitpython() -> None:
    code = "import sys, nbtui.vcs; sys.exit('git' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
