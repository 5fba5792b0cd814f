"""The command line by the rules of the specification's sections 3.1 to 3.4."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arguments import Arguments, read_arguments
from engine.errors import EngineError, UsageError
from engine.flags import FLAGS, Match
from engine.options import take_options


def read(line: str) -> Arguments:
    return read_arguments(line.split())


@pytest.mark.parametrize("spelling", ["-lambda", "--lambda", "-wavelength", "-foo-lambda"])
def test_a_longer_spelling_is_the_same_flag(spelling: str) -> None:
    assert read(f"{spelling} 2").real("wavelength", 0.0) == 2e-10


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("-lam", "-lambda"),
        ("-dist", "-distance"),
        ("-Lambda", "-lambda"),
        ("-detpixel", "-detpixels"),
        ("--dtpe", "--dtype"),
    ],
)
def test_a_flag_nobody_knows_is_an_error_with_the_nearest_spelling(typo: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"{typo}: not a flag.*{meant}"):
        read(f"{typo} 2")


def test_exact_flags_match_only_themselves() -> None:
    found = read("-mosaic 1 -mosaic_domains 7 -mosaic_seed 3 -phi 2 -phisteps 4 -phistep 0.5")
    assert found.real("mosaic_spread", 0.0) == pytest.approx(math.radians(1.0))
    assert found.integer("mosaic_domains", 0) == 7
    assert found.integer("mosaic_seed", 0) == 3
    assert found.real("phi", 0.0) == pytest.approx(math.radians(2.0))
    assert found.integer("phisteps", 0) == 4
    assert found.real("phistep", 0.0) == pytest.approx(math.radians(0.5))


def test_n_for_all_axes_and_for_each() -> None:
    found = read("-N 5 -Nb 7")
    assert [found.integer(name, 0) for name in ("Na", "Nb", "Nc")] == [5, 7, 5]


def test_the_last_of_several_wins() -> None:
    found = read("-lambda 1 -energy 12398.42 -polar 0.5 -nopolar -lambda 3")
    assert found.real("wavelength", 0.0) == 3e-10
    assert found.flag("polarised", True) is False
    assert read("-nopolar -polar 0.5").flag("polarised", False) is True


def test_energy_is_a_wavelength() -> None:
    assert read("-energy 12398.42").real("wavelength", 0.0) == pytest.approx(1e-10, rel=1e-15)


def test_negative_numbers_are_operands_and_no_flags() -> None:
    angles = read("-misset -89.5 -31 177").vector("misset", (0.0, 0.0, 0.0))
    assert angles == pytest.approx([math.radians(x) for x in (-89.5, -31, 177)])


def test_the_twotheta_axis_sets_twotheta_too() -> None:
    found = read("-twotheta 15 -twotheta_axis 0.5 0 -1")
    assert found.real("twotheta", 9.0) == pytest.approx(math.radians(0.5))
    assert found.text("pivot", "") == "sample"
    assert found.text("convention", "") == "custom"
    assert any("Q-2THAXIS" in line for line in found.warnings)
    later = read("-twotheta_axis 0 0 -1 -twotheta 15")
    assert later.real("twotheta", 9.0) == pytest.approx(math.radians(15.0))


def test_the_misset_seed_is_read_as_angles_when_three_words_follow() -> None:
    found = read("-misset random -misset_seed 123 -lambda 1")
    assert found.vector("misset", (9.0, 9.0, 9.0)) == pytest.approx(
        (math.radians(123), 0.0, math.radians(1))
    )
    assert any("Q-MISSETSEED" in line for line in found.warnings)


def test_a_later_random_misset_is_random() -> None:
    found = read("-misset_seed 123 -misset random")
    assert found.values["misset"] == "random"
    assert found.integer("misset_seed", 0) == 123


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ("-cell 88 -N 3", (88.0,)),
        ("-cell 70 80 90 75 85 95", (70.0, 80.0, 90.0, 75.0, 85.0, 95.0)),
        ("-cell 70 80 -lambda 1", (70.0, 80.0)),
    ],
)
def test_a_cell_takes_what_follows(line: str, cell: tuple[float, ...]) -> None:
    assert read(line).values["cell"] == cell


@pytest.mark.parametrize(
    ("line", "pivot", "convention"),
    [
        ("-distance 100", "beam", ""),
        ("-close_distance 100", "sample", ""),
        ("-close_distance 100 -Xbeam 3", "beam", ""),
        ("-pivot sample", "sample", ""),
        ("-xds -fdet_vector 1 0 0", "sample", "custom"),
        ("-fdet_vector 1 0 0 -xds", "sample", "xds"),
        ("-mosflm", "beam", "mosflm"),
    ],
)
def test_what_sets_the_pivot_and_the_convention(line: str, pivot: str, convention: str) -> None:
    found = read(line)
    assert found.text("pivot", "") == pivot
    assert found.text("convention", "") == convention


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-lambda abc", "-lambda: expects a number, not 'abc'"),
        ("-lambda 1e", "-lambda: expects a number"),
        ("-lambda nan", "-lambda: expects a number"),
        ("-lambda 1e999", "-lambda: .* too large"),
        ("-detpixels 5.7", "-detpixels: expects a whole number"),
        ("-distance", "-distance: needs 1 operand"),
        ("-fdet_vector 1 0", "-fdet_vector: needs 3 operands"),
        ("-pivot elsewhere", "-pivot: expects sample or beam"),
        ("-energy 0", "-energy: zero"),
        ("-cell -N 5", "-cell: needs one to six numbers"),
        ("-misset 1 2", "-misset: needs 3 operands"),
    ],
)
def test_operands_that_make_no_sense_are_errors(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(line)


def test_a_stray_word_is_reported() -> None:
    assert any("'5'" in line for line in read("-N 5 5").warnings)


def test_only_the_overlaps_of_the_specification_exist() -> None:
    """One keyword inside another is an overlap; section 3.2 lists them all."""
    overlaps = {
        (longer.keyword, shorter.keyword)
        for longer in FLAGS
        for shorter in FLAGS
        if longer is not shorter
        and shorter.match is Match.CONTAINS
        and shorter.keyword in longer.keyword
        and not longer.stops
        and (set(longer.fields) != set(shorter.fields) or not longer.fields)
    }
    assert overlaps == {
        ("-misset_seed", "-misset"),
        ("-twotheta_axis", "-twotheta"),
        ("-printout_pixel", "-printout"),
    }


@given(st.lists(st.text(alphabet="-adeilmnoprstxN0123456789.", min_size=1), max_size=8))
def test_any_command_line_is_read_or_refused_with_one_line(words: list[str]) -> None:
    message = ""
    try:
        read_arguments(words)
    except EngineError as error:
        message = str(error)
    assert "\n" not in message


def test_options_are_taken_out_wherever_they_stand() -> None:
    options, rest = take_options(
        ["-N", "5", "--dtype", "float64", "-lambda", "1", "--threads=2", "--show-config"]
    )
    assert rest == ["-N", "5", "-lambda", "1"]
    assert options.dtype == "float64"
    assert options.threads == 2
    assert options.show_config


@pytest.mark.parametrize("words", [["--dtype", "half"], ["--threads", "0"], ["--timings"]])
def test_options_that_make_no_sense(words: list[str]) -> None:
    with pytest.raises(UsageError, match=words[0]):
        take_options(words)
