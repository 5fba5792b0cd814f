"""Peculiarities of nanoBragg that an experiment meets: one warning line for each (spec 15).

The engine computes what the original computes. Where that is not what a reader of the command
line would expect, it says so. A rule here is a function that returns a line, or nothing; those
that only a file or the command line itself shows are where these are read. Peculiarities that
every run meets (half a pixel in MOSFLM's beam centre, steps sampled at their start) are in the
documentation, not here.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.arguments import Arguments
from engine.crystal import angles_deg, lattice
from engine.units import DEGREES_PER_RADIAN
from engine.vectors import norm

if TYPE_CHECKING:
    from engine.experiment import Experiment
    from engine.steps import Steps

_VISIBLE_DEG = 1e-4
_OFF_CENTRE = 1e-9

Rule = Callable[[Arguments, "Experiment"], str]


def quirks(args: Arguments, experiment: "Experiment") -> tuple[str, ...]:
    """Return the warnings for one experiment, without those of the command line itself."""
    rules = RULES if experiment.corrected else RULES + UNCORRECTED
    found = (rule(args, experiment) for rule in rules)
    return tuple(line for line in found if line)


def _cell(_: Arguments, experiment: "Experiment") -> str:
    crystal = experiment.crystal
    if crystal.cell is None or crystal.reciprocal is not None:
        return ""
    oriented = lattice(crystal)
    simulated = angles_deg(oriented.a_A, oriented.b_A, oriented.c_A)
    given = [angle * DEGREES_PER_RADIAN for angle in crystal.cell.angles_rad]
    if all(abs(s - g) < _VISIBLE_DEG for s, g in zip(simulated, given, strict=True)):
        return ""
    angles = " ".join(f"{angle:g}" for angle in simulated)
    return (
        f"the simulated cell has the angles {angles} degrees, not those given; --exact-cell "
        "takes those given (Q-CELL)"
    )


def _phi(_: Arguments, experiment: "Experiment") -> str:
    angles = experiment.phi.angles_rad
    if 0.0 in angles and any(angle != 0.0 for angle in angles):
        return "the spindle step at phi = 0 keeps the orientation of another step (Q-PHI)"
    return ""


def _steps2(args: Arguments, experiment: "Experiment") -> str:
    beam = experiment.beam
    pairs = (
        ("-phisteps", args.integer("phisteps", -1), experiment.phi.steps),
        ("-hdivsteps", args.integer("hdivsteps", -1), beam.divergence.horizontal.count),
        ("-vdivsteps", args.integer("vdivsteps", -1), beam.divergence.vertical.count),
        ("-dispsteps", args.integer("dispsteps", -1), beam.dispersion.count),
    )
    lines = [f"{flag} {given} becomes {used}" for flag, given, used in pairs if 0 < given != used]
    return f"{', '.join(lines)} (Q-STEPS2)" if lines else ""


def _centre_of_divergence(args: Arguments, experiment: "Experiment") -> str:
    beam = experiment.beam
    if beam.listed_sources is not None:
        return ""
    axes = (
        ("horizontal divergence", beam.divergence.horizontal, args.real("hdivrange", -1.0)),
        ("vertical divergence", beam.divergence.vertical, args.real("vdivrange", -1.0)),
        ("dispersion", beam.dispersion, args.real("dispersion", 0.0)),
    )
    found = [
        f"the {name} {'is 1 wide by default and ' if given < 0.0 and steps.range == 1.0 else ''}"
        "is not centred"
        for name, steps, given in axes
        if _is_off_centre(steps)
    ]
    return f"{', '.join(found)} (Q-DIVCENTRE)" if found else ""


def _is_off_centre(steps: "Steps") -> bool:
    return abs(steps.step * (steps.count - 1) - steps.range) > _OFF_CENTRE * steps.range


def _seeds(args: Arguments, experiment: "Experiment") -> str:
    if experiment.crystal.misset_seed is not None and "misset_seed" not in args:
        return (
            "-misset random without -misset_seed takes its seed from the clock, whatever -seed "
            "says: no other run will have this orientation (Q-SEEDS)"
        )
    names = ("seed", "mosaic_seed", "misset_seed")
    negative = [f"-{name}" for name in names if args.integer(name, 1) < 0]
    if negative:
        return f"a negative {negative[0]} continues the random numbers before it (Q-SEEDS)"
    return ""


def _interpolation(args: Arguments, experiment: "Experiment") -> str:
    factors = experiment.structure_factors
    sized = any(f"size_{axis}" in args for axis in "xyz")
    if factors.interpolate_chosen and factors.interpolate and factors.has_table and sized:
        return "interpolation is chosen from -N, before the crystal's size is applied (Q-INTERPN)"
    return ""


def _spots(args: Arguments, experiment: "Experiment") -> str:
    crystal = experiment.crystal
    if crystal.shape in ("gauss", "tophat"):
        return (
            f"the width of {crystal.shape} spots scales with Na Nb Nc and with the cell (Q-GAUSS)"
        )
    if crystal.shape == "square" and "fudge" in args:
        return "-fudge has no effect on a square crystal"
    return ""


def _close_distance(args: Arguments, experiment: "Experiment") -> str:
    if experiment.detector.close_distance_m is not None and "distance" in args:
        return "-close_distance overrides -distance (Q-CLOSE)"
    return ""


def _pivot(args: Arguments, experiment: "Experiment") -> str:
    convention = experiment.detector.convention
    if "pivot_flag" in args and convention != "custom":
        return f"-pivot has no effect in the {convention} convention (Q-PIVOT)"
    return ""


def _custom(_: Arguments, experiment: "Experiment") -> str:
    if experiment.detector.convention != "custom":
        return ""
    return (
        "a vector flag selects the custom convention, with its own vectors and without half "
        "pixels in its beam centre (Q-CUSTOM)"
    )


def _unmoved(args: Arguments, experiment: "Experiment") -> str:
    convention = experiment.detector.convention
    ignored = {
        "xds": ("Xbeam", "Ybeam", "Xclose", "Yclose"),
        "dials": ("Xbeam", "Ybeam", "Xclose", "Yclose"),
        "custom": (),
    }.get(convention, ("Xclose", "Yclose", "ORGX", "ORGY"))
    given = [f"-{name}" for name in ignored if name in args]
    if not given:
        return ""
    flags = ", ".join(given)
    return f"{flags} does not move the image in the {convention} convention (Q-XCLOSE)"


def _ratio(_: Arguments, experiment: "Experiment") -> str:
    if experiment.detector.twotheta_rad != 0.0:
        return "the distance and beam centre reported leave two-theta out (Q-RATIO)"
    return ""


def _twotheta_axis(_: Arguments, experiment: "Experiment") -> str:
    detector = experiment.detector
    length = norm(detector.axes.twotheta)
    if detector.twotheta_rad != 0.0 and abs(length - 1.0) > _OFF_CENTRE:
        return f"the two-theta axis is {length:g} long and not normalised (Q-TWOTHETAAXISNORM)"
    return ""


def _normal(_: Arguments, experiment: "Experiment") -> str:
    if experiment.placed().odet_replaced:
        return "the detector normal is not of unit length: fast x slow replaces it (Q-ODET)"
    return ""


def _layer_step(args: Arguments, experiment: "Experiment") -> str:
    sensor = experiment.detector.sensor
    if sensor.layers == 1:
        return ""
    depth = sensor.layers * sensor.step_m
    if depth > sensor.thickness_m * (1.0 + _OFF_CENTRE) or args.integer("layers", -1) <= 0:
        return (
            f"the sensor of {sensor.thickness_m:g} m is sampled in {sensor.layers} layers of "
            f"{sensor.step_m:g} m (Q-LAYERSTEP)"
        )
    return ""


def _water(_: Arguments, experiment: "Experiment") -> str:
    if experiment.beam.water_m != 0.0:
        return (
            "the water background holds the fluence twice and is divided by the number of steps "
            "(Q-WATER)"
        )
    return ""


def _masked(_: Arguments, experiment: "Experiment") -> str:
    if experiment.sampling.mask_file is not None:
        return "masked pixels count in the rmsd printed and not in the mean (Q-RMSD)"
    return ""


def _curved(_: Arguments, experiment: "Experiment") -> str:
    if experiment.detector.curved:
        return "the curved detector swaps the axes of its pixels (Q-CURVED)"
    return ""


def _black(_: Arguments, experiment: "Experiment") -> str:
    if experiment.sampling.oversample_thick and experiment.detector.sensor.thickness_m == 0.0:
        return "-oversample_thick without a sensor thickness makes a black image (Q-THICK0)"
    return ""


def _layers(_: Arguments, experiment: "Experiment") -> str:
    layers = experiment.detector.sensor.layers
    if layers > 1 and not experiment.sampling.oversample_thick:
        return f"all {layers} layers are weighted with the capture of the last (Q-LAYERS)"
    return ""


def _running(_: Arguments, experiment: "Experiment") -> str:
    sampling = experiment.sampling
    asked = sampling.oversample_thick or sampling.oversample_polar or sampling.oversample_omega
    if asked and experiment.steps * experiment.detector.sensor.layers > 1:
        return (
            "-oversample_thick, _polar and _omega multiply the running total of a pixel, not its "
            "terms (Q-RUNNING)"
        )
    return ""


def _unpolarised(_: Arguments, experiment: "Experiment") -> str:
    if experiment.sampling.oversample_polar and not experiment.beam.polarised:
        return "-oversample_polar overrides -nopolar (Q-NOPOLAR)"
    return ""


def _cut(_: Arguments, experiment: "Experiment") -> str:
    beam, sampling = experiment.beam, experiment.sampling
    loses = beam.polarised and not sampling.oversample_polar
    if sampling.dmin_m > 0.0 and beam.water_m != 0.0 and loses:
        return "pixels beyond -dmin lose their water background (Q-CUT)"
    return ""


RULES: tuple[Rule, ...] = (
    _cell, _steps2, _centre_of_divergence, _seeds, _interpolation, _spots,
    _close_distance, _pivot, _custom, _unmoved, _ratio, _twotheta_axis, _normal, _layer_step,
    _water,
    _masked,
)  # fmt: skip
"""What stays in corrected runs: it defines what everybody's images are (class R)."""

UNCORRECTED: tuple[Rule, ...] = (_phi, _curved, _black, _layers, _running, _unpolarised, _cut)
"""The original's mistakes, which ``-corrected`` mends (class F)."""
