"""Forwarded arguments: no output path survives, every input path is absolute."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.parity.arguments import c_real, prepare, without_outputs
from engine.parity.errors import ImageError, UsageError

CANONICAL = ("-lambda", "0.5", "-N", "5", "-detpixels", "4096")


@pytest.mark.parametrize(
    "flag",
    ["-floatfile", "-floatimage", "-intfile", "-pgmfile", "-noisefile", "-noiseimage",
     "--floatfile", "-my-intimage"],
)  # fmt: skip
def test_output_files_are_taken_out_and_noted(flag: str, tmp_path: Path) -> None:
    prepared = prepare([*CANONICAL, flag, "golden_data/x/image.bin", "-pixel", "0.05"], tmp_path)
    assert prepared.physics == (*CANONICAL, "-pixel", "0.05")
    assert "golden_data/x/image.bin was replaced" in prepared.notes[0]


def test_an_output_flag_at_the_end_has_no_file(tmp_path: Path) -> None:
    assert prepare([*CANONICAL, "-floatfile"], tmp_path).physics == CANONICAL


def test_an_output_flag_that_swallows_a_flag_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="followed by -lambda"):
        prepare(["-floatfile", "-lambda", "1"], tmp_path)


@pytest.mark.parametrize(
    "flag", ["-hkl", "-mat", "-matrix", "-sourcefile", "-img", "-mask", "-dump", "-stol", "-Q"]
)
def test_input_files_become_absolute(flag: str, tmp_path: Path) -> None:
    (tmp_path / "input").write_text("0 0 0 1")
    prepared = prepare([flag, "input", "-N", "5"], tmp_path)
    assert prepared.physics == (flag, str((tmp_path / "input").resolve()), "-N", "5")


def test_a_missing_input_file_is_an_error_although_nanobragg_would_go_on(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file for -mat"):
        prepare(["-mat", "A.mat"], tmp_path)


def test_the_cache_named_beside_a_reflection_list_would_be_written(tmp_path: Path) -> None:
    (tmp_path / "list.hkl").write_text("0 0 0 1")
    prepared = prepare(["-hkl", "list.hkl", "-dump", "mine.bin"], tmp_path)
    assert prepared.physics == ("-hkl", str((tmp_path / "list.hkl").resolve()))
    assert "mine.bin was replaced" in prepared.notes[0]


def test_options_of_the_port_are_kept_apart(tmp_path: Path) -> None:
    prepared = prepare(["--device", "cpu", *CANONICAL, "--debug"], tmp_path)
    assert prepared.physics == CANONICAL
    assert prepared.engine == ("--device", "cpu", "--debug")
    assert prepared.notes == ("--device cpu --debug went to the port only",)


words = st.lists(
    st.sampled_from(["-floatfile", "-lambda", "0.5", "-N", "5", "-pgmfile", "a.bin", "-misset"])
)


@given(words)
def test_no_output_path_is_ever_forwarded(args: list[str]) -> None:
    for kept in (without_outputs(args), _prepared(args)):
        assert not any("-floatfile" in word or "-pgmfile" in word for word in kept)


def _prepared(args: list[str]) -> tuple[str, ...]:
    try:
        return prepare(args, Path.cwd()).physics
    except UsageError:
        return ()


@pytest.mark.parametrize(
    ("text", "value"),
    [("5.7", 5.7), ("1e3", 1000.0), ("2x", 2.0), ("garbage", 0.0), (" .5", 0.5), ("-3.", -3.0)],
)
def test_numbers_are_read_as_c_reads_them(text: str, value: float) -> None:
    assert c_real(text) == value
