"""The command line that describes an experiment: the way back from `Experiment.from_args`.

Where nanoBragg chooses what is not given (spec 5), a choice cannot always be written down: a step
of a third of a degree has no decimal. The functions here try the ways to say a thing, shortest
first, and take the one that nanoBragg would resolve to it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from engine.crystal import DEFAULT_MOSAIC_SEED, Crystal
from engine.defaults import PhiScan, detector_axis, phi_scan, sensor, spread_steps
from engine.errors import UsageError
from engine.geometry import Axes, Detector, Sensor
from engine.resolve.sampling import recommendation, whole
from engine.spelling import Convert, spell
from engine.structure_factors import DEFAULT_CACHE
from engine.units import (
    angstrom,
    angstrom_times,
    degrees,
    micron,
    micron_times,
    milliradian,
    mm,
    percent,
)

if TYPE_CHECKING:
    from engine.beam import Beam
    from engine.experiment import Experiment
    from engine.steps import Steps

Words = list[str]
Resolved = TypeVar("Resolved")
_UNSET = -1.0
_SMALL_N = 2


def command_line(experiment: "Experiment") -> tuple[str, ...]:
    """Return nanoBragg's flags for an experiment; see `Experiment.to_args`."""
    words = [
        *_files(experiment), *_crystal(experiment.crystal), *_factors(experiment),
        *_beam(experiment.beam), *_spindle(experiment), *_detector(experiment.detector),
        *_sampling(experiment),
    ]  # fmt: skip
    return tuple(words)


def _number(flag: str, value: float | None, convert: Convert | None = None) -> Words:
    return [] if value is None else [flag, spell(value, convert)]


def _vector(flag: str, values: Sequence[float], convert: Convert | None = None) -> Words:
    return [flag, *(spell(value, convert) for value in values)]


def _switch(flag: str, on: bool) -> Words:
    return [flag] if on else []


def _path(flag: str, name: str | None) -> Words:
    return [] if name is None else [flag, name]


def _first(
    target: Resolved, candidates: Iterable[Words], resolve: Callable[[Words], Resolved]
) -> Words:
    """Return the first candidate that resolves to the target; the last when none does."""
    words: Words = []
    for words in candidates:
        if resolve(words) == target:
            return words
    return words


def _said(words: Words, flag: str, convert: Convert | None = None) -> float:
    """Return what a candidate gives for a flag, as the original converts it; -1 for nothing."""
    if flag not in words:
        return _UNSET
    value = float(words[words.index(flag) + 1])
    return value if convert is None else convert(value)


def _files(experiment: "Experiment") -> Words:
    return [
        *_path("-mask", experiment.sampling.mask_file),
        *_switch("-corrected", experiment.corrected),
        *_path("-stol", experiment.stol_file),
    ]


def _crystal(crystal: Crystal) -> Words:
    if crystal.reciprocal is not None and crystal.matrix_file is None:
        raise UsageError(
            "an orientation matrix has no flag of its own", where="Crystal.reciprocal",
            fix="write it with engine.formats.matrix.write_matrix and name it in matrix_file",
        )  # fmt: skip
    words = _path("-mat", crystal.matrix_file)
    cell = crystal.cell
    if cell is not None:
        words += _vector("-cell", (cell.a_A, cell.b_A, cell.c_A))
        words += [spell(angle, degrees) for angle in cell.angles_rad]
    for flag, count in zip(("-Na", "-Nb", "-Nc"), crystal.cells, strict=True):
        words += [flag, f"{count:.0f}"]
    if crystal.misset_seed is not None:
        # In this order: the seed's flag is read as angles too (Q-MISSETSEED).
        words += ["-misset_seed", str(-crystal.misset_seed), "-misset", "random"]
    elif crystal.misset_rad is not None:
        words += _vector("-misset", crystal.misset_rad, degrees)
    if crystal.mosaic_spread_rad > 0.0:
        words += _number("-mosaic_spread", crystal.mosaic_spread_rad, degrees)
        words += ["-mosaic_domains", str(crystal.mosaic_domains)]
    if crystal.mosaic_seed != DEFAULT_MOSAIC_SEED:
        words += ["-mosaic_seed", str(-crystal.mosaic_seed)]
    if crystal.shape != "square":
        words.append({"round": "-round_xtal", "gauss": "-gauss_xtal"}.get(
            crystal.shape, "-tophat_spots"
        ))  # fmt: skip
    words += _number("-fudge", None if crystal.fudge == 1.0 else crystal.fudge)
    return words + _switch("--exact-cell", crystal.exact_cell)


def _factors(experiment: "Experiment") -> Words:
    factors = experiment.structure_factors
    words = _number("-default_F", factors.default_F)
    words += _path("-hkl", factors.hkl_file)
    usual = None if experiment.corrected else DEFAULT_CACHE
    words += _path("-dump", None if factors.dump_file == usual else factors.dump_file)
    chosen = min(experiment.crystal.cells) <= _SMALL_N
    if factors.interpolate != chosen:
        words.append("-interpolate" if factors.interpolate else "-nointerpolate")
    return words


def _beam(beam: "Beam") -> Words:
    words = _number("-lambda", beam.wavelength_m, angstrom)
    words += _number("-fluence", beam.fluence)
    words += _number("-polar", None if beam.kahn_factor == 0.0 else beam.kahn_factor)
    words += _switch("-nopolar", not beam.polarised)
    words += _path("-sourcefile", beam.source_file)
    if beam.listed_sources is not None and beam.source_file is None:
        raise UsageError(
            "listed sources have no flag of their own", where="Beam.listed_sources",
            fix="write them with engine.formats.sources.write_sources and name it in source_file",
        )  # fmt: skip
    words += _spread("h", beam.divergence.horizontal) + _spread("v", beam.divergence.vertical)
    words += _switch("-square_div", not beam.divergence.round)
    words += _dispersion(beam.dispersion)
    return words + _number("-water", beam.water_m or None, micron)


def _spread(axis: str, target: "Steps") -> Words:
    range_ = _number(f"-{axis}divrange", target.range, milliradian)
    step = _number(f"-{axis}divstep", target.step, milliradian)
    count = [f"-{axis}divsteps", str(target.count)]

    def resolve(words: Words) -> "Steps":
        return spread_steps(
            int(_said(words, count[0])), _said(words, range_[0], milliradian),
            _said(words, step[0], milliradian),
        )  # fmt: skip

    ways: tuple[Words, ...] = (
        [],
        range_,
        range_ + count,
        range_ + step,
        step,
        count,
        range_ + step + count,
    )
    return _first(target, ways, resolve)


def _dispersion(target: "Steps") -> Words:
    range_ = _number("-dispersion", target.range, percent)
    count = ["-dispsteps", str(target.count)]

    def resolve(words: Words) -> "Steps":
        range_given = _said(words, range_[0], percent) if range_[0] in words else 0.0
        return spread_steps(int(_said(words, count[0])), range_given, _UNSET)

    # A negative dispersion means 100 %, in other steps than 100 means.
    ways: tuple[Words, ...] = ([], range_, ["-dispersion", "-1", *count], range_ + count)
    return _first(target, ways, resolve)


def _spindle(experiment: "Experiment") -> Words:
    target = experiment.phi
    start = _number("-phi", target.start_rad, degrees)
    range_ = _number("-osc", target.range_rad, degrees)
    step = _number("-phistep", target.step_rad, degrees)
    count = ["-phisteps", str(target.steps)]

    def resolve(words: Words) -> PhiScan:
        return phi_scan(
            target.start_rad, _said(words, range_[0], degrees), _said(words, step[0], degrees),
            int(_said(words, count[0])),
        )  # fmt: skip

    ways: list[Words] = [range_ + count, range_, range_ + step, step, count, range_ + step + count]
    if experiment.sampling.mask_file is None:
        # A mask's header may name a scan; without one, saying nothing means no scan.
        ways.insert(0, [])
    else:
        ways = [way for way in ways if range_[0] in way]
    return start + _first(target, ways, resolve)


def _detector(detector: Detector) -> Words:
    words = _number("-pixel", detector.pixel_m, mm)
    pixel = mm(float(words[1]))
    for axis, count, size in (
        ("f", detector.pixels_fast, detector.size_fast_m),
        ("s", detector.pixels_slow, detector.size_slow_m),
    ):
        if detector_axis(count, 0.0, pixel) == (count, size):
            words += [f"-detpixels_{axis}", str(count)]
        else:
            words += [f"-detpixels_{axis}", "0", *_number(f"-detsize_{axis}", size, mm)]
    words += _number("-distance", detector.distance_m, mm)
    words += _number("-close_distance", detector.close_distance_m, mm)
    for name in ("Xbeam", "Ybeam", "Xclose", "Yclose"):
        words += _number(f"-{name}", getattr(detector, f"{name}_m"), mm)
    words += _number("-ORGX", detector.ORGX_px) + _number("-ORGY", detector.ORGY_px)
    words += _sensor(detector.sensor)
    words += _convention(detector)
    for axis, angle in zip("xyz", detector.rotations_rad, strict=True):
        words += _number(f"-detector_rot{axis}", angle or None, degrees)
    # After the vectors: -twotheta_axis is read as an angle too (Q-2THAXIS).
    words += _number("-twotheta", detector.twotheta_rad, degrees)
    # Last of the flags that set a pivot; before others, because -curved_det wants a word after it.
    words += _switch("-point_pixel", detector.point_pixel) + _switch("-curved_det", detector.curved)
    return [*words, "-pivot", detector.pivot]


def _convention(detector: Detector) -> Words:
    if detector.convention != "custom":
        return [f"-{detector.convention}"]
    default, axes = Axes(), detector.axes
    named = (
        ("-beam_vector", axes.beam, default.beam), ("-fdet_vector", axes.fdet, default.fdet),
        ("-sdet_vector", axes.sdet, default.sdet), ("-odet_vector", axes.odet, default.odet),
        ("-polar_vector", axes.polar, default.polar),
        ("-spindle_axis", axes.spindle, default.spindle),
        ("-twotheta_axis", axes.twotheta, default.twotheta),
    )  # fmt: skip
    words: Words = []
    for flag, vector, usual in named:
        if vector != usual:
            words += _vector(flag, vector)
    return words or _vector("-beam_vector", axes.beam)


def _attenuation(depth: float) -> float:
    return 1.0 / micron_times(depth)


def _sensor(target: Sensor) -> Words:
    mu = target.attenuation_per_m
    depth: Words = []
    if mu == 0.0:
        depth = ["-detector_abs", "inf"]
    elif mu > 0.0:
        depth = _number("-detector_abs", mu, _attenuation)
    thick = _number("-detector_thick", target.thickness_m or None, micron_times)
    count = ["-thicksteps", str(target.layers)]

    def resolve(words: Words) -> Sensor:
        given = 0.0 if "inf" in words else _said(words, "-detector_abs", _attenuation)
        thickness = _said(words, "-detector_thick", micron_times)
        return sensor(
            int(_said(words, count[0])), max(thickness, 0.0),
            given if "-detector_abs" in words else _UNSET,
        )[0]  # fmt: skip

    # The depth comes first: infinity takes a thickness away that was given before it.
    ways: tuple[Words, ...] = (
        [],
        depth,
        thick,
        thick + count,
        depth + thick,
        depth + thick + count,
    )
    return _first(target, ways, resolve)


def _sampling(experiment: "Experiment") -> Words:
    sampling, detector = experiment.sampling, experiment.detector
    recommended = recommendation(detector, experiment.crystal, experiment.beam)
    words: Words = []
    if not sampling.oversample_chosen or sampling.oversample != recommended:
        words += ["-oversample", str(sampling.oversample)]
    words += _switch("-oversample_thick", sampling.oversample_thick)
    words += _switch("-oversample_polar", sampling.oversample_polar)
    words += _switch("-oversample_omega", sampling.oversample_omega)
    roi = sampling.roi
    limits = (roi.fast_min, roi.fast_max, roi.slow_min, roi.slow_max)
    if roi != whole(detector):
        words += ["-roi", *(str(limit) for limit in limits)]
    return words + _number("-dmin", sampling.dmin_m or None, angstrom_times)
