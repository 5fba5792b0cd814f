"""The detector: conventions, beam centre, placement (spec 7). Lengths in metres."""

import math
import sys
from dataclasses import dataclass
from typing import Literal

from engine.errors import PhysicsError
from engine.replaceable import Replaceable
from engine.scalars import adopt_tensors, is_zero
from engine.steps import LARGEST_COUNT
from engine.vectors import Vec3, add, cross, dot, norm, rotate_axis, rotate_xyz, scale, unit

Convention = Literal["adxv", "mosflm", "denzo", "xds", "dials", "custom"]
Pivot = Literal["beam", "sample"]


@dataclass(frozen=True, slots=True)
class Axes(Replaceable):
    """The vector set of a convention, before normalisation (spec 7.1).

    Parameters
    ----------
    beam, fdet, sdet, odet
        Beam propagation, detector fast, slow and normal directions.
    twotheta
        Two-theta axis, never normalised.
    polar, spindle
        Nominal electric-field direction of the beam and phi rotation axis.
    """

    beam: Vec3 = (1.0, 0.0, 0.0)
    fdet: Vec3 = (0.0, 0.0, 1.0)
    sdet: Vec3 = (0.0, -1.0, 0.0)
    odet: Vec3 = (1.0, 0.0, 0.0)
    twotheta: Vec3 = (0.0, 1.0, 0.0)
    polar: Vec3 = (0.0, 0.0, 1.0)
    spindle: Vec3 = (0.0, 0.0, 1.0)

    def __post_init__(self) -> None:
        self.demand_finite()


_X, _Y, _Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
_MINUS_X, _MINUS_Y, _MINUS_Z = (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0), (0.0, 0.0, -1.0)

CONVENTIONS: dict[Convention, tuple[Axes, Pivot]] = {
    "adxv": (Axes(_Z, _X, _MINUS_Y, _Z, _MINUS_X, _X, _X), "beam"),
    "mosflm": (Axes(_X, _Z, _MINUS_Y, _X, _MINUS_Z, _Z, _Z), "beam"),
    "denzo": (Axes(_X, _Z, _MINUS_Y, _X, _MINUS_Z, _Z, _Z), "beam"),
    "xds": (Axes(_Z, _X, _Y, _Z, _X, _X, _X), "sample"),
    "dials": (Axes(_Z, _X, _Y, _Z, _Y, _Y, _Y), "sample"),
}
"""Axes and imposed pivot of the five named conventions."""


@dataclass(frozen=True, slots=True)
class Sensor(Replaceable):
    """The absorbing layers of the detector (spec 5.5).

    Parameters
    ----------
    layers
        Number of layers, each sampled at its front.
    thickness_m, step_m
        Thickness asked for, and from one layer to the next; with a count the layers reach
        deeper than the thickness (Q-LAYERSTEP).
    attenuation_per_m
        µ; -1 when it was not given.
    """

    layers: int = 1
    thickness_m: float = 0.0
    step_m: float = 0.0
    attenuation_per_m: float = -1.0

    def __post_init__(self) -> None:
        self.demand_finite()
        if not 1 <= self.layers <= LARGEST_COUNT:
            raise PhysicsError("an impossible number of sensor layers", where="-thicksteps")


@dataclass(frozen=True, slots=True)
class Detector(Replaceable):
    """A detector as described by the command line, not placed yet.

    Parameters
    ----------
    pixels_fast, pixels_slow
        Pixel counts.
    pixel_m
        Edge of a (square) pixel.
    size_fast_m, size_slow_m
        Sizes as given, which the default beam centres use; not always count × pixel.
    distance_m, close_distance_m
        Distance along the beam; perpendicular distance, which wins when given.
    convention, pivot, axes
        Meaning of the beam centre, point that rotations keep fixed, vectors.
    Xbeam_m, Ybeam_m
        Beam centre in the convention's own sense; None for its default.
    Xclose_m, Yclose_m, ORGX_px, ORGY_px
        Near point in metres, or in pixels as XDS counts them; None for the default.
    rotations_rad, twotheta_rad
        About lab X, Y, Z, then about the two-theta axis.
    point_pixel
        Solid angle 1/R² without pixel area and obliquity.
    curved
        Whether its pixels lie on a sphere (spec 9.3, Q-CURVED).
    sensor
        Absorbing layers.
    """

    pixels_fast: int
    pixels_slow: int
    pixel_m: float
    size_fast_m: float
    size_slow_m: float
    distance_m: float = 0.1
    close_distance_m: float | None = None
    convention: Convention = "mosflm"
    pivot: Pivot = "beam"
    axes: Axes = CONVENTIONS["mosflm"][0]
    Xbeam_m: float | None = None
    Ybeam_m: float | None = None
    Xclose_m: float | None = None
    Yclose_m: float | None = None
    ORGX_px: float | None = None
    ORGY_px: float | None = None
    rotations_rad: Vec3 = (0.0, 0.0, 0.0)
    twotheta_rad: float = 0.0
    point_pixel: bool = False
    curved: bool = False
    sensor: Sensor = Sensor()

    def __post_init__(self) -> None:
        adopt_tensors(
            self,
            "distance_m",
            "close_distance_m",
            "Xbeam_m",
            "Ybeam_m",
            "Xclose_m",
            "Yclose_m",
            "ORGX_px",
            "ORGY_px",
            "rotations_rad",
            "twotheta_rad",
        )
        self.demand_finite()
        if not self.pixel_m > 0.0:
            raise PhysicsError("the pixel size must be positive", where="-pixel")
        if self.pixels_fast < 1 or self.pixels_slow < 1:
            raise PhysicsError("the detector has no pixels", where="-detpixels, -detsize")
        if norm(self.axes.beam) == 0.0:
            raise PhysicsError("the beam vector is zero", where="-beam_vector")


@dataclass(frozen=True, slots=True)
class BeamCentre:
    """Beam centre and near point before placement (spec 7.2, 7.3), metres."""

    Xbeam_m: float
    Ybeam_m: float
    Fbeam_m: float
    Sbeam_m: float
    Xclose_m: float
    Yclose_m: float
    Fclose_m: float
    Sclose_m: float


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def beam_centre(det: Detector) -> BeamCentre:
    """Map the convention's beam centre to fast and slow (spec 7.2, 7.3)."""
    pixel, size_f, size_s = det.pixel_m, det.size_fast_m, det.size_slow_m
    f_close = size_f / 2.0 if det.ORGX_px is None else (det.ORGX_px - 0.5) * pixel
    s_close = size_s / 2.0 if det.ORGY_px is None else (det.ORGY_px - 0.5) * pixel
    x_close, y_close = _or(det.Xclose_m, f_close), _or(det.Yclose_m, s_close)
    if det.convention == "adxv":
        x = _or(det.Xbeam_m, (size_f + pixel) / 2.0)
        y = _or(det.Ybeam_m, (size_s - pixel) / 2.0)
        f_beam, s_beam = x, size_s - y
    elif det.convention in ("mosflm", "denzo"):
        x = _or(det.Xbeam_m, (size_s + pixel) / 2.0)
        y = _or(det.Ybeam_m, (size_f + pixel) / 2.0)
        half = 0.5 * pixel if det.convention == "mosflm" else 0.0
        f_beam, s_beam = y + half, x + half
    else:
        x, y = _or(det.Xbeam_m, x_close), _or(det.Ybeam_m, y_close)
        f_beam, s_beam = x, y
        if det.convention == "custom":
            f_close, s_close = x, y
    return BeamCentre(x, y, f_beam, s_beam, x_close, y_close, f_close, s_close)


@dataclass(frozen=True, slots=True)
class PlacedDetector:
    """Where the detector is: the vectors the pixel loop uses, and what follows (spec 7.4, 7.5).

    Parameters
    ----------
    beam, polar, vertical, spindle, fdet, sdet, odet
        Unit vectors after all rotations (odet may be what the user gave).
    twotheta
        Two-theta axis as given.
    pix0_m
        From the sample to the outer corner of pixel (0, 0).
    ratio
        beam·odet before the two-theta rotation.
    close_distance_m, distance_m, Fclose_m, Sclose_m, Fbeam_m, Sbeam_m, ORGX_px, ORGY_px
        Recomputed from the placement; with two-theta they are not the true beam intersection
        (Q-RATIO).
    centre
        Beam centre before placement.
    odet_replaced
        Whether the normal given was not of unit length and was replaced by fdet×sdet.
    """

    beam: Vec3
    polar: Vec3
    vertical: Vec3
    spindle: Vec3
    twotheta: Vec3
    fdet: Vec3
    sdet: Vec3
    odet: Vec3
    pix0_m: Vec3
    ratio: float
    close_distance_m: float
    distance_m: float
    Fclose_m: float
    Sclose_m: float
    Fbeam_m: float
    Sbeam_m: float
    ORGX_px: float
    ORGY_px: float
    centre: BeamCentre
    odet_replaced: bool


def place(det: Detector) -> PlacedDetector:
    """Place the detector (spec 7.1, 7.4)."""
    beam = unit(det.axes.beam)
    fdet, sdet, odet = unit(det.axes.fdet), unit(det.axes.sdet), det.axes.odet
    odet_replaced = norm(odet) != 1.0
    if odet_replaced:
        odet = unit(cross(fdet, sdet))
    centre = beam_centre(det)

    ratio = dot(beam, rotate_xyz(odet, det.rotations_rad))
    if ratio == 0.0:
        ratio = sys.float_info.min
    close = det.close_distance_m
    if close is None:
        close = abs(ratio * det.distance_m)
    distance = close / ratio

    def turned(v: Vec3) -> Vec3:
        tilted = rotate_xyz(v, det.rotations_rad)
        if is_zero(det.twotheta_rad):
            return tilted
        return rotate_axis(tilted, det.axes.twotheta, det.twotheta_rad)

    corner = add(scale(fdet, -centre.Fclose_m), scale(sdet, -centre.Sclose_m), scale(odet, close))
    pix0 = turned(corner)
    fdet, sdet, odet = turned(fdet), turned(sdet), turned(odet)
    if det.pivot == "beam":
        pix0 = add(
            scale(fdet, -centre.Fbeam_m), scale(sdet, -centre.Sbeam_m), scale(beam, distance)
        )
    placed = _placed(det, (fdet, sdet, odet), pix0, ratio, odet_replaced=odet_replaced)
    if not math.isfinite(sum(placed.pix0_m) + sum(fdet) + sum(sdet) + placed.distance_m):
        raise PhysicsError("the detector's position is not finite", where="-distance, vectors")
    return placed


def _placed(
    det: Detector, axes: tuple[Vec3, Vec3, Vec3], pix0: Vec3, ratio: float, *, odet_replaced: bool
) -> PlacedDetector:
    """Recompute distances and centres from the placement (spec 7.5)."""
    fdet, sdet, odet = axes
    beam, polar = unit(det.axes.beam), unit(det.axes.polar)
    f_close, s_close, close = -dot(pix0, fdet), -dot(pix0, sdet), dot(pix0, odet)
    distance = close / ratio
    to_spot = add(scale(beam, distance), scale(pix0, -1.0))
    return PlacedDetector(
        beam=beam,
        polar=polar,
        vertical=unit(cross(beam, polar)),
        spindle=unit(det.axes.spindle),
        twotheta=det.axes.twotheta,
        fdet=fdet,
        sdet=sdet,
        odet=odet,
        pix0_m=pix0,
        ratio=ratio,
        close_distance_m=close,
        distance_m=distance,
        Fclose_m=f_close,
        Sclose_m=s_close,
        Fbeam_m=dot(fdet, to_spot),
        Sbeam_m=dot(sdet, to_spot),
        ORGX_px=f_close / det.pixel_m + 0.5,
        ORGY_px=s_close / det.pixel_m + 0.5,
        centre=beam_centre(det),
        odet_replaced=odet_replaced,
    )
