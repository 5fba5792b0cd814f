"""The repository is what the memo says: branch, commit, clean tree, reports left out."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from nbtui import vcs
from nbtui.preflight.model import CheckResult, Context
from nbtui.preflight.report import Subject

_SHOWN = 5
_MOST_NAMES = 50
"""Files that one command names."""
_LOADED = (
    "conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini",
    "setup.cfg", "sitecustomize.py", "usercustomize.py",
)  # fmt: skip
"""Files that change what a test means though no command names them."""


def check_branch(context: Context) -> Iterator[CheckResult]:
    """Hold branch and commit against the memo's branch."""
    wanted = context.plan.branch
    subject = Subject(
        "branch",
        "Branch and commit",
        f"branch {wanted}" if wanted else "a commit",
        f"{context.plan.memo_name}, Branch",
    )
    tree = context.work_tree()
    if tree is None:
        yield subject.block(f"{context.root} is no git repository", "git init  # or clone it")
        return
    if tree.head is None:
        yield subject.block("no commit yet", "git commit")
        return
    facts = {"commit": tree.head, "branch": tree.branch or ""}
    place = f"branch {tree.branch}" if tree.branch else "detached HEAD"
    found = f"{place} at {tree.head[:12]}"
    if wanted is None:
        yield subject.warn(f"{found}; the memo names no branch", "add Branch: to the memo", **facts)
    elif tree.branch == wanted:
        yield subject.ok(found, **facts)
    elif tree.branch is None and (tip := _tip_of(wanted, context)):
        yield subject.ok(f"{found}, the tip of {tip}", **facts)
    else:
        fix = f"git switch {shlex.quote(wanted)}"
        if not vcs.has_branch(context.root, wanted):
            fix = f"git fetch && {fix}  # no branch here has this name"
        yield subject.block(found, fix, **facts)


def _tip_of(branch: str, context: Context) -> str | None:
    """Return the branch, local or at a remote, whose tip a detached HEAD is."""
    for name in vcs.branches_at_head(context.root):
        if name == branch or name.partition("/")[2] == branch:
            return name
    return None


def check_clean(context: Context) -> Iterator[CheckResult]:
    """Check that the tree is the commit: nothing changed, staged or lying about untracked."""
    tree = context.work_tree()
    if tree is None:
        return
    staged = Subject("staged", "Staged changes", "nothing staged", "docs/preflight.md")
    if tree.staged:
        fix = "git restore --staged .  # or commit them"
        yield staged.block(_listing(tree.staged), fix, count=str(len(tree.staged)))
    else:
        yield staged.ok("none")
    yield _clean(tree, context.plan.memo_name)


def _clean(tree: vcs.WorkTree, memo_name: str) -> CheckResult:
    """Judge the tree; the memo itself may be untracked, the bundle keeps its bytes.

    Any other untracked file blocks: a stray ``conftest.py``, a module that shadows an installed
    one or an input that a program reads by default changes results, and no commit shows it.
    So does a tracked file marked assume-unchanged or skip-worktree: ``git status`` is silent.
    """
    subject = Subject(
        "clean-tree", "Clean work tree", "no changed, no untracked file", "docs/preflight.md"
    )
    untracked = [n for n in tree.untracked if n != memo_name]
    facts = {"dirty": str(len(tree.dirty)), "untracked": str(len(tree.untracked))}
    found = [
        f"{word}: {_listing(names)}"
        for word, names in (("changed", tree.dirty), ("untracked", untracked))
        if names
    ]
    if tree.unwatched:
        found.append(f"git was told not to look at: {_listing(tree.unwatched)}")
    if not found:
        return subject.ok("clean", **facts)
    if tree.unwatched:
        names = shlex.join(tree.unwatched[:_SHOWN])
        # git obeys only the first of the two flags in one call
        flags = ("--no-assume-unchanged", "--no-skip-worktree")
        fix = " && ".join(f"git update-index {flag} {names}" for flag in flags)
        return subject.block("; ".join(found), fix, **facts)
    aside = "git stash --include-untracked" if untracked else "git stash"
    fix = f"{aside}  # or commit them: evidence belongs to a commit"
    return subject.block("; ".join(found), fix, **facts)


def check_ignored(context: Context) -> Iterator[CheckResult]:
    """Check that no file which Python or pytest loads by itself hides behind an ignore rule."""
    if vcs.top_level(context.root) is None:
        return
    subject = Subject(
        "ignored-files", "Ignored files", f"no ignored {', '.join(_LOADED)}", "docs/preflight.md"
    )
    found = [n for n in vcs.ignored_files(context.root) if PurePosixPath(n).name in _LOADED]
    if found:
        fix = f"git add --force {shlex.join(found[:_SHOWN])}  # and commit; or move them away"
        yield subject.block(_listing(found), fix)
    else:
        yield subject.ok("none")


def check_reports(context: Context) -> Iterator[CheckResult]:
    """Check that git ignores the reports folder and tracks nothing of it but its README."""
    reports = context.settings.reports
    subject = Subject(
        "reports-ignored",
        "Reports stay out of git",
        f"{reports}/ ignored, nothing tracked below but README.md",
        next((g.source for g in context.plan.guards if g.id == "reports-untracked"), "")
        or "docs/preflight.md",
    )
    tree = context.work_tree()
    if tree is None:
        return
    tracked = [n for n in tree.tracked_below(reports) if n != f"{reports}/README.md"]
    if tracked:
        yield subject.block(
            f"tracked: {_listing(tracked)}",
            f"git rm -r --cached {shlex.join(tracked[:_MOST_NAMES])}",
        )
    elif not vcs.is_ignored(context.root, f"{context.plan.artifacts_root}/STAMP/file"):
        yield subject.block(
            f"{context.plan.artifacts_root}/ is not ignored",
            f"printf '%s\\n' '{reports}/*' '!{reports}/README.md' >> .gitignore  # and commit",
        )
    else:
        yield subject.ok("ignored and untracked")


def _listing(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
