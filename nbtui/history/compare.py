"""Two runs beside each other: plan, environment, code, parameters, figures, time."""

import math
import statistics
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from nbtui.evidence.text import figure
from nbtui.history.index import Index
from nbtui.history.records import RunRecord, StageRecord


class Section(StrEnum):
    """What a row is about."""

    RUN = "run"
    PLAN = "plan"
    CODE = "code"
    ENVIRONMENT = "environment"
    PARAMETERS = "parameters"
    METRICS = "metrics"
    TIMING = "timing"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of two runs."""

    section: Section
    name: str
    a: str
    b: str
    differs: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Band:
    """How far repeats of a stage's time scatter."""

    runs: int
    median: float
    low: float
    high: float
    """Least and largest of the repeats."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, row by row."""

    a: RunRecord
    b: RunRecord
    rows: tuple[Row, ...]

    def section(self, section: Section) -> tuple[Row, ...]:
        """Return the rows of one section."""
        return tuple(r for r in self.rows if r.section is section)

    @property
    def differences(self) -> tuple[Row, ...]:
        """Return the rows that differ."""
        return tuple(r for r in self.rows if r.differs)


TIMES = ("c_s", "py_cold_s", "py_warm_s", "speedup_warm", "speedup_cold")
"""Figures of a benchmark that hang on time; they are held against the scatter of repeats."""
LEAST_REPEATS = 3
"""Other runs that a scatter is judged from."""
_CODE = ("git_sha", "git_branch", "git_dirty", "git_staged", "c_binary_sha256", "golden_sha256")
_NOT_ENVIRONMENT = ("memory_available_bytes", "load_1m", "git_", "c_binary", "golden", "token",
                    "supervisor_")  # fmt: skip
_SAME_FIGURE = 1e-10


def compare(index: Index, a: RunRecord, b: RunRecord) -> Comparison:
    """Return two runs beside each other.

    Times come with the scatter of repeats of the same command on the same host; figures
    of different parameters are shown and not compared.
    """
    return Comparison(a, b, tuple(_rows(index, a, b)))


def noise_band(
    index: Index, stage: StageRecord, host: str, name: str = "", without: Container[str] = ()
) -> Band | None:
    """Return how a time scatters over runs of the same command on one host.

    Parameters
    ----------
    index, stage, host
        Where repeats are looked for, of which command, on which machine.
    name
        A figure of the stage; its wall time when empty.
    without
        Bundles that do not count: what two runs alone span is no noise.
    """
    values = [
        value
        for run in index.records()
        if run.host == host and run.bundle not in without
        for other in run.stages
        if other.what == stage.what and other.parameter_hash == stage.parameter_hash
        if (value := other.value(name) if name else other.wall_s) is not None and not other.failure
    ]
    if not values:
        return None
    return Band(len(values), statistics.median(values), min(values), max(values))


def _rows(index: Index, a: RunRecord, b: RunRecord) -> Iterator[Row]:
    yield _row(Section.RUN, "verdict", _verdict(a), _verdict(b))
    yield _row(Section.RUN, "reason", _reason(a), _reason(b))
    yield _row(Section.PLAN, "plan", a.plan_sha256, b.plan_sha256)
    yield _row(Section.PLAN, "memo", a.memo_sha256, b.memo_sha256)
    yield _row(Section.PLAN, "stages", _steps(a), _steps(b))
    for name in _CODE:
        yield _row(Section.CODE, name, a.facts.get(name, ""), b.facts.get(name, ""))
    for name in sorted(a.facts.keys() | b.facts.keys()):
        if not name.startswith(_NOT_ENVIRONMENT):
            yield _row(Section.ENVIRONMENT, name, a.facts.get(name, ""), b.facts.get(name, ""))
    for first, second in _pairs(a, b):
        yield from _parameters(first, second)
        yield from _metrics(a, b, first, second)
        yield from _timing(index, a, b, first, second)


def _pairs(a: RunRecord, b: RunRecord) -> Iterator[tuple[StageRecord, StageRecord]]:
    for stage in a.stages:
        other = b.stage(stage.step_id)
        if other is not None and other.role is stage.role:
            yield stage, other


def _parameters(a: StageRecord, b: StageRecord) -> Iterator[Row]:
    name = f"{a.step_id} hash"
    yield _row(Section.PARAMETERS, name, a.parameter_hash or "", b.parameter_hash or "")
    for key in sorted(a.parameters.keys() | b.parameters.keys()):
        left, right = a.parameters.get(key, ""), b.parameters.get(key, "")
        if left != right:
            yield _row(Section.PARAMETERS, f"{a.step_id} {key}", left, right)


def _metrics(a: RunRecord, b: RunRecord, one: StageRecord, two: StageRecord) -> Iterator[Row]:
    comparable = one.parameter_hash == two.parameter_hash
    stuck = bool(one.missed and two.missed) and a.commit != b.commit
    names = dict.fromkeys((*(m.name for m in one.metrics), *(m.name for m in two.metrics)))
    for name in names:
        if name in TIMES or name.startswith("peak_rss"):
            continue
        left, right = one.value(name), two.value(name)
        same = _same(left, right)
        if not comparable:
            note = "other parameters"
        elif same and stuck and name == "correlation":
            note = "the same failure to ten digits though the commit changed: was it in force?"
        elif same or not left or right is None:
            note = ""
        else:
            note = f"{(right - left) / abs(left):+.3g} of it"
        title = f"{one.step_id} {name}"
        differs = comparable and not same
        yield Row(Section.METRICS, title, figure(left), figure(right), differs, note)


def _same(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=_SAME_FIGURE, abs_tol=1e-300)


def _timing(
    index: Index, a: RunRecord, b: RunRecord, one: StageRecord, two: StageRecord
) -> Iterator[Row]:
    for name in ("", *TIMES):
        left = one.value(name) if name else one.wall_s
        right = two.value(name) if name else two.wall_s
        if left is None or right is None:
            continue
        if a.host != b.host:
            differs, note = True, "other hosts: not comparable"
        else:
            band = noise_band(index, one, a.host, name, (a.bundle, b.bundle))
            differs, note = _beyond(band, left, right)
        ratio = f"{right / left:.2f} times; " if left > 0 else ""
        title = f"{one.step_id} {name or 'wall'}"
        yield Row(Section.TIMING, title, _time(name, left), _time(name, right), differs,
                  f"{ratio}{note}")  # fmt: skip


def _beyond(band: Band | None, left: float, right: float) -> tuple[bool, str]:
    """Return whether two times differ by more than repeats do, and in words why."""
    if band is None or band.runs < LEAST_REPEATS:
        return False, "too few other repeats to tell noise from change"
    outside = not (band.low <= left <= band.high and band.low <= right <= band.high)
    differs = outside and abs(right - left) > band.high - band.low
    word = "beyond" if differs else "within"
    return differs, f"{word} the noise ({band.runs} other runs: {band.low:.3f} to {band.high:.3f})"


def _time(name: str, value: float) -> str:
    return f"{value:.3f}" if name.startswith("speedup") else f"{value:.3f} s"


def _row(section: Section, name: str, a: str, b: str) -> Row:
    return Row(section, name, a, b, a != b)


def _verdict(run: RunRecord) -> str:
    return "damaged" if run.damage else run.verdict or "open"


def _reason(run: RunRecord) -> str:
    return run.damage or (run.blocker.reason if run.blocker else "")


def _steps(run: RunRecord) -> str:
    return ", ".join(s.step_id for s in run.stages)


def as_record(comparison: Comparison) -> Mapping[str, object]:
    """Return a comparison as plain data."""
    return {
        "schema": 1,
        "a": comparison.a.stamp,
        "b": comparison.b.stamp,
        "rows": [
            {
                "section": r.section.value, "name": r.name, "a": r.a, "b": r.b,
                "differs": r.differs, "note": r.note,
            }
            for r in comparison.rows
        ],
    }  # fmt: skip
