"""Reflection lists and the structure-factor cache, alone and through the simulator."""

import shutil
import subprocess
from pathlib import Path
from shlex import split as words

import numpy as np
import pytest
import torch

from engine.errors import FileError
from engine.experiment import Experiment
from engine.formats.fdump import read_fdump, write_fdump
from engine.formats.hkl import read_hkl, write_hkl
from engine.formats.table import ReflectionTable
from engine.simulator import simulate

ROWS = "0 0 0 100\n1 0 0 50\n0 1 0 25\n0 0 1 30\n1 1 0 12.5\n2 0 0 200\n0 2 0 150\n0 -1 2 77\n"
SMALL = words(
    "-cell 30 31 32 90 90 90 -misset 5 6 7 -N 4 -lambda 1.5 -distance 40 -pixel 0.5 "
    "-detpixels_f 40 -detpixels_s 36 -nointerpolate"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with one reflection list."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "few.hkl").write_text(ROWS)
    return tmp_path


def test_a_list_fills_its_bounding_box(folder: Path) -> None:
    table = read_hkl(folder / "few.hkl", 7.0)
    assert table.limits == (0, 2, -1, 2, 0, 2)
    assert table.reflections == 8
    assert table.amplitudes[0, 1, 0] == 100.0
    assert table.amplitudes[0, 0, 2] == 77.0
    assert table.amplitudes[2, 3, 2] == 7.0


def test_the_last_of_several_rows_wins_and_an_explicit_zero_stays(folder: Path) -> None:
    (folder / "x.hkl").write_text("0 0 0 5\n1 1 1 0\n0 0 0 9\n")
    table = read_hkl(folder / "x.hkl", 3.0)
    assert table.amplitudes[0, 0, 0] == 9.0
    assert table.amplitudes[1, 1, 1] == 0.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no reflections"),
        ("# comment\n0 0 0 1\n", "no reflections"),
        ("0 0 0 1e999\n", "not finite"),
        ("0 0 0 1\n1 0 0 nan\n", "not finite"),
        ("0 0 0 1\n1 0 0 2\n3 0 0.5", "outside the list's own limits"),
        ("0 0 0 1\n9000 9000 9000 1\n", "span a box"),
        ("0 0 1e9 1\n", "beyond a million"),
    ],
)
def test_a_list_that_makes_no_sense_is_an_error(folder: Path, text: str, message: str) -> None:
    (folder / "bad.hkl").write_text(text)
    with pytest.raises(FileError, match=f"bad.hkl: .*{message}") as caught:
        read_hkl(folder / "bad.hkl", 0.0)
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("text", "limits", "filled", "warning"),
    [
        ("0 0 0 1\n2 0 0 5 # why\n4 0 0 7", (0, 2, 0, 0, 0, 0), [1, 9, 5], "stops at '#', after 2"),
        ("0 0 0 1 8\n1 0 0 5 8\n", (0, 8, 0, 1, 0, 0), None, "10 numbers are not whole groups"),
        ("0 0 0 1\n1.0 0 0 5\n2 0 0 7\n", (0, 2, 0, 0, 0, 0), [1, 9, 9], "only 1 of 3"),
        ("0 0 0 1\n1.5 0 0 5\n", (0, 1, 0, 0, 0, 0), [1, 9], "only 1 of 2"),
        ("0 0 0 1.5.5\n", (0, 0, 0, 0, 0, 0), [1.5], "5 numbers"),
        ("0 0 0 1e 1 0 0 8 x", (0, 1, 0, 0, 0, 0), [1, 8], "stops at 'x', after 2"),
    ],
)
def test_a_list_is_read_as_the_stream_that_the_original_sees(
    folder: Path,
    text: str,
    limits: tuple[int, ...],
    filled: list[float] | None,
    warning: str,
) -> None:
    (folder / "odd.hkl").write_text(text)
    table = read_hkl(folder / "odd.hkl", 9.0)
    assert table.limits == limits
    if filled is not None:
        assert table.amplitudes.ravel().tolist() == filled
    assert any(warning in line and "Q-HKLSTREAM" in line for line in table.warnings)


def test_a_corrected_list_has_comments_and_further_columns(folder: Path) -> None:
    (folder / "x.hkl").write_text("# h k l F sigma\n\n0 0 0 1 .1\n1.0 0 0 5 .2 # strong\n")
    table = read_hkl(folder / "x.hkl", 9.0, corrected=True)
    assert table.amplitudes.ravel().tolist() == [1.0, 5.0]
    assert not table.warnings


@pytest.mark.parametrize("line", ["1 0 0", "1 0.5 0 3", "1 0 0 much", "1 0 0 # 7"])
def test_a_corrected_list_refuses_a_bad_line(folder: Path, line: str) -> None:
    (folder / "x.hkl").write_text(f"0 0 0 1\n{line}\n")
    with pytest.raises(FileError, match="line 2 is not h k l F"):
        read_hkl(folder / "x.hkl", 9.0, corrected=True)


@pytest.mark.parametrize("corrected", [False, True])
def test_a_written_list_reads_back_the_same(folder: Path, corrected: bool) -> None:
    table = read_hkl(folder / "few.hkl", 0.1)
    write_hkl(folder / "all.hkl", table)
    back = read_hkl(folder / "all.hkl", 9.0, corrected=corrected)
    assert back.limits == table.limits
    assert np.array_equal(back.amplitudes, table.amplitudes)


def test_a_list_that_is_not_there(folder: Path) -> None:
    with pytest.raises(FileError, match="cannot read"):
        read_hkl(folder / "none.hkl", 0.0)


def test_a_cache_comes_back_as_it_was_written(folder: Path) -> None:
    table = read_hkl(folder / "few.hkl", 7.0)
    write_fdump(folder / "cache", table)
    content = (folder / "cache").read_bytes()
    assert content.startswith(b"0 2 -1 2 0 2\n\x0c")
    assert len(content) == 14 + 8 * 4 * 5 * 4
    back = read_fdump(folder / "cache")
    assert back.limits == table.limits
    assert np.array_equal(back.amplitudes, table.amplitudes)
    assert back.reflections == 3 * 4 * 3


def test_a_cache_may_start_with_a_byte_that_looks_like_white_space(folder: Path) -> None:
    awkward = float(np.frombuffer(b"\x20\x0a\x0c\x09\x00\x00\x59\x40", dtype=np.float64)[0])
    table = ReflectionTable((0, 0, 0, 0, 0, 0), np.full((1, 1, 1), awkward), 1, "made up")
    write_fdump(folder / "cache", table)
    back = read_fdump(folder / "cache")
    assert back.amplitudes[0, 0, 0] == awkward
    assert "Q-FDUMP" in back.warnings[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a structure-factor cache"),
        (b"hello\n\x0c", "not a structure-factor cache"),
        (b"0 1 0 1 0\n\x0c", "not a structure-factor cache"),
        (b"1 0 0 1 0 1\n\x0c", "not a structure-factor cache"),
        (b"0 1 0 1 0 1\n\x0c12345678", "holds 8 bytes of data, 216 needed"),
    ],
)
def test_a_damaged_cache_is_an_error(folder: Path, content: bytes, message: str) -> None:
    (folder / "Fdump.bin").write_bytes(content)
    with pytest.raises(FileError, match=message):
        simulate(Experiment.from_args([*SMALL, "-default_F", "5"]))


def test_a_forgotten_cache_changes_the_image_as_it_does_in_nanobragg(folder: Path) -> None:
    clean = simulate(Experiment.from_args([*SMALL, "-default_F", "5"]))
    write_fdump(folder / "Fdump.bin", read_hkl(folder / "few.hkl", 5.0))
    stale = Experiment.from_args([*SMALL, "-default_F", "5"])
    assert stale.structure_factors.cache_file == "Fdump.bin"
    assert not torch.allclose(simulate(stale), clean)
    named = simulate(Experiment.from_args([*SMALL, "-default_F", "5", "-hkl", "few.hkl"]))
    assert torch.equal(simulate(stale), named)


def test_a_table_of_one_value_is_a_default(folder: Path) -> None:
    (folder / "flat.hkl").write_text("-1 -1 -1 5\n2 2 2 5\n")
    table = simulate(Experiment.from_args([*SMALL, "-default_F", "5", "-hkl", "flat.hkl"]))
    flat = simulate(Experiment.from_args([*SMALL, "-default_F", "5"]))
    assert torch.allclose(table, flat, rtol=1e-5, atol=1e-7 * float(flat.max()))


def test_the_cache_of_the_reference_and_of_the_engine_are_the_same_bytes(
    folder: Path, reference_binary: Path
) -> None:
    (folder / "c").mkdir()
    shutil.copy("few.hkl", folder / "c")
    line = [*SMALL, "-default_F", "5", "-hkl", "few.hkl", "-nonoise", "-nopgm"]
    subprocess.run([reference_binary, *line], cwd=folder / "c", check=True, capture_output=True)
    write_fdump(folder / "mine", read_hkl(folder / "few.hkl", 5.0))
    assert (folder / "mine").read_bytes() == (folder / "c" / "Fdump.bin").read_bytes()


def test_the_reference_reads_a_forgotten_cache_the_same_way(
    folder: Path, reference_binary: Path
) -> None:
    write_fdump(folder / "Fdump.bin", read_hkl(folder / "few.hkl", 3.0))
    line = [*SMALL, "-default_F", "5"]
    subprocess.run(
        [reference_binary, *line, "-nonoise", "-nopgm", "-floatfile", "c.bin"],
        check=True, capture_output=True,
    )  # fmt: skip
    expected = np.fromfile("c.bin", "<f4").reshape(36, 40).astype(np.float64)
    found = simulate(Experiment.from_args(line), dtype=torch.float64).numpy()
    assert np.abs(found - expected).max() <= 1e-7 * expected.max()


@pytest.mark.parametrize("text", ["", "  \n ", "\x1c"])
def test_a_list_of_blanks_holds_no_reflections(tmp_path: Path, text: str) -> None:
    path = tmp_path / "blank.hkl"
    path.write_text(text)
    with pytest.raises(FileError, match="holds no reflections"):
        read_hkl(path, 0.0)
