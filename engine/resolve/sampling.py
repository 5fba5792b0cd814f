"""How finely a command line samples the image, and which part of it (spec 5.9, 7.8)."""

from engine.arguments import Arguments
from engine.beam import Beam
from engine.crystal import Crystal, lattice
from engine.defaults import recommended_oversample
from engine.geometry import Detector, place
from engine.resolve.resolved import Resolved
from engine.sampling import Roi, Sampling


def resolve_sampling(
    args: Arguments, detector: Detector, crystal: Crystal, beam: Beam
) -> Resolved[Sampling]:
    """Return the sampling; without a number of sub-pixels, the one that resolves the spots."""
    recommended = recommendation(detector, crystal, beam)
    given = args.integer("oversample", -1)
    chosen = given <= 0
    warnings: tuple[str, ...] = ()
    if not chosen and given < recommended:
        line = (
            f"{given}-fold oversampling is coarser than the {recommended}-fold that resolves the "
            "spots of this crystal; maxima may be missed"
        )
        warnings = (line,)
    sampling = Sampling(
        recommended if chosen else given, chosen, _roi(args, detector),
        oversample_thick=args.flag("oversample_thick", False),
        oversample_polar=args.flag("oversample_polar", False),
        oversample_omega=args.flag("oversample_omega", False),
        dmin_m=args.real("dmin", 0.0),
        mask_file=args.maybe_text("mask_file"),
    )  # fmt: skip
    return Resolved(sampling, warnings)


def recommendation(detector: Detector, crystal: Crystal, beam: Beam) -> int:
    """Return the sub-pixels per axis that resolve the spots (spec 5.9)."""
    return recommended_oversample(
        crystal.cells, lattice(crystal).edges_m, beam.wavelength_m,
        place(detector).distance_m, detector.pixel_m,
    )  # fmt: skip


def whole(detector: Detector) -> Roi:
    """Return the region that is not limited: its upper ends lie one past the edge."""
    return Roi(0, detector.pixels_fast, 0, detector.pixels_slow)


def _roi(args: Arguments, detector: Detector) -> Roi:
    limits = args.values.get("roi")
    default = whole(detector)
    fast_min, fast_max, slow_min, slow_max = limits if isinstance(limits, tuple) else (-1,) * 4
    return Roi(
        fast_min if fast_min >= 0 else default.fast_min,
        fast_max if fast_max >= 0 else default.fast_max,
        slow_min if slow_min >= 0 else default.slow_min,
        slow_max if slow_max >= 0 else default.slow_max,
    )
