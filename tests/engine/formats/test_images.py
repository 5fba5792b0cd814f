"""Image files: whole or not at all, and byte for byte as specified."""

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from shlex import split as words

import numpy as np
import pytest
import torch

from engine.arguments import read_arguments
from engine.errors import FileError, UnsupportedError
from engine.experiment import Experiment
from engine.formats.atomic import write_atomically
from engine.formats.float_image import read_float_image, write_float_image
from engine.formats.integer_image import Scaling, int_scale, pgm_scale, smv_header, write_smv
from engine.outputs import outputs, write_outputs
from engine.report import statistics
from engine.simulator import simulate

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


def test_a_noise_image_that_is_asked_for_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="noise images are not supported yet"):
        outputs(read_arguments(["-noisefile", "x.img"]))
    assert not outputs(read_arguments(["-noisefile", "x.img", "-nonoise"])).noise_wanted
    assert outputs(read_arguments([])).noise_wanted


OUTPUT_CASES = ("out_auto", "out_zeroadc", "out_roi_tilt")


@pytest.mark.shared
@pytest.mark.parametrize("case_id", OUTPUT_CASES)
def test_integer_images_of_the_original_program(
    case_id: str, shared_material: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = json.loads((shared_material / "reference" / "cases.json").read_text())
    case = next(case for case in cases if case["id"] == case_id)
    words: list[str] = case["args"]
    start = words.index("-noisefile")
    words = words[:start] + words[start + 2 :]
    monkeypatch.chdir(tmp_path)
    arguments = read_arguments(words)
    experiment = Experiment.from_args(words)
    image = simulate(experiment, dtype=torch.float64).float().numpy()
    write_outputs(outputs(arguments), experiment, image, statistics(experiment, image))
    arrays = np.load(shared_material / "reference" / "images" / f"{case_id}.npz")
    text = Path("int.img").read_bytes()
    assert text[:512].decode().rstrip(" ") == case["outputs"]["intimage"]["header"].rstrip(" ")
    counts = np.frombuffer(text[512:], "<u2").reshape(experiment.shape)
    assert np.abs(counts.astype(int) - arrays["intimage"]).max() <= 1
    assert np.mean(counts != arrays["intimage"]) <= 1e-3
    pgm = Path("image.pgm").read_bytes()
    assert pgm.startswith(case["outputs"]["pgm"]["header"].encode())
    greys = np.frombuffer(pgm[-counts.size :], np.uint8)
    assert np.abs(greys.reshape(counts.shape).astype(int) - arrays["pgm"]).max() <= 1
