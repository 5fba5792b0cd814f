"""The automatic choices: every row of the specification's tables 5.3 and 5.6, and 5.1 to 5.9."""

import math

import pytest

from engine.defaults import (
    cell_counts,
    detector_axis,
    fluence,
    mosaicity,
    phi_scan,
    recommended_oversample,
    sensor,
    spread_steps,
)
from engine.errors import PhysicsError
from engine.units import DEFAULT_FLUENCE, R_E_SQUARED_M2

UNSET = -1.0
ONE_DEGREE = math.radians(1.0)


@pytest.mark.parametrize(
    ("steps", "range_", "step", "expected"),
    [
        (-1, UNSET, UNSET, (1, 0.0, 0.0)),
        (-1, UNSET, 0.3, (2, 0.3, 0.3)),
        (-1, 1.0, UNSET, (2, 1.0, 0.5)),
        (-1, 1.0, 0.3, (4, 1.0, 0.3)),
        (4, UNSET, UNSET, (4, ONE_DEGREE, ONE_DEGREE / 4)),
        (0, UNSET, UNSET, (1, ONE_DEGREE, ONE_DEGREE)),
        (5, UNSET, 0.3, (2, 0.3, 0.3)),
        (5, 1.0, UNSET, (5, 1.0, 0.2)),
        (5, 1.0, 0.3, (5, 1.0, 0.3)),
        (5, 1.0, 0.0, (5, 1.0, 0.0)),
    ],
)
def test_phi_steps(
    steps: int, range_: float, step: float, expected: tuple[int, float, float]
) -> None:
    scan = phi_scan(0.25, range_, step, steps)
    assert (scan.steps, scan.range_rad, scan.step_rad) == expected
    assert scan.angles_rad[0] == 0.25
    assert len(scan.angles_rad) == scan.steps


def test_a_scan_without_steps_is_an_error() -> None:
    with pytest.raises(PhysicsError, match="has 0 steps"):
        phi_scan(0.0, 0.0, 0.3, -1)


@pytest.mark.parametrize(
    ("count", "range_", "step", "expected"),
    [
        (-1, UNSET, UNSET, (1, 0.0, 0.0)),
        (-1, UNSET, 0.3, (2, 0.3, 0.3)),
        (-1, 1.0, UNSET, (2, 1.0, 1.0)),
        (-1, 1.0, 0.3, (4, 1.0, 0.3)),
        (3, UNSET, UNSET, (3, 1.0, 1.0 / 3)),
        (5, UNSET, 0.3, (2, 0.3, 0.3)),
        (5, 1.0, UNSET, (5, 1.0, 0.25)),
        (1, 1.0, UNSET, (2, 1.0, 1.0)),
        (5, 1.0, 0.1, (5, 1.0, 0.1)),
        (5, 0.0, UNSET, (1, 0.0, 0.0)),
        (0, 0.3e-3, 0.1e-3, (3, 0.3e-3, 0.1e-3)),
        (-1, 0.28 / 1000.0, 0.02 / 1000.0, (14, 0.28 / 1000.0, 0.02 / 1000.0)),
    ],
)
def test_divergence_and_dispersion_steps(
    count: int, range_: float, step: float, expected: tuple[int, float, float]
) -> None:
    found = spread_steps(count, range_, step)
    assert (found.count, found.range, found.step) == expected
    assert found.positions[0] == -found.range / 2.0
    assert len(found.positions) == found.count


def test_positions_need_not_lie_about_zero() -> None:
    positions = spread_steps(3, UNSET, UNSET).positions
    assert positions == pytest.approx((-0.5, -1.0 / 6.0, 1.0 / 6.0))


def test_too_many_steps_are_an_error() -> None:
    with pytest.raises(PhysicsError, match="too many steps"):
        spread_steps(-1, 1.0, 1e-12)


@pytest.mark.parametrize(
    ("layers", "thickness", "mu", "expected", "warned"),
    [
        (-1, 0.0, -1.0, (1, 0.0, 0.0, -1.0), False),
        (-1, 4e-4, 2000.0, (2, 4e-4, 2e-4, 2000.0), False),
        (-1, -1.0, -1.0, (1, 0.0, 0.0, -1.0), False),
        (5, 4.5e-4, 2000.0, (5, 4.5e-4, 1.125e-4, 2000.0), False),
        (1, 4e-4, 2000.0, (2, 4e-4, 4e-4, 2000.0), False),
        (4, -1.0, 2000.0, (4, 0.5e-6, 0.125e-6, 2000.0), False),
        (5, 0.0, 2000.0, (1, 0.0, 0.0, 2000.0), False),
        (-1, 4e-4, -1.0, (2, 4e-4, 2e-4, 2500.0), True),
        (3, 4e-4, 0.0, (3, 4e-4, 2e-4, 0.0), False),
    ],
)
def test_sensor_layers(
    layers: int, thickness: float, mu: float, expected: tuple[float, ...], warned: bool
) -> None:
    found, warning = sensor(layers, thickness, mu)
    assert (
        found.layers, found.thickness_m, found.step_m, found.attenuation_per_m
    ) == pytest.approx(expected, rel=1e-15)  # fmt: skip
    assert bool(warning) is warned


@pytest.mark.parametrize(
    ("spread", "domains", "expected"),
    [
        (UNSET, -1, (0.0, 1, 0)),
        (0.0, -1, (0.0, 1, 0)),
        (0.5, -1, (0.5, 10, 1)),
        (UNSET, 7, (0.0, 1, 1)),
        (0.0, 7, (0.0, 1, 1)),
        (0.5, 7, (0.5, 7, 0)),
    ],
)
def test_mosaic_domains(spread: float, domains: int, expected: tuple[float, int, int]) -> None:
    found = mosaicity(spread, domains)
    assert (found.spread_rad, found.domains, len(found.warnings)) == expected


@pytest.mark.parametrize(
    ("pixels", "size", "pixel", "expected"),
    [
        (0, 0.00325, 0.0002, (16, 0.00325)),
        (64, 0.1024, 0.0001, (64, 0.0064)),
        (0, 0.1024, 0.0001, (1024, 0.1024)),
    ],
)
def test_detector_size(pixels: int, size: float, pixel: float, expected: tuple[int, float]) -> None:
    assert detector_axis(pixels, size, pixel) == expected


def test_a_flux_wins_over_a_fluence() -> None:
    assert fluence(5.0, 0.0, 1.0, 1e-4) == 5.0
    assert fluence(5.0, 8.0, 0.5, 2.0) == 1.0
    with pytest.raises(PhysicsError, match="infinite"):
        fluence(5.0, 8.0, 0.5, 0.0)


def test_the_default_fluence_times_the_cross_section_is_exactly_one() -> None:
    assert R_E_SQUARED_M2 * DEFAULT_FLUENCE == 1.0


def test_a_crystal_size_wins_over_a_count() -> None:
    edge = 100.0 * 1e-10
    assert cell_counts((5.0, 0.0, 3.0), (20e-6, 0.0, 0.0), (edge,) * 3) == (2001.0, 1.0, 3.0)


def test_oversampling_follows_the_longest_edge_and_the_distance() -> None:
    cells, edges = (5.0, 2.0, 1.0), (1e-8, 1e-8, 1e-8)
    assert recommended_oversample(cells, edges, 1e-10, 0.1, 1e-4) == 2
    assert recommended_oversample(cells, edges, 1e-10, 1.0, 1e-4) == 1
    assert recommended_oversample((2.0, 2.0, 20.0), edges, 1e-10, 0.1, 1e-4) == 6
    with pytest.raises(PhysicsError, match="through the sample"):
        recommended_oversample(cells, edges, 1e-10, 0.0, 1e-4)
