"""Did a side read a file that nobody named? nanoBragg reads ``Fdump.bin`` by itself."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from engine.parity.arguments import names_structure_factors
from engine.parity.parameters import hidden_inputs
from nbtui.diagnose import confirm
from nbtui.diagnose.lab import Console, Lab
from nbtui.diagnose.model import Finding, Line, Outcome, Side
from nbtui.durable import sha256_file
from nbtui.memo.hidden import DEFAULT_NAMES


def look(lab: Lab) -> Outcome:
    """Look into both reports, and into every folder a side may have run in."""
    consoles = {side: lab.console(side) for side in Side}
    read = {
        side: hidden_inputs(console.text, lab.case.args) if console else ()
        for side, console in consoles.items()
    }
    lines = [
        Line(f"{side.word}: {text}", _place(console, text))
        for side, console in consoles.items()
        if console is not None
        for text in read[side]
    ]
    files = dict(_lying_about(lab))
    lines += [Line(text, str(path)) for path, text in files.items()]
    guilty = [side for side in Side if read[side]]
    if len(guilty) == 1:
        return Outcome(tuple(lines), _finding(lab, guilty[0], read[guilty[0]], list(files)))
    if all(console is None for console in consoles.values()) and not files:
        return Outcome(skipped="there is no report of either side, and no folder to look into")
    return Outcome(tuple(lines) or (Line("neither side read anything that nobody named"),))


def _finding(lab: Lab, side: Side, said: tuple[str, ...], files: list[Path]) -> Finding:
    where = f" ({files[0]})" if files else ""
    sentence = (
        f"{side.word.capitalize()} read structure factors that nobody named{where}: "
        f"{'; '.join(said)}; the other side did not."
    )
    if lab.case.party(side).argv:
        command = confirm.in_empty_folder(lab.case, side, "initialized hkls")
    else:
        command = shlex.join(["ls", "-l", *map(str, files)]) if files else ""
    return Finding("hidden input", sentence, command)


def _lying_about(lab: Lab) -> Iterator[tuple[Path, str]]:
    """Yield the files that a program would read by itself, and what is known of them."""
    if names_structure_factors(lab.case.args):
        return
    parties = (lab.case.c, lab.case.py)
    folders = [lab.case.root, *(p.folder for p in parties if p.folder)]
    folders += [Path(p.argv[0]).parent for p in parties if p.argv]
    for folder in dict.fromkeys(f.resolve() for f in folders):
        for name in DEFAULT_NAMES:
            path = folder / name
            if path.is_file():
                size = path.stat().st_size
                yield path, f"{name}: {size} bytes, sha256 {sha256_file(path)[:16]}"


def _place(console: Console, text: str) -> str:
    for number, line in enumerate(console.text.splitlines(), 1):
        if line.strip() == text:
            return f"{console.name}:{number}"
    return console.name
