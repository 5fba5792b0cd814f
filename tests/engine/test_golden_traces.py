"""The set-up against the golden traces of the specification (section 13)."""

from shlex import split as words

import pytest

from engine.crystal import lattice, mosaic_matrices, phi_orientations
from engine.experiment import Experiment
from engine.geometry import place
from engine.vectors import Vec3, dot, norm

G1 = words(
    "-cell 70 80 90 75 85 95 -misset 10 20 30 -N 5 -default_F 100 -distance 100 "
    "-detpixels 64 -pixel 0.4 -lambda 1.5 -polar 0.9 -phi 5 -detector_rotx 5 "
    "-detector_roty 3 -detector_rotz 2 -twotheta 15 -oversample 1"
)
C01 = words("-cell 100 100 100 90 90 90 -N 5 -default_F 100 -distance 100 -detpixels 64 -lambda 1")
C17 = words(
    "-cell 100 100 100 90 90 90 -N 5 -default_F 100 -distance 100 -detpixels 64 "
    "-pixel 0.4 -lambda 1 -mosaic 0.5 -oversample 1"
)


@pytest.fixture(scope="module")
def g1() -> Experiment:
    return Experiment.from_args(G1)


def close(found: Vec3, expected: Vec3, tolerance: float = 1e-14) -> bool:
    difference: Vec3 = (
        found[0] - expected[0], found[1] - expected[1], found[2] - expected[2]
    )  # fmt: skip
    return norm(difference) <= tolerance * norm(expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fdet", (0.031194763044708168, -0.096650175316428014, 0.99482944788033301)),
        ("sdet", (-0.22853951895445268, -0.96963620547183527, -0.087036298831283193)),
        ("odet", (0.97303472447526351, -0.22464276674196476, -0.052335956242943828)),
        ("pix0_m", (0.10260495077800863, 0.014074980226405076, -0.011982869567447459)),
        ("twotheta", (0.0, 0.0, -1.0)),
        ("spindle", (0.0, 0.0, 1.0)),
        ("vertical", (0.0, -1.0, 0.0)),
    ],
)
def test_the_placed_vectors_are_those_of_g1(g1: Experiment, name: str, expected: Vec3) -> None:
    assert close(getattr(place(g1.detector), name), expected)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ratio", 0.99802119662406841),
        ("Fclose_m", 0.010080523695529184),
        ("Sclose_m", 0.036053951895445274),
        ("close_distance_m", 0.097303472447526351),
        ("distance_m", 0.097496398650316771),
        ("Fbeam_m", 0.013121900749138221),
        ("Sbeam_m", 0.013772171848110328),
    ],
)
def test_the_recomputed_distances_are_those_of_g1(
    g1: Experiment, name: str, expected: float
) -> None:
    assert getattr(place(g1.detector), name) == pytest.approx(expected, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a_star", (0.011748835472331418, 0.0067831933226151679, -0.0049377609254103658)),
        ("b_star", (-0.0044980240213540953, 0.012119276909427917, 0.0016037235178521336)),
        ("c_star", (0.0044445734469881976, -0.0030393016403283753, 0.010250293174454257)),
    ],
)
def test_the_reciprocal_vectors_are_those_of_g1(g1: Experiment, name: str, expected: Vec3) -> None:
    assert close(getattr(lattice(g1.crystal), name), expected)


def test_the_cell_of_g1(g1: Experiment) -> None:
    oriented = lattice(g1.crystal)
    a, b, c = oriented.axes_m
    assert oriented.volume_A3 == pytest.approx(481811.45573169854, rel=1e-14, abs=0)
    assert close(a, (6.2189391538666779e-09, 2.5643509615902128e-09, -1.9362076196253745e-09))
    assert close(b, (-2.6264170362871665e-09, 6.8584095539101431e-09, 3.1724047570155076e-09))
    assert close(c, (3.4067007573281333e-09, 1.6225480112667538e-10, 8.3287492055849109e-09))


def test_the_spindle_turns_the_cell_as_in_g1(g1: Experiment) -> None:
    ((a, b, c),) = phi_orientations(
        lattice(g1.crystal).axes_m, place(g1.detector).spindle, g1.phi.angles_rad
    )
    assert close(a, (5.9717763001140842e-09, 3.0966090930403826e-09, -1.9362076196253745e-09))
    assert close(b, (-3.2141725052657845e-09, 6.6034039073843474e-09, 3.1724047570155076e-09))
    assert close(c, (3.3795957947288516e-09, 4.5855090744626758e-10, 8.3287492055849109e-09))


def test_a_triclinic_cell_keeps_its_edges_and_not_its_angles(g1: Experiment) -> None:
    oriented = lattice(g1.crystal)
    assert oriented.edges_m == pytest.approx((70e-10, 80e-10, 90e-10), rel=1e-14)
    assert any("75.0391 85.0136 95.0081" in line for line in g1.warnings)


def test_pix0_of_g6() -> None:
    experiment = Experiment.from_args(C01)
    assert experiment.sampling.oversample == 2
    assert close(experiment.placed().pix0_m, (0.1, 0.0033, -0.0033))


def test_the_mosaic_domains_of_g2() -> None:
    matrices = mosaic_matrices(Experiment.from_args(C17).crystal)
    assert len(matrices) == 10
    assert matrices[0] == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    expected = (
        (0.99996592089784464, -0.0079751680914580177, 0.0021339486494309119),
        (0.0079761872189555976, 0.99996807949662869, -0.0004694946988297568),
        (-0.0021301362335746331, 0.00048649947281547405, 0.99999761291609557),
    )
    for row, wanted in zip(matrices[1], expected, strict=True):
        assert close(row, wanted)


def test_every_mosaic_domain_is_a_rotation() -> None:
    for rows in mosaic_matrices(Experiment.from_args(C17).crystal):
        for i, row in enumerate(rows):
            for j, other in enumerate(rows):
                assert dot(row, other) == pytest.approx(float(i == j), abs=1e-14)
