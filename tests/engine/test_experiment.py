"""From a command line to a resolved, validated experiment."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError, MissingInputError, PhysicsError
from engine.experiment import Experiment
from engine.geometry import CONVENTIONS, place
from engine.vectors import dot, norm

BASE = "-cell 100 -default_F 100 -N 5 -detpixels 64 -lambda 1"


def build(line: str = "") -> Experiment:
    return Experiment.from_args(f"{BASE} {line}".split())


def test_defaults_are_resolved() -> None:
    experiment = Experiment.from_args(["-cell", "100", "-default_F", "1"])
    assert experiment.shape == (1024, 1024)
    assert experiment.detector.distance_m == 0.1
    assert experiment.detector.convention == "mosflm"
    assert experiment.crystal.cells == (1.0, 1.0, 1.0)
    assert experiment.beam.wavelength_m == 1e-10
    assert experiment.sampling.oversample == 1
    assert experiment.steps == 1


@pytest.mark.parametrize("line", ["-N 5 -default_F 1", "-cell 100 -N 5"])
def test_missing_inputs_are_nanobraggs_exit_9(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingInputError) as caught:
        Experiment.from_args(line.split())
    assert caught.value.exit_code == 9


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-lambda 0", "wavelength"),
        ("-lambda -1", "wavelength"),
        ("-pixel 0", "pixel size"),
        ("-cell 10 10 10 30 30 100", "no cell has"),
        ("-cell 10 10 10 90 90 180", "between 0 and 180"),
        ("-distance 0", "through the sample"),
        ("-detsize 0.01 -detpixels 0", "no pixels"),
        ("-oversample 50000 -mosaic 1", "32-bit"),
        ("-beam_vector 0 0 0", "beam vector"),
    ],
)
def test_an_experiment_without_meaning_is_refused(line: str, message: str) -> None:
    with pytest.raises(EngineError, match=message):
        build(line)


@pytest.mark.parametrize(
    ("convention", "fast_px", "slow_px"),
    [
        ("adxv", 20.5, 32.5), ("mosflm", 21.0, 33.0), ("denzo", 20.5, 32.5),
        ("xds", 20.0, 32.0), ("dials", 20.0, 32.0),
    ],
)  # fmt: skip
def test_the_default_direct_beam_of_each_convention(
    convention: str, fast_px: float, slow_px: float
) -> None:
    placed = build(f"-{convention} -detpixels_f 40 -pixel 0.2").placed()
    assert placed.Fbeam_m / 2e-4 == pytest.approx(fast_px, abs=1e-9)
    assert placed.Sbeam_m / 2e-4 == pytest.approx(slow_px, abs=1e-9)


def test_the_custom_default_has_no_half_pixels() -> None:
    placed = build("-spindle_axis 0 0 1 -detpixels_f 40 -pixel 0.2").placed()
    assert placed.Fbeam_m / 2e-4 == pytest.approx(20.0)


@pytest.mark.parametrize("convention", sorted(CONVENTIONS))
@pytest.mark.parametrize("flag", ["-pivot sample", "-pivot beam"])
def test_named_conventions_impose_their_pivot(convention: str, flag: str) -> None:
    tilted = f"-{convention} -detector_rotx 5 -twotheta 7"
    found = build(f"{tilted} {flag}")
    assert found.placed() == build(tilted).placed()
    assert any("Q-PIVOT" in line for line in found.warnings)


def test_what_does_not_move_the_image_is_said() -> None:
    assert any("-Xbeam" in line for line in build("-xds -Xbeam 2").warnings)
    assert any("-ORGX" in line for line in build("-ORGX 2").warnings)
    assert not build("-xds -ORGX 2").warnings
    assert not build("-Xbeam 2").warnings


def test_a_close_distance_overrides_the_distance() -> None:
    both = build("-close_distance 100 -distance 50 -detector_roty 60")
    assert both.placed().distance_m == pytest.approx(0.2)
    assert any("Q-CLOSE" in line for line in both.warnings)


def test_a_detector_turned_away_has_a_negative_distance() -> None:
    assert build("-detector_roty 150").placed().distance_m == pytest.approx(-0.1)


def test_a_normal_of_another_length_is_replaced() -> None:
    placed = build("-odet_vector 0 0 0.5").placed()
    assert placed.odet_replaced
    assert placed.odet == pytest.approx((1.0, 0.0, 0.0))


ANGLE = st.floats(-180.0, 180.0).map(lambda angle: round(angle, 3))


@given(st.tuples(ANGLE, ANGLE, ANGLE, ANGLE), st.sampled_from(sorted(CONVENTIONS)))
def test_rotations_keep_the_detector_rigid(
    angles: tuple[float, float, float, float], convention: str
) -> None:
    x, y, z, swing = angles
    line = f"-{convention} -detector_rotx {x} -detector_roty {y} -detector_rotz {z}"
    # Seen edge-on, a detector would ask for more sub-pixels than anybody can count.
    placed = place(build(f"{line} -twotheta {swing} -oversample 1").detector)
    for v in (placed.fdet, placed.sdet, placed.odet):
        assert norm(v) == pytest.approx(1.0, abs=1e-14)
    assert dot(placed.fdet, placed.sdet) == pytest.approx(0.0, abs=1e-14)
    assert dot(placed.fdet, placed.odet) == pytest.approx(0.0, abs=1e-14)


EDGE = st.floats(20.0, 200.0).map(lambda edge: round(edge, 2))
OBLIQUE = st.floats(65.0, 110.0).map(lambda angle: round(angle, 2))


@given(st.tuples(EDGE, EDGE, EDGE), st.tuples(OBLIQUE, OBLIQUE, OBLIQUE), st.tuples(*[ANGLE] * 3))
def test_any_cell_keeps_its_edges_and_volume_in_any_orientation(
    edges: tuple[float, float, float],
    angles: tuple[float, float, float],
    misset: tuple[float, ...],
) -> None:
    cell = " ".join(str(number) for number in (*edges, *angles))
    turned = " ".join(str(angle) for angle in misset)
    experiment = build(f"-cell {cell} -misset {turned}")
    oriented = experiment.lattice()
    assert experiment.crystal.cell is not None
    assert oriented.edges_m == pytest.approx([edge * 1e-10 for edge in edges], rel=1e-12)
    assert oriented.volume_A3 == pytest.approx(experiment.crystal.cell.volume_A3, rel=1e-12)
    # The reciprocal basis belongs to the real one as far as Q-CELL lets it: a*·b vanishes.
    assert dot(oriented.a_star, oriented.b_A) == pytest.approx(0.0, abs=1e-12)
    assert dot(oriented.c_star, oriented.a_A) == pytest.approx(0.0, abs=1e-12)


@given(
    st.lists(
        st.sampled_from(
            ["-xds", "-phi 5 -osc 1", "-misset 1 2 3", "-nopolar", "-mosaic 1", "-polar 0.9",
             "-roi 3 9 4 8", "-twotheta 5", "-Na 3", "-oversample 2", "-flux 1e12"]
        ),
        unique=True,
    )
)  # fmt: skip
def test_the_same_words_give_the_same_plain_data(flags: list[str]) -> None:
    first, second = build(" ".join(flags)), build(" ".join(flags))
    assert first == second
    text = json.dumps(first.to_dict(), allow_nan=False)
    assert text == json.dumps(second.to_dict(), allow_nan=False)
    plain = json.loads(text)
    assert plain["detector"]["pixels_fast"] == 64
    assert plain["steps"] == first.steps


def test_different_experiments_have_different_data() -> None:
    assert build("-lambda 1").to_dict() != build("-lambda 1.0000001").to_dict()


def test_the_stale_step_at_phi_zero_is_announced() -> None:
    assert any("Q-PHI" in line for line in build("-osc 1").warnings)
    assert not any("Q-PHI" in line for line in build("-phi 1 -osc 1").warnings)


def test_crystal_sizes_are_clipped_to_the_beam() -> None:
    experiment = build("-samplesize 0.001 -beamsize 0.0005")
    assert experiment.crystal.cells == (100.0, 50.0, 50.0)
    assert sum("clipping" in line for line in experiment.warnings) == 2


def test_interpolation_is_chosen_from_n(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert build("-interpolate").structure_factors.interpolate
    assert build("-hkl some.hkl -Nb 2").structure_factors.interpolate
    assert not build("-hkl some.hkl").structure_factors.interpolate
    assert not build("-hkl some.hkl -Nb 2 -nointerpolate").structure_factors.interpolate


def test_a_region_may_lie_anywhere() -> None:
    roi = build("-roi 5 -1 -1 9").sampling.roi
    assert (roi.fast_min, roi.fast_max, roi.slow_min, roi.slow_max) == (5, 64, 0, 9)


def test_a_physics_error_is_one_line_with_its_flag() -> None:
    with pytest.raises(PhysicsError) as caught:
        build("-lambda 0")
    assert str(caught.value) == "-lambda, -energy: the wavelength must be positive"
