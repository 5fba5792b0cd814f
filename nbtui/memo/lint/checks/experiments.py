"""Stages that simulate different experiments: their figures do not belong together."""

from collections.abc import Iterator, Sequence

from nbtui.memo.lint.finding import Finding
from nbtui.memo.lint.parameters import CANONICAL, Experiment, differing, experiments, plain
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import words_of
from nbtui.memo.plan import Role
from nbtui.memo.programs import is_own_tool


def check_same_experiment(scope: Scope) -> Iterator[Finding]:
    """Report benchmarks and tests of another experiment than any comparison.

    A benchmark that differs blocks; of a test only its source is known, so it warns.
    """
    known = {e.step_id: e for e in experiments(scope)}
    compared = [e for e in known.values() if e.role is Role.COMPARE]
    if not compared:
        return
    for step in scope.plan.stages:
        if step.role not in {Role.BENCHMARK, Role.PYTEST}:
            continue
        argv, line = words_of(step), step.lines.first
        own = known.get(step.id)
        if own is None:
            if step.role is Role.BENCHMARK and argv and not is_own_tool(argv):
                text = "the benchmark names no experiment: it may simulate another than is compared"
                fix = "name its nanoBragg arguments in the memo"
                yield scope.warn("experiment-unknown", line, text, fix)
            continue
        if any(not differing(own, other) for other in compared):
            continue
        text = _sentence(own, compared)
        if step.role is Role.BENCHMARK and own.source.endswith(CANONICAL):
            fix = "give the benchmark the comparison's arguments after --"
            yield scope.warn("experiments-differ", line, text, fix)
        elif step.role is Role.BENCHMARK:
            fix = "give both the same nanoBragg arguments"
            yield scope.block("experiments-differ", line, text, fix)
        else:
            fix = "map a test of the compared experiment, or compare the tested one"
            yield scope.warn("experiments-differ", line, text, fix)


def _sentence(own: Experiment, compared: Sequence[Experiment]) -> str:
    other = min(compared, key=lambda c: len(differing(own, c)))
    pairs = differing(own, other)
    left = ", ".join(f"{flag} {plain(a) or 'not given'}{_place(own, flag)}" for flag, a, _ in pairs)
    right = ", ".join(f"{flag} {plain(b) or 'not given'}" for flag, _, b in pairs)
    what = "benchmark" if own.role is Role.BENCHMARK else "test"
    source = "" if own.source == "the memo" else f" ({own.source})"
    return (
        f"{what}{source} and comparison (line {other.line}) simulate different experiments: "
        f"{left} here, {right} there"
    )


def _place(experiment: Experiment, flag: str) -> str:
    place = experiment.places.get(flag)
    return f" (line {place.rsplit(':', 1)[-1]})" if place else ""
