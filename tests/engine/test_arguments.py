"""The command line by the rules of the specification's sections 3.1 to 3.4."""

import math
import re

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
def test_a_flag_nobody_knows_is_named_with_the_nearest_spelling(typo: str, meant: str) -> None:
    found = read(f"{typo} 2 -N 5")
    assert found.integer("Na", 0) == 5
    assert re.search(f"{typo}: not a flag.* ignored.*{meant}", found.warnings[0])
    with pytest.raises(UsageError, match=f"{typo}: not a flag.*{meant}"):
        read(f"{typo} 2 --strict-args")


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


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("-noisefile x -nonoise", "noise", False), ("-nonoise -noiseimage x", "noise", True),
        ("-pgmfile x -nopgm", "pgm", False), ("-nopgm -pgmscale 2", "pgm", True),
        ("-progress -noprogress", "progress", False), ("-noprogress -progress", "progress", True),
        ("-nointerpolate -interpolate", "interpolate", True),
        ("-interpolate -nointerpolate", "interpolate", False),
        ("-round_xtal -square_xtal", "shape", "square"),
        ("-square_div -round_div", "round_div", True),
        ("-gauss_xtal -binary_spots", "shape", "tophat"), ("-N 5 -Na 3", "Na", 3),
        ("-Na 3 -N 5", "Na", 5), ("-oversample_thick -oversample 3", "oversample", 3),
        ("-xtalsize 1 -sample_x 2", "size_x", 0.002), ("-sample_x 2 -xtalsize 1", "size_x", 0.001),
    ],
)  # fmt: skip
def test_the_last_of_two_decides(line: str, field: str, value: object) -> None:
    assert read(line).values[field] == value


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
    ("line", "field", "read_as", "warning"),
    [
        ("-lambda abc", "wavelength", 0.0, "-lambda: expects a number, not 'abc'; read as 0"),
        ("-lambda 1e", "wavelength", 1e-10, "-lambda: expects a number, not '1e'; read as 1"),
        ("-lambda 2.5A", "wavelength", 2.5e-10, "read as 2.5"),
        ("-detpixels 5.7", "pixels_f", 5, "-detpixels: expects a whole number, not '5.7'"),
        ("-detpixels 1e3", "pixels_f", 1, "read as 1"),
        ("-N garbage", "Na", 0, "read as 0"),
        ("-distance", "distance", None, "-distance: needs 1 operand"),
        ("-close_distance", "pivot", None, "-close_distance: needs 1 operand"),
        ("-fdet_vector 1 0", "convention", None, "-fdet_vector: needs 3 operands"),
        ("-roi 1 2 3", "roi", None, "-roi: needs 4 operands .*, 3 left, and ignored"),
        ("-pivot elsewhere", "pivot", None, "-pivot: expects sample or beam"),
        ("-misset 1 2", "misset", None, "-misset: needs 3 operands"),
        ("-misset 1 x 3", "misset", None, "-misset: expects a number, not 'x'; read as 0"),
        ("-cell -N 5", "cell", None, "-cell: needs one to six numbers"),
        ("-mask", "mask_file", None, "-mask: needs 1 operand"),
    ],
)
def test_what_c_reads_in_silence_is_read_the_same_with_a_warning(
    line: str, field: str, read_as: object, warning: str
) -> None:
    found = read(line)
    assert any(re.search(warning, text) for text in found.warnings)
    if read_as is not None or field not in found:
        assert found.values.get(field) == read_as
    with pytest.raises(UsageError):
        read(f"--strict-args {line}")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("-lambda nan", "-lambda: 'nan' is not a finite number"),
        ("-lambda 1e999", "-lambda: '1e999' is not a finite number"),
        ("-energy 0", "-energy: zero"),
        ("-seed 99999999999", "-seed: .* too large"),
        ("-detector_abs", "-detector_abs: needs 1 operand"),
        ("-detector_thick", "-detector_thick: needs 1 operand"),
        ("-thicksteps", "-thicksteps: needs 1 operand"),
    ],
)
def test_what_makes_the_original_crash_is_an_error(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read(line)


def test_corrections_undo_the_overlaps() -> None:
    found = read(
        "-corrected -twotheta 15 -twotheta_axis 0.5 0 -1 -misset random -misset_seed 1 2 3"
    )
    assert found.real("twotheta", 0.0) == pytest.approx(math.radians(15.0))
    assert found.values["misset"] == "random"
    assert read("-corrected -curved_det").flag("curved", False)
    assert not read("-curved_det").flag("curved", False)
    assert read("-curved_det -N 2").flag("curved", False)


def test_an_operand_that_is_also_a_flag_is_both() -> None:
    found = read("-floatfile -lambda 2")
    assert found.text("float_file", "") == "-lambda"
    assert found.real("wavelength", 0.0) == 2e-10
    assert any("both as an operand and as a flag" in line for line in found.warnings)


def test_the_order_of_absorption_and_thickness_matters() -> None:
    black = read("-detector_abs inf -detector_thick 100")
    assert (black.real("attenuation", -1.0), black.real("thickness", -1.0)) == (0.0, 100 * 1e-6)
    none = read("-detector_thick 100 -detector_abs 0")
    assert (none.real("attenuation", -1.0), none.real("thickness", -1.0)) == (0.0, 0.0)
    assert read("-detector_abs 500").real("attenuation", 0.0) == pytest.approx(2000.0)


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
        and longer.keyword not in ("-corrected", "--exact-cell", "--strict-args")
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
