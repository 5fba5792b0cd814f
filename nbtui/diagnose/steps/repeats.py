"""Each program again: does it make the same image, and is that the stored one."""

from pathlib import Path

from engine.parity.diagnosis.signature import AGREE
from nbtui.diagnose import confirm
from nbtui.diagnose.lab import Lab, Run
from nbtui.diagnose.model import Finding, Line, Outcome, Side
from nbtui.durable import sha256_file

_ROUNDING = 1e-6
"""Relative L2 up to which only last bits differ."""


def look(lab: Lab) -> Outcome:
    """Run each program again, and compare with the stored image or with a second run."""
    lines: list[Line] = []
    for side in Side:
        if not lab.can_run(side):
            continue
        stored = lab.case.party(side).image
        seen = _stored(lab, side, stored) if stored and stored.is_file() else _twice(lab, side)
        lines += seen.lines
        if seen.finding is not None:
            return Outcome(tuple(lines), seen.finding)
    if not lines:
        return Outcome(skipped=lab.no_program)
    return Outcome(tuple(lines))


def _twice(lab: Lab, side: Side) -> Outcome:
    region = lab.small_region()
    first, second = (lab.run(side, region, again=n) for n in (0, 1))
    if first.image is None or second.image is None:
        return Outcome((Line(f"{side.word} wrote no image: {first.ending}"),))
    if first.sha256 == second.sha256:
        return Outcome((Line(f"{side.word}: two runs, the same image", first.sha256[:16]),))
    return _undetermined(lab, side, first.image, second.image)


def _stored(lab: Lab, side: Side, stored: Path) -> Outcome:
    """Compare a stored image with one made now from the same arguments."""
    fresh = lab.run(side)
    if fresh.image is None:
        return Outcome((Line(f"{side.word} wrote no image now: {fresh.ending}"),))
    name = lab.named(stored)
    if fresh.sha256 == sha256_file(stored):
        return Outcome((Line(f"{side.word} made {name} again, bit for bit", fresh.sha256[:16]),))
    apart = lab.apart(stored, fresh.image)
    if apart is not None and apart <= _ROUNDING:
        text = f"{side.word} made {name} again but for last bits (relative L2 {apart:.1e})"
        return Outcome((Line(text),))
    again = lab.run(side, again=1)
    if again.image is not None and again.sha256 != fresh.sha256:
        return _undetermined(lab, side, fresh.image, again.image)
    return _stale(lab, side, stored, fresh)


def _undetermined(lab: Lab, side: Side, a: Path, b: Path) -> Outcome:
    apart = lab.apart(a, b)
    if apart is not None and apart <= _ROUNDING:
        text = f"{side.word}: two runs differ in last bits only (relative L2 {apart:.1e})"
        return Outcome((Line(text),))
    by = "another size" if apart is None else f"relative L2 {apart:.3g}"
    sentence = (
        f"{side.word.capitalize()} makes another image each time from the same arguments ({by}): "
        "a race, memory that was never set, or a seed taken from the clock."
    )
    command = confirm.hashes(lab.case, side, a)
    line = Line(f"{side.word}: two runs, two images ({by})")
    return Outcome((line,), Finding("not deterministic", sentence, command))


def _stale(lab: Lab, side: Side, stored: Path, fresh: Run) -> Outcome:
    name = lab.named(stored)
    apart = lab.apart(stored, fresh.image)
    by = "it has another size" if apart is None else f"relative L2 {apart:.3g}"
    line = Line(f"{name} is not what {side.word} makes now ({by})", fresh.sha256[:16])
    other = lab.image_file(side.other)
    agrees = lab.apart(other, fresh.image) if other else None
    agree = agrees is not None and agrees <= AGREE
    ending = (
        f"; what it makes now agrees with {side.other.word}" if agree
        else "; what it makes now does not agree with the other side either"
    )  # fmt: skip
    sentence = (
        f"The stored image {name} is stale: {side.word} makes another one from these arguments "
        f"now ({by}){ending}."
    )
    command = confirm.hashes(lab.case, side, stored)
    return Outcome((line,), Finding("stale reference", sentence, command, certain=agree))
