"""The beam that a command line describes (spec 5.2, 5.4, 8)."""

from pathlib import Path

from engine.arguments import Arguments
from engine.beam import Beam, Divergence
from engine.defaults import fluence, spread_steps
from engine.formats.sources import read_sources
from engine.resolve.resolved import Resolved
from engine.steps import Steps
from engine.units import DEFAULT_FLUENCE
from engine.vectors import Vec3


def resolve_beam(args: Arguments, direction: Vec3) -> Resolved[Beam]:
    """Return the beam.

    Parameters
    ----------
    args
        What was asked.
    direction
        Unit vector along the propagation, for components that a source file lacks.

    Raises
    ------
    FileError
        When the source file cannot be read.
    """
    wavelength = args.real("wavelength", 1e-10)
    source_file = args.maybe_text("source_file")
    listed = None if source_file is None else read_sources(
        Path(source_file), wavelength, direction, corrected=args.flag("corrected", False)
    )  # fmt: skip
    beam = Beam(
        wavelength_m=wavelength,
        fluence=fluence(
            args.real("fluence", DEFAULT_FLUENCE), args.real("flux", 0.0),
            args.real("exposure", 1.0), args.real("beamsize", 1e-4),
        ),
        kahn_factor=args.real("kahn_factor", 0.0),
        polarised=args.flag("polarised", True),
        divergence=Divergence(
            _steps(args, "hdiv"), _steps(args, "vdiv"), args.flag("round_div", True)
        ),
        # The step of a dispersion cannot be given, and its range is zero unless it is.
        dispersion=spread_steps(args.integer("dispsteps", -1), args.real("dispersion", 0.0), -1.0),
        listed_sources=None if listed is None else listed.sources,
        source_file=source_file,
        water_m=args.real("water", 0.0),
    )  # fmt: skip
    odd = () if listed is None else listed.warnings
    return Resolved(beam, (*odd, *_weights(beam)))


def _steps(args: Arguments, axis: str) -> Steps:
    return spread_steps(
        args.integer(f"{axis}steps", -1), args.real(f"{axis}range", -1.0),
        args.real(f"{axis}step", -1.0),
    )  # fmt: skip


def _weights(beam: Beam) -> tuple[str, ...]:
    listed = beam.listed_sources or ()
    if len({source.weight for source in listed}) > 1:
        return ("the weights of the sources are not applied (Q-WEIGHT)",)
    return ()
