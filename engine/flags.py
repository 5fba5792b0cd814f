"""nanoBragg's flags as data: keyword, matching rule, operands, unit, meaning (spec 3.4).

`FLAGS` is the whole table; `engine.arguments` reads a command line by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from engine.units import (
    angstrom,
    angstrom_times,
    degrees,
    electronvolt,
    micron,
    micron_times,
    milliradian,
    mm,
    percent,
)


class Match(Enum):
    """How a token is recognised (spec 3.1)."""

    CONTAINS = "contains the keyword"
    EXACT = "equals the keyword"


class Kind(Enum):
    """What an operand is."""

    REAL = "a number"
    INTEGER = "a whole number"
    PATH = "a file name"


class Special(Enum):
    """Operand rules that a row of the table cannot express."""

    CELL = "one to six numbers"
    MISSET = "three numbers or a word containing 'rand'"
    PIVOT = "a word containing 'sample' or 'beam'"
    CURVED = "none, and yet the original wants one"
    ABSORPTION = "a number, or a word containing 'inf'"


_NOTHING: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Flag:
    """One row of the flag table.

    Parameters
    ----------
    keyword
        With its dash, as in the table.
    operands
        Kinds of the operands that must follow.
    fields
        Where the operands go: one name for each, one name for a vector, or several names that
        all take the same single operand.
    convert
        From the flag's unit to the internal one.
    sets
        Further values the flag fixes (the pivot, the convention, a switch).
    match
        Contains or exact.
    stops
        Whether no other flag is tried on the same token.
    special
        Operand rule outside the table.
    unguarded
        Whether the original crashes when its operand is missing (X-NULL).
    """

    keyword: str
    operands: tuple[Kind, ...] = ()
    fields: tuple[str, ...] = ()
    convert: Callable[[float], float] | None = None
    sets: Mapping[str, object] = field(default_factory=lambda: _NOTHING)
    match: Match = Match.CONTAINS
    stops: bool = False
    special: Special | None = None
    unguarded: bool = False

    def matches(self, token: str) -> bool:
        """Whether a token that starts with a dash is this flag."""
        if self.match is Match.EXACT:
            return token == self.keyword
        return self.keyword in token


Unit = Callable[[float], float] | None


def _real(
    keyword: str,
    *fields: str,
    unit: Unit = None,
    exact: bool = False,
    also: Mapping[str, object] = _NOTHING,
) -> Flag:
    match = Match.EXACT if exact else Match.CONTAINS
    return Flag(keyword, (Kind.REAL,), fields, unit, also, match)


def _integer(keyword: str, *fields: str, exact: bool = False, stops: bool = False) -> Flag:
    match = Match.EXACT if exact else Match.CONTAINS
    return Flag(keyword, (Kind.INTEGER,), fields, match=match, stops=stops)


def _path(keyword: str, name: str) -> Flag:
    return Flag(keyword, (Kind.PATH,), (name,))


def _stol(keyword: str) -> Flag:
    return Flag(keyword, (Kind.PATH,), ("stol_file",), match=Match.EXACT)


def _switch(keyword: str, **sets: object) -> Flag:
    return Flag(keyword, sets=MappingProxyType(sets))


def _own(keyword: str, name: str) -> Flag:
    return Flag(keyword, sets=MappingProxyType({name: True}), match=Match.EXACT, stops=True)


def _factor(keyword: str, name: str) -> Flag:
    return Flag(keyword, sets=MappingProxyType({name: True}), stops=True)


def _vector(keyword: str, name: str) -> Flag:
    return Flag(keyword, (Kind.REAL,) * 3, (name,), sets=MappingProxyType({"convention": "custom"}))


_BEAM, _SAMPLE = {"pivot": "beam"}, {"pivot": "sample"}
_I, _P = Kind.INTEGER, Kind.PATH

OWN: tuple[Flag, ...] = (
    _own("-corrected", "corrected"),
    _own("--exact-cell", "exact_cell"),
    _own("--strict-args", "strict_args"),
    Flag("-trace_pixel", (_I, _I), ("trace_pixel",), match=Match.EXACT, stops=True),
)
"""What the original does not have. They come first: ``--exact-cell`` contains ``-cell``."""

CRYSTAL: tuple[Flag, ...] = (
    _integer("-N", "Na", "Nb", "Nc", exact=True, stops=True),
    _integer("-Na", "Na", stops=True),
    _integer("-Nb", "Nb", stops=True),
    _integer("-Nc", "Nc", stops=True),
    Flag("-cell", fields=("cell",), special=Special.CELL),
    _path("-mat", "matrix_file"),
    Flag("-misset", fields=("misset",), special=Special.MISSET),
    *(
        _real(keyword, "size_x", "size_y", "size_z", unit=mm)
        for keyword in ("-samplesize", "-sample_size", "-xtalsize", "-xtal_size")
    ),
    *(
        _real(keyword, "size_x", unit=mm)
        for keyword in ("-sample_thick", "-sample_x", "-xtal_thick", "-xtal_x")
    ),
    *(
        _real(keyword, "size_y", unit=mm)
        for keyword in ("-sample_width", "-sample_y", "-xtal_width", "-xtal_y", "-width")
    ),
    *(
        _real(keyword, "size_z", unit=mm)
        for keyword in ("-sample_heigh", "-sample_z", "-xtal_heigh", "-xtal_z", "-heigh")
    ),
    _real("-density", "without_effect"),
    _real("-sample_den", "without_effect"),
    _real("-MW", "without_effect", exact=True),
    _real("-molec", "without_effect"),
    _switch("-square_xtal", shape="square"),
    _switch("-round_xtal", shape="round"),
    _switch("-gauss_xtal", shape="gauss"),
    _switch("-binary_spots", shape="tophat"),
    _switch("-tophat_spots", shape="tophat"),
    _real("-fudge", "fudge"),
    _real("-mosaic", "mosaic_spread", unit=degrees, exact=True),
    _real("-mosaici", "mosaic_spread", unit=degrees),
    _real("-mosaic_spr", "mosaic_spread", unit=degrees),
    _integer("-mosaic_dom", "mosaic_domains"),
    _real("-phi", "phi", unit=degrees, exact=True),
    _real("-osc", "osc", unit=degrees),
    _real("-phistep", "phistep", unit=degrees, exact=True),
    _integer("-phisteps", "phisteps"),
)

STRUCTURE_FACTORS: tuple[Flag, ...] = (
    _path("-hkl", "hkl_file"),
    _real("-default_F", "default_F"),
    _path("-dump", "dump_file"),
    _switch("-interpolate", interpolate=True),
    _switch("-nointerpolate", interpolate=False),
    _stol("-stol"),
    _stol("-4stol"),
    _stol("-Q"),
    _path("-stolout", "without_effect"),
    _real("-dmin", "dmin", unit=angstrom_times),
)

BEAM: tuple[Flag, ...] = (
    _real("-lambda", "wavelength", unit=angstrom),
    _real("-wave", "wavelength", unit=angstrom),
    _real("-energy", "wavelength", unit=electronvolt),
    _real("-dispersion", "dispersion", unit=percent),
    _integer("-dispsteps", "dispsteps"),
    _real("-divergence", "hdivrange", "vdivrange", unit=milliradian),
    _real("-hdivrange", "hdivrange", unit=milliradian),
    _real("-vdivrange", "vdivrange", unit=milliradian),
    _real("-hdivstep", "hdivstep", unit=milliradian, exact=True),
    _real("-vdivstep", "vdivstep", unit=milliradian, exact=True),
    _integer("-hdivsteps", "hdivsteps"),
    _integer("-vdivsteps", "vdivsteps"),
    _integer("-divsteps", "hdivsteps", "vdivsteps"),
    _switch("-round_div", round_div=True),
    _switch("-square_div", round_div=False),
    _path("-sourcefile", "source_file"),
    _real("-fluence", "fluence"),
    _real("-flux", "flux"),
    _real("-exposure", "exposure"),
    _real("-beamsize", "beamsize", unit=mm),
    _real("-polar", "kahn_factor", exact=True, also={"polarised": True}),
    _switch("-nopolar", polarised=False),
    _real("-water", "water", unit=micron),
)

DETECTOR: tuple[Flag, ...] = (
    _real("-pixel", "pixel", unit=mm),
    _integer("-detpixels", "pixels_f", "pixels_s", exact=True),
    _integer("-detpixels_f", "pixels_f"),
    _integer("-detpixels_x", "pixels_f"),
    _integer("-detpixels_s", "pixels_s"),
    _integer("-detpixels_y", "pixels_s"),
    _real("-detsize", "detsize_f", "detsize_s", unit=mm, exact=True),
    _real("-detsize_f", "detsize_f", unit=mm),
    _real("-detsize_s", "detsize_s", unit=mm),
    _real("-distance", "distance", unit=mm, also=_BEAM),
    _real("-close_distance", "close_distance", unit=mm, also=_SAMPLE),
    _real("-Xbeam", "Xbeam", unit=mm, also=_BEAM),
    _real("-Ybeam", "Ybeam", unit=mm, also=_BEAM),
    _real("-Xclose", "Xclose", unit=mm, also=_SAMPLE),
    _real("-Yclose", "Yclose", unit=mm, also=_SAMPLE),
    _real("-ORGX", "ORGX", also=_SAMPLE),
    _real("-ORGY", "ORGY", also=_SAMPLE),
    Flag("-pivot", fields=("pivot",), special=Special.PIVOT),
    _switch("-mosflm", convention="mosflm", **_BEAM),
    _switch("-adxv", convention="adxv", **_BEAM),
    _switch("-denzo", convention="denzo", **_BEAM),
    _switch("-xds", convention="xds", **_SAMPLE),
    _switch("-dials", convention="dials", **_BEAM),
    _vector("-fdet_vector", "fdet"),
    _vector("-sdet_vector", "sdet"),
    _vector("-odet_vector", "odet"),
    _vector("-beam_vector", "beam"),
    _vector("-polar_vector", "polar"),
    _vector("-spindle_axis", "spindle"),
    _vector("-twotheta_axis", "twotheta_axis"),
    _vector("-pix0_vector", "pix0_ignored"),
    _real("-twotheta", "twotheta", unit=degrees, also=_SAMPLE),
    _real("-detector_rotx", "rotx", unit=degrees),
    _real("-detector_roty", "roty", unit=degrees),
    _real("-detector_rotz", "rotz", unit=degrees),
    Flag("-curved_det", fields=("curved",), special=Special.CURVED),
    _switch("-point_pixel", point_pixel=True),
    Flag(
        "-detector_abs",
        fields=("attenuation", "thickness"),
        special=Special.ABSORPTION,
        unguarded=True,
    ),
    Flag(
        "-detector_thick",
        (Kind.REAL,),
        ("thickness",),
        micron_times,
        match=Match.EXACT,
        unguarded=True,
    ),
    Flag("-detector_thicksteps", (_I,), ("layers",), unguarded=True),
    Flag("-thicksteps", (_I,), ("layers",), unguarded=True),
    _factor("-oversample_thick", "oversample_thick"),
    _factor("-oversample_polar", "oversample_polar"),
    _factor("-oversample_omega", "oversample_omega"),
    _integer("-oversample", "oversample"),
    Flag("-roi", (_I,) * 4, ("roi",)),
    _path("-img", "read_before"),
    _path("-mask", "read_before"),
)

OUTPUT: tuple[Flag, ...] = (
    _path("-floatfile", "float_file"),
    _path("-floatimage", "float_file"),
    _path("-intfile", "int_file"),
    _path("-intimage", "int_file"),
    Flag("-pgmfile", (_P,), ("pgm_file",), sets=MappingProxyType({"pgm": True})),
    Flag("-pgmimage", (_P,), ("pgm_file",), sets=MappingProxyType({"pgm": True})),
    Flag("-noisefile", (_P,), ("noise_file",), sets=MappingProxyType({"noise": True})),
    Flag("-noiseimage", (_P,), ("noise_file",), sets=MappingProxyType({"noise": True})),
    _switch("-nonoise", noise=False),
    _switch("-nopgm", pgm=False),
    _real("-scale", "int_scale"),
    _real("-pgmscale", "pgm_scale", also={"pgm": True}),
    _real("-adc", "adc_offset"),
    _integer("-seed", "seed"),
    _integer("-mosaic_seed", "mosaic_seed"),
    _integer("-misset_seed", "misset_seed"),
    _switch("-printout", printout=True),
    Flag("-printout_pixel", (_I, _I), ("printout_pixel",)),
    _switch("-progress", progress=True),
    _switch("-noprogress", progress=False),
    _switch("-coherent", without_effect_switch=True),
)

FLAGS: tuple[Flag, ...] = OWN + CRYSTAL + STRUCTURE_FACTORS + BEAM + DETECTOR + OUTPUT
"""The whole table; order matters only for the rows that stop the scan of their token."""
