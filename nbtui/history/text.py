"""History, comparisons and coverage as plain text: one fact a line."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from nbtui.evidence.text import figure, one_line, printable
from nbtui.history.compare import Comparison, Section
from nbtui.history.coverage import Coverage, Freshness
from nbtui.history.query import worst_correlation
from nbtui.history.recall import trend_sentence
from nbtui.history.records import RunRecord
from nbtui.history.trends import Trend

_DAMAGED, _OPEN = "damaged", "open"


def verdict_of(run: RunRecord) -> str:
    """Return the verdict in one word; ``open`` and ``damaged`` for runs without one."""
    return _DAMAGED if run.damage else run.verdict or _OPEN


def runs_text(runs: Sequence[RunRecord]) -> str:
    """Return runs as a table, one line a run."""
    if not runs:
        return "no run"
    rows: list[tuple[str, ...]] = [
        ("STAMP", "verdict", "wall", "correlation", "parameters", "commit", "why")
    ]
    rows += [_run_row(run) for run in runs]
    return printable("\n".join(_aligned(rows)))


def trends_text(known: Sequence[Trend]) -> str:
    """Return one line for each experiment and role."""
    if not known:
        return "no experiment is known: no run recorded its parameters"
    return printable("\n".join(f"{t.role.value}: {trend_sentence(t)}" for t in known))


def comparison_text(comparison: Comparison, *, everything: bool = False) -> str:
    """Return two runs beside each other; only what differs, unless ``everything``."""
    return printable("\n".join(_comparison_lines(comparison, everything)))


def coverage_text(found: Coverage, root: Path) -> str:
    """Return one line for each acceptance test, and the counts."""
    if not found.tests:
        return f"no acceptance test below {root}"
    rows = [
        (
            c.freshness.value,
            c.test.node,
            c.stamp or "-",
            c.why + (f": {one_line(', '.join(c.changed[:3]), 120)}" if c.changed else ""),
        )
        for c in found.tests
    ]
    counts = ", ".join(f"{found.count(f)} {f.value}" for f in Freshness)
    return printable("\n".join([*_aligned(rows), f"{len(found.tests)} tests: {counts}"]))


def _run_row(run: RunRecord) -> tuple[str, ...]:
    worst = worst_correlation(run)
    reason = run.damage or (run.blocker.reason if run.blocker else "")
    return (
        run.stamp,
        verdict_of(run) + ("" if run.sealed or run.damage else " (not sealed)"),
        f"{run.wall_s:.1f} s" if run.verdict else "-",
        "-" if worst is None else figure(worst),
        (run.parameter_hash or "-")[:12],
        (run.commit or "-")[:12],
        one_line(reason, 100),
    )


def _comparison_lines(comparison: Comparison, everything: bool) -> Iterator[str]:
    yield f"A {comparison.a.stamp} {verdict_of(comparison.a)} ({comparison.a.bundle})"
    yield f"B {comparison.b.stamp} {verdict_of(comparison.b)} ({comparison.b.bundle})"
    for section in Section:
        rows = comparison.section(section)
        shown = [r for r in rows if r.differs or everything or (r.note and r.a != r.b)]
        yield f"{section.value}: {_count(len([r for r in rows if r.differs]), len(rows))}"
        for row in shown:
            mark = "*" if row.differs else " "
            note = f"  [{row.note}]" if row.note else ""
            left, right = one_line(row.a or "-", 80), one_line(row.b or "-", 80)
            yield f"  {mark} {row.name}: {left} | {right}{note}"


def _count(differing: int, known: int) -> str:
    if not known:
        return "nothing recorded on both sides"
    return f"{differing} of {known} differ" if differing else f"all {known} the same"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(w.ljust(widths[n]) for n, w in enumerate(row)).rstrip()
