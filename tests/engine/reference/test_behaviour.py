"""What the command line means: quirks kept, mistakes refused (specification 3, 4.2, 14.5)."""

import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.engine.reference.runs import Reference

# The seed defaults to the time of day, which the report prints.
BASE = (
    "-noprogress -nopgm -nonoise -seed 1 -cell 100 100 100 90 90 90 -N 5 -default_F 100 "
    "-distance 100 -lambda 1 -detpixels 16 "
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("-pivot sample -mosflm", ""),
        ("-xds -pivot beam", "-xds"),
        ("-pix0_vector 0.2 0.001 0.002", "-beam_vector 1 0 0"),
        ("-twotheta 15 -twotheta_axis 0 0 -1", "-twotheta_axis 0 0 -1"),
        ("-curved_det", ""),
        ("-wavelength 1.5", "--lambda 1.5"),
        ("-distance 80 -close_distance 120", "-close_distance 120 -distance 80"),
        ("-detpixels 20 -detsize 9", "-detsize 7 -detpixels 20"),
        ("-xds -Xbeam 0.1 -Yclose 0.4", "-xds"),
        ("-N 5.7", "-N 5"),
        ("-density 3 -MW 10 -coherent", ""),
        ("-oversample 2 -nointerpolate", "-oversample 2 -interpolate"),
    ],
)
def test_words_that_mean_the_same(reference: Reference, one: str, other: str) -> None:
    images = [reference(BASE + words) for words in (one, other)]
    assert [run.exit_code for run in images] == [0, 0], images[0].stderr + images[1].stderr
    assert images[0].sha256() == images[1].sha256()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("-twotheta_axis 0 0 -1 -twotheta 15", "-twotheta_axis 0 0 -1"),
        ("-xds -ORGX 3", "-xds"),
        ("-mosflm", "-denzo"),
        ("-curved_det -nonoise", ""),
        ("-polar 0.5", ""),
        ("-Nc 7", ""),
    ],
)
def test_words_that_do_not(reference: Reference, one: str, other: str) -> None:
    assert reference(BASE + one).sha256() != reference(BASE + other).sha256()


def test_thick_oversampling_without_thickness_is_black(reference: Reference) -> None:
    run = reference(BASE + "-oversample_thick")
    assert not run.image().any()
    assert "Q-THICK0" in run.stderr


def test_random_misset_wants_its_seed_first(reference: Reference) -> None:
    run = reference(BASE + "-misset_seed 123 -misset random")
    assert "random orientation misset angles: -95.137483 -23.687382 35.352280 deg" in run.stdout
    spoiled = reference(BASE + "-misset random -misset_seed 123 -lambda 1")
    assert "random orientation" not in spoiled.stdout
    assert "Q-MISSETSEED" in spoiled.stderr
    assert spoiled.sha256() == reference(BASE + "-misset 123 0 1").sha256()


def test_tables_of_steps(reference: Reference) -> None:
    phi = reference(BASE + "-osc 1 -phistep 0.3").stdout
    assert [line for line in phi.splitlines() if line.startswith("phi")] == [
        "phi0 = 0", "phi1 = 0.3", "phi2 = 0.6", "phi3 = 0.9",
    ]  # fmt: skip
    sensor = reference(BASE + "-detector_abs 500 -detector_thick 450 -thicksteps 5").stdout
    assert "thick4 = 450 um" in sensor
    assert "thick in 5 layers with mu= 2000" in sensor
    for steps, sources in (("3", 5), ("4", 12)):
        words = f"-hdivrange 1 -hdivsteps {steps} -vdivrange 1 -vdivsteps {steps}"
        assert f"  {sources} sources\n" in reference(BASE + words).stdout


@pytest.mark.parametrize(
    ("words", "said", "same"),
    [
        (
            "-unheard_of",
            "'-unheard_of' is not a flag or operand of this program and is ignored",
            "",
        ),
        ("-lamda 1.2", "did you mean -lambda?", ""),
        ("-dist 80", "did you mean -distance?", ""),
        ("stray", "'stray' is not a flag or operand", ""),
        ("-distance", "-distance lacks operands and is ignored", ""),
        ("-pivot nowhere", "-pivot is sample or beam, not 'nowhere': ignored", ""),
        ("-adc far", "-adc reads 'far' as 0", "-adc 0"),
        ("-oversample 2x", "-oversample reads '2x' as 2", "-oversample 2"),
    ],
)
def test_what_the_original_ignores_in_silence_is_said(
    reference: Reference, words: str, said: str, same: str
) -> None:
    run = reference(BASE + words)
    assert run.exit_code == 0
    assert said in run.stderr
    assert run.sha256("intimage.img") == reference(BASE + same).sha256("intimage.img")
    strict = reference(BASE + "--strict-args " + words)
    assert strict.exit_code == 2
    assert said in strict.stderr


CORRECTIONS = {
    "Q-MISSETSEED": ("-misset_seed 12 -phi 0 -osc 0", "-phi 0 -osc 0"),
    "Q-2THAXIS": ("-twotheta_axis 9 0 -1 -corrected", "-pix0_vector 0 0 0"),
    "Q-PHI": ("-osc 4 -phisteps 2", None),
    "Q-THICK0": ("-oversample_thick", ""),
    "Q-NOPOLAR": ("-nopolar -oversample_polar", "-nopolar"),
    "Q-CURVED": ("-curved_det", None),
}
"""Words, and what they mean when corrected; None where nothing else says it."""


@pytest.mark.parametrize(("words", "same"), CORRECTIONS.values(), ids=CORRECTIONS)
def test_corrections_change_the_image(reference: Reference, words: str, same: str | None) -> None:
    faithful = reference(BASE + words.replace("-corrected", ""))
    corrected = reference(BASE + words + " -corrected")
    assert corrected.exit_code == 0, corrected.stderr
    assert words == "-curved_det" or corrected.sha256() != faithful.sha256()
    if same is not None:
        assert corrected.sha256() == reference(BASE + same).sha256()


def test_corrected_terms_have_their_own_factors(reference: Reference) -> None:
    """Over a small pixel, factors of each term and of their sum differ little (Q-RUNNING)."""
    words = "-oversample 2 -detector_abs 500 -detector_thick 450 -thicksteps 3 -corrected "
    together = reference(BASE + words).image()
    flags = ("-oversample_thick", "-oversample_omega", "-oversample_polar")
    for each in (*flags, " ".join(flags)):
        apart = reference(BASE + words + each).image()
        assert not np.array_equal(apart, together)
        np.testing.assert_allclose(apart, together, rtol=2e-2)


def test_corrected_pixels_beyond_the_cut_keep_their_background(reference: Reference) -> None:
    words = "-Xbeam 9 -Ybeam 9 -water 10 -fluence 1e24 -dmin 500 "
    assert reference(BASE + words).image().max() == 0.0
    kept, unlit = reference(BASE + words + "-corrected"), reference(BASE + words + "-nopolar")
    np.testing.assert_allclose(kept.image(), unlit.image(), rtol=2e-2)
    assert kept.image().min() > 0.0


def test_corrected_interpolation_does_not_depend_on_order(
    reference: Reference, tmp_path: Path
) -> None:
    rows = [f"{h} {k} {l} {50 + h * k - l}" for h in range(-4, 5) for k in range(-4, 5)
            for l in range(-4, 5)]  # noqa: E741  # fmt: skip
    listed = tmp_path / "box.hkl"
    listed.write_text("# a comment\n\n" + "\n".join(f"{row} 1.5" for row in rows) + "\n")
    words = f"{BASE}-interpolate -pixel 2 -hkl {listed} -corrected "
    whole = reference(words).image().reshape(16, 16)
    part = reference(words + "-roi 5 12 3 11").image().reshape(16, 16)
    assert np.array_equal(whole[3:12, 5:13], part[3:12, 5:13])
    assert not np.array_equal(whole, reference(words + "-nointerpolate").image().reshape(16, 16))
    assert not (reference(words).folder / "Fdump.bin").exists()


def test_corrected_files_are_read_or_refused(reference: Reference, tmp_path: Path) -> None:
    sources = tmp_path / "sources.txt"
    sources.write_bytes(b"# x y z\r\n-10 0 0 1 1e-10\r\n-10 0.1 0 1")
    assert "  2 sources\n" in reference(f"{BASE}-corrected -sourcefile {sources}").stdout
    bad = tmp_path / "bad.hkl"
    bad.write_text("0 0 0 5\n1 one 1 5\n")
    refused = [f"-sourcefile {bad}", f"-hkl {bad}", "-mat none", "-img none", "-mask none"]
    for words in refused:
        run = reference(f"{BASE}-corrected {words}")
        assert run.exit_code == 9
        assert len(run.stderr.strip().splitlines()) == 1
        assert not (run.folder / "floatimage.bin").exists()


def test_a_cache_is_read_by_a_corrected_run_only_when_named(reference: Reference) -> None:
    folder = reference(BASE).folder
    cache = b"0 0 0 0 0 0\n\f" + struct.pack("<8d", 7, *[0.0] * 7)
    (folder / "Fdump.bin").write_bytes(cache)
    plain = reference(BASE).sha256()
    assert reference(BASE, folder).sha256() != plain
    assert reference(BASE + "-corrected", folder).sha256() == plain
    assert reference(BASE + "-corrected -dump Fdump.bin", folder).sha256() != plain


def test_corrected_headers_and_counts(reference: Reference) -> None:
    words = (
        "-noprogress -nopgm -cell 100 -N 5 -default_F 1 -distance 123.4567 -detpixels 4 -seed 1 "
        "-detector_rotx 1.23456 -detector_roty 2.34567 -detector_rotz 3.45678 -twotheta 15.1234 "
        "-pixel 0.172345 -lambda 0.976543 -phi 12.34567 -Xbeam 1.234567 -Ybeam 2.345678 -adc -50 "
    )
    faithful, corrected = reference(words), reference(words + "-corrected")
    assert b"HEADER_BYTES=512;" in faithful.data("noiseimage.img")
    noise = corrected.data("noiseimage.img")
    assert b"HEADER_BYTES=1024;" in noise
    assert noise[1024:] == bytes(32)
    assert faithful.data("noiseimage.img")[-32:] == struct.pack("<16H", *[65486] * 16)


def test_an_exact_cell_has_the_given_angles(reference: Reference) -> None:
    run = reference(BASE + "-cell 70 80 90 75 85 95 --exact-cell -phi 0")
    assert "Unit Cell: 70 80 90 75 85 95\n" in run.stdout
    assert "lacks operands" not in run.stderr


@pytest.mark.parametrize("words", ["", "-cell 100 100 100 90 90 90", "-default_F 100"])
def test_missing_inputs_print_the_usage(reference: Reference, words: str) -> None:
    run = reference(words)
    assert run.exit_code == 9
    assert "usage:" in run.stdout
    assert not (run.folder / "floatimage.bin").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-distance nan", "-distance needs a number"),
        ("-detector_thick", "-detector_thick lacks its operand (X-NULL)"),
        ("-lambda 0", "the wavelength must be positive"),
        ("-pixel 0", "-pixel must be positive"),
        ("-distance 0", "no usable place"),
        ("-detpixels_f -3", "the detector has -3 pixels"),
        ("-detpixels 100000", "X-STEPS"),
        ("-oversample 100000", "X-STEPS"),
        ("-N 99999999999", "does not fit an integer"),
        ("-mosaic 1 -mosaic_domains 2000000000", "mosaic domains are more"),
        ("-osc 1 -phistep 1e-300", "not a possible count"),
        ("-seed 2147483647", "outside the generator's range"),
        ("-default_F 1e200", "not finite"),
        ("-beam_vector 0 0 0", "has no direction"),
    ],
)
def test_what_has_no_meaning_is_refused(reference: Reference, words: str, said: str) -> None:
    run = reference(BASE + words)
    assert run.exit_code == 2
    assert said in run.stderr
    assert not (run.folder / "floatimage.bin").exists()


@pytest.mark.parametrize(
    "words", ["-hkl none.hkl", "-sourcefile none.txt", "-stol none.txt", "-mask words.txt"]
)
def test_unusable_files_end_the_run(reference: Reference, tmp_path: Path, words: str) -> None:
    (tmp_path / "words.txt").write_text("no SMV header\n" * 50)
    run = reference(BASE + words, tmp_path)
    assert run.exit_code == 9
    assert words.split()[1] in run.stderr


@pytest.mark.parametrize("flag", ["-floatfile", "-intfile", "-pgmfile", "-noisefile"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_an_error(reference: Reference, flag: str) -> None:
    run = reference(f"{BASE} {flag} /dev/full")
    assert run.exit_code == 9
    assert "cannot write /dev/full" in run.stderr
    assert "incomplete" in run.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_report_that_cannot_be_written_is_an_error(
    reference_binary: Path, tmp_path: Path
) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [str(reference_binary), *BASE.split()],
            cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 9
    assert "cannot write the report" in done.stderr


def test_an_output_that_cannot_be_created_is_an_error(reference: Reference) -> None:
    run = reference(BASE + "-floatfile no/such/folder/image.bin")
    assert run.exit_code == 9
    assert "cannot create no/such/folder/image.bin" in run.stderr


def test_a_forgotten_cache_changes_the_image_and_is_named(
    reference: Reference, tmp_path: Path
) -> None:
    clean = reference(BASE)
    (tmp_path / "list.hkl").write_text("0 0 0 10\n1 1 1 20\n")
    listed = reference(BASE + "-hkl list.hkl", tmp_path)
    cache = listed.data("Fdump.bin")
    assert cache.startswith(b"0 1 0 1 0 1\n\f")
    assert len(cache) == 13 + 27 * 8
    assert struct.unpack("<d", cache[13:21]) == (10.0,)
    stale = reference(BASE, tmp_path)
    assert stale.sha256() == listed.sha256()
    assert stale.sha256() != clean.sha256()
    assert "structure factors come from Fdump.bin, which no flag names" in stale.stderr


@pytest.mark.parametrize("content", [b"", b"not a cache", b"0 1 0 1 0 1\n\f1234567"])
def test_a_damaged_cache_is_an_error(reference: Reference, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "Fdump.bin").write_bytes(content)
    run = reference(BASE, tmp_path)
    assert run.exit_code == 9
    assert "Fdump.bin" in run.stderr


def test_a_mask_of_another_size_is_refused(reference: Reference, tmp_path: Path) -> None:
    header = "{\nHEADER_BYTES=512;\nBYTE_ORDER=little_endian;\nSIZE1=4;\nSIZE2=4;\n}\f"
    mask = header.encode().ljust(512) + np.ones(16, "<u2").tobytes()
    (tmp_path / "mask.img").write_bytes(mask)
    assert "X-MASKSIZE" in reference(BASE + "-mask mask.img", tmp_path).stderr
    (tmp_path / "mask.img").write_bytes(mask[:-1])
    short = reference(BASE + "-mask mask.img -detpixels 4", tmp_path)
    assert short.exit_code == 9
    assert "fewer pixels than its header says" in short.stderr


def test_a_long_header_is_kept_whole(reference: Reference) -> None:
    run = reference(
        "-noprogress -nopgm -nonoise -cell 100 -default_F 100 -N 2 -detpixels 8 -pixel 0.172345 "
        "-twotheta 15.123 -detector_rotx 1.2345 -detector_roty 2.3456 -detector_rotz 3.4567 "
        "-lambda 0.9795123 -distance 123.456789 -phi 12.3456 -osc 0.123456"
    )
    data = run.data("intimage.img")
    assert b"HEADER_BYTES=512;" in data
    assert data.index(b"}\f") + 2 > 512
    assert len(data) == data.index(b"}\f") + 2 + 8 * 8 * 2
    assert "Q-HEADER" in run.stderr


CARRIED = [
    "-osc 1 -phisteps 4 -oversample 2",
    "-phi -0.5 -osc 1 -phisteps 4",
    "-polar_vector 0 1 1 -polar 0.7",
    "-dmin 30 -osc 1 -phisteps 3",
    "-mosaic 1 -mosaic_domains 3 -misset 3 4 5",
]


@pytest.mark.parametrize("words", CARRIED)
def test_threads_change_nothing(reference: Reference, words: str) -> None:
    runs = [reference(BASE + "-detpixels 48 " + words, threads=count) for count in (1, 2, 7)]
    assert len({run.sha256() for run in runs}) == 1
    assert len({run.stdout for run in runs}) == 1


def test_threads_do_not_move_the_end_of_interpolation(reference: Reference, tmp_path: Path) -> None:
    rows = [f"{h} {k} {l} {10 + h + k * l}" for h in R for k in R for l in R]  # noqa: E741
    words = BASE + "-detpixels 48 -interpolate -hkl ../grid.hkl -cell 40 -distance 40"
    (tmp_path / "grid.hkl").write_text("\n".join(rows) + "\n")
    folders = [tmp_path / str(count) for count in (1, 4)]
    runs = []
    for folder in folders:
        folder.mkdir()
        runs.append(reference(words, folder, threads=int(folder.name)))
    assert "Q-INTERPOFF" in runs[0].stderr
    assert runs[0].stderr == runs[1].stderr
    assert runs[0].sha256() == runs[1].sha256()


R = range(-4, 5)


def test_progress_is_printed_in_order(reference: Reference) -> None:
    words = BASE.replace("-noprogress", "-progress")
    lines = reference(words + "-detpixels 64").stdout.splitlines()
    shares = [int(line.removesuffix("% done")) for line in lines if line.endswith("% done")]
    assert shares == sorted(shares)
    assert {1, 5, 9, 95} <= set(shares)
