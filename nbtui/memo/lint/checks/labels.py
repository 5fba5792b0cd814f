"""Labels that are missing, or given twice with different words."""

from collections.abc import Iterator

from nbtui.memo.labels import SINGLE_VALUED
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.model import SectionKey
from nbtui.memo.variables import assigned, items, names_of


def check_labels(scope: Scope) -> Iterator[Finding]:
    """Report labels that contradict each other, and defaults taken for missing ones."""
    memo = scope.memo
    for key in SINGLE_VALUED:
        sections = memo.all(key)
        for other in sections[1:]:
            first = sections[0]
            if other.whole().split() != first.whole().split():
                yield scope.block(
                    "duplicate-label",
                    other.lines.first,
                    f"{other.label} is given again, other than on line {first.lines.first}",
                    "leave one of them",
                )
    if scope.plan.branch is None:
        yield scope.warn("no-branch", 1, "the memo names no branch", "add a line Branch: NAME")
    work = items(memo)
    if names_of(memo, assigned(memo, work), scope.settings)[1]:
        return
    for section in memo.all(SectionKey.ARTIFACTS):
        place = next(filter(_leads_out, section.whole().split()), None)
        if place is not None:
            yield scope.block(
                "artifacts-outside",
                section.lines.first,
                f"the artifacts folder {place} lies outside of {scope.settings.reports}/",
                f"name {scope.settings.reports}/<initiative>/<phase>/$STAMP/",
            )
            return
    yield scope.warn(
        "no-artifacts",
        1,
        f"no artifacts folder below {scope.settings.reports}/ was found; "
        f"{scope.plan.artifacts_root} is used",
        "add a line Artifacts: reports/<initiative>/<phase>/$STAMP/",
    )


def _leads_out(word: str) -> bool:
    """Return whether a word of an Artifacts line is a path that leaves the project."""
    path = word.strip("`\"'(),;")
    return "/" in path and (path.startswith(("/", "~")) or ".." in path.split("/"))
