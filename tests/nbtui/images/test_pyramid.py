"""No peak and no single wrong pixel is lost, whatever the size of the picture."""

import numpy as np
import pytest

from nbtui.images.pyramid import Pyramid, fitting_block, ladder, largest, most_extreme, shrunk

SHAPE = (301, 517)


def _plane() -> np.ndarray:
    return np.random.default_rng(7).normal(size=SHAPE).astype(np.float32)


@pytest.mark.parametrize("block", [1, 2, 3, 4, 12, 16, 64, 96])
def test_every_cell_is_the_extreme_of_its_block(block: int) -> None:
    plane = _plane()
    high = Pyramid(SHAPE, lambda a, b: plane[a:b], largest)
    far = Pyramid(SHAPE, lambda a, b: plane[a:b], most_extreme)
    first, size = (1, 2), (3, 4)
    found = high.region(block, first, size), far.region(block, first, size)
    for i in range(found[0].shape[0]):
        for j in range(found[0].shape[1]):
            rows = slice((first[0] + i) * block, (first[0] + i + 1) * block)
            columns = slice((first[1] + j) * block, (first[1] + j + 1) * block)
            inside = plane[rows, columns]
            assert found[0][i, j] == inside.max()
            assert found[1][i, j] == inside.flat[np.abs(inside).argmax()]


def test_one_pixel_that_is_no_number_is_seen_from_afar() -> None:
    plane = _plane()
    plane[200, 300] = np.nan
    pyramid = Pyramid(SHAPE, lambda a, b: plane[a:b], most_extreme)
    assert np.isnan(pyramid.region(64, (0, 0), (9, 9))[200 // 64, 300 // 64])


def test_blocks_at_the_end_hold_only_what_is_there() -> None:
    plane = -np.ones((5, 5), np.float32)
    assert (shrunk(plane, 4, largest) == -1).all()
    assert shrunk(plane, 4, largest).shape == (2, 2)


def test_the_whole_image_has_room() -> None:
    for shape in ((4096, 4096), (60, 80), (1, 100_000), (1536, 2048)):
        block = fitting_block(shape, (40, 70))
        assert shape[0] <= block * 40
        assert shape[1] <= block * 70
    assert fitting_block((60, 80), (200, 200)) == 1
    assert list(ladder()) == sorted(set(ladder()))


def test_a_region_beyond_the_image_is_empty() -> None:
    plane = _plane()
    pyramid = Pyramid(SHAPE, lambda a, b: plane[a:b], largest)
    assert pyramid.region(1, (400, 0), (3, 3)).size == 0
    assert pyramid.region(16, (400, 0), (3, 3)).size == 0
