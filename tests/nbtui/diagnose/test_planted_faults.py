"""Eighteen planted faults, found from images and programs alone, and the cause is named."""

import shlex
import sys
from pathlib import Path

import pytest

from nbtui.diagnose.model import Diagnosis
from tests.nbtui.diagnose.planted import BASE, Bench, cache_of, reflections


@pytest.fixture
def bench(reference_binary: Path, tmp_path: Path) -> Bench:
    return Bench(reference_binary, tmp_path)


def named(found: Diagnosis, cause: str, step: str) -> str:
    """Check that the cause is proven, by that step, and return the sentence."""
    assert found.finding is not None, found.steps
    told = [s.id for s in found.steps if s.finding is found.finding]
    assert (found.finding.cause, told) == (cause, [step])
    assert found.explained
    assert found.sentence.endswith(".")
    assert found.command
    return found.sentence


def test_a_cache_in_the_c_sides_folder(bench: Bench) -> None:
    cache_of(bench, bench.side("c"))
    sentence = named(bench.diagnose(), "hidden input", "hidden-inputs")
    assert "the c side read structure factors that nobody named" in sentence.lower()
    assert str(bench.side("c") / "Fdump.bin") in sentence
    assert not (bench.side("py") / "Fdump.bin").exists()


@pytest.mark.parametrize(
    ("fault", "cause", "said"),
    [
        (("-N", None), "crystal size", "N is 6 6 6 on the C side and 1 1 1 in the port"),
        (
            ("-lambda", "1.2012"),
            "wavelength",
            "1.2e-10 on the C side and 1.2012e-10 in the port (+0.1 %;",
        ),
        (("-distance", "60.3"), "distance", "in the port (+0.5 %; -distance"),
        (("-Xbeam", "2.45"), "beam centre", "beam_m is"),
        (("-oversample", "2"), "oversampling", "oversample is 1 on the C side and 2 in the port"),
    ],
)
def test_another_argument_on_one_side(
    bench: Bench, fault: tuple[str, str | None], cause: str, said: str
) -> None:
    flag, value = fault
    port = bench.program(leave_out=flag) if value is None else bench.replacing(flag, value)
    sentence = named(bench.diagnose(py=[port]), cause, "identity")
    assert said in sentence
    if flag in {"-N", "-lambda", "-oversample"}:
        assert f"asked was {flag} {BASE[BASE.index(flag) + 1]}: the port departs" in sentence


@pytest.mark.parametrize(
    ("more", "cause", "said"),
    [
        (("-fluence", "2.5e29"), "fluence", "fluence is 1.25932e+29 "),
        (("-phi", "0.5"), "spindle angles", "phi_angles_deg is 0 on the C side and 0.5"),
        (
            ("-detector_abs", "300", "-detector_thick", "450"),
            "sensor absorption",
            "layer_depths_um is 0 on the C side and",
        ),
        (("-misset", "-12", "34", "-56"), "crystal orientation", "real_space_x_A is "),
    ],
)
def test_an_argument_too_many_on_one_side(
    bench: Bench, more: tuple[str, ...], cause: str, said: str
) -> None:
    assert said in named(bench.diagnose(py=[bench.program(*more)]), cause, "identity")


def test_another_pivot(bench: Bench) -> None:
    # Only without a named convention does the flag matter.
    args = [*BASE, "-fdet_vector", "0", "0", "1"]
    found = bench.diagnose(py=[bench.program("-pivot", "sample")], args=args)
    sentence = named(found, "pivot", "identity")
    assert "pivot is direct beam spot on the C side and sample in the port" in sentence


def test_polarisation_off_on_one_side(bench: Bench) -> None:
    sentence = named(bench.diagnose(py=[bench.program("-nopolar")]), "polarisation", "trace")
    assert "polar = 1 in the port" in sentence
    assert "is off in the port" in sentence


def test_another_mosaic_seed(bench: Bench) -> None:
    args = [*BASE, "-mosaic", "0.6", "-mosaic_domains", "5"]
    port = bench.program("-mosaic_seed", "99")
    sentence = named(bench.diagnose(py=[port], args=args), "mosaic orientations", "trace")
    assert "setup.umat[1]" in sentence
    assert "-mosaic_seed" in sentence


def test_one_changed_structure_factor(bench: Bench) -> None:
    right = reflections(bench.folder / "right.hkl")
    wrong = reflections(bench.folder / "wrong.hkl", {(0, 0, -1): 400.0})
    args = [*BASE, "-hkl", str(right)]
    found = bench.diagnose(py=[bench.replacing("-hkl", str(wrong))], args=args)
    sentence = named(found, "structure factors", "trace")
    assert "part at F_cell of reflection (0 0 -1)" in sentence
    assert "F_cell = 400 e in the port" in sentence
    signature = next(s for s in found.steps if s.id == "signature")
    assert signature.finding is not None
    assert signature.finding.cause == "structure factors"


def test_float32_overflow_on_one_side(bench: Bench) -> None:
    args = [*BASE, "-fluence", "1e64"]
    overflowing = bench.repainting(
        "top = max(map(max, rows))\n"
        "rows = [array.array('f', [v if v < 0.3 * top else float('inf') for v in r]) for r in rows]"
    )
    sentence = named(bench.diagnose(py=[overflowing], args=args), "float32 overflow", "signature")
    assert "of the port are infinite" in sentence


def test_the_image_transposed(bench: Bench) -> None:
    port = bench.repainting("rows = [array.array('f', column) for column in zip(*rows)]")
    sentence = named(bench.diagnose(py=[port]), "image layout", "signature")
    assert "transposed" in sentence


def test_the_image_shifted_by_a_row(bench: Bench) -> None:
    port = bench.repainting("rows = rows[-1:] + rows[:-1]")
    sentence = named(bench.diagnose(py=[port]), "image layout", "signature")
    assert "moved by +1 pixel along slow" in sentence


def test_a_stale_golden_image(bench: Bench) -> None:
    old = [w if w != "100" else "90" for w in BASE]
    golden = bench.render(old, bench.folder / "golden.bin")
    found = bench.diagnose(c=[str(bench.reference), str(golden)])
    sentence = named(found, "stale reference", "repeats")
    assert "golden.bin is stale" in sentence
    assert "agrees with the port" in sentence
    assert "sha256sum" in found.command


def test_nothing_planted_is_nothing_found(bench: Bench) -> None:
    found = bench.diagnose(py=[bench.program()])
    assert found.finding is None
    assert found.agree
    assert not found.explained
    assert found.sentence.startswith("The two images agree (relative L2 0.0e+00")


@pytest.mark.slow
def test_this_projects_engine_is_traced_like_the_reference(bench: Bench) -> None:
    args = [*BASE, "-detpixels", "48"]
    port = f"{shlex.quote(sys.executable)} -m engine"
    found = bench.diagnose(c=[bench.program("-nopolar")], py=[port], args=args)
    sentence = named(found, "polarisation", "trace")
    assert "is off on the C side" in sentence
    folders = next(s for s in found.steps if s.id == "folders")
    assert "the port: the same image from Python" in "\n".join(line.text for line in folders.lines)
