"""Whatever a person types or a disk returns: an answer, or one line that says what is wrong."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import report
from engine.arguments import read_arguments
from engine.errors import EngineError
from engine.experiment import Experiment
from engine.flags import FLAGS
from engine.formats.columns import read_columns
from engine.formats.fdump import read_fdump, write_fdump
from engine.formats.hkl import read_hkl, write_hkl
from engine.formats.mask import read_mask, write_mask
from engine.formats.matrix import read_matrix, write_matrix
from engine.formats.pgm import read_pgm
from engine.formats.smv import read_smv
from engine.formats.sources import read_sources
from engine.formats.table import ReflectionTable
from engine.outputs import outputs

PLAIN = ("-cell", "60", "70", "80", "75", "85", "95", "-default_F", "10", "-detpixels", "12")
NUMBERS = st.one_of(
    st.integers(-3, 12).map(str),
    st.floats(-200.0, 200.0).map(lambda x: f"{x:.4g}"),
    st.sampled_from(
        ["1e300", "-1e300", "1e-320", "0", "-0", "1e999", "nan", "inf", "-inf", "5.7", "0x10", "1e",
         ".", "-", "+", "2147483647", "99999999999999999999", "1_000", "٣", "1e5", "123456"]
    ),
)  # fmt: skip
WORDS = st.one_of(
    st.sampled_from([flag.keyword for flag in FLAGS]),
    NUMBERS,
    NUMBERS,
    st.sampled_from(["random", "sample", "beam", "no/such/file", "", "-lam", "\x00", "a\nb", "."]),
    st.text(max_size=6),
)


def check(error: EngineError, codes: set[int]) -> None:
    assert len(str(error).splitlines()) == 1
    assert error.exit_code in codes


@settings(max_examples=150, deadline=None)
@given(st.booleans(), st.lists(WORDS, max_size=14))
@example(True, ["-phisteps", "0", "-osc", "0"])
@example(True, ["-hkl", "."])
@example(True, ["-mask", "/dev/null"])
@example(True, ["-img", "\x00"])
@example(True, ["-detpixels", "99999", "-pixel", "1e-300"])
@example(True, ["-distance", "1e300", "-twotheta_axis", "1e300", "1e300", "1e300"])
def test_any_command_line_is_an_experiment_or_one_line(plain: bool, words: list[str]) -> None:
    line = [*(PLAIN if plain else ()), *words]
    try:
        experiment = Experiment.from_args(line)
    except EngineError as error:
        check(error, {2, 5, 9})
        return
    json.dumps(experiment.to_dict(), allow_nan=False)
    assert report.before(experiment)
    assert report.summary(experiment, None, -1)


@settings(max_examples=100, deadline=None)
@given(st.lists(WORDS, max_size=8))
def test_any_output_flags_are_read_or_refused(words: list[str]) -> None:
    try:
        outputs(read_arguments(words))
    except EngineError as error:
        check(error, {2, 5})


def _seeds(folder: Path) -> dict[str, bytes]:
    table = ReflectionTable((0, 1, -1, 1, 0, 2), np.arange(18.0).reshape(2, 3, 3), 18, "made up")
    write_hkl(folder / "hkl", table)
    write_fdump(folder / "fdump", table)
    write_mask(folder / "mask", np.eye(4, 5, dtype=bool))
    write_matrix(folder / "matrix", ((0.1, 0, 0), (0, 0.1, 0), (0, 0, 0.1)), 1e-10)
    (folder / "pgm").write_bytes(b"P5\n3 2\n# pixels scaled by 2\n255\n123456")
    (folder / "columns").write_text("0 0 -10 1 1e-10\n# 0 0.1 -10\r\n1,2;3")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


READERS: dict[str, tuple[Callable[[Path], object], ...]] = {
    "hkl": (lambda p: read_hkl(p, 1.0), lambda p: read_hkl(p, 1.0, corrected=True)),
    "fdump": (read_fdump,),
    "mask": (lambda p: read_mask(p, (4, 5)), read_smv),
    "pgm": (read_pgm,),
    "matrix": (lambda p: read_matrix(p, 1e-10),),
    "columns": (
        lambda p: read_columns(p, 2), lambda p: read_columns(p, 2, corrected=True),
        lambda p: read_sources(p, 1e-10, (0.0, 0.0, 1.0)),
        lambda p: read_sources(p, 1e-10, (0.0, 0.0, 1.0), corrected=True),
    ),
}  # fmt: skip
EDIT = st.tuples(
    st.floats(0.0, 1.0),
    st.integers(0, 8),
    st.one_of(
        st.binary(max_size=8),
        st.sampled_from(
            [b"nan ", b"1e999 ", b"\n", b"=", b"9" * 30, b"9" * 5000, b"-", b"SIZE1=7"]
        ),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(READERS)), st.lists(EDIT, max_size=4), st.booleans())
def test_any_file_is_read_or_refused_with_one_line(
    name: str, edits: list[tuple[float, int, bytes]], cut: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        content = bytearray(_seeds(Path(folder))[name])
        for where, removed, inserted in edits:
            start = int(where * len(content))
            content[start : start + removed] = inserted
        if cut and edits:
            del content[int(edits[0][0] * len(content)) :]
        path = Path(folder) / "damaged"
        path.write_bytes(content)
        for reader in READERS[name]:
            try:
                reader(path)
            except EngineError as error:
                check(error, {5})


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_folder_is_no_file(name: str, tmp_path: Path) -> None:
    for reader in READERS[name]:
        with pytest.raises(EngineError, match="cannot read"):
            reader(tmp_path)
