"""What the engine writes, its own readers read back."""

import math
from pathlib import Path

import numpy as np
import pytest

from engine.beam import Source
from engine.errors import FileError
from engine.experiment import Experiment
from engine.formats.columns import read_columns, write_columns
from engine.formats.integer_image import Scaling, write_pgm, write_smv
from engine.formats.mask import read_mask, write_mask
from engine.formats.matrix import read_matrix, write_matrix
from engine.formats.pgm import read_pgm
from engine.formats.smv import read_smv
from engine.formats.sources import read_sources, write_sources

IMAGE = np.arange(12.0, dtype=np.float32).reshape(3, 4)
EXPERIMENT = Experiment.from_args(
    [
        "-cell",
        "50",
        "-default_F",
        "1",
        "-detpixels_f",
        "4",
        "-detpixels_s",
        "3",
        "-distance",
        "60",
        "-pixel",
        "0.3",
    ]
)


def test_an_smv_image(tmp_path: Path) -> None:
    write_smv(tmp_path / "x.img", EXPERIMENT, IMAGE, Scaling(100.0, 40.0))
    found = read_smv(tmp_path / "x.img")
    assert np.array_equal(found.pixels, (IMAGE * 100.0 + 40.0).astype(np.uint16))
    assert found.header.shape == (3, 4)
    assert found.header.number("PIXEL_SIZE") == 0.3
    assert found.header.number("DISTANCE") == 60.0
    assert found.header.number("NOWHERE") is None


def test_an_image_of_the_other_byte_order(tmp_path: Path) -> None:
    write_smv(tmp_path / "x.img", EXPERIMENT, IMAGE, Scaling(1.0))
    raw = (tmp_path / "x.img").read_bytes().replace(b"little_endian;", b"big_endian;   ")
    (tmp_path / "x.img").write_bytes(raw[:512] + IMAGE.astype(">u2").tobytes())
    assert np.array_equal(read_smv(tmp_path / "x.img").pixels, IMAGE.astype(np.uint16))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda raw: raw[:100], "shorter than an SMV header"),
        (lambda raw: b"hello" + raw, "not an SMV image"),
        (lambda raw: raw[:-3], "holds 21 bytes of pixels, its header promises 24"),
        (lambda raw: raw.replace(b"BYTE_ORDER", b"BYTE_OTHER"), "lacks BYTE_ORDER"),
        (lambda raw: raw.replace(b"SIZE1=4", b"SIZE1=0"), "no possible image size"),
        (lambda raw: raw.replace(b"BYTES=512", b"BYTES=100"), "100 bytes is impossible"),
        (lambda raw: raw.replace(b"BYTES=512", b"BYTES=900"), "shorter than its header says"),
    ],
)  # fmt: skip
def test_a_damaged_image_is_one_line(tmp_path: Path, edit: object, message: str) -> None:
    write_smv(tmp_path / "x.img", EXPERIMENT, IMAGE, Scaling(1.0))
    assert callable(edit)
    (tmp_path / "x.img").write_bytes(edit((tmp_path / "x.img").read_bytes()))
    with pytest.raises(FileError, match=f"x.img: .*{message}"):
        read_smv(tmp_path / "x.img")


def test_a_preview(tmp_path: Path) -> None:
    write_pgm(tmp_path / "x.pgm", EXPERIMENT, IMAGE, Scaling(20.0))
    assert np.array_equal(read_pgm(tmp_path / "x.pgm"), (IMAGE * 20.0).astype(np.uint8))
    (tmp_path / "x.pgm").write_bytes((tmp_path / "x.pgm").read_bytes()[:-1])
    with pytest.raises(FileError, match="holds 11 of 12 pixels"):
        read_pgm(tmp_path / "x.pgm")


def test_a_mask(tmp_path: Path) -> None:
    rendered = IMAGE % 3 > 0
    write_mask(tmp_path / "m.img", rendered)
    assert np.array_equal(read_mask(tmp_path / "m.img", (3, 4)), rendered)


def test_a_matrix(tmp_path: Path) -> None:
    reciprocal = ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6), (0.7, 0.8, 1.0 / 3.0))
    write_matrix(tmp_path / "a.mat", reciprocal, 1.0e-10)
    assert read_matrix(tmp_path / "a.mat", 1.0e-10) == reciprocal
    first_row = (tmp_path / "a.mat").read_text().splitlines()[0]
    assert first_row == "0.1 0.4 0.7"
    (tmp_path / "a.mat").write_text("1 2 3 4 5 6 7 8")
    with pytest.raises(FileError, match="nine numbers"):
        read_matrix(tmp_path / "a.mat", 1.0e-10)


@pytest.mark.parametrize("corrected", [False, True])
def test_a_source_list(tmp_path: Path, corrected: bool) -> None:
    sources = (Source((0.1, -0.2, 1.0 / 3.0), 1.03e-10, 0.25), Source((0.0, 0.0, -1.0), 9e-11))
    write_sources(tmp_path / "s.txt", sources)
    found = read_sources(tmp_path / "s.txt", 1e-10, (0.0, 0.0, 1.0), corrected=corrected)
    assert found.sources == sources
    assert not found.warnings


@pytest.mark.parametrize(
    ("text", "rows", "warned"),
    [
        ("1 2\n3\n", [(1.0, 2.0), (3.0, math.nan)], False),
        ("  1,2;junk\n\n:3\t4 5 6\n", [(1.0, 2.0), (3.0, 4.0)], False),
        ("1 2\n3", [(1.0, 2.0), (3.0, 0.0)], True),
        ("1\r\n3 4\r\n", [(1.0, 0.0), (3.0, 4.0)], True),
        ("# a\n3 4\n", [(0.0, 0.0), (3.0, 4.0)], True),
    ],
)
def test_the_column_reader_of_the_original(
    tmp_path: Path, text: str, rows: list[tuple[float, ...]], warned: bool
) -> None:
    (tmp_path / "t").write_bytes(text.encode())
    found = read_columns(tmp_path / "t", 2)
    assert repr(found.rows) == repr(tuple(rows))
    assert bool(found.warnings) is warned


def test_columns_come_back(tmp_path: Path) -> None:
    rows = ((0.1, 2.0), (1.0 / 3.0, -4e-10))
    write_columns(tmp_path / "t", rows)
    assert read_columns(tmp_path / "t", 2).rows == rows
