"""Random command lines over all of nanoBragg's flags (spec 3.4), and the files they name."""

from pathlib import Path

import numpy as np
from hypothesis import strategies as st

PIXELS = (29, 37)
"""Slow and fast."""
BASE = (
    "-cell 63.1 71.9 84.7 88 95 101 -N 4 -default_F 100 -lambda 1.1 -distance 90 -pixel 0.2 "
    f"-detpixels_f {PIXELS[1]} -detpixels_s {PIXELS[0]} -noprogress -nopgm -nonoise"
)
Words = tuple[str, ...]


def real(low: float, high: float) -> st.SearchStrategy[str]:
    return st.floats(low, high).map(lambda value: f"{value:.4g}")


def whole(low: int, high: int) -> st.SearchStrategy[str]:
    return st.integers(low, high).map(str)


def given(names: str, *operands: st.SearchStrategy[str]) -> st.SearchStrategy[Words]:
    """One of some spellings with its operands."""
    return st.tuples(st.sampled_from(names.split()), *operands)


def alone(*names: str) -> st.SearchStrategy[Words]:
    return st.sampled_from(names).map(lambda name: (name,))


TURN, TILT = real(-180, 180), real(-25, 25)
VECTOR = (real(-1, 1),) * 3
# No whole multiples of an edge: there the last bit of |a| decides ceil(size / |a|).
SIZE = st.sampled_from(["0.00002347", "0.00003189", "0"])

CRYSTAL = (
    given("-N", whole(0, 9)),
    given("-Na -Nb -Nc", whole(-1, 12)),
    given("-cell", *[real(40, 120)] * 3, *[real(70, 110)] * 3),
    given("-cell", real(40, 120)),
    given("-mat -matrix", st.sampled_from(["A.mat", "no.mat"])),
    given("-misset", TURN, TURN, TURN),
    given("-misset_seed", whole(-9, 9999)),
    alone("-misset").flatmap(lambda words: st.just((*words, "random", "-misset_seed", "17"))),
    given("-samplesize -sample_size -xtalsize -xtal_size", SIZE),
    given("-sample_thick -sample_x -xtal_thick -xtal_x", SIZE),
    given("-sample_width -sample_y -xtal_width -xtal_y -width", SIZE),
    given("-sample_height -sample_z -xtal_heigh -xtal_z -height", SIZE),
    given("-density -sample_den -MW -molecular_weight", real(1, 9)),
    alone("-square_xtal", "-round_xtal", "-gauss_xtal", "-binary_spots", "-tophat_spots"),
    given("-fudge", st.sampled_from(["0.8", "1e-4", "1e-6"])),
    given("-mosaic -mosaicity -mosaic_spread", real(0, 3)),
    given("-mosaic_domains -mosaic_dom", whole(-1, 4)),
    given("-mosaic_seed", whole(-50, 50)),
    given("-phi", st.sampled_from(["0", "-0.5", "7", "30"])),
    given("-osc", st.sampled_from(["0", "1", "2"])),
    given("-phistep", st.sampled_from(["0", "0.5", "0.7"])),
    given("-phisteps", whole(-1, 4)),
)
FACTORS = (
    given("-hkl", st.sampled_from(["box.hkl", "columns.hkl", "text.hkl", "reals.hkl"])),
    given("-default_F", real(0, 200)),
    given("-dump", st.sampled_from(["cache.bin", "other.bin"])),
    alone("-interpolate", "-nointerpolate"),
    given("-stol -4stol -Q", st.just("stol.txt")),
    given("-stolout", st.just("out.stol")),
    given("-dmin", real(1.5, 30)),
)
BEAM = (
    given("-lambda -wavelength -wave", real(0.7, 2)),
    given("-energy", real(8000, 14000)),
    given("-dispersion", real(-1, 4)),
    given("-dispsteps", whole(-1, 3)),
    given("-divergence -hdivrange -vdivrange", real(0, 6)),
    given("-hdivstep -vdivstep", real(0.5, 4)),
    given("-hdivsteps -vdivsteps -divsteps", whole(0, 3)),
    alone("-round_div", "-square_div"),
    given("-sourcefile", st.sampled_from(["sources.txt", "bare.txt", "crlf.txt"])),
    given("-fluence", st.sampled_from(["1e24", "1.26e29"])),
    given("-flux", st.sampled_from(["0", "1e20"])),
    given("-exposure", real(0.1, 5)),
    given("-beamsize", st.sampled_from(["0.1", "0.00003", "-1"])),
    given("-polar", real(-1, 1)),
    alone("-nopolar"),
    given("-water", real(0, 10)),
)
DETECTOR = (
    given("-pixel", st.sampled_from(["0.1", "0.25", "0.4"])),
    given("-detsize", real(3, 9)),
    given("-detsize_f -detsize_s", real(3, 9)),
    given("-detpixels_x -detpixels_y", whole(5, 40)),
    given("-detpixels", whole(5, 30)),
    given("-distance", real(50, 200)),
    given("-close_distance", real(50, 200)),
    given("-Xbeam -Ybeam -Xclose -Yclose", real(-3, 9)),
    given("-ORGX -ORGY", real(-9, 50)),
    given("-pivot", st.sampled_from(["sample", "beam"])),
    alone("-mosflm", "-adxv", "-denzo", "-xds", "-dials"),
    given("-beam_vector -polar_vector -spindle_axis", *VECTOR),
    given("-fdet_vector", st.just("0.1"), st.just("-0.05"), st.just("1")),
    given("-sdet_vector", st.just("0.02"), st.just("-1"), real(-0.2, 0.2)),
    given("-odet_vector", st.just("1"), real(-0.1, 0.1), real(-0.1, 0.1)),
    given("-twotheta_axis", *VECTOR),
    given("-pix0_vector", *VECTOR),
    given("-twotheta", TILT),
    given("-detector_rotx -detector_roty -detector_rotz", TILT),
    alone("-curved_det", "-point_pixel"),
    given("-detector_abs", st.sampled_from(["inf", "0", "500", "120"])),
    given("-detector_thick", st.sampled_from(["0", "300", "450"])),
    given("-detector_thicksteps -thicksteps", whole(-1, 4)),
    given("-oversample", whole(-1, 3)),
    alone("-oversample_thick", "-oversample_polar", "-oversample_omega"),
    given("-roi", whole(-1, 9), whole(-1, 30), whole(-1, 9), whole(-1, 30)),
    given("-img", st.sampled_from(["header.img", "no.img"])),
    given("-mask", st.just("mask.img")),
)
OTHERS = (
    given("-adc", real(-60, 100)),
    given("-scale -pgmscale", real(-1, 3)),
    given("-seed", whole(-9, 9999)),
    alone("-coherent", "-unheard_of", "--exact-cell", "-dispstep"),
    given("-lamda -detsize_x", real(1, 2)),
)
FAMILIES = (CRYSTAL, FACTORS, BEAM, DETECTOR, OTHERS)


def _line(parts: tuple[list[Words], Words]) -> list[str]:
    flags, manner = parts
    return [*BASE.split(), *(word for words in (*flags, manner) for word in words)]


_FLAGS = st.lists(
    st.sampled_from(FAMILIES).flatmap(lambda family: st.one_of(*family)), min_size=1, max_size=10
)
_MANNER: st.SearchStrategy[Words] = st.sampled_from([(), (), (), ("-corrected",)])
COMMAND_LINES = st.tuples(_FLAGS, _MANNER).map(_line)
"""Flags of all families in any order, now and then with ``-corrected``, after a small base."""


def write_inputs(folder: Path) -> None:
    """Write every file that the command lines name, but for those that are not there."""
    span = range(-7, 8)
    rows = [f"{h} {k} {m} {60 + 3 * h - k * m}" for h in span for k in span for m in span]
    texts = {
        "box.hkl": "\n".join(rows) + "\n",
        "columns.hkl": "".join(f"{row} 1.5\n" for row in rows),
        "text.hkl": "\n".join([*rows[:2000], "# and the rest", *rows[2000:]]),
        "reals.hkl": "\n".join([*rows[:1500], "1.0 2 3 50", *rows[1500:]]),
        "A.mat": "0.012 0.002 0.001\n-0.0015 0.014 0.0005\n0.0004 -0.0007 0.011\n",
        "stol.txt": "0 2.6\n0.1 2.5\n0.2 2.3\n",
        "sources.txt": "-10 0 0 1 1e-10\n-10 0.02 0 5 1.01e-10\n-10 0 0.03\n",
        "bare.txt": "# none\n-10 0 0.01 1 1e-10\n-10 0.01 0",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "crlf.txt").write_bytes(b"-10 0 0 1 1.2e-10\r\n-10 0.02 0 1 1e-10\r\n")
    limits, values = (-2, 2, -1, 3, 0, 1), np.arange(6 * 6 * 3, dtype=float) + 30
    header = " ".join(map(str, limits)) + "\n\f"
    (folder / "cache.bin").write_bytes(header.encode() + values.tobytes())
    mask = np.ones(PIXELS, "<u2")
    mask[5:9, 3:30] = 0
    for name, extra in (
        ("mask.img", "BEAM_CENTER_Y=2.2;\n"),
        ("header.img", "CLOSE_DISTANCE=80;\n"),
    ):
        text = (
            "{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n"
            f"SIZE1={PIXELS[1]};\nSIZE2={PIXELS[0]};\nPIXEL_SIZE=0.15;\nWAVELENGTH=1.2;\n{extra}"
            "PHI=3;\nOSC_RANGE=1;\n}\f"
        )
        (folder / name).write_bytes(text.encode().ljust(512) + mask.tobytes())
