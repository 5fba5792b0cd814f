"""Earlier runs in words: a row for the list, a page for one run, and two runs side by side."""

from collections.abc import Sequence

from textual.content import Content

from nbtui.history.compare import Comparison, Section
from nbtui.history.compare import Row as ComparedRow
from nbtui.history.query import worst_correlation
from nbtui.history.records import RunRecord, StageRecord, Status
from nbtui.history.text import verdict_of
from nbtui.history.trends import Trend
from nbtui.tui.document import Block, Bullet, Gap, Heading, Pair, Para, visible
from nbtui.tui.widgets.rows import Row, columns
from nbtui.tui.words import Mark, duration, figure, size, sparkline

VERDICTS = {
    "cleared": Mark("✓", "CLEARED", "$success"),
    "blocked": Mark("✗", "BLOCKED", "bold $error"),
    "cancelled": Mark("■", "CANCELLED", "$warning"),
    "interrupted": Mark("!", "INTERRUPTED", "$warning"),
    "open": Mark("●", "open", "$primary"),
    "damaged": Mark("✗", "DAMAGED", "bold $error"),
}
_STATUS = {
    Status.PASSED: Mark("✓", "passed", "$success"),
    Status.FAILED: Mark("✗", "FAILED", "bold $error"),
    Status.SKIPPED: Mark("–", "skipped", "$muted"),
    Status.OPEN: Mark("●", "open", "$primary"),
}
FIRST_METRICS = ("correlation", "matched_fraction", "sum_ratio_deviation", "rmse", "speedup_warm")
"""Figures whose course is drawn before the others, as far as an experiment has them."""
_CURVE = 24
_NAME = 34
"""Cells for a figure's name."""


def run_row(run: RunRecord, width: int, *, marked: bool) -> Row:
    """Return a run as one line: mark, STAMP, verdict, time, worst correlation, why."""
    worst = worst_correlation(run)
    mark = VERDICTS[verdict_of(run)]
    why = run.damage or (run.blocker.reason if run.blocker else run.focus)
    text = columns(
        (Content.styled("◆" if marked else " ", "bold $accent"), 1),
        (Content.styled(run.stamp, "$foreground"), 16),
        (mark.content(), 13),
        (duration(run.wall_s) if run.verdict else "–", 7),
        ("–" if worst is None else figure(worst), 13),
        (Content.styled(visible(why).replace("\n", " "), "$muted"), 0),
    )
    return Row(run.bundle, text.truncate(width, ellipsis=True))


def describe_run(run: RunRecord, trends: Sequence[Trend]) -> list[Block]:
    """Return what is known of a run, and how its experiments fared over time."""
    mark = VERDICTS[verdict_of(run)]
    sealed = "" if run.sealed or run.damage else "  not sealed"
    blocks: list[Block] = [
        Para(Content.assemble(mark.content(), "  ", (run.stamp, "bold"), (sealed, "$warning"))),
        Pair("memo", f"{run.memo_name}  {run.memo_sha256[:12]}"),
        Pair("focus", run.focus),
        Pair("plan", run.plan_sha256[:16]),
        Pair("commit", run.commit[:12] or "unknown"),
        Pair("by, on", f"{run.operator}, {run.host}"),
        Pair("bundle", run.bundle),
    ]
    if run.damage:
        blocks.append(Pair("damage", run.damage, "$error"))
    if run.blocker:
        blocks += [Pair("blocked by", run.blocker.reason, "$error")]
    if run.stages:
        blocks += [Gap(), Heading("Stages")]
        blocks += [_stage(stage) for stage in run.stages]
    hashes = {(s.parameter_hash, s.role) for s in run.stages}
    for trend in trends:
        if (trend.parameter_hash, trend.role) in hashes:
            blocks += _trend(trend)
    return blocks


def _stage(stage: StageRecord) -> Block:
    mark = _STATUS[stage.status]
    used = duration(stage.wall_s) if stage.wall_s is not None else ""
    if stage.peak_rss_bytes:
        used += f", {size(stage.peak_rss_bytes)}"
    missed = ", ".join(f"{g.gate.metric} {figure(g.value)}" for g in stage.missed)
    why = missed or stage.failure
    return Bullet(
        Content.assemble(visible(stage.title), (f"  {used}", "$muted"), (f"  {why}", "$error")),
        mark.glyph,
        mark.style,
    )


def _trend(trend: Trend) -> list[Block]:
    passed, failed = trend.last_pass, trend.last_fail
    blocks: list[Block] = [
        Gap(),
        Heading(f"Trend · {trend.role.value}", f"experiment {trend.parameter_hash[:12]}"),
        Pair("last pass", passed.stamp if passed else "never", column=14),
        Pair("last failure", failed.stamp if failed else "never", column=14),
    ]
    if failed and trend.identical_failures > 1:
        same = f"the same figure {trend.identical_failures} times: a rerun changes nothing"
        blocks.append(Pair("", same, "$warning", column=14))
    known = {name for point in trend.points for name in point.values}
    others = sorted(known.difference(FIRST_METRICS))
    still = 0
    column = min(max((len(n) for n in known), default=0) + 2, _NAME)
    for metric in (*FIRST_METRICS, *others):
        series = [value for _, value in trend.series(metric)]
        moved = len(set(series)) > 1
        if len(series) > 1 and (moved or metric in FIRST_METRICS):
            blocks.append(Pair(metric, _course(series), column=column))
        still += len(series) > 1 and not moved and metric not in FIRST_METRICS
    if still:
        blocks.append(Para(f"{still} more figures never changed.", "$muted"))
    return blocks


def _course(values: Sequence[float]) -> Content:
    """Return a curve from the oldest run to the newest, and both ends of its range."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    # The lowest value still shows as a bar: an empty cell would look like a missing run.
    heights = [0.1 + 0.9 * (v - low) / span for v in values]
    curve = sparkline(heights, min(len(values), _CURVE), top=1.0)
    ends = figure(values[-1]) if low == high else f"{figure(low)} to {figure(high)}"
    return Content.assemble((curve, "$primary"), ("  " + ends, "$muted"))


def comparison(found: Comparison, *, everything: bool) -> list[Block]:
    """Return two runs beside each other; only what differs, unless ``everything``."""
    blocks: list[Block] = [
        Para(Content.assemble(("A ", "bold $primary"), _named(found.a))),
        Para(Content.assemble(("B ", "bold $accent"), _named(found.b))),
    ]
    for section in Section:
        rows = found.section(section)
        differing = [r for r in rows if r.differs]
        note = f"{len(differing)} of {len(rows)} differ" if differing else "all the same"
        if not rows:
            note = "nothing recorded on both sides"
        blocks += [Gap(), Heading(section.value.capitalize(), note)]
        shown = [r for r in rows if everything or r.differs or (r.note and r.a != r.b)]
        for row in shown:
            blocks += _row(row)
    return blocks


def _named(run: RunRecord) -> Content:
    mark = VERDICTS[verdict_of(run)]
    return Content.assemble((run.stamp, "bold"), "  ", mark.content())


def _row(row: ComparedRow) -> list[Block]:
    style = "bold" if row.differs else "$muted"
    mark = "≠" if row.differs else "="
    blocks: list[Block] = [
        Bullet(
            Content.styled(visible(row.name), style),
            mark,
            "bold $warning" if row.differs else "$muted",
        )
    ]
    if row.a == row.b:
        return [*blocks, Pair("    both", row.a or "–", "$muted", column=10)]
    blocks += [Pair("    A", row.a or "–", column=10), Pair("    B", row.b or "–", column=10)]
    if row.note:
        blocks.append(Pair("", row.note, "$muted", column=10))
    return blocks
