"""How far two image files are apart, whatever is in them."""

from pathlib import Path

import numpy as np
import pytest

from nbtui.diagnose.lab import Lab

NUMBERS = np.arange(1, 17, dtype="<f4")


def apart(folder: Path, x: bytes, y: bytes) -> float | None:
    (folder / "x").write_bytes(x)
    (folder / "y").write_bytes(y)
    return Lab.apart(folder / "x", folder / "y")


def test_images_are_apart_by_their_difference(tmp_path: Path) -> None:
    data = NUMBERS.tobytes()
    assert apart(tmp_path, data, data) == 0.0
    assert apart(tmp_path, data, (NUMBERS * np.float32(2)).tobytes()) == pytest.approx(1.0)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_like_no_number(tmp_path: Path, value: float) -> None:
    broken = NUMBERS.copy()
    broken[3:] = value
    for x, y in ((NUMBERS, broken), (broken, NUMBERS)):
        assert apart(tmp_path, x.tobytes(), y.tobytes()) == np.inf
    assert apart(tmp_path, broken.tobytes(), broken.tobytes()) == 0.0


def test_files_that_are_no_images_are_not_compared(tmp_path: Path) -> None:
    assert apart(tmp_path, b"", b"") is None
    assert apart(tmp_path, b"abc", b"abc") is None
    assert apart(tmp_path, b"abcd", b"abcdefgh") is None
    assert Lab.apart(None, tmp_path / "x") is None
