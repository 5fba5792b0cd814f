"""Did both sides simulate the same experiment? What they printed decides, not what was asked."""

from collections.abc import Iterator

from engine.parity.parameters import Difference, diff, line_of
from nbtui.diagnose import causes, confirm
from nbtui.diagnose.asked import departing
from nbtui.diagnose.lab import Lab
from nbtui.diagnose.model import Experiment, Finding, Line, Outcome, Side

_OURS = frozenset({"roi"})
"""What a run of one pixel changes itself."""


def look(lab: Lab) -> Outcome:
    """Compare the effective parameters of both sides, and those of a run's stages."""
    told = {side: lab.parameters(side) for side in Side}
    lines = list(_experiments(lab.case.experiments))
    apart = _stages_apart(lines)
    missing = [side.word for side in Side if told[side] is None]
    c, py = told[Side.C], told[Side.PY]
    if c is None or py is None:
        text = f"{' and '.join(missing)} printed no report that could be read"
        return Outcome((*lines, Line(text)), apart, skipped="" if lines else text)
    differences = _sorted(diff(c.without(_OURS), py.without(_OURS)))
    if not differences:
        same = Line(f"{len(c.values)} parameters, the same on both sides", f"hash {c.digest()}")
        return Outcome((*lines, same), apart)
    lines += [Line(_text(d), _places(lab, d.name)) for d in differences]
    first = differences[0]
    _, cause = causes.parameter_cause(first.name)
    more = sorted({causes.parameter_cause(d.name)[1].cause for d in differences} - {cause.cause})
    also = f" (what follows from it, or comes on top: {', '.join(more)})" if more else ""
    off = departing(lab.case.args, first.name, first.c, first.py)
    sentence = (
        f"The two sides simulated different experiments: {cause.cause} differs, "
        f"{_text(first)} ({_relative(first)}{cause.flags}){also}{f'; {off}' if off else ''}."
    )
    command = confirm.grep(lab.case, cause.look_for or first.name)
    return Outcome(tuple(lines), Finding(cause.cause, sentence, command))


def _stages_apart(lines: list[Line]) -> Finding | None:
    """Return the finding that a run's stages are about different experiments."""
    if not lines:
        return None
    sentence = f"The stages of this run ran different experiments: {lines[0].text}."
    return Finding("different experiments", sentence, "nbtui lint")


def _sorted(differences: tuple[Difference, ...]) -> list[Difference]:
    return sorted(differences, key=lambda d: (causes.parameter_cause(d.name)[0], d.name))


def _text(d: Difference) -> str:
    return f"{d.name} is {_value(d.c)} on the C side and {_value(d.py)} in the port"


def _relative(d: Difference) -> str:
    """Return by how much the port's number is off, where both are numbers."""
    try:
        c, py = float(d.c or ""), float(d.py or "")
    except ValueError:
        return ""
    return f"{100.0 * (py - c) / abs(c):+.3g} %; " if c else ""


def _value(value: str | None) -> str:
    return "not told" if value is None else value or "empty"


def _places(lab: Lab, name: str) -> str:
    found = []
    for side in Side:
        console = lab.console(side)
        number = line_of(console.text, name) if console else None
        if console and number:
            found.append(f"{console.name}:{number}")
    return ", ".join(found) or "the arguments"


def _experiments(known: tuple[Experiment, ...]) -> Iterator[Line]:
    """Yield how the stages of a run differ from its first one."""
    for other in known[1:]:
        first = known[0]
        if other.parameter_hash == first.parameter_hash:
            continue
        names = sorted(
            n for n in first.parameters.keys() | other.parameters.keys()
            if first.parameters.get(n) != other.parameters.get(n)
        )  # fmt: skip
        pairs = [f"{n} {first.parameters.get(n)} and {other.parameters.get(n)}" for n in names]
        said = ", ".join(pairs) or "the parameters themselves are not recorded"
        yield Line(f"{first.step_id} and {other.step_id} are different experiments: {said}")
