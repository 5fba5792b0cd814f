"""Exports: at full size, outside of the bundle, never over a file that is there."""

import csv
import io
from pathlib import Path

import pytest
from PIL import Image

from nbtui.errors import NbtuiError
from nbtui.images.export import free_path, image_png, write_curves, write_values
from nbtui.images.profiles import histogram
from nbtui.images.scale import Scaling, scale_of, table
from nbtui.images.views import Pictures, View
from tests.nbtui.images.made import LOST, SHAPE, images, write_pair


def test_a_picture_is_as_large_as_its_area(tmp_path: Path) -> None:
    pyramid = Pictures(write_pair(tmp_path, *images())).prepare(View.C)
    scale = scale_of(pyramid.first, View.C, Scaling.LINEAR)
    data = image_png(pyramid, (10, 60, 20, 100), scale, table(View.C, grey=False))
    picture = Image.open(io.BytesIO(data))
    assert picture.size == (80, 50)
    brightest = picture.getpixel((LOST[1] - 20, LOST[0] - 10))
    assert brightest != picture.getpixel((0, 0))


def test_values_carry_their_place(tmp_path: Path) -> None:
    pyramid = Pictures(write_pair(tmp_path, *images())).prepare(View.C)
    path = tmp_path / "values.csv"
    write_values(path, pyramid, 32, (1, 2), (2, 2))
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert [(r["slow"], r["fast"]) for r in rows] == [
        ("32", "64"), ("32", "96"), ("64", "64"), ("64", "96"),
    ]  # fmt: skip
    assert float(rows[0]["value"]) == pytest.approx(12, abs=0.1)


def test_curves_are_written_with_their_units(tmp_path: Path) -> None:
    pictures = Pictures(write_pair(tmp_path, *images()))
    write_curves(tmp_path / "h.csv", histogram(pictures))
    head, *rows = (tmp_path / "h.csv").read_text(encoding="utf-8").splitlines()
    assert head == "log10 intensity (photons),C pixels,port pixels"
    assert sum(float(r.split(",")[1]) for r in rows) == SHAPE[0] * SHAPE[1]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    first = free_path(tmp_path / "exports", "a", ".png")
    first.write_bytes(b"")
    assert free_path(tmp_path / "exports", "a", ".png").name == "a-2.png"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NbtuiError, match="cannot be written"):
        free_path(tmp_path / "file" / "exports", "a", ".png")
