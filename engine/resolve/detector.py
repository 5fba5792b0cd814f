"""The detector that a command line describes (spec 5.1, 5.5, 7.1)."""

from engine.arguments import Arguments
from engine.defaults import detector_axis, sensor
from engine.geometry import CONVENTIONS, Axes, Convention, Detector, Pivot
from engine.resolve.resolved import Resolved


def resolve_detector(args: Arguments) -> Resolved[Detector]:
    """Return the detector, not placed yet."""
    pixel = args.real("pixel", 1e-4)
    pixels_f, size_f = detector_axis(
        args.integer("pixels_f", 0), args.real("detsize_f", 0.1024), pixel
    )
    pixels_s, size_s = detector_axis(
        args.integer("pixels_s", 0), args.real("detsize_s", 0.1024), pixel
    )
    convention, axes, pivot = _convention(args)
    layers, warning = sensor(
        args.integer("layers", -1), args.real("thickness", 0.0), args.real("attenuation", -1.0)
    )
    detector = Detector(
        pixels_fast=pixels_f, pixels_slow=pixels_s, pixel_m=pixel,
        size_fast_m=size_f, size_slow_m=size_s,
        distance_m=args.real("distance", 0.1), close_distance_m=args.maybe_real("close_distance"),
        convention=convention, pivot=pivot, axes=axes,
        Xbeam_m=args.maybe_real("Xbeam"), Ybeam_m=args.maybe_real("Ybeam"),
        Xclose_m=args.maybe_real("Xclose"), Yclose_m=args.maybe_real("Yclose"),
        ORGX_px=args.maybe_real("ORGX"), ORGY_px=args.maybe_real("ORGY"),
        rotations_rad=(args.real("rotx", 0.0), args.real("roty", 0.0), args.real("rotz", 0.0)),
        twotheta_rad=args.real("twotheta", 0.0),
        point_pixel=args.flag("point_pixel", False),
        curved=args.flag("curved", False),
        sensor=layers,
    )  # fmt: skip
    return Resolved(detector, (warning,) if warning else ())


def _convention(args: Arguments) -> tuple[Convention, Axes, Pivot]:
    """Return the convention that the last of its flags chose, with its vectors (spec 3.3)."""
    name = args.text("convention", "mosflm")
    for convention, (axes, pivot) in CONVENTIONS.items():
        if name == convention:
            return convention, axes, pivot
    default = Axes()
    custom = Axes(
        beam=args.vector("beam", default.beam), fdet=args.vector("fdet", default.fdet),
        sdet=args.vector("sdet", default.sdet), odet=args.vector("odet", default.odet),
        twotheta=args.vector("twotheta_axis", default.twotheta),
        polar=args.vector("polar", default.polar), spindle=args.vector("spindle", default.spindle),
    )  # fmt: skip
    return "custom", custom, "sample" if args.text("pivot", "beam") == "sample" else "beam"
