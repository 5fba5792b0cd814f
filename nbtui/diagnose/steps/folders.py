"""Does the working folder or the route matter? Each program here and in an empty folder."""

import sys

from engine.parity import runner
from engine.parity.diagnosis.signature import AGREE
from nbtui.diagnose import confirm
from nbtui.diagnose.lab import Lab, unasked
from nbtui.diagnose.model import Finding, Line, Outcome, Side

ENGINE = ("-m", "engine")
"""How this project's engine is called; its other route is a call from Python."""
_IN_PROCESS = """\
import sys
from engine.experiment import Experiment
from engine.simulator import simulate
simulate(Experiment.from_args(sys.argv[2:])).numpy().astype("<f4").tofile(sys.argv[1])
"""


def look(lab: Lab) -> Outcome:
    """Run each program in a copy of its folder and in an empty one, by each route."""
    lines: list[Line] = []
    for side in Side:
        if not lab.can_run(side):
            continue
        seen = _folder(lab, side)
        lines += seen.lines
        if seen.finding is None:
            seen = _route(lab, side)
            lines += seen.lines
        if seen.finding is not None:
            return Outcome(tuple(lines), seen.finding)
    if not lines:
        return Outcome(skipped=lab.no_program)
    return Outcome(tuple(lines))


def _folder(lab: Lab, side: Side) -> Outcome:
    folder = lab.case.party(side).folder
    there = tuple(unasked(folder)) if folder else ()
    if not there:
        return Outcome((Line(f"{side.word}: nothing lies in its folder that it could read"),))
    region = lab.small_region()
    here, empty = lab.run(side, region), lab.run(side, region, empty=True)
    apart = lab.apart(here.image, empty.image)
    if apart is None:
        return Outcome((Line(f"{side.word} wrote no image: {here.ending}; {empty.ending}"),))
    if apart == 0.0:
        text = f"{side.word}: the same image in {folder} and in an empty folder"
        return Outcome((Line(text),))
    names = ", ".join(p.name for p in there[:5])
    sentence = (
        f"{side.word.capitalize()} makes another image in {folder} than in an empty folder "
        f"(relative L2 {apart:.3g}): it reads something there that nobody named (of {names})."
    )
    command = confirm.in_empty_folder(lab.case, side, "max_I")
    line = Line(f"{side.word}: its folder changes its image (relative L2 {apart:.3g})")
    return Outcome((line,), Finding("hidden input", sentence, command))


def _route(lab: Lab, side: Side) -> Outcome:
    """Compare the command line of this project's engine with a call from Python."""
    party = lab.case.party(side)
    if party.argv[1:3] != ENGINE:
        return Outcome()
    region = lab.small_region()
    # Where nothing lies in its folder the run that was made there is one in an empty folder.
    lies_there = party.folder is not None and any(True for _ in unasked(party.folder))
    by_command = lab.run(side, region, empty=lies_there)
    home = lab.scratch / "in-process"
    home.mkdir(exist_ok=True)
    image = home / "float.bin"
    outcome = runner.run(
        [party.argv[0] or sys.executable, "-c", _IN_PROCESS, str(image), *lab.case.args, *region],
        folder=home,
        stdout=home / "stdout.txt",
        stderr=home / "stderr.txt",
        timeout_s=300.0,
        environment=party.environment,
    )
    apart = lab.apart(by_command.image, image if image.is_file() else None)
    if apart is None:
        said = runner.tail(home / "stderr.txt")
        return Outcome((Line(f"{side.word} from Python {outcome.ending()}: {said}"),))
    if apart <= AGREE:
        return Outcome((Line(f"{side.word}: the same image from Python (L2 {apart:.1e})"),))
    sentence = (
        f"{side.word.capitalize()} makes another image when called from Python than from its "
        f"command line (relative L2 {apart:.3g})."
    )
    command = confirm.command_line(party, lab.case.args)
    line = Line(f"{side.word}: command line and Python differ (relative L2 {apart:.3g})")
    return Outcome((line,), Finding("route", sentence, command))
