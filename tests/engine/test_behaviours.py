"""The specification's checks without images (14.5), and what ``-corrected`` changes of them."""

from pathlib import Path

import numpy as np
import pytest

from engine import report
from engine.beam import sources
from engine.errors import FileError, MissingInputError
from engine.experiment import Experiment
from engine.formats.fdump import write_fdump
from engine.formats.hkl import read_hkl
from engine.formats.mask import write_mask

C01 = "-cell 100 -default_F 100 -N 5 -detpixels 32 -lambda 1 -seed 1"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def build(line: str = "") -> Experiment:
    return Experiment.from_args(f"{C01} {line}".split())


def warned(experiment: Experiment, quirk: str) -> int:
    return sum(quirk in line for line in experiment.warnings)


def test_pix0_has_no_effect() -> None:
    given, plain = build("-pix0_vector 0.2 0.001 0.002"), build("-beam_vector 1 0 0")
    assert given == plain
    assert given.placed() == plain.placed()
    assert warned(given, "Q-PIX0") == 1


def test_the_twotheta_axis_takes_the_angle_away() -> None:
    clobbered = build("-twotheta 15 -twotheta_axis 0 0 -1")
    assert clobbered.detector.twotheta_rad == 0.0
    assert clobbered.placed().pix0_m == build("-beam_vector 1 0 0 -pivot sample").placed().pix0_m
    kept = build("-corrected -twotheta 15 -twotheta_axis 0 0 -1")
    assert kept.placed() == build("-twotheta_axis 0 0 -1 -twotheta 15").placed()


def test_the_random_orientation_of_a_seed() -> None:
    lines = report.before(build("-misset_seed 123 -misset random"))
    assert "random orientation misset angles: -95.137483 -23.687382 35.352280 deg" in lines
    assert warned(build("-misset random"), "Q-SEEDS") == 1
    assert build("-misset random -misset_seed 123 -oversample 1").crystal.misset_seed is None
    assert build("-corrected -misset random -misset_seed 123").crystal.misset_seed == -123


def test_a_step_takes_its_start_and_rounds_up() -> None:
    lines = report.summary(build("-osc 1 -phistep 0.3"), None, -1)
    assert [line for line in lines if line.startswith("phi")] == [
        "phi0 = 0", "phi1 = 0.3", "phi2 = 0.6", "phi3 = 0.9"
    ]  # fmt: skip


@pytest.mark.parametrize(("steps", "count"), [(3, 5), (4, 12)])
def test_the_corners_of_a_divergence_are_cut(steps: int, count: int) -> None:
    line = f"-hdivrange 1 -hdivsteps {steps} -vdivrange 1 -vdivsteps {steps}"
    experiment = build(line)
    assert len(sources(experiment.beam, experiment.placed())) == count
    assert experiment.steps == count * experiment.sampling.oversample**2
    assert build(f"{line} -square_div").beam.source_count == steps**2
    assert build(f"-hdivrange 1 -hdivsteps {steps}").beam.source_count == steps


def test_the_golden_sources() -> None:
    """Golden trace G3 (13.5): 12 grid points, 8 kept."""
    experiment = build("-hdivrange 4 -hdivsteps 4 -vdivrange 2 -vdivsteps 3")
    points = sources(experiment.beam, experiment.placed())
    assert len(points) == 8
    assert points[0].incident == pytest.approx(
        (0.99999800000066674, 0.0, -0.0019999986666669337), abs=1e-16
    )
    assert points[1].incident == pytest.approx(
        (0.99999927777793884, -0.00099999983333334168, -0.00066666628395067103), abs=1e-16
    )
    assert points[-1].incident == pytest.approx(
        (0.99999800000066674, 0.0, 0.0019999986666669337), abs=1e-16
    )


def test_the_layers_of_a_sensor() -> None:
    experiment = build("-detector_abs 500 -detector_thick 450 -thicksteps 5")
    lines = report.summary(experiment, None, -1)
    depths = [line.split()[2] for line in lines if line.startswith("thick")]
    assert depths == ["0", "112.5", "225", "337.5", "450"]
    assert experiment.detector.sensor.attenuation_per_m == pytest.approx(2000.0)
    assert warned(experiment, "Q-LAYERSTEP") == warned(experiment, "Q-LAYERS)") == 1
    corrected = build("-corrected -detector_abs 500 -detector_thick 450")
    assert warned(corrected, "Q-LAYERSTEP") == 1
    assert warned(corrected, "Q-LAYERS)") == 0


def test_a_source_file_reads_as_the_original_does() -> None:
    Path("s.txt").write_text("# x y z\n-10 0 0.1 2\n")
    with pytest.raises(FileError, match=r"s.txt: row 1: a source has no .*read as zeros"):
        build("-sourcefile s.txt")
    listed = build("-corrected -sourcefile s.txt").beam.listed_sources
    assert listed is not None
    assert [(s.position_m, s.weight, s.wavelength_m) for s in listed] == [((-10, 0, 0.1), 2, 1e-10)]
    Path("s.txt").write_bytes(b"-10 0.1\r\n-10 0 0.1\n")
    experiment = build("-sourcefile s.txt -xds -lambda 2 -corrected")
    assert experiment.beam.listed_sources is not None
    assert experiment.beam.listed_sources[0].position_m == (-10.0, 0.1, -10.0)
    Path("s.txt").write_bytes(b"-10 0 0.1 1 1e-10\n-10 0 0.2")
    with pytest.raises(FileError, match="row 2: a source has no positive wavelength"):
        build("-sourcefile s.txt")
    Path("s.txt").write_bytes(b"-10 0 0.1 1 1e-10\n-10 0 0.2 3 1e-10")
    assert warned(build("-sourcefile s.txt"), "Q-WEIGHT") == 1
    assert "  -1 divergence steps" in report.summary(build("-sourcefile s.txt"), None, -1)


def test_files_that_cannot_be_opened() -> None:
    for flag in ("-mat", "-img", "-mask"):
        assert warned(build(f"{flag} none"), "Q-FILES") == 1
        assert build(f"{flag} none") == build("")
        with pytest.raises(FileError, match="none: cannot read"):
            build(f"-corrected {flag} none")
    with pytest.raises(FileError, match="none: cannot read"):
        Experiment.from_args(["-default_F", "1", "-mat", "none"])
    for flag in ("-sourcefile", "-stol", "-Q"):
        with pytest.raises(FileError, match="none: cannot read"):
            build(f"{flag} none")


def test_a_cache_counts_only_by_name_when_corrected() -> None:
    Path("few.hkl").write_text("0 0 0 9\n1 1 1 8\n")
    write_fdump(Path("Fdump.bin"), read_hkl(Path("few.hkl"), 1.0))
    assert build("").structure_factors.cache_file == "Fdump.bin"
    assert build("-corrected").structure_factors.cache_file is None
    assert build("-corrected -dump Fdump.bin").structure_factors.cache_file == "Fdump.bin"
    with pytest.raises(MissingInputError):
        Experiment.from_args(["-corrected", "-cell", "100"])


HEADER = (
    "{{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1=30;\n"
    "SIZE2=20;\nPIXEL_SIZE=0.2;\n{0}}}\f"
)


def bare(line: str) -> Experiment:
    return Experiment.from_args(f"-cell 100 -default_F 1 {line}".split())


def header(name: str, lines: str) -> None:
    Path(name).write_bytes(HEADER.format(lines).ljust(512).encode() + bytes(2 * 600))


def test_headers_stand_for_flags() -> None:
    header("a.img", "DISTANCE=80;\nWAVELENGTH=1.5;\nBEAM_CENTER_Y=1;\nPHI=3;\nOSC_RANGE=0;\n")
    found = bare("-img a.img")
    assert found.shape == (20, 30)
    assert (found.detector.distance_m, found.beam.wavelength_m) == (0.08, 1.5e-10)
    assert found.detector.Ybeam_m == 0.001
    assert found.phi.steps == 2
    masked = bare("-mask a.img")
    assert masked.detector.Ybeam_m == pytest.approx(0.003)
    assert warned(masked, "Q-MASKGEOM") == 1
    header("b.img", "DISTANCE=50;\n")
    both = Experiment.from_args(
        ["-cell", "100", "-default_F", "1", "-img", "a.img", "-mask", "b.img"]
    )
    assert both.detector.distance_m == 0.08
    flagged = Experiment.from_args(
        ["-distance", "70", "-cell", "100", "-default_F", "1", "-img", "a.img"]
    )
    assert flagged.detector.distance_m == 0.07


def test_a_header_keyword_is_found_in_a_longer_one() -> None:
    header("a.img", "DISTANCE=80;\nCLOSE_DISTANCE=70;\nTWOTHETA=5;\nXDS_ORGX=4.5;\n")
    found = build("-img a.img -detpixels 32")
    assert found.detector.distance_m == found.detector.close_distance_m == 0.07
    assert found.detector.ORGX_px == 4.5
    assert found.detector.twotheta_rad == 0.0
    assert warned(found, "Q-HDRKEY") == warned(found, "Q-HDR2TH") == 1


def test_a_mask_of_another_size_is_an_error() -> None:
    write_mask(Path("m.img"), np.ones((20, 30), dtype=bool))
    assert build("-mask m.img -detpixels_f 30 -detpixels_s 20").mask() is not None
    with pytest.raises(FileError, match=r"m\.img: the mask has 30x20 pixels, the detector 32x32"):
        build("-mask m.img").mask()


@pytest.mark.parametrize(
    ("line", "quirk"),
    [
        ("-hdivsteps 3", "Q-DIVCENTRE"), ("-hdivrange 0.28 -hdivstep 0.02", "Q-DIVCENTRE"),
        ("-phistep 1 -phisteps 5", "Q-STEPS2"), ("-spindle_axis 0 0 1", "Q-CUSTOM"),
        ("-twotheta 3", "Q-RATIO"), ("-twotheta_axis 0 2 0 -twotheta 3", "Q-TWOTHETAAXISNORM"),
        ("-odet_vector 1 1 0", "Q-ODET"), ("-curved_det -N 5", "Q-CURVED"),
        ("-gauss_xtal", "Q-GAUSS"), ("-oversample_thick", "Q-THICK0"),
        ("-oversample_omega -oversample 2", "Q-RUNNING"), ("-water 5", "Q-WATER"),
        ("-water 5 -dmin 2", "Q-CUT"), ("-nopolar -oversample_polar", "Q-NOPOLAR"),
        ("-cell 70 80 90 75 85 95", "Q-CELL"), ("-seed -4", "Q-SEEDS"),
        ("-mosaic_seed -4", "Q-SEEDS"), ("-osc 1", "Q-PHI"),
    ],
)  # fmt: skip
def test_each_peculiarity_is_told_once(line: str, quirk: str) -> None:
    assert warned(build(line), f"({quirk})") == 1
    assert warned(build(""), quirk) == 0


def test_an_exact_cell_has_the_angles_given() -> None:
    exact = build("-cell 70 80 90 75 85 95 --exact-cell")
    lines = report.before(exact)
    assert any(line == "Unit Cell: 70 80 90 75 85 95" for line in lines)
    assert warned(exact, "Q-CELL") == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("-detpixels 8", "-detsize 50"), ("-fluence 1e20", "-flux 1e12"),
        ("-mat a.mat", "-lambda 1.3"), ("-close_distance 70", "-distance 90"),
    ],
)  # fmt: skip
def test_some_pairs_do_not_depend_on_their_order(one: str, other: str) -> None:
    Path("a.mat").write_text("0.01 0 0\n0 0.012 0\n0 0.001 0.02\n")
    first, second = bare(f"{one} {other}"), bare(f"{other} {one}")
    assert first == second
    assert first != bare("")


def test_a_masked_image_has_two_populations() -> None:
    write_mask(Path("m.img"), np.ones((32, 32), dtype=bool))
    assert warned(build("-mask m.img"), "Q-RMSD") == 1
