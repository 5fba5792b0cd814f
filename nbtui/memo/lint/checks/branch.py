"""The memo's branch against HEAD."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.model import SectionKey


def check_branch(scope: Scope) -> Iterator[Finding]:
    """Report another branch than the memo's; preflight blocks on it."""
    repository, wanted = scope.around.repository, scope.plan.branch
    if repository is None or wanted is None or repository.branch == wanted:
        return
    names = {n.removeprefix("origin/") for n in repository.also_at_head}
    if repository.branch is None and wanted in names:
        return
    section = scope.memo.section(SectionKey.BRANCH)
    line = section.lines.first if section else 1
    where = repository.branch or "a detached HEAD"
    text = f"the memo is for the branch {wanted}, but this is {where}; preflight will block"
    yield scope.warn("other-branch", line, text, f"git switch {wanted}")
