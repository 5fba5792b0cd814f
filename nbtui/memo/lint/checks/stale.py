"""A memo whose work is done, or that was overtaken by a run."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import PastRun, Scope
from nbtui.memo.model import SectionKey


def check_stale(scope: Scope) -> Iterator[Finding]:
    """Report memos that ran before, that a newer run overtook, or whose plan row is done."""
    section = scope.memo.section(SectionKey.FOCUS)
    line = section.lines.first if section else 1
    for what, source in scope.around.ledger.done:
        text = f"{what} is done already ({source})"
        yield scope.warn("row-done", line, text, "ask the supervisor for the next memo")
    same = [r for r in scope.around.past if r.memo_sha256 == scope.plan.memo_sha256]
    if same:
        yield from _ran(scope, same, line)
    elif (last := _overtaken(scope)) is not None:
        changed = scope.around.memo_changed
        text = (
            f"the memo was written {changed:%Y-%m-%d %H:%M} UTC, before the run {last.stamp} "
            f"({last.verdict}) of another memo ended: it cannot know its outcome"
        )
        yield scope.warn("memo-older", line, text, "ask whether it still stands")


def _ran(scope: Scope, same: list[PastRun], line: int) -> Iterator[Finding]:
    last = same[0]
    repository = scope.around.repository
    head = repository.head if repository else None
    here = head is not None and last.commit == head
    times = f", {len(same)} times in all" if len(same) > 1 else ""
    text = (
        f"this memo already ran: {last.verdict} as {last.stamp} "
        f"{'at this very commit' if here else 'at another commit'}{times}"
    )
    fix = f"read {last.stamp} (nbtui status {last.stamp}); a rerun takes a new STAMP"
    yield scope.info("already-ran", line, text, fix)


def _overtaken(scope: Scope) -> PastRun | None:
    """Return the newest finished run about the same item that ended after the memo."""
    changed = scope.around.memo_changed
    if changed is None:
        return None
    related = [r for r in scope.around.past if r.focus == scope.plan.focus and r.ended > changed]
    return related[0] if related else None
