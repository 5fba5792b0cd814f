"""What each view shows of a pair with known faults, and in which colours."""

from pathlib import Path

import numpy as np
import pytest

from nbtui.images.peaks import Found, spots
from nbtui.images.profiles import histogram, radial
from nbtui.images.scale import COLOURS, HIDDEN, Scaling, scale_of, table
from nbtui.images.views import Pictures, View
from tests.nbtui.images.made import EXTRA, LOST, SHAPE, images, write_pair


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(write_pair(tmp_path, *images()))


def test_the_difference_shows_what_the_port_lost_and_added(pictures: Pictures) -> None:
    cells = pictures.prepare(View.DIFFERENCE).region(16, (0, 0), (6, 8))
    assert cells[LOST[0] // 16, LOST[1] // 16] == pytest.approx(-12, abs=0.1)
    assert cells[EXTRA[0] // 16, EXTRA[1] // 16] == pytest.approx(9, abs=0.1)


def test_the_ratio_is_in_powers_of_two_and_nothing_over_nothing_agrees(tmp_path: Path) -> None:
    c, port = np.ones(SHAPE, np.float32), np.ones(SHAPE, np.float32)
    port[3, 4], c[5, 6], c[7, 8], port[7, 8] = 0.25, 0.0, 0.0, 0.0
    ratio = Pictures(write_pair(tmp_path, c, port)).prepare(View.RATIO)
    cells = ratio.region(1, (0, 0), SHAPE)
    assert cells[3, 4] == -2
    assert cells[5, 6] == np.inf
    assert cells[7, 8] == 0


def test_the_tile_of_a_lost_spot_correlates_badly(pictures: Pictures) -> None:
    loss = pictures.prepare(View.TILES).region(1, (0, 0), SHAPE)
    assert loss[LOST] > 0.5
    assert loss[20, 30] < 1e-9


def test_the_brightest_pixel_of_a_block_is_named(pictures: Pictures) -> None:
    assert pictures.brightest(View.C, (LOST[0] // 32, LOST[1] // 32), 32) == LOST
    assert pictures.brightest(View.PORT, (EXTRA[0] // 32, EXTRA[1] // 32), 32) == EXTRA
    assert pictures.brightest(View.DIFFERENCE, (1, 2), 32) == LOST
    assert pictures.values(*LOST).difference == pytest.approx(-12, abs=0.1)


def test_spots_are_matched_missing_and_spurious(pictures: Pictures) -> None:
    found = spots(pictures, count=6)
    places = {(round(s.slow), round(s.fast)): s.found for s in found}
    assert places.pop(LOST) is Found.MISSING
    assert places.pop(EXTRA) is Found.SPURIOUS
    assert set(places.values()) == {Found.MATCHED}


@pytest.mark.parametrize("scaling", list(Scaling))
@pytest.mark.parametrize("view", [View.C, View.DIFFERENCE])
def test_colours_rise_with_the_value(pictures: Pictures, view: View, scaling: Scaling) -> None:
    plane = pictures.prepare(view).first
    scale = scale_of(plane, view, scaling)
    values = np.linspace(scale.low, scale.high, 50).astype(np.float32)
    indices = scale.indices(values)
    assert (np.diff(indices) >= 0).all()
    assert indices[0] == 0
    assert indices[-1] == COLOURS - 1


def test_zero_is_the_middle_of_a_difference_and_nan_has_its_own_colour() -> None:
    scale = scale_of(np.array([-3, 1], np.float32), View.DIFFERENCE, Scaling.LOG)
    assert (scale.low, scale.high) == (-3, 3)
    indices = scale.indices(np.array([0.0, np.nan, np.inf, -np.inf], np.float32)).tolist()
    assert indices[0] in {127, 128}
    assert indices[1:] == [HIDDEN, COLOURS - 1, 0]


def test_an_image_of_nothing_has_a_scale() -> None:
    for view in (View.C, View.DIFFERENCE):
        scale = scale_of(np.zeros((2, 2), np.float32), view, Scaling.LOG)
        assert scale.indices(np.zeros(3, np.float32)).max() <= 128


def test_grey_maps_are_grey() -> None:
    colours = table(View.DIFFERENCE, grey=True)[:COLOURS]
    assert (colours[:, 0] == colours[:, 1]).all()
    assert (np.diff(colours[:, 0].astype(int)) >= 0).all()


def test_curves_tell_the_images_apart_where_they_differ(pictures: Pictures) -> None:
    counts = histogram(pictures)
    assert counts.c.sum() == SHAPE[0] * SHAPE[1]
    rings = radial(pictures, None)
    middle = int(np.flatnonzero(np.isfinite(rings.c))[0])
    assert rings.c[middle] > 2 * rings.port[middle]
    assert "pixels" in rings.x_name
