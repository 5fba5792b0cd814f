"""Gates as a table where there is room, as cards of two lines where there is not."""

from dataclasses import dataclass

from textual.content import Content

from nbtui.evidence.records import GateResult
from nbtui.memo.plan import Comparison, GateSpec
from nbtui.tui.document import visible
from nbtui.tui.widgets.rows import columns
from nbtui.tui.words import WAITING, Mark, figure, gate_mark, meter

NOT_HELD = Mark("–", "not held", "$muted")
_TABLE_FROM = 100
_BAR = 12
_MARK = 10
_LIMIT = 13
_FIXED = 16 + 21 + 15 + _LIMIT + _BAR + _MARK + 6


@dataclass(frozen=True, slots=True)
class GateLine:
    """A gate of the plan and, once it was held, its result."""

    stage: str
    gate: GateSpec
    result: GateResult | None = None
    over: bool = False
    """The run is over: a gate without a result was never held."""

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
        if width >= _TABLE_FROM:
            return [self._head(width), *(_row(line, width) for line in self.gates)]
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

    def line_of(self, stage: str, width: int) -> int:
        """Return the line on which a stage's gates begin; 0 when it has none."""
        if width >= _TABLE_FROM:
            rows = [line.stage for line in self.gates]
            return rows.index(stage) + 1 if stage in rows else 0
        before = 0
        seen: list[str] = []
        for line in self.gates:
            if line.stage == stage:
                return before
            before += 2 if line.stage in seen[-1:] else 3
            seen.append(line.stage)
        return 0

    def _head(self, width: int) -> Content:
        names = columns(
            ("", _MARK), ("stage", 16), ("metric", 21), ("value", 15), ("gate", _LIMIT),
            ("margin", _BAR), ("source", max(width - _FIXED, 10)),
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


def _row(line: GateLine, width: int) -> Content:
    source = max(width - _FIXED, 10)
    return columns(
        (line.mark.content(), _MARK),
        (visible(line.stage), 16),
        (visible(line.gate.metric), 21),
        (_value(line), 15),
        (_limit(line.gate), _LIMIT),
        (_bar(line), _BAR),
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
    return [first, second]


def _tail(text: str, width: int) -> str:
    """Return the end of a path that is too long: the file and line matter most."""
    return text if len(text) <= width else "…" + text[len(text) - width + 1 :]
