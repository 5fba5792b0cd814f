"""Thresholds that nothing can meet, and those that see nothing small, by the measured floor."""

from collections.abc import Iterator

from engine.parity import floor
from engine.parity.errors import ParityError
from nbtui.memo.cases import grouped
from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.scope import Scope
from nbtui.memo.plan import GateSpec, Role, Step


def check_floor(scope: Scope) -> Iterator[Finding]:
    """Report thresholds below three and above a thousand times the reference's own floor.

    The floor counts for comparisons of the experiment it was measured on, and for no other.
    """
    path = scope.root / scope.settings.floor
    if not path.is_file():
        return
    try:
        known = floor.load(path)
    except ParityError as error:
        yield scope.warn("floor-unreadable", 1, f"{scope.settings.floor} {error.what}", "nb-floor")
        return
    for step in scope.plan.stages:
        same = step.experiment is not None and grouped(step.experiment) == grouped(known.args)
        if step.role is Role.COMPARE and same:
            yield from _held(scope, step, known)


def _held(scope: Scope, step: Step, known: floor.FloorFile) -> Iterator[Finding]:
    ranks: list[tuple[GateSpec, floor.Rank, float]] = []
    for gate in (g for g in scope.plan.gates if g.applies_to(step)):
        bound = floor.allowance(gate.metric, gate.comparison.value, gate.threshold)
        if bound is not None:
            found, factor = floor.rank(bound[1], known.floor.get(bound[0]))
            if factor is not None:
                ranks.append((gate, found, factor))
    for gate, found, factor in ranks:
        if found is floor.Rank.UNMEETABLE:
            # A row of the strategy is a decision about this project's own port, which may keep
            # its geometry in float64; a memo's figure has nothing behind it but the memo.
            decided = gate.source.startswith(f"{scope.settings.strategy}:")
            say = scope.info if decided else scope.warn
            yield say(
                "threshold-unmeetable",
                step.lines.first,
                f"{_named(gate)} is {factor:.2g} times what a rounding of one input does: no port "
                "with float32 in its geometry can meet it",
                "keep the geometry in float64, or ask the supervisor",
            )
    awake = any(found is floor.Rank.AWAKE and gate.binding for gate, found, _ in ranks)
    asleep = [f"{_named(g)} ({factor:.2g} times)" for g, found, factor in ranks
              if found is floor.Rank.ASLEEP]  # fmt: skip
    if not asleep:
        return
    text = f"so far above the floor that they see nothing small: {', '.join(asleep)}"
    if awake:
        yield scope.info("threshold-asleep", step.lines.first, f"{text}; others are binding")
    else:
        fix = f"bind relative_l2, tile, ring and logarithm too, in {scope.settings.strategy}"
        yield scope.warn("threshold-asleep", step.lines.first, text, fix)


def _named(gate: GateSpec) -> str:
    return f"{gate.metric} {gate.comparison.value} {gate.threshold:g} ({gate.source})"
