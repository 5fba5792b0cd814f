"""The physics arguments of every stage side by side, with what each tool takes by default.

nanoBragg simulates one cell when ``-N`` is missing; other ports of it simulate five. A
comparison whose arguments leave it out compares two experiments (a sum ratio of 236 once
came of it), and nothing in the images says so.
"""

from collections.abc import Mapping, Sequence

import msgspec

from nbtui.memo.cases import grouped, load
from nbtui.memo.lint.asking.programs import script_of
from nbtui.memo.lint.scope import Scope
from nbtui.memo.lint.words import words_of
from nbtui.memo.lint.written import Written, in_script, in_test
from nbtui.memo.plan import Role, Step
from nbtui.memo.programs import is_own_tool, pytest_arguments

CANONICAL = "high_resolution_4096"
"""The case that ``nb-benchmark`` runs when it is given no arguments."""

C_DEFAULTS: Mapping[str, str] = {
    "-N": "1.0", "-default_F": "0.0", "-lambda": "1.0", "-distance": "100.0", "-pixel": "0.1",
    "-phi": "0.0", "-polar": "0.0", "-dispersion": "0.0", "-exposure": "1.0", "-beamsize": "0.1",
    "-twotheta": "0.0", "-detector_rotx": "0.0", "-detector_roty": "0.0", "-detector_rotz": "0.0",
    "-fudge": "1.0", "-water": "0.0", "-dmin": "0.0", "-flux": "0.0", "-detector_thick": "0.0",
}  # fmt: skip
"""What nanoBragg takes for an argument that is not given (specification section 3.4)."""

PORT_DEFAULTS: Mapping[str, str] = {"-N": "5.0"}
"""Where other ports of nanoBragg take something else."""

_SAME: Mapping[str, str] = {
    "-wave": "-lambda", "-detpixels_x": "-detpixels_f", "-detpixels_y": "-detpixels_s",
    "-mosaici": "-mosaic", "-mosaic_spread": "-mosaic",
}  # fmt: skip
SIZE = frozenset({"-detpixels"})
"""The benchmark's ``--sizes`` sets the pixel count itself."""


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """What one stage simulates, as far as anybody can tell before it runs."""

    step_id: str
    line: int
    role: Role
    source: str
    """``the memo``, ``golden case ...`` or the script's path."""
    values: dict[str, str]
    """Flag to operands, numbers by value."""
    places: dict[str, str] = {}
    """Flag to ``file:line``, where it stands in a script."""
    whole: bool = True
    """Whether everything is known that differs from the defaults."""
    foreign: bool = False
    """Whether a port with defaults of its own takes part."""

    def effective(self, flag: str) -> str | None:
        """Return the value that nanoBragg uses; ``None`` when it is not known."""
        default = C_DEFAULTS.get(flag) if self.whole else None
        return self.values.get(flag, default)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter over all stages."""

    flag: str
    cells: tuple[str, ...]
    """One word a stage: the value, ``(value)`` for a default, ``?`` when not known."""
    differs: bool


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Parameter identity: stages beside each other."""

    experiments: tuple[Experiment, ...] = ()
    rows: tuple[Row, ...] = ()


def experiments(scope: Scope) -> tuple[Experiment, ...]:
    """Return what each stage of the plan simulates, where that can be known."""
    cases = load(scope.root)
    found = (_experiment(scope, step, cases) for step in scope.plan.stages)
    return tuple(e for e in found if e is not None)


def table(found: Sequence[Experiment]) -> Table:
    """Return the stages side by side, with every parameter that one of them names."""
    flags = list(dict.fromkeys(f for e in found for f in e.values))
    if any(e.foreign for e in found) and "-N" not in flags:
        flags.append("-N")
    return Table(experiments=tuple(found), rows=tuple(_row(flag, found) for flag in flags))


def _row(flag: str, found: Sequence[Experiment]) -> Row:
    cells = tuple(_cell(e, flag) for e in found)
    known = {c.strip("()") for c in cells if c != "?"}
    return Row(flag=flag, cells=cells, differs=len(known) > 1 or any("," in c for c in cells))


def _cell(experiment: Experiment, flag: str) -> str:
    if flag in experiment.values:
        return plain(experiment.values[flag])
    if not experiment.whole:
        return "?"
    default = plain(C_DEFAULTS.get(flag, "none"))
    other = PORT_DEFAULTS.get(flag) if experiment.foreign else None
    if other is None or plain(other) == default:
        return f"({default})"
    return f"(C {default}, port {plain(other)})"


def plain(value: str) -> str:
    """Return a value as people write it: ``5`` for ``5.0``."""
    return " ".join(w.removesuffix(".0") for w in value.split())


def _experiment(scope: Scope, step: Step, cases: Mapping[str, Sequence[str]]) -> Experiment | None:
    argv, line = words_of(step), step.lines.first
    if step.experiment is not None and step.role is not Role.PYTEST:
        foreign = step.role is not Role.COMMAND and not is_own_tool(argv)
        values = canonical(step.experiment)
        return Experiment(
            step_id=step.id, line=line, role=step.role, source="the memo", values=values,
            foreign=foreign,
        )  # fmt: skip
    if step.role is Role.BENCHMARK and argv and is_own_tool(argv):
        if CANONICAL not in cases:
            return None
        return Experiment(
            step_id=step.id, line=line, role=step.role, source=f"golden case {CANONICAL}",
            values=canonical(cases[CANONICAL]),
        )  # fmt: skip
    written = _written(scope, step, cases)
    if written is None:
        return None
    return Experiment(
        step_id=step.id,
        line=line,
        role=step.role,
        source=written.path,
        values={_SAME.get(f, f): " ".join(v) for f, v in written.values.items()},
        places={_SAME.get(f, f): written.source(f) for f in written.values},
        whole=False,
    )


def _written(scope: Scope, step: Step, cases: Mapping[str, Sequence[str]]) -> Written | None:
    argv = words_of(step)
    if step.role is Role.PYTEST and argv:
        nodes, _ = pytest_arguments(argv)
        return in_test(scope.root, nodes[0], cases) if len(nodes) == 1 else None
    script = script_of(argv) if argv and step.role is Role.BENCHMARK else None
    return in_script(scope.root, script) if script else None


def canonical(arguments: Sequence[str]) -> dict[str, str]:
    """Return nanoBragg arguments by flag, under one name each, numbers by value."""
    groups = grouped(arguments)
    return {_SAME.get(g[0], g[0]): " ".join(g[1:]) for g in sorted(groups)}


def differing(one: Experiment, other: Experiment) -> tuple[tuple[str, str, str], ...]:
    """Return flag and both values where two experiments are known to differ."""
    flags = sorted((one.values.keys() | other.values.keys()) - SIZE)
    found = []
    for flag in flags:
        left, right = one.effective(flag), other.effective(flag)
        known = (one.whole or left is not None) and (other.whole or right is not None)
        if known and left != right:
            found.append((flag, left or "", right or ""))
    return tuple(found)
