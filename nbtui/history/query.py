"""Which runs are asked for, and in which order."""

from dataclasses import dataclass
from enum import StrEnum

from nbtui.history.index import Index
from nbtui.history.records import RunRecord


class Order(StrEnum):
    """What runs are sorted by."""

    STAMP = "stamp"
    VERDICT = "verdict"
    WALL = "wall"
    CORRELATION = "correlation"
    INITIATIVE = "initiative"


@dataclass(frozen=True, slots=True)
class Query:
    """A filter; what is ``None`` or empty does not restrict.

    Parameters
    ----------
    verdict
        ``cleared``, ``blocked``, ``cancelled``, ``interrupted``; ``open`` for none yet and
        ``damaged`` for journals that cannot be read.
    initiative
        Part of ``<initiative>/<phase>``.
    since, until
        STAMP or the beginning of one (``20261125``), both included.
    plan, parameters, commit
        Hash or the beginning of one.
    text
        A word of the focus, the memo's name or the reason, in any case.
    order, reverse
        The newest first by default; ``reverse`` turns the order around.
    limit
        At most so many.
    """

    verdict: str | None = None
    initiative: str = ""
    since: str = ""
    until: str = ""
    plan: str = ""
    parameters: str = ""
    commit: str = ""
    text: str = ""
    order: Order = Order.STAMP
    reverse: bool = False
    limit: int | None = None


def find(index: Index, query: Query = Query()) -> tuple[RunRecord, ...]:
    """Return the runs that a query asks for."""
    conditions, values = _conditions(query)
    found = [r for r in index.records(" AND ".join(conditions), values) if _wanted(r, query)]
    if query.order is not Order.STAMP:
        found.sort(key=lambda r: _key(r, query.order))
    if query.reverse:
        found.reverse()
    return tuple(found[: query.limit])


def _conditions(query: Query) -> tuple[list[str], list[object]]:
    conditions: list[str] = []
    values: list[object] = []

    def add(condition: str, value: object) -> None:
        conditions.append(condition)
        values.append(value)

    if query.verdict in {"open", "damaged"}:
        conditions.append("verdict IS NULL")
    elif query.verdict:
        add("verdict = ?", query.verdict)
    if query.initiative:
        add("instr(initiative, ?) > 0", query.initiative)
    if query.since:
        add("stamp >= ?", query.since)
    if query.until:
        add("substr(stamp, 1, ?) <= ?", len(query.until))
        values.append(query.until)
    for column, start in (("plan_sha256", query.plan), ("commit_id", query.commit)):
        if start:
            add(f"instr({column}, ?) = 1", start.removeprefix("sha256:"))
    if query.parameters:
        add(
            "bundle IN (SELECT bundle FROM stages WHERE instr(parameter_hash, ?) = 1)",
            query.parameters.removeprefix("sha256:"),
        )
    return conditions, values


def _wanted(run: RunRecord, query: Query) -> bool:
    if query.verdict in {"open", "damaged"} and bool(run.damage) != (query.verdict == "damaged"):
        return False
    if not query.text:
        return True
    reason = run.blocker.reason if run.blocker else run.damage
    return query.text.lower() in f"{run.focus} {run.memo_name} {reason}".lower()


def _key(run: RunRecord, order: Order) -> tuple[bool, float | str]:
    """Return the sort key; runs without it come last."""
    if order is Order.WALL:
        return run.verdict is None, -run.wall_s
    if order is Order.CORRELATION:
        worst = worst_correlation(run)
        return worst is None, 0.0 if worst is None else worst
    text = run.verdict if order is Order.VERDICT else run.initiative
    return text is None, text or ""


def worst_correlation(run: RunRecord) -> float | None:
    """Return the lowest correlation any stage measured, ``None`` when none did."""
    values = [v for s in run.stages if (v := s.value("correlation")) is not None]
    return min(values, default=None)
