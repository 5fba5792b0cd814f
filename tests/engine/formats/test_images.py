"""Image files: whole or not at all, and byte for byte as specified."""

import errno
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from shlex import split as words

import numpy as np
import pytest

from engine.arguments import read_arguments
from engine.errors import FileError
from engine.experiment import Experiment
from engine.formats.atomic import write_atomically
from engine.formats.float_image import read_float_image, write_float_image
from engine.formats.integer_image import (
    Scaling,
    int_scale,
    pgm_scale,
    smv_header,
    write_noise,
    write_pgm,
    write_smv,
)  # fmt: skip
from engine.noise import noise_stream
from engine.outputs import outputs, write_outputs
from engine.statistics import statistics

C01_32 = words(
    "-cell 100 100 100 90 90 90 -N 5 -default_F 100 -distance 100 -detpixels 32 -lambda 1"
)


def test_a_float_image_comes_back(tmp_path: Path) -> None:
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    write_float_image(tmp_path / "x.bin", image)
    assert (tmp_path / "x.bin").read_bytes() == image.astype("<f4").tobytes()
    assert np.array_equal(read_float_image(tmp_path / "x.bin", (3, 4)), image)
    with pytest.raises(FileError, match="12 pixels, 4x4 expected"):
        read_float_image(tmp_path / "x.bin", (4, 4))


def test_float64_is_rounded_when_written(tmp_path: Path) -> None:
    write_float_image(tmp_path / "x.bin", np.array([[1.0 + 2.0**-30]]))
    assert read_float_image(tmp_path / "x.bin", (1, 1))[0, 0] == 1.0


def test_a_failed_write_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "image.bin"
    target.write_bytes(b"before")

    def full_disk() -> Iterator[bytes]:
        yield b"half of it"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(FileError, match="No space left on device") as caught:
        write_atomically(target, full_disk())
    assert caught.value.exit_code == 5
    assert [path.name for path in tmp_path.iterdir()] == ["image.bin"]
    assert target.read_bytes() == b"before"


def test_a_read_only_file_is_not_replaced(tmp_path: Path) -> None:
    golden = tmp_path / "golden.bin"
    golden.write_bytes(b"golden")
    golden.chmod(0o444)
    with pytest.raises(FileError, match="read-only"):
        write_atomically(golden, [b"other"])
    assert golden.read_bytes() == b"golden"


def test_a_device_is_written_directly() -> None:
    with pytest.raises(FileError, match="No space"):
        write_atomically(Path("/dev/full"), [b"x" * 100_000])
    write_atomically(Path("/dev/null"), [b"x"])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        write_atomically(tmp_path / "none" / "x.bin", [b""])


def test_the_header_of_the_specifications_example() -> None:
    header = smv_header(Experiment.from_args(C01_32))
    assert len(header) == 512
    expected = (
        "PIXEL_SIZE=0.1; DISTANCE=100; WAVELENGTH=1; BEAM_CENTER_X=1.65; BEAM_CENTER_Y=1.65; "
        "ADXV_CENTER_X=1.7; ADXV_CENTER_Y=1.5; MOSFLM_CENTER_X=1.65; MOSFLM_CENTER_Y=1.65; "
        "DENZO_X_BEAM=1.7; DENZO_Y_BEAM=1.7; DIALS_ORIGIN=-1.7,1.7,-100\n XDS_ORGX=17.5; "
        "XDS_ORGY=17.5; CLOSE_DISTANCE=100;"
    )
    assert expected.replace("; ", ";\n").replace("\n ", "\n") in header
    assert header.startswith("{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\n")
    assert header.rstrip(" ").endswith("BEAMLINE=fake;\n}\f")


def test_integer_scales() -> None:
    assert int_scale(0.0, 97.2806) == pytest.approx(565.375, rel=1e-5)
    assert int_scale(2.5, 97.0) == 2.5
    assert int_scale(0.0, 0.0) == 1.0
    assert pgm_scale(0.0, 2.0, 7.0) == 25.0
    assert pgm_scale(1.5, 2.0, 7.0) == 1.5
    assert pgm_scale(0.0, 0.0, 7.0) == 7.0


def test_counts_are_clipped_offset_and_zero_outside_the_region(tmp_path: Path) -> None:
    experiment = Experiment.from_args([*C01_32, "-roi", "1", "30", "2", "29"])
    image = np.full((32, 32), 1.0, dtype=np.float32)
    image[5, 5], image[6, 6] = 1e6, 0.0
    write_smv(tmp_path / "x.img", experiment, image, Scaling(10.0, 40.0))
    raw = (tmp_path / "x.img").read_bytes()
    counts = np.frombuffer(raw[512:], "<u2").reshape(32, 32)
    assert counts[5, 5] == 65535
    assert counts[6, 6] == 40
    assert counts[10, 10] == 50
    assert not counts[:2].any()
    assert not counts[30:].any()
    assert not counts[:, 0].any()
    assert not counts[:, 31].any()


OVERFLOWING = words(
    "-cell 100 -default_F 1 -detpixels 8 -detector_rotx 1.23456 -detector_roty 2.34567 "
    "-detector_rotz 3.45678 -twotheta 15.1234 -pixel 0.172345 -distance 123.4567 -lambda 0.976543 "
    "-phi 12.34567 -osc 0.123456 -Xbeam 1.234567 -Ybeam 2.345678"
)


def test_a_long_header_says_512_as_in_the_original() -> None:
    header = smv_header(Experiment.from_args(OVERFLOWING))
    assert len(header) > 512
    assert header.startswith("{\nHEADER_BYTES=512;\n")
    assert header.endswith("}\f")


def test_a_long_header_says_its_length_when_corrected() -> None:
    header = smv_header(Experiment.from_args([*OVERFLOWING, "-corrected"]))
    assert len(header) == 1024
    assert header.startswith("{\nHEADER_BYTES=1024;\n")
    assert header.endswith("}\f" + " " * (1024 - len(header.rstrip(" "))))


@pytest.mark.parametrize(("extra", "dark"), [([], 65486), (["-corrected"], 0)])
def test_negative_counts_of_noise(tmp_path: Path, extra: list[str], dark: int) -> None:
    experiment = Experiment.from_args([*C01_32, *extra])
    image = np.zeros(experiment.shape, np.float32)
    image[0, 0] = 1e5
    deviates = noise_stream(experiment.crystal, -1)
    totals = write_noise(tmp_path / "x.img", experiment, image, deviates, -50.0)
    counts = np.frombuffer((tmp_path / "x.img").read_bytes()[512:], "<u2")
    assert counts[1] == dark
    assert counts[0] == 65535
    assert totals.overloads == 1
    assert totals.photons == pytest.approx(1e5, rel=0.02)


def test_greys_stop_at_black_and_white(tmp_path: Path) -> None:
    experiment = Experiment.from_args(C01_32)
    image = np.full(experiment.shape, -3.0, np.float32)
    image[0, :3] = 1e6, 2.99, 0.5
    write_pgm(tmp_path / "x.pgm", experiment, image, Scaling(1.0))
    raw = (tmp_path / "x.pgm").read_bytes()
    assert raw.startswith(b"P5\n32 32\n# pixels scaled by 1\n255\n")
    assert list(raw[-1024:][:5]) == [255, 2, 0, 0, 0]


@pytest.mark.shared
@pytest.mark.parametrize("case_id", ["auto", "scale", "zeroadc", "roi_tilt", "water", "mask"])
def test_images_of_the_original_program(
    case_id: str, shared_material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shared_material / "reference"
    cases = json.loads((folder / "cases.json").read_text())
    case = next(case for case in cases if case["id"] == f"out_{case_id}")
    monkeypatch.chdir(tmp_path)
    for name in case["inputs"]:
        shutil.copy(folder / "inputs" / name, tmp_path)
    arguments = read_arguments(case["args"])
    experiment = Experiment.from_args(case["args"])
    image = np.load(folder / "images" / f"out_{case_id}.npz")["image"]
    figures = statistics(experiment, image, experiment.mask())
    write_outputs(outputs(arguments), experiment, image, figures)
    assert hashlib.sha256(Path("floatimage.bin").read_bytes()).hexdigest() == case["sha256"]
    for expected in case["outputs"].values():
        found = hashlib.sha256(Path(expected["file"]).read_bytes()).hexdigest()
        assert found == expected["sha256"], expected["file"]
