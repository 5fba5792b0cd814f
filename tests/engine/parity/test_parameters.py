"""The identity of an experiment: what the report says, and what only arguments tell."""

from pathlib import Path

import pytest

from engine.parity.errors import RunnerError
from engine.parity.parameters import (
    EffectiveParameters,
    ParametersError,
    diff,
    hidden_inputs,
    line_of,
    normalised,
)

REPORT = (Path(__file__).parent / "fakes/report.txt").read_text(encoding="ascii")
BASE = {
    "hkls": "0", "cells": "5", "wave": "5e-11", "size": 0.1024, "size_s": 0.0768,
    "fast": 2048, "slow": 1536,
}  # fmt: skip


def report(**changes: object) -> str:
    return REPORT.format(**{**BASE, **changes})


def test_every_physics_line_of_the_report_is_read() -> None:
    found = EffectiveParameters.from_console(report()).values
    assert found["cell"] == "100 100 100 90 90 90"
    assert found["N"] == "5 5 5"
    assert found["shape"] == "parallelpiped"
    assert found["lambda_m"] == "5e-11"
    assert found["dispersion_percent"] == "0"
    assert found["distance_m"] == "0.5"
    assert found["pixel_m"] == "5e-05"
    assert found["pixels"] == "2048 1536"
    assert found["detsize_m"] == "0.1024 0.0768"
    assert found["Fbeam_m"] == "0.1"
    assert found["oversample"] == "1"
    assert found["oversample_factors"] == ""
    assert found["sources"] == "1"
    assert found["mosaic_domains"] == "1"
    assert found["phi_steps"] == "1"
    assert found["default_F"] == "100"
    assert found["convention"] == "mosflm"
    assert found["pivot"] == "direct beam spot"
    assert found["fast_axis"] == "0 0 1"
    assert found["real_space_x_A"] == "100 0 0"
    assert found["roi"] == "0 2048 0 1536"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("lambda_m", "wave="), ("N", "xtal:"), ("cell", "Unit Cell:"), ("pixels", "pixels)"),
        ("oversample", "oversample steps"), ("Fbeam_m", "Fbeam="), ("hkls", "initialized hkls"),
        ("spindle_axis", "ROTATION_AXIS"), ("phi_to_deg", "phi steps"), ("roi", "roi:"),
    ],
)  # fmt: skip
def test_each_parameter_knows_its_line(name: str, words: str) -> None:
    text = report()
    number = line_of(text, name)
    assert number is not None
    assert words in text.splitlines()[number - 1]


def test_what_no_line_tells_has_none() -> None:
    assert line_of(report(), "polarization") is None
    assert line_of("", "lambda_m") is None


def test_shape_is_slow_then_fast() -> None:
    assert EffectiveParameters.from_console(report()).shape == (1536, 2048)


def test_rounding_residues_of_right_angles_are_zero() -> None:
    assert EffectiveParameters.from_console(report()).values["normal_axis"] == "1 0 0"


def test_what_is_averaged_over_is_compared_not_only_counted() -> None:
    lists = (
        "thick0 = 0 um\nthick1 = 225 um\nphi0 = 0\nphi1 = 0.5\ndivergence deviation: -0.001 0\n"
        "divergence deviation: 0.001 -0\nlambda0 = 1e-10\n  created a total of 2 sources:\n"
        "-10 0 0.01   0.5 1e-10\n-10 -0 -0.01   0.5 1.01e-10\n"
    )
    found = EffectiveParameters.from_console(lists + report())
    assert found.values["layer_depths_um"] == "0 225"
    assert found.values["phi_angles_deg"] == "0 0.5"
    assert found.values["deviations_rad"] == "-0.001 0 0.001 0"
    assert found.values["source_positions_m"] == "-10 0 0.01 -10 0 -0.01"
    assert found.values["source_wavelengths_m"] == "1e-10 1.01e-10"
    other = EffectiveParameters.from_console(lists.replace("1.01e-10", "1.02e-10") + report())
    assert [d.name for d in diff(found, other)] == ["source_wavelengths_m"]
    assert not diff(found, EffectiveParameters.from_console(lists.replace("phi", "psi") + report()))
    many = "".join(f"phi{j} = {j}\n" for j in range(20))
    assert (
        "20 numbers, sha256"
        in EffectiveParameters.from_console(report() + many).values["phi_angles_deg"]
    )


def test_oversample_factors_are_read() -> None:
    text = report().replace("oversample steps", "oversample steps +thick +omega")
    found = EffectiveParameters.from_console(text).values
    assert found["oversample_factors"] == "omega thick"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5e-11", "5e-11"), ("0.50000000", "0.5"), ("-0.0", "0"), ("173166", "173166"),
     ("1.23456789", "1.23457"), ("0005", "5"), ("-3", "-3")],
)  # fmt: skip
def test_numbers_are_normalised(text: str, expected: str) -> None:
    assert normalised(text) == expected


@pytest.mark.parametrize(
    "text", ["", "usage: nanoBragg ...", "wave=5e-11 meters +/- 0% in 1 steps"]
)
def test_a_text_without_a_report_is_refused(text: str) -> None:
    with pytest.raises(ParametersError, match="no console report"):
        EffectiveParameters.from_console(text)
    assert issubclass(ParametersError, RunnerError)


def test_the_differing_cell_count_is_named_with_both_values() -> None:
    c = EffectiveParameters.from_console(report(cells="1"))
    py = EffectiveParameters.from_console(report(cells="5"))
    (only,) = diff(c, py)
    assert (only.name, only.c, only.py) == ("N", "1 1 1", "5 5 5")
    assert c.digest() != py.digest()


def test_a_line_that_one_side_lacks_is_a_difference() -> None:
    text = "\n".join(row for row in report().splitlines() if "fluence" not in row)
    differences = diff(
        EffectiveParameters.from_console(report()), EffectiveParameters.from_console(text)
    )
    assert [(d.name, d.py) for d in differences] == [("fluence", None)]


def test_noise_seed_and_progress_do_not_change_the_identity() -> None:
    other = report().replace("-1700000000", "-42") + "5% done\n"
    assert diff(
        EffectiveParameters.from_console(report()), EffectiveParameters.from_console(other)
    ) == ()  # fmt: skip


@pytest.mark.parametrize(
    "args",
    [
        ["-floatfile", "a.bin"],
        ["-intimage", "b.img", "-noisefile", "c.img"],
        ["-polar", "0"],
        ["-polar", "0.9", "-polar", "0"],
        ["--device", "cpu"],
        ["-nonoise", "-nopgm", "-noprogress"],
    ],
)
def test_outputs_and_spelled_out_defaults_keep_the_digest(args: list[str]) -> None:
    plain = EffectiveParameters.from_run(report(), [])
    assert EffectiveParameters.from_run(report(), args).digest() == plain.digest()


@pytest.mark.parametrize(
    ("args", "name", "value"),
    [
        (["-polar", "0.9"], "polarization", "0.9"),
        (["-nopolar"], "polarization", "off"),
        (["-nopolar", "-polar", ".5"], "polarization", "0.5"),
        (["-misset", "12", "-34", "56.0"], "misset_deg", "12 -34 56"),
        (["-misset", "random", "-misset_seed", "7"], "misset_seed", "7"),
        (["-dmin", "2.5"], "dmin_A", "2.5"),
        (["-fudge", "2x"], "fudge", "2"),
        (["-curved_det", "-point_pixel"], "curved_detector", "on"),
        (["-square_div"], "divergence_shape", "square"),
    ],
)
def test_physics_that_only_the_arguments_tell(args: list[str], name: str, value: str) -> None:
    found = EffectiveParameters.from_run(report(), args)
    assert found.values[name] == value
    assert found.digest() != EffectiveParameters.from_run(report(), []).digest()


def test_input_files_count_by_content_not_by_path(tmp_path: Path) -> None:
    one, two = tmp_path / "one.mat", tmp_path / "two.mat"
    one.write_text("1 2 3")
    two.write_text("1 2 3")
    first = EffectiveParameters.from_run(report(), ["-mat", str(one)])
    assert EffectiveParameters.from_run(report(), ["-matrix", str(two)]).digest() == first.digest()
    two.write_text("1 2 4")
    assert EffectiveParameters.from_run(report(), ["-mat", str(two)]).digest() != first.digest()


def test_structure_factors_nobody_named_are_found() -> None:
    text = "reading Fs from Fdump.bin\n" + report(hkls="173166")
    lines = hidden_inputs(text, ["-default_F", "100"])
    assert "reading Fs from Fdump.bin" in lines
    assert any("173166" in line for line in lines)
    assert hidden_inputs(text, ["-hkl", "scaled.hkl"]) == ()
    assert hidden_inputs(report(), []) == ()
