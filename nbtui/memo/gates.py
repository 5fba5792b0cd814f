"""Where thresholds come from and which one holds.

The memo's words and the testing strategy's table may both speak of a metric. The strictest
holds; the others are listed with their address, so that a disagreement is never hidden.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import msgspec

from nbtui.memo.asserted import Asserted, Read, asserted
from nbtui.memo.cases import identify
from nbtui.memo.citations import Cited
from nbtui.memo.model import Memo, SectionKey
from nbtui.memo.plan import Comparison, GateSpec, Role, Step
from nbtui.memo.programs import option


class ThresholdRow(Protocol):
    """A row of the strategy's table (``engine.parity.thresholds.Threshold``)."""

    @property
    def id(self) -> str:
        """Short unique name."""

    @property
    def metric(self) -> str:
        """Name of the metric in the result files."""

    @property
    def comparison(self) -> str:
        """``>=``, ``<=`` or ``==``."""

    @property
    def value(self) -> float:
        """The threshold."""

    @property
    def binding(self) -> bool:
        """Whether failing it blocks."""

    @property
    def applies_to(self) -> str:
        """``compare``, ``benchmark``, ``compare <case>``, ``AT-PARALLEL-012 <variant>``."""

    @property
    def line(self) -> int:
        """Line of the row."""


_SILENT = frozenset(
    {SectionKey.PRIORITIES, SectionKey.POINTERS, SectionKey.IF_BLOCKED, SectionKey.PREAMBLE}
)
"""Sections that report history and reasons; figures in them are no demand."""

_NUMBER = r"(?P<value>\d+(?:\.\d+)?(?:[eE][-+−]?\d+|\s?[×x]\s?10\^?[-−]?\d+)?)\s?(?P<percent>%)?"
_SIGN = r"(?P<sign>≥|≤|>=|<=|>|<|of at least|at least|of at most|at most|within)"
_METRICS: tuple[tuple[str, str], ...] = (
    ("sum_ratio_deviation", r"(?:\||abs\()\s*sum[_ ]?ratio\s*[-−–]\s*1(?:\.0)?\s*(?:\||\))"),
    ("correlation", r"corr(?:elation)?s?"),
    ("relative_l2", r"relative[_ ]l2"),
    ("worst_tile_relative_l2", r"worst[_ ]tile(?:[_ ]relative[_ ]l2)?"),
    ("log_correlation_deviation", r"log[_ ]correlation[_ ]deviation"),
    ("radial_deviation", r"radial[_ ](?:deviation|profile)"),
    ("rmse", r"rmse"),
    ("max_abs_diff", r"max(?:imum)?[_ ]abs(?:olute)?[_ ]diff(?:erence)?"),
    ("matched_fraction", r"matched[_ ](?:fraction|peaks)"),
    ("max_peak_distance_px", r"max(?:imum)?[_ ]peak[_ ]distance(?:_px)?"),
    ("speedup_warm", r"speed-?up"),
)
_PATTERNS = tuple(
    (metric, re.compile(rf"(?<![\w-]){words}`?\s*{_SIGN}\s*`?{_NUMBER}", re.IGNORECASE))
    for metric, words in _METRICS
)
_AT_MOST = frozenset({"≤", "<=", "<", "of at most", "at most", "within"})
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (Role.BENCHMARK, re.compile(r"\bbench", re.IGNORECASE)),
    (Role.COMPARE, re.compile(r"nb[-_]compare|\bcompar|full[- ]frame", re.IGNORECASE)),
    (Role.PYTEST, re.compile(r"\bpytest|\bmapped (?:test|node)|AT-PARALLEL", re.IGNORECASE)),
)


def from_memo(memo: Memo) -> tuple[GateSpec, ...]:
    """Return the thresholds in the memo's own words: ``corr ≥0.999``, ``|sum_ratio−1| ≤5e-3``.

    A sentence that names a stage speaks of that stage; any other of benchmark and
    comparison both.
    """
    found: dict[tuple[str, Role, float], GateSpec] = {}
    for section in memo.sections:
        if section.key in _SILENT:
            continue
        texts = [(section.text, section.lines.first)]
        texts += [(b.text, b.lines.first) for b in section.bullets]
        for text, line in texts:
            for gate in _in_text(text, memo.source(line)):
                found.setdefault((gate.metric, gate.role, gate.threshold), gate)
    return tuple(found.values())


def from_citations(cited: Iterable[Cited]) -> tuple[GateSpec, ...]:
    """Return the thresholds in documents that the memo points at; see :func:`from_memo`."""
    found: dict[tuple[str, Role, float], GateSpec] = {}
    for line in cited:
        for gate in _in_text(line.text, line.source):
            gate_id = gate.id.replace("memo-", "cited-", 1)
            named = msgspec.structs.replace(gate, id=gate_id)
            found.setdefault((gate.metric, gate.role, gate.threshold), named)
    return tuple(found.values())


TOOL_DEFAULTS: Mapping[str, float] = {
    "nb_compare.py": 0.95,
    "nb-compare": 0.999,
    "nb-benchmark": 0.99,
}
"""Least correlation that a tool calls a pass when nobody says another and its source is not
there to be read."""


def from_commands(
    steps: Iterable[Step],
    memo_name: str,
    others: Sequence[GateSpec],
    read: Read = lambda _: None,
) -> tuple[GateSpec, ...]:
    """Return the thresholds on command lines, in tools' sources and among their defaults.

    What a tool holds by itself is no gate alone: it is held against where somebody demands
    something of the same stage, so that a tool that would call less a pass is seen to do so.
    What only a test asserts is listed as the test's own.
    """
    return tuple(gate for step in steps for gate in _of_command(step, memo_name, others, read))


def _of_command(
    step: Step, memo_name: str, others: Sequence[GateSpec], read: Read
) -> Iterator[GateSpec]:
    argv = step.command.argv if step.command else ()
    if step.role not in {Role.COMPARE, Role.BENCHMARK, Role.PYTEST} or not argv:
        return
    said = _number_of(option(argv, "--threshold")) if step.role is Role.COMPARE else None
    if said is not None:
        where = f"{memo_name}:{step.lines.first}"
        yield _own(step, "command", Asserted("correlation", Comparison.AT_LEAST, said, where))
        return
    found = asserted(step, read)
    tool = next((n for w in argv[:2] if (n := _named(w)) in TOOL_DEFAULTS), "")
    if tool and not found:
        default, where = TOOL_DEFAULTS[tool], f"default of {tool}"
        found = (Asserted("correlation", Comparison.AT_LEAST, default, where),)
    for own in found:
        demanded = any(g.metric == own.metric and g.binding and g.applies_to(step) for g in others)
        if demanded:
            yield _own(step, "tool", own)
        elif step.role is Role.PYTEST:
            yield msgspec.structs.replace(_own(step, "test", own), held_by_tool=True)


def _own(step: Step, whose: str, said: Asserted) -> GateSpec:
    return GateSpec(
        id=f"{whose}-{said.metric.replace('_', '-')}-{step.id}",
        metric=said.metric,
        role=step.role,
        comparison=said.comparison,
        threshold=said.value,
        source=said.source,
        steps=(step.id,),
    )


def _named(word: str) -> str:
    return word.rsplit("/", maxsplit=1)[-1]


def _number_of(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _in_text(text: str, source: str) -> Iterator[GateSpec]:
    for metric, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            at_most = match["sign"].lower() in _AT_MOST
            for role in _roles(text, match.start()):
                yield GateSpec(
                    id=f"memo-{metric.replace('_', '-')}-{role.value}",
                    metric=metric,
                    role=role,
                    comparison=Comparison.AT_MOST if at_most else Comparison.AT_LEAST,
                    threshold=_value(match),
                    source=source,
                )


def _roles(text: str, at: int) -> tuple[Role, ...]:
    """Return the stage named last before the figure, else all named, else the default."""
    named = [(m.start(), r) for r, p in _ROLES for m in p.finditer(text)]
    before = [pair for pair in named if pair[0] < at]
    if before:
        return (max(before)[1],)
    return tuple(dict.fromkeys(r for _, r in sorted(named))) or (Role.BENCHMARK, Role.COMPARE)


def _value(match: re.Match[str]) -> float:
    text = match["value"].replace("−", "-")
    text = re.sub(r"\s?[×x]\s?10\^?", "e", text)
    return float(text) / (100.0 if match["percent"] else 1.0)


def from_strategy(
    rows: Iterable[ThresholdRow],
    steps: Sequence[Step],
    *,
    path: str,
    cases: Mapping[str, Sequence[str]],
) -> tuple[GateSpec, ...]:
    """Return the rows that apply to a step of the plan, each with the steps it is held at.

    Parameters
    ----------
    rows
        The strategy's table.
    steps
        The plan's steps.
    path
        The strategy's path, for the gates' sources.
    cases
        Golden case id to nanoBragg arguments; names the case a comparison is about.
    """
    gates: list[GateSpec] = []
    for row in rows:
        held = [s for s in steps if _applies(row.applies_to, s, cases)]
        if held:
            gates.append(
                GateSpec(
                    id=row.id,
                    metric=row.metric,
                    role=held[0].role,
                    comparison=Comparison(row.comparison),
                    threshold=row.value,
                    source=f"{path}:{row.line}",
                    binding=row.binding,
                    steps=tuple(s.id for s in held),
                )
            )
    return tuple(gates)


def _applies(applies_to: str, step: Step, cases: Mapping[str, Sequence[str]]) -> bool:
    stage, _, variant = applies_to.partition(" ")
    if stage.upper().startswith("AT-"):
        return step.role is Role.PYTEST and _tests_variant(step, stage, variant)
    if stage != step.role.value:
        return False
    return not variant or identify(step.experiment, cases) == variant.strip()


def _tests_variant(step: Step, acceptance: str, variant: str) -> bool:
    """Whether a pytest stage runs the test of that variant, by the words of its name."""
    wanted = set(re.split(r"[_\W]+", variant.lower()))
    number = acceptance.rsplit("-", maxsplit=1)[-1].lower()
    for word in step.command.argv if step.command else ():
        file, _, node = word.partition("::")
        if not file.endswith(".py") or f"_{number}" not in file:
            continue
        name = node.rsplit("::", maxsplit=1)[-1].partition("[")[0].lower()
        words = set(name.split("_")) - {"test", "variant", ""}
        if not name.startswith("test") or (words and words <= wanted):
            return True
    return False


def merge(gates: Iterable[GateSpec], steps: Sequence[Step]) -> tuple[GateSpec, ...]:
    """Return, per step and metric, the strictest gate; the others are its ``overrides``.

    Binding gates and gates that are only reported never replace each other.
    """
    gates = tuple(gates)
    winners: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    by_id: dict[tuple[str, tuple[str, ...]], GateSpec] = {}
    for step in steps:
        held = [g for g in gates if g.applies_to(step)]
        for group in _groups(held):
            best = min(group, key=_strictness)
            others = tuple(f"{g.threshold:g} ({g.source})" for g in group if g is not best)
            key = (best.id, others)
            winners.setdefault(key, []).append(step.id)
            by_id[key] = msgspec.structs.replace(best, overrides=others)
    own = tuple(g for g in gates if g.held_by_tool)
    found = (msgspec.structs.replace(by_id[key], steps=tuple(i)) for key, i in winners.items())
    return (*found, *own)


def _groups(gates: Sequence[GateSpec]) -> list[list[GateSpec]]:
    groups: dict[tuple[str, Comparison, bool], list[GateSpec]] = {}
    for gate in gates:
        groups.setdefault((gate.metric, gate.comparison, gate.binding), []).append(gate)
    return list(groups.values())


def _strictness(gate: GateSpec) -> float:
    """Return a figure that is smaller for a stricter gate."""
    return -gate.threshold if gate.comparison is Comparison.AT_LEAST else gate.threshold
