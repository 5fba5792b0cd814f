"""Gates as a table where there is room, as cards of two lines where there is not."""

from dataclasses import dataclass

from textual.content import Content

from nbtui.evidence.records import GateResult
from nbtui.memo.plan import Comparison, GateSpec
from nbtui.tui.document import visible
from nbtui.tui.widgets.rows import columns
from nbtui.tui.words import FAIL, WAITING, Mark, figure, gate_mark, meter, sparkline

NOT_HELD = Mark("–", "not held", "$muted")
_TABLE_FROM = 100
_BAR = 12
_MARK = 10
_LIMIT = 13
_BEFORE = 11
_FIXED = 16 + 21 + 15 + _LIMIT + _BAR + _MARK + 6


@dataclass(frozen=True, slots=True)
class GateLine:
    """A gate of the plan and, once it was held, its result."""

    stage: str
    gate: GateSpec
    result: GateResult | None = None
    over: bool = False
    """The run is over: a gate without a result was never held."""
    before: tuple[float, ...] | None = None
    """What earlier runs of the same parameters measured, the oldest first; ``None`` where that
    was not looked up."""

    @property
    def mark(self) -> Mark:
        """Return PASS, FAIL, note, waiting or not held."""
        if self.result:
            return gate_mark(self.result)
        return NOT_HELD if self.over else WAITING


def margin_fraction(gate: GateSpec, value: float | None) -> float:
    """Return how much of the room between threshold and best value is left, 0 to 1.

    The best value of a correlation-like metric (threshold at most 1) is 1, of a distance
    or deviation 0; for anything else twice the threshold counts as full.
    """
    if value is None:
        return 0.0
    limit = gate.threshold
    if gate.comparison is Comparison.EQUAL:
        return float(value == limit)
    if gate.comparison is Comparison.AT_MOST:
        room, left = limit, limit - value
    else:
        room = 1 - limit if limit < 1 else abs(limit)
        left = value - limit
    if room <= 0:
        return float(left >= 0)
    return min(max(left / room, 0.0), 1.0)


def margin_words(result: GateResult) -> str:
    """Return the distance to the threshold in words."""
    if result.margin is None:
        return "undefined"
    return f"{'+' if result.margin >= 0 else ''}{result.margin:.4g}"


@dataclass(frozen=True, slots=True)
class GateTable:
    """A block of gates for a page."""

    gates: tuple[GateLine, ...]

    def lines(self, width: int) -> list[Content]:
        """Return the table, or cards when the pane is narrow."""
        if not self.gates:
            return [Content.styled("No gates", "$muted")]
        if self._wide(width):
            return [self._head(width), *(_row(line, width, told=self._told) for line in self.gates)]
        lines: list[Content] = []
        stage = ""
        for line in self.gates:
            if line.stage != stage:
                stage = line.stage
                lines.append(
                    Content.styled(visible(stage), "$muted").truncate(width, ellipsis=True)
                )
            lines += _card(line, width)
        return lines

    @property
    def _told(self) -> bool:
        """Whether earlier runs are shown."""
        return any(line.before is not None for line in self.gates)

    def _wide(self, width: int) -> bool:
        return width >= _TABLE_FROM + (_BEFORE + 1) * self._told

    def line_of(self, stage: str, width: int) -> int:
        """Return the line on which a stage's gates begin; 0 when it has none."""
        if self._wide(width):
            rows = [line.stage for line in self.gates]
            return rows.index(stage) + 1 if stage in rows else 0
        before = 0
        seen: list[str] = []
        for line in self.gates:
            if line.stage == stage:
                return before
            before += len(_card(line, width)) + (line.stage not in seen[-1:])
            seen.append(line.stage)
        return 0

    def _head(self, width: int) -> Content:
        before = (("runs before", _BEFORE),) if self._told else ()
        names = columns(
            ("", _MARK), ("stage", 16), ("metric", 21), ("value", 15), ("gate", _LIMIT),
            ("margin", _BAR), *before, ("source", _source_width(width, told=self._told)),
        )  # fmt: skip
        return Content.styled(names.plain, "$muted")


def _bar(line: GateLine) -> Content:
    if line.result is None:
        return Content.styled("·" * _BAR, "$rule")
    if not line.result.passed:
        words = f"short {margin_words(line.result).lstrip('-')}"
        return Content.styled(words, line.mark.style).truncate(_BAR, ellipsis=True)
    filled = meter(margin_fraction(line.gate, line.result.value), _BAR)
    return Content.styled(filled, line.mark.style)


def _limit(gate: GateSpec) -> str:
    return f"{gate.comparison.value} {gate.threshold:.10g}"


def _value(line: GateLine) -> Content:
    return Content.styled(
        figure(line.result.value) if line.result else "–", "bold" if line.result else "$muted"
    )


def course(line: GateLine) -> Content:
    """Return how earlier runs stood, one cell each, this run last.

    A cell is filled as the margin bar is; a run that missed the gate is a cross.
    """
    if line.before is None or line.result is None:
        return Content("")
    cells = [_cell(line.gate, value) for value in (*line.before, line.result.value)]
    return Content.assemble(*cells)


def _cell(gate: GateSpec, value: float | None) -> tuple[str, str]:
    if not _holds(gate, value):
        return "✗", FAIL.style if gate.binding else "$warning"
    return sparkline([max(margin_fraction(gate, value), 0.01)], 1, top=1.0), "$success"


def _holds(gate: GateSpec, value: float | None) -> bool:
    if value is None:
        return False
    match gate.comparison:
        case Comparison.AT_LEAST:
            return value >= gate.threshold
        case Comparison.AT_MOST:
            return value <= gate.threshold
        case Comparison.EQUAL:
            return value == gate.threshold


def movement(line: GateLine) -> tuple[str, str]:
    """Return an arrow and words: better or worse than the run before, and by how much."""
    if not line.before or line.result is None or line.result.value is None:
        return "", ""
    gain = line.result.value - line.before[-1]
    if line.gate.comparison is Comparison.AT_MOST:
        gain = -gain
    elif line.gate.comparison is Comparison.EQUAL:
        gain = abs(line.before[-1] - line.gate.threshold) - abs(
            line.result.value - line.gate.threshold
        )
    if gain == 0:
        return "=", "unchanged"
    return ("↗", f"better by {gain:.2g}") if gain > 0 else ("↘", f"worse by {-gain:.2g}")


def _history(line: GateLine) -> Content:
    """Return the course of earlier runs in words, for a line of its own."""
    if not line.before:
        return Content.styled("first run of these parameters", "$muted")
    arrow, words = movement(line)
    runs = f"{len(line.before)} run{'s' * (len(line.before) > 1)} before"
    last = "" if arrow == "=" else f", last {figure(line.before[-1])}"
    return Content.assemble(
        course(line),
        (f" {arrow} {words}", "bold" if arrow == "↘" else ""),
        (f" · {runs}{last}", "$muted"),
    )


def _source_width(width: int, *, told: bool) -> int:
    return max(width - _FIXED - (_BEFORE + 1) * told, 10)


def _row(line: GateLine, width: int, *, told: bool) -> Content:
    source = _source_width(width, told=told)
    arrow = movement(line)[0]
    before = course(line) + Content(f" {arrow}") if line.before else Content("")
    return columns(
        (line.mark.content(), _MARK),
        (visible(line.stage), 16),
        (visible(line.gate.metric), 21),
        (_value(line), 15),
        (_limit(line.gate), _LIMIT),
        (_bar(line), _BAR),
        *(((before, _BEFORE),) if told else ()),
        (Content.styled(visible(_tail(line.gate.source, source)), "$muted"), source),
    )


def _card(line: GateLine, width: int) -> list[Content]:
    metric = max(width - _MARK - 14 - 2, 10)
    first = columns(
        (line.mark.content(), _MARK), (visible(line.gate.metric), metric), (_value(line), 14)
    )
    source = max(width - _MARK - _LIMIT - _BAR - 3, 4)
    second = columns(
        ("", _MARK),
        (Content.styled(_limit(line.gate), "$muted"), _LIMIT),
        (_bar(line), _BAR),
        (Content.styled(_tail(line.gate.source, source), "$muted"), source),
    )
    if line.before is None or line.result is None:
        return [first, second]
    third = columns(("", _MARK), (_history(line), 0))
    return [first, second, third.truncate(width, ellipsis=True)]


def _tail(text: str, width: int) -> str:
    """Return the end of a path that is too long: the file and line matter most."""
    return text if len(text) <= width else "…" + text[len(text) - width + 1 :]
