"""Which reflection a pixel looks at, against the golden trace G1 of the specification (13.3)."""

from pathlib import Path

import numpy as np
import pytest

from engine.parity.parameters import ParametersError
from engine.parity.sighting import Sighting

FAKES = Path(__file__).parent / "fakes"
REPORT = (FAKES / "report_g1.txt").read_text(encoding="ascii")
"""Tilted detector, two-theta, triclinic cell, misset, phi: everything that could be forgotten."""


def test_the_golden_trace_is_met_to_the_digits_of_the_report() -> None:
    sight = Sighting.from_console(REPORT).at(20.5, 45.5)
    assert sight.hkl == pytest.approx(
        (0.10639681550889735, 3.0694640279775536, 3.0366310607318123), abs=2e-4
    )
    assert sight.resolution_A == pytest.approx(0.5e10 / 228319967.10781875, rel=1e-4)


def test_arrays_give_what_single_points_give() -> None:
    sighting = Sighting.from_console(REPORT)
    slow, fast = np.array([[0.5, 20.5]]), np.array([[63.5, 45.5]])
    found = sighting.inverse_resolution(slow, fast)
    assert found.shape == (1, 2)
    for i in range(2):
        one = sighting.at(float(slow[0, i]), float(fast[0, i]))
        assert found[0, i] == pytest.approx(1 / one.resolution_A)


def test_the_direct_beam_has_no_resolution() -> None:
    straight = REPORT
    for axis, vector in (("X", "0 0 1"), ("Y", "0 -1 0"), ("Z", "1 0 0")):
        lines = [
            f"  DIRECTION_OF_DETECTOR_{axis}-AXIS= {vector}"
            if line.strip().startswith(f"DIRECTION_OF_DETECTOR_{axis}-AXIS=")
            else line
            for line in straight.splitlines()
        ]
        straight = "\n".join(lines)
    straight = straight.replace("dials origin= -11.9829 14.075 -102.605", "dials origin= -4 4 -100")
    sight = Sighting.from_console(straight).at(10.0, 10.0)
    assert sight.resolution_A == float("inf")
    assert sight.hkl == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)


def test_a_report_without_an_origin_is_refused() -> None:
    without = "\n".join(line for line in REPORT.splitlines() if "origin" not in line)
    with pytest.raises(LookupError, match="origin"):
        Sighting.from_console(without)
    with pytest.raises(ParametersError):
        Sighting.from_console("hello")
