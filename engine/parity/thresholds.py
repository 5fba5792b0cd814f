"""The table of acceptance thresholds: one Markdown table that people and programs read.

It stands in ``docs/development/testing_strategy.md`` under the heading that begins with
``2.5``. A gate cites the file and the line of the row it comes from.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.parity.errors import ThresholdTableError

SECTION = "2.5"
COLUMNS = (
    "id",
    "applies to",
    "scope",
    "metric",
    "comparison",
    "threshold",
    "binding",
    "why",
)
_COMPARISONS = (">=", "<=", "==")


@dataclass(frozen=True, slots=True)
class Threshold:
    """One row of the table.

    Attributes
    ----------
    id
        Unique short name.
    metric
        Name as in ``summary.json``: ``correlation``, ``sum_ratio_deviation``, ...
    scope
        What the metric is measured over: ``full frame``, ``ROI [1792:2304, 1792:2304]``.
    comparison
        ``>=``, ``<=`` or ``==``.
    value
        The threshold.
    binding
        Whether failing it blocks; otherwise it is only reported.
    applies_to
        ``compare``, ``benchmark``, ``AT-PARALLEL-012 <variant>``, ...
    why
        The reason, for people.
    line
        Line of the row in the file, counted from 1.
    """

    id: str
    metric: str
    scope: str
    comparison: str
    value: float
    binding: bool
    applies_to: str
    line: int
    why: str = ""

    def holds(self, measured: float | None) -> bool:
        """Whether ``measured`` satisfies the row; an undefined or NaN value never does."""
        if measured is None or math.isnan(measured):
            return False
        match self.comparison:
            case ">=":
                return measured >= self.value
            case "<=":
                return measured <= self.value
            case _:
                return measured == self.value

    def margin(self, measured: float | None) -> float | None:
        """Return the distance to the threshold, negative when it is not met."""
        if measured is None or math.isnan(measured):
            return None
        match self.comparison:
            case ">=":
                return measured - self.value
            case "<=":
                return self.value - measured
            case _:
                return -abs(measured - self.value)


def load(path: Path) -> tuple[Threshold, ...]:
    """Read the table of section 2.5.

    Parameters
    ----------
    path
        The testing strategy.

    Raises
    ------
    ThresholdTableError
        The file, the section or the table is missing, a column is missing, a cell cannot be
        understood, or an id occurs twice. Nothing is skipped silently.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ThresholdTableError(f"cannot be read ({error})", where=str(path)) from error
    rows = list(_table(lines, path))
    if not rows:
        raise ThresholdTableError(f"no table in section {SECTION}", where=str(path))
    thresholds = tuple(_threshold(cells, line, path) for line, cells in rows)
    seen: dict[str, int] = {}
    for row in thresholds:
        if row.id in seen:
            raise _bad(path, row.line, f"id {row.id} is already on line {seen[row.id]}")
        seen[row.id] = row.line
    return thresholds


def select(thresholds: Iterable[Threshold], applies_to: str) -> tuple[Threshold, ...]:
    """Return the rows that apply to exactly this stage or test."""
    return tuple(t for t in thresholds if t.applies_to == applies_to)


def _table(lines: list[str], path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    inside, header = False, None
    for number, line in enumerate(lines, start=1):
        heading = re.match(r"#+\s+([\d.]+)", line)
        if heading:
            inside, header = heading.group(1).rstrip(".") == SECTION, None
        elif inside and line.lstrip().startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if header is None:
                header = _header(cells, number, path)
            elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                if len(cells) != len(header):
                    raise _bad(path, number, f"{len(cells)} cells, {len(header)} columns")
                yield number, dict(zip(header, cells, strict=True))


def _header(cells: list[str], number: int, path: Path) -> list[str]:
    names = [cell.lower() for cell in cells]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise _bad(path, number, f"column missing: {', '.join(missing)}")
    return names


def _threshold(cells: dict[str, str], line: int, path: Path) -> Threshold:
    plain = {name: cell.strip("`") for name, cell in cells.items()}
    empty = [name for name in COLUMNS if not plain[name]]
    if empty:
        raise _bad(path, line, f"empty cell: {', '.join(empty)}")
    if plain["comparison"] not in _COMPARISONS:
        raise _bad(path, line, f"comparison {plain['comparison']!r} is not one of >= <= ==")
    if plain["binding"] not in ("yes", "no"):
        raise _bad(path, line, f"binding {plain['binding']!r} is neither yes nor no")
    try:
        value = float(plain["threshold"])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise _bad(path, line, f"threshold {plain['threshold']!r} is not a number")
    return Threshold(
        id=plain["id"],
        metric=plain["metric"],
        scope=plain["scope"],
        comparison=plain["comparison"],
        value=value,
        binding=plain["binding"] == "yes",
        applies_to=plain["applies to"],
        line=line,
        why=plain["why"],
    )


def _bad(path: Path, line: int, what: str) -> ThresholdTableError:
    return ThresholdTableError(what, where=f"{path}:{line}", fix="correct the table row")
