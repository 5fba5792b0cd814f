"""From an experiment back to its command line, and changed copies."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.beam import Beam, Source
from engine.crystal import Crystal, UnitCell
from engine.errors import EngineError, PhysicsError, UsageError
from engine.experiment import Experiment
from engine.formats.mask import write_mask
from engine.formats.matrix import write_matrix
from engine.formats.sources import write_sources
from engine.spelling import spell
from engine.units import angstrom, degrees, electronvolt, micron_times, mm

BASE = "-cell 60 70 80 75 85 95 -default_F 100 -Na 5 -Nb 3 -Nc 4 -detpixels_f 40 -detpixels_s 36"

MILLIMETRES = st.floats(0.1, 500.0).map(lambda x: round(x, 3))
ANGLE = st.floats(-180.0, 180.0).map(lambda x: round(x, 3))
SMALL = st.floats(0.01, 3.0).map(lambda x: round(x, 4))
COUNT = st.integers(0, 5)
COMPONENT = st.sampled_from([-1.0, -0.5, 0.25, 0.5, 1.0])

FLAGS: dict[str, tuple[st.SearchStrategy[float], ...]] = {
    "-lambda": (SMALL,), "-energy": (st.floats(5000.0, 20000.0),), "-distance": (MILLIMETRES,),
    "-close_distance": (MILLIMETRES,), "-Xbeam": (MILLIMETRES,), "-Ybeam": (MILLIMETRES,),
    "-Xclose": (MILLIMETRES,), "-ORGX": (MILLIMETRES,), "-pixel": (SMALL,),
    "-detsize_f": (MILLIMETRES,), "-detector_rotx": (ANGLE,), "-detector_roty": (ANGLE,),
    "-detector_rotz": (ANGLE,), "-twotheta": (ANGLE,), "-twotheta_axis": (COMPONENT,) * 3,
    "-fdet_vector": (COMPONENT,) * 3, "-odet_vector": (COMPONENT,) * 3,
    "-spindle_axis": (COMPONENT,) * 3, "-misset": (ANGLE,) * 3, "-misset_seed": (COUNT,),
    "-phi": (ANGLE,), "-osc": (SMALL,), "-phistep": (SMALL,), "-phisteps": (COUNT,),
    "-mosaic": (SMALL,), "-mosaic_domains": (COUNT,), "-mosaic_seed": (COUNT,),
    "-hdivrange": (SMALL,), "-vdivrange": (SMALL,), "-hdivstep": (st.just(0.3),),
    "-divergence": (SMALL,), "-hdivsteps": (COUNT,), "-vdivsteps": (COUNT,),
    "-dispsteps": (COUNT,),
    "-detector_abs": (MILLIMETRES,),
    "-dispersion": (st.sampled_from([-1.0, 0.0, 0.5, 2.0, 100.0]),),
    "-detector_thick": (MILLIMETRES,), "-thicksteps": (COUNT,), "-dmin": (SMALL,),
    "-water": (MILLIMETRES,), "-polar": (SMALL,), "-fluence": (st.just(1e24),),
    "-flux": (st.floats(1e10, 1e12),), "-samplesize": (st.just(0.00033),), "-fudge": (SMALL,),
    "-oversample": (COUNT,), "-roi": (st.integers(-1, 20),) * 4,
}  # fmt: skip
SWITCHES = (
    "-xds", "-adxv", "-dials", "-denzo", "-mosflm", "-nopolar", "-square_div", "-round_xtal",
    "-gauss_xtal", "-tophat_spots", "-point_pixel", "-curved_det", "-oversample_thick",
    "-oversample_polar", "-oversample_omega", "-interpolate", "-nointerpolate", "-corrected",
    "--exact-cell", "-pivot sample", "-pivot beam", "-detector_abs inf", "-misset random",
)  # fmt: skip


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    words = BASE.split()
    for flag in draw(st.lists(st.sampled_from([*FLAGS, *SWITCHES]), unique=True, max_size=12)):
        operands = FLAGS.get(flag, ())
        words += [*flag.split(), *(repr(draw(operand)) for operand in operands)]
    return [*words, "-seed", "1"]


def build(line: str) -> Experiment:
    return Experiment.from_args(f"{BASE} {line}".split())


@settings(max_examples=60, deadline=None)
@given(lines())
def test_the_way_back_and_forth_changes_nothing(words: list[str]) -> None:
    try:
        experiment = Experiment.from_args(words)
    except EngineError:
        return
    args = experiment.to_args()
    again = Experiment.from_args(args)
    assert again == experiment, args
    assert again.to_args() == args


@settings(deadline=None)
@given(st.floats(1e-6, 1e6), st.sampled_from([mm, degrees, angstrom, micron_times, electronvolt]))
def test_a_number_is_spelled_to_the_last_bit(value: float, convert: "type[float] | object") -> None:
    assert callable(convert)
    internal = convert(value)
    assert convert(float(spell(internal, convert))) == internal


def test_a_number_is_spelled_as_a_person_would() -> None:
    assert spell(0.1, mm) == "100"
    assert spell(degrees(89.968546), degrees) == "89.968546"
    assert spell(1e-10, angstrom) == "1"
    assert spell(2.0) == "2"


def test_files_come_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    reciprocal = ((0.01, 0.0, 0.001), (0.0, 0.012, 0.0), (0.001, 0.0, 0.02))
    write_matrix(Path("a.mat"), reciprocal, 1.1e-10)
    listed = (Source((0.1, 0.2, -10.0), 1.05e-10), Source((0.0, 0.0, -10.0), 1.1e-10, 3.0))
    write_sources(Path("beam.txt"), listed)
    write_mask(Path("some.img"), np.eye(36, 40, dtype=bool))
    experiment = build("-mask some.img -mat a.mat -sourcefile beam.txt -lambda 1.1 -osc 1")
    assert experiment.beam.listed_sources == listed
    assert experiment.crystal.reciprocal is not None
    flat = [x for vector in experiment.crystal.reciprocal for x in vector]
    assert flat == pytest.approx([x for vector in reciprocal for x in vector], rel=1e-15)
    mask = experiment.mask()
    assert mask is not None
    assert mask.sum() == 36
    assert Experiment.from_args(experiment.to_args()) == experiment


def test_what_no_flag_says_is_an_error() -> None:
    experiment = build("")
    turned = experiment.crystal.replace(reciprocal=((0.01, 0, 0), (0, 0.01, 0), (0, 0, 0.01)))
    with pytest.raises(UsageError, match="write_matrix"):
        experiment.replace(crystal=turned).to_args()
    listed = experiment.beam.replace(listed_sources=(Source((0.0, 0.0, -1.0), 1e-10),))
    with pytest.raises(UsageError, match="write_sources"):
        experiment.replace(beam=listed).to_args()
    axes = experiment.detector.axes.replace(fdet=(1.0, 0.0, 0.0))
    with pytest.raises(UsageError, match="no command line describes"):
        experiment.replace(detector=experiment.detector.replace(axes=axes)).to_args()


def test_a_changed_copy_is_validated_and_chooses_again() -> None:
    coarse = build("-distance 100 -pixel 0.1")
    near = coarse.replace(detector=coarse.detector.replace(distance_m=0.01))
    assert near.sampling.oversample > coarse.sampling.oversample
    assert near == build("-distance 10 -pixel 0.1")
    larger = coarse.replace(detector=coarse.detector.replace(pixels_fast=80, size_fast_m=0.008))
    assert larger.sampling.roi.fast_max == 80
    fixed = build("-oversample 2 -roi 0 9 0 9")
    moved = fixed.replace(detector=fixed.detector.replace(distance_m=0.01))
    assert moved.sampling == fixed.sampling
    with pytest.raises(PhysicsError, match="wavelength"):
        coarse.beam.replace(wavelength_m=0.0)


def test_parts_are_immutable_and_made_from_si_units() -> None:
    right = math.pi / 2
    crystal = Crystal(UnitCell(60.0, 70.0, 80.0, right, right, right), cells=(5.0, 3.0, 4.0))
    beam = Beam(wavelength_m=1.5e-10)
    for part, name in ((crystal, "cells"), (beam, "fluence"), (build(""), "beam")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(part, name, None)
    same = build("").replace(crystal=crystal, beam=beam)
    assert Experiment.from_args(same.to_args()) == same


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("beam", "fluence", math.inf), ("beam", "water_m", math.nan),
        ("crystal", "fudge", math.nan),
        ("crystal", "misset_rad", (0.0, math.nan, 0.0)), ("detector", "distance_m", math.inf),
        ("detector", "Xbeam_m", math.nan), ("phi", "start_rad", math.inf),
        ("sampling", "dmin_m", math.nan), ("structure_factors", "default_F", math.nan),
    ],
)  # fmt: skip
def test_every_number_is_finite(part: str, field: str, value: object) -> None:
    experiment = build("")
    with pytest.raises(PhysicsError, match=rf"\w+\.{field}: is not finite"):
        getattr(experiment, part).replace(**{field: value})
