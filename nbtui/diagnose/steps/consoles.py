"""What the two programs say themselves: whether they ran, what they read, what they warn of."""

import re
from collections.abc import Iterator
from pathlib import Path

from nbtui.diagnose import confirm
from nbtui.diagnose.lab import PROBE, Console, Lab
from nbtui.diagnose.model import Finding, Line, Outcome, Side
from nbtui.durable import sha256_file

_TELLING = re.compile(
    r"reading|initialized hkls|xtal:|wave=|fluence|distance=|Fbeam=|oversample steps|"
    r"interpolation|sensor is|phi steps|mosaic spread|pivoting|warning|max_I",
    re.IGNORECASE,
)
_MANY = 40


def look(lab: Lab) -> Outcome:
    """Return the telling lines that only one side printed; find a program that fails."""
    failed = _failed(lab)
    if failed is not None:
        return failed
    consoles = {side: lab.console(side) for side in Side}
    c, py = consoles[Side.C], consoles[Side.PY]
    if c is None and py is None:
        return Outcome(skipped="there is no report of either side")
    lines = list(_replaced(lab))
    lines += [
        Line(f"{side.word}: {text}", f"{mine.name}:{number}")
        for side, mine in consoles.items()
        if mine is not None
        for number, text in _only_in(mine, consoles[side.other])
    ]
    if not lines:
        lines = [Line("both programs print the same telling lines")]
    return Outcome(tuple(lines[:_MANY]))


def _replaced(lab: Lab) -> Iterator[Line]:
    """Yield the programs that are other ones than those that made the stored images."""
    for side in Side:
        party = lab.case.party(side)
        if not party.sha256_binary or not party.argv:
            continue
        now = sha256_file(Path(party.argv[0]))
        if now != party.sha256_binary:
            text = f"{side.word}: {party.argv[0]} is another program now (sha256 {now[:16]}"
            yield Line(f"{text}, then {party.sha256_binary[:16]})", party.argv[0])


def _failed(lab: Lab) -> Outcome | None:
    """Return the failure of a program that had to be run for its report."""
    for side in Side:
        stored = lab.case.party(side).console
        if (stored is not None and stored.is_file()) or not lab.can_run(side):
            continue
        run = lab.run(side, PROBE)
        if run.ended_well:
            continue
        command = confirm.command_line(lab.case.party(side), lab.case.args, PROBE)
        sentence = f"{side.word.capitalize()} does not run: it {run.ending}."
        line = Line(f"{side.word}: {run.ending}", command)
        return Outcome((line,), Finding("program fails", sentence, command))
    return None


def _only_in(mine: Console, other: Console | None) -> Iterator[tuple[int, str]]:
    """Yield number and text of telling lines whose words the other side did not print."""
    theirs = {_normal(line) for line in other.text.splitlines()} if other else set()
    for number, line in enumerate(mine.text.splitlines(), 1):
        telling = _TELLING.search(line) and not line.startswith('{"name"')
        if telling and _normal(line) not in theirs:
            yield number, " ".join(line.split())


def _normal(line: str) -> str:
    """Return a line with numbers by value, so that 1.0 and 1 are the same."""

    def by_value(match: re.Match[str]) -> str:
        return f"{float(match.group()):.6g}"

    words = " ".join(line.split())
    return re.sub(r"[+-]?\d+\.?\d*(?:[eE][+-]?\d+)?", by_value, words)
