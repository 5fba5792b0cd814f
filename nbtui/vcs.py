"""What git says about a work tree; it only asks, and never writes to it.

GitPython is imported on the first question, so that starting up stays cheap, and its
optional locks are off: asking for a status must not touch the index.
"""

import hashlib
import os
import tarfile
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from nbtui.errors import VcsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from git.cmd import Git


@dataclass(frozen=True, slots=True)
class WorkTree:
    """One ``git status``: where HEAD is and what differs from it."""

    head: str | None
    """Commit id; ``None`` before the first commit."""
    branch: str | None
    """``None`` when HEAD is detached."""
    dirty: tuple[str, ...]
    """Tracked files whose content differs from the index."""
    staged: tuple[str, ...]
    """Files whose index entry differs from HEAD."""
    untracked: tuple[str, ...]
    """Files that git neither tracks nor ignores."""
    unwatched: tuple[str, ...] = ()
    """Files there that git was told not to look at: a change of them is in no status."""
    tracked: tuple[str, ...] = field(default=(), repr=False)
    """Tracked files at or below the root, relative to it."""

    def tracked_below(self, folder: str) -> tuple[str, ...]:
        """Return the tracked files at or below a path, both relative to the root."""
        place = PurePosixPath(folder)
        return tuple(n for n in self.tracked if PurePosixPath(n).is_relative_to(place))


def work_tree(root: Path) -> WorkTree | None:
    """Return the state of the work tree at ``root``; ``None`` outside of any repository.

    Raises
    ------
    VcsError
        git is missing, or refuses (for instance an unsafe owner), or a variable such as
        ``GIT_DIR`` would make it answer for another repository.
    """
    if top_level(root) is None:
        return None
    with _git(root) as git:
        # --no-renames: a rename is two changes here, and its record is one path long
        report = git.status("--porcelain=v2", "--branch", "--no-renames", "-z", "-uall")
        listing = [e.partition(" ")[::2] for e in str(git.ls_files(*_TAGGED)).split("\0") if e]
    top = top_level(root) or root
    unwatched = tuple(name for name in _flagged(listing) if (top / name).exists())
    inside = root.resolve().relative_to(top).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    names = tuple(n.removeprefix(prefix) for _, n in listing if n.startswith(prefix))
    return replace(_parse_status(str(report)), unwatched=unwatched, tracked=names)


_TAGGED = ("-v", "-z", "--full-name", ":/")
"""All tracked files of the repository, each behind a tag."""


def branches_at_head(root: Path) -> tuple[str, ...]:
    """Return the local and remote branches whose tip is HEAD: ``main``, ``origin/main``."""
    with _git(root) as git:
        listing = str(
            git.for_each_ref(
                "--points-at=HEAD", "--format=%(refname)", "refs/heads", "refs/remotes"
            )
        )
    names = (
        line.removeprefix("refs/heads/").removeprefix("refs/remotes/")
        for line in listing.splitlines()
    )
    return tuple(n for n in names if n and not n.endswith("/HEAD"))


def has_branch(root: Path, name: str) -> bool:
    """Whether a branch of this name is known here, as a local one or as a remote's."""
    with _git(root) as git:
        places = (f"refs/heads/{name}", f"refs/remotes/*/{name}")
        return bool(str(git.for_each_ref("--count=1", *places)))


def is_ignored(root: Path, path: str) -> bool:
    """Return whether git ignores ``path`` (relative to ``root``; it need not exist)."""
    with _git(root) as git:
        status, _, _ = git.execute(
            ["git", "check-ignore", "--quiet", "--no-index", "--", path],
            with_extended_output=True,
            with_exceptions=False,
        )
    return int(status) == 0


def ignored_files(root: Path) -> tuple[str, ...]:
    """Return the ignored files at or below ``root``; an ignored folder is not looked into.

    All rules count: those of the repository, of ``.git/info/exclude`` and of the user.
    """
    with _git(root) as git:
        listing = str(
            git.ls_files("--others", "--ignored", "--exclude-standard", "--directory", "-z")
        )
    return tuple(name for name in listing.split("\0") if name and not name.endswith("/"))


def tracked(root: Path, path: str = ".") -> tuple[str, ...]:
    """Return the tracked files at or below ``path``, relative to ``root``."""
    with _git(root) as git:
        listing = str(git.ls_files("-z", "--", path))
    return tuple(name for name in listing.split("\0") if name)


def at_head(root: Path, paths: "Sequence[str]") -> frozenset[str]:
    """Return the files of HEAD at or below ``paths``, all relative to ``root``."""
    with _git(root) as git:
        listing = str(git.ls_tree("-r", "--name-only", "-z", "HEAD", "--", *paths))
    return frozenset(name for name in listing.split("\0") if name)


def changed_since(root: Path, commit: str) -> tuple[str, ...] | None:
    """Return the files that differ between a commit and the work tree, new ones included.

    ``None`` when this repository does not know the commit.
    """
    with _git(root) as git:
        status, _, _ = git.execute(
            ["git", "cat-file", "-e", f"{commit}^{{commit}}"],
            with_extended_output=True,
            with_exceptions=False,
        )
        if int(status) != 0:
            return None
        # Only files at or below the root, named from it, as everything else here is.
        listing = str(git.diff("--name-only", "--no-renames", "--relative", "-z", commit, "--"))
        new = str(git.ls_files("--others", "--exclude-standard", "-z"))
    names = (*listing.split("\0"), *new.split("\0"))
    return tuple(dict.fromkeys(name for name in names if name))


def content_at(root: Path, commit: str, path: str) -> bytes | None:
    """Return a file as a commit has it; ``None`` when this repository has no such thing."""
    with _git(root) as git:
        # --end-of-options: what a bundle names as a commit is no option of git's.
        status, data, _ = git.execute(
            ["git", "show", "--end-of-options", f"{commit}:./{path}"],
            with_extended_output=True,
            with_exceptions=False,
            stdout_as_string=False,
            strip_newline_in_stdout=False,
        )
    return bytes(data) if int(status) == 0 and isinstance(data, bytes) else None


def commit_of(root: Path, name: str) -> str | None:
    """Return the commit id that a name stands for; ``None`` when this repository has none."""
    with _git(root) as git:
        status, found, _ = git.execute(
            ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"],
            with_extended_output=True,
            with_exceptions=False,
        )
    return str(found).strip() if int(status) == 0 else None


def commits_since(root: Path, commit: str, path: str) -> tuple[str, ...] | None:
    """Return the commits after one that changed a path, the oldest first, HEAD's last.

    Of a merged branch the merge stands for all. ``None`` when HEAD does not descend from it.
    """
    with _git(root) as git:
        status, _, _ = git.execute(
            ["git", "merge-base", "--is-ancestor", commit, "HEAD"],
            with_extended_output=True,
            with_exceptions=False,
        )
        if int(status) != 0:
            return None
        listing = str(git.rev_list("--first-parent", "--reverse", f"{commit}..HEAD", "--", path))
    return tuple(listing.split())


def subject(root: Path, commit: str) -> str:
    """Return the first line of a commit's message."""
    with _git(root) as git:
        return str(git.show("--no-patch", "--format=%s", commit))


def extract(root: Path, commit: str, path: str, folder: Path) -> None:
    """Write a path of ``root`` as a commit has it below a folder; the work tree stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    packed = folder / "commit.tar"
    with _git(root) as git:
        git.archive("--format=tar", f"--output={packed}", commit, "--", path)
    try:
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise VcsError(
            f"{path} of {commit[:12]} cannot be unpacked: {error}", where=str(folder)
        ) from error
    packed.unlink()


def blob_at_head(root: Path, path: str) -> str | None:
    """Return the blob id of a file as committed; ``None`` when HEAD does not hold it."""
    with _git(root) as git:
        status, listing, _ = git.execute(
            ["git", "ls-tree", "-z", "HEAD", "--", path],
            with_extended_output=True,
            with_exceptions=False,
        )
    fields = str(listing).split("\t")[0].split(" ")
    return fields[2] if int(status) == 0 and len(fields) == 3 and fields[1] == "blob" else None


def blob_id(path: Path) -> str:
    """Return the blob id that git would give a file (SHA-1), without asking git."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def identity(root: Path) -> str:
    """Return git's ``user.name``, or an empty string when it is not set."""
    with _git(root) as git:
        _, name, _ = git.execute(
            ["git", "config", "--get", "user.name"],
            with_extended_output=True,
            with_exceptions=False,
        )
    return str(name).strip()


def top_level(start: Path) -> Path | None:
    """Return the nearest folder upwards that holds ``.git``."""
    start = start.resolve()
    return next((f for f in (start, *start.parents) if (f / ".git").exists()), None)


_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")
"""Variables that make git answer for another repository than the one at the folder asked."""


@contextmanager
def _git(root: Path) -> "Iterator[Git]":
    if misleading := [name for name in _ELSEWHERE if name in os.environ]:
        names = ", ".join(misleading)
        raise VcsError(
            f"git would answer for another place: {names} is set",
            where=str(root),
            fix=f"unset {' '.join(misleading)}",
        )
    # GitPython complains on import when git is missing; the error below says it better.
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import git  # noqa: PLC0415  # lazily: it costs start-up time

    runner = git.cmd.Git(str(root))
    runner.update_environment(GIT_OPTIONAL_LOCKS="0", LC_ALL="C", GIT_TERMINAL_PROMPT="0")
    try:
        yield runner
    except git.exc.GitCommandNotFound as error:
        raise VcsError("git was not found", where=str(root), fix="install git") from error
    except git.exc.GitCommandError as error:
        reason = str(error.stderr).strip().removeprefix("stderr: ").strip("'\n ")
        raise VcsError(
            f"git refused: {reason.splitlines()[0] if reason else error.status}",
            where=str(root),
            fix="run `git status` there and follow its advice",
        ) from error


def _flagged(listing: "Iterable[tuple[str, str]]") -> tuple[str, ...]:
    """Return the files marked assume-unchanged (a lower-case tag) or skip-worktree (``S``)."""
    return tuple(name for tag, name in listing if tag.islower() or tag == "S")


def _parse_status(report: str) -> WorkTree:
    head: str | None = None
    branch: str | None = None
    dirty: list[str] = []
    staged: list[str] = []
    untracked: list[str] = []
    for record in report.split("\0"):
        match record[:1]:
            case "#":
                _, key, value = record.split(" ", 2)
                if key == "branch.oid" and value != "(initial)":
                    head = value
                elif key == "branch.head" and value != "(detached)":
                    branch = value
            case "1" | "u":
                fields = record.split(" ", 10 if record[0] == "u" else 8)
                state = fields[1]  # index, then work tree
                if state[0] != ".":
                    staged.append(fields[-1])
                if state[1] != ".":
                    dirty.append(fields[-1])
            case "?":
                untracked.append(record[2:])
            case _:
                continue
    return WorkTree(head, branch, tuple(dirty), tuple(staged), tuple(untracked))
