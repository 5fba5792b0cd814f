"""A memo whose work is done, or that was overtaken by a run."""

from collections.abc import Iterator

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import PastRun, Scope
from nbtui.memo.model import SectionKey


def check_stale(scope: Scope) -> Iterator[Finding]:
    """Report memos that blocked and did not change, that a run overtook, or whose row is done."""
    section = scope.memo.section(SectionKey.FOCUS)
    line = section.lines.first if section else 1
    for what, source in scope.around.ledger.done:
        text = f"{what} is done already ({source})"
        yield scope.warn("row-done", line, text, "ask the supervisor for the next memo")
    same = _same(scope)
    if same:
        last = same[0]
        if last.verdict == "blocked" and _here(scope, last):
            text = f"this memo was blocked as {last.stamp} at this very commit: nothing changed"
            yield scope.warn("nothing-changed", line, text, f"nbtui status {last.stamp}")
    elif (last_other := _overtaken(scope)) is not None:
        changed = scope.around.memo_changed
        text = (
            f"the memo was written {changed:%Y-%m-%d %H:%M} UTC, before the run "
            f"{last_other.stamp} ({last_other.verdict}) of another memo ended: it cannot know "
            "its outcome"
        )
        yield scope.warn("memo-older", line, text, "ask whether it still stands")


def history(scope: Scope) -> tuple[str, ...]:
    """Return what earlier runs of the same memo were; no finding, for nothing is wrong."""
    same = _same(scope)
    if not same:
        return ()
    last = same[0]
    where = "at this very commit" if _here(scope, last) else "at another commit"
    times = f", {len(same)} times in all" if len(same) > 1 else ""
    said = f"this memo already ran: {last.verdict} as {last.stamp} {where}{times}"
    told = f"nbtui status {last.stamp} tells more; a rerun takes a new STAMP"
    return (f"[already-ran] {said}; {told}",)


def _same(scope: Scope) -> list[PastRun]:
    """Return the finished runs of this very memo, the newest first."""
    return [r for r in scope.around.past if r.memo_sha256 == scope.plan.memo_sha256]


def _here(scope: Scope, run: PastRun) -> bool:
    repository = scope.around.repository
    return repository is not None and repository.head is not None and run.commit == repository.head


def _overtaken(scope: Scope) -> PastRun | None:
    """Return the newest finished run about the same item that ended after the memo."""
    changed = scope.around.memo_changed
    if changed is None:
        return None
    related = [r for r in scope.around.past if r.focus == scope.plan.focus and r.ended > changed]
    return related[0] if related else None
