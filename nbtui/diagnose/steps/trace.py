"""Where do the two calculations part? Both programs' own traces of the worst pixel."""

from engine.parity.diagnosis.signature import Kind
from engine.parity.diagnosis.traces import (
    Divergence,
    Quantity,
    first_divergence,
    parse,
    value_of,
)
from nbtui.diagnose import causes, confirm
from nbtui.diagnose.lab import Lab
from nbtui.diagnose.model import Finding, Line, Outcome, Side

_FLOAT32 = 5e-7
"""A few roundings of a float32 number, relative to its size."""
_SAME = 1e-4
"""Relative difference up to which a traced pixel and the image's are one number."""


def look(lab: Lab) -> Outcome:
    """Trace the pixel that differs most; report the first quantity that differs."""
    if not all(lab.can_run(side) for side in Side):
        return Outcome(skipped="it takes both programs")
    signature = lab.signature()
    if signature is None or not signature.survey.worst or signature.kind is Kind.NONE:
        return Outcome(skipped="no pixel differs by more than rounding")
    slow, fast = signature.survey.worst[0][:2]
    flags = ("-trace_pixel", str(slow), str(fast))
    traces = {}
    for side in Side:
        run = lab.run(side, flags)
        # Instrumented programs differ in where they write their trace.
        said = (file.read_text("utf-8", "replace") for file in (run.stdout, run.stderr))
        traces[side] = next(filter(None, map(parse, said)), ())
        if not traces[side]:
            return Outcome(skipped=f"{side.word} prints no trace with -trace_pixel ({run.ending})")
    where = f"slow {slow}, fast {fast}"
    found = first_divergence(traces[Side.C], traces[Side.PY])
    if found is not None:
        return _parted(lab, found, where, flags)
    return _written(lab, traces, (slow, fast), flags)


def _parted(lab: Lab, found: Divergence, where: str, flags: tuple[str, ...]) -> Outcome:
    lines = (
        Line(f"pixel {where}: {found.equal} quantities agree before the first that differs"),
        Line(f"C: {_shown(found.first)}", _place(found.first)),
        Line(f"port: {_shown(found.second)}", _place(found.second)),
    )
    if found.relative <= _FLOAT32:
        return _rounded(lab, found, lines, where, flags)
    cause = causes.traced_cause(found)
    hkl = f" of reflection ({' '.join(map(str, found.hkl))})" if _names_hkl(found) else ""
    sentence = (
        f"At pixel {where} the calculations part at {found.name}{hkl}, after {found.equal} equal "
        f"quantities: {_shown(found.first)} on the C side, {_shown(found.second)} in the port; "
        f"{cause.cause}{_off(found)}{f' ({cause.flags})' if cause.flags else ''}."
    )
    command = confirm.grep(lab.case, found.name, flags)
    return Outcome(lines, Finding(cause.cause, sentence, command))


def _rounded(
    lab: Lab, found: Divergence, lines: tuple[Line, ...], where: str, flags: tuple[str, ...]
) -> Outcome:
    """Tell a difference of precision from one of physics; it is likely, and proves nothing."""
    sentence = (
        f"At pixel {where} the calculations part at {found.name} by {found.relative:.1e} of its "
        "size, the rounding of a float32 number: a difference of precision, not of physics."
    )
    command = confirm.grep(lab.case, found.name, flags)
    return Outcome(lines, Finding("float32 rounding", sentence, command, certain=False))


def _written(
    lab: Lab,
    traces: dict[Side, tuple[Quantity, ...]],
    pixel: tuple[int, int],
    flags: tuple[str, ...],
) -> Outcome:
    """Both calculate the same; find the side whose image holds something else."""
    lines = [Line(f"all {len(traces[Side.C])} traced quantities agree")]
    for side in Side:
        traced = value_of(traces[side], "pixel_float")
        image = lab.image(side)
        if traced is None or image is None:
            continue
        stored = float(image[pixel])
        same = abs(stored - traced) <= _SAME * max(abs(traced), abs(stored))
        word = "holds it" if same else f"holds {stored:.9g}"
        lines.append(Line(f"{side.word} calculates {traced:.9g} photons; its image {word}"))
        if not same:
            sentence = (
                f"Both programs calculate {traced:.9g} photons at slow {pixel[0]}, fast "
                f"{pixel[1]}, but the image of {side.word} holds {stored:.9g} there: the image is "
                "another one, or it is changed after the calculation."
            )
            command = confirm.grep(lab.case, "pixel_float", flags)
            return Outcome(tuple(lines), Finding("image writing", sentence, command))
    return Outcome(tuple(lines))


def _shown(quantity: Quantity | None) -> str:
    if quantity is None:
        return "nothing"
    values = " ".join(f"{v:.10g}" for v in quantity.values)
    unit = "" if quantity.unit == "1" else f" {quantity.unit}"
    return f"{quantity.name} = {values}{unit}"


def _place(quantity: Quantity | None) -> str:
    return f"line {quantity.line} of its trace run" if quantity else ""


def _names_hkl(found: Divergence) -> bool:
    return bool(found.hkl) and found.name in {"F_cell", "F_latt"}


def _off(found: Divergence) -> str:
    """Say that a factor is switched off where it is exactly 1 on one side."""
    for word, quantity in (("the C side", found.first), ("the port", found.second)):
        if found.name == "polar" and quantity is not None and quantity.values == (1.0,):
            return f" is off on {word}" if word != "the port" else " is off in the port"
    return ""
