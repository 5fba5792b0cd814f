"""Peculiarities of nanoBragg that an experiment meets: one warning line for each (spec 15).

The engine computes what the original computes. Where that is not what a reader of the command
line would expect, it says so.
"""

from collections.abc import Callable

from engine.arguments import Arguments
from engine.crystal import Crystal, angles_deg, lattice
from engine.defaults import PhiScan
from engine.geometry import Detector
from engine.units import DEGREES_PER_RADIAN

_VISIBLE_DEG = 1e-4


def quirks(args: Arguments, crystal: Crystal, detector: Detector, phi: PhiScan) -> tuple[str, ...]:
    """Return the warnings for one experiment, without those of the command line itself."""
    found = [_cell(crystal), _phi(phi), *(rule(args, detector) for rule in _DETECTOR_RULES)]
    return tuple(line for line in found if line)


def _cell(crystal: Crystal) -> str:
    if crystal.cell is None or crystal.reciprocal is not None:
        return ""
    oriented = lattice(crystal)
    simulated = angles_deg(oriented.a_A, oriented.b_A, oriented.c_A)
    given = [angle * DEGREES_PER_RADIAN for angle in crystal.cell.angles_rad]
    if all(abs(s - g) < _VISIBLE_DEG for s, g in zip(simulated, given, strict=True)):
        return ""
    angles = " ".join(f"{angle:g}" for angle in simulated)
    return f"the simulated cell has the angles {angles} degrees, not those given (Q-CELL)"


def _phi(phi: PhiScan) -> str:
    angles = phi.angles_rad
    if 0.0 in angles and any(angle != 0.0 for angle in angles):
        return "the spindle step at phi = 0 keeps the orientation of another step (Q-PHI)"
    return ""


def _close_distance(args: Arguments, detector: Detector) -> str:
    if detector.close_distance_m is not None and "distance" in args:
        return "-close_distance overrides -distance (Q-CLOSE)"
    return ""


def _pivot(args: Arguments, detector: Detector) -> str:
    if "pivot_flag" in args and detector.convention != "custom":
        return f"-pivot has no effect in the {detector.convention} convention (Q-PIVOT)"
    return ""


def _unmoved(args: Arguments, detector: Detector) -> str:
    ignored = {
        "xds": ("Xbeam", "Ybeam", "Xclose", "Yclose"),
        "dials": ("Xbeam", "Ybeam", "Xclose", "Yclose"),
        "custom": (),
    }.get(detector.convention, ("Xclose", "Yclose", "ORGX", "ORGY"))
    given = [f"-{name}" for name in ignored if name in args]
    if not given:
        return ""
    flags = ", ".join(given)
    return f"{flags} does not move the image in the {detector.convention} convention (Q-XCLOSE)"


_DETECTOR_RULES: tuple[Callable[[Arguments, Detector], str], ...] = (
    _close_distance,
    _pivot,
    _unmoved,
)
