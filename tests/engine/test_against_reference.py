"""Random experiments: the engine and the independent C reference compute the same image."""

import re
import subprocess
import tempfile
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.experiment import Experiment
from engine.formats.integer_image import smv_header
from engine.simulator import simulate
from engine.trace import trace_pixel
from tests.engine.command_lines import COMMAND_LINES, write_inputs


def number(low: float, high: float) -> st.SearchStrategy[str]:
    return st.floats(low, high).map(lambda value: f"{value:.4g}")


def maybe(text: str, *values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Either nothing or a flag with its operands."""
    given_flag = st.tuples(*values).map(lambda found: " ".join((text, *found)))
    return st.one_of(st.just(""), given_flag)


LONG = number(40, 120)
OBLIQUE = number(70, 110)
TILT = number(-25, 25)
TURN = number(-180, 180)
FLAGS = st.tuples(
    st.tuples(*[LONG] * 3, *[OBLIQUE] * 3).map(lambda cell: "-cell " + " ".join(cell)),
    st.sampled_from(["-N 5", "-N 1", "-Na 3 -Nb 8 -Nc 4", "-N 20"]),
    st.sampled_from(["", "-mosflm", "-adxv", "-denzo", "-xds", "-dials", "-spindle_axis 0 1 1"]),
    maybe("-pivot", st.sampled_from(["beam", "sample"])),
    maybe("-misset", TURN, TURN, TURN),
    maybe("-misset random -misset_seed", st.integers(0, 9999).map(str)),
    maybe("-detector_rotx", TILT),
    maybe("-detector_roty", TILT),
    maybe("-detector_rotz", TILT),
    maybe("-twotheta", TILT),
    maybe("-Xbeam", number(0, 9)),
    maybe("-Ybeam", number(0, 9)),
    maybe("-ORGX", number(0, 40)),
    maybe("-ORGY", number(0, 40)),
    maybe("-close_distance", number(50, 150)),
    maybe("-phi", st.sampled_from(["0", "-0.5", "7"])),
    maybe("-osc", st.sampled_from(["1", "2"])),
    maybe("-phisteps", st.sampled_from(["2", "3", "4"])),
    maybe("-mosaic", number(0.1, 2)),
    maybe("-mosaic_seed", st.integers(-50, 50).map(str)),
    maybe("-polar", number(-1, 1)),
    st.sampled_from(["", "-nopolar", "-point_pixel", "-oversample 1", "-oversample 3"]),
    maybe("-roi", st.just("3 30 2 19")),
    st.sampled_from(["", "", "-round_xtal", "-gauss_xtal -fudge 1e-6"]),
    maybe("-hdivrange", st.sampled_from(["3 -hdivsteps 3", "4 -hdivstep 1.7 -vdivrange 2"])),
    maybe("-dispersion", st.sampled_from(["1", "2 -dispsteps 3"])),
    maybe("-dmin", number(1.5, 20)),
    maybe("-water", number(0.001, 0.01)),
    maybe("-detector_thick", st.sampled_from(["300", "200 -detector_abs 500 -thicksteps 3"])),
    st.sampled_from(["", "", "", "-oversample_polar", "-oversample_thick", "-oversample_omega"]),
    # No whole multiples of an edge: there the last bit of |a| decides ceil(size / |a|).
    maybe("-samplesize", st.sampled_from(["0.00012347", "0.00053189"])),
)


def _last_bit_decides(experiment: Experiment) -> bool:
    """Whether the automatic oversampling is the ceil of a whole number, give or take rounding."""
    edges, cells = experiment.lattice().edges_m, experiment.crystal.cells
    longest = max(edge * count for edge, count in zip(edges, cells, strict=True))
    step = experiment.beam.wavelength_m * experiment.placed().distance_m
    ratio = 3.0 * longest * experiment.detector.pixel_m / step
    return abs(ratio - round(ratio)) < 1e-9


def _is_explained(experiment: Experiment, slow: int, fast: int) -> bool:
    """Whether the original's value of a pixel may be rounding, and nothing else.

    A path of a round crystal comes so near to a reflection that 3(sin x/x - cos x)/x² keeps fewer
    than seven digits (tests/engine/test_direct_beam.py), or lies on the very edge of a top hat.
    """
    shape, fudge = experiment.crystal.shape, experiment.crystal.fudge
    cells = np.array(experiment.crystal.cells, dtype=float)
    lines = list(trace_pixel(experiment, None, slow, fast))
    star = np.array([v.value for v in lines if re.fullmatch(r"setup\.[abc]_star_invA", v.name)])
    index = np.array([v.value for v in lines if v.name == "hkl"], dtype=float)
    off = index - np.array([v.value for v in lines if v.name == "hkl0"], dtype=float)
    if shape == "round":
        x = np.pi * np.sqrt(((off * cells) ** 2).sum(axis=1) * fudge)
        return bool((x < 1e-4).any())
    rho_sq = ((off @ star) ** 2).sum(axis=1) * cells.prod() ** 2 * fudge
    return shape == "tophat" and bool((np.abs(rho_sq / 0.3969 - 1.0) < 1e-9).any())


def _assert_explained(experiment: Experiment, unequal: np.ndarray) -> None:
    """Every pixel that differs does so for a reason that is known."""
    for slow, fast in np.argwhere(unequal):
        assert _is_explained(experiment, int(slow), int(fast)), (slow, fast)


def _float32_bound(experiment: Experiment) -> float:
    """Return the largest difference that float32 can make, in units of the brightest pixel.

    The phase y = πNδ passes through three roundings (δ, πδ, Nπδ) of 2⁻²⁴ each and is at most
    πN/2, so sin y errs by 3·2⁻²⁴·πN/2 while the amplitude of an axis is at least about one
    where y is that large. Three axes, squared: six times that. It is reached where the brightest
    pixel of a coarse image lies between spots; near a spot the error is below 3e-6.
    """
    return max(3e-6, 6.0 * 3.0 * 2.0**-24 * np.pi / 2.0 * max(experiment.crystal.cells))


@given(FLAGS)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_random_experiments_agree(
    reference_binary: Path, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    fixed = "-default_F 100 -lambda 1.1 -distance 90 -pixel 0.2 -detpixels_f 37 -detpixels_s 29"
    line = [*fixed.split(), *" ".join(flags).split()]
    experiment = Experiment.from_args(line)
    assume(experiment.steps <= 300)
    assume(not _last_bit_decides(experiment))
    done = subprocess.run(
        [reference_binary, *line, "-floatfile", "c.bin", "-nonoise", "-nopgm"],
        cwd=tmp_path, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if "not finite" in done.stderr:
        # Powers of a solid angle in 1/m² leave every range (-point_pixel -oversample_omega).
        assert not np.isfinite(simulate(experiment, dtype=torch.float64).float().numpy()).all()
        return
    assert done.returncode == 0, done.stderr
    expected = np.fromfile(tmp_path / "c.bin", "<f4").reshape(experiment.shape).astype(float)
    peak = np.abs(expected).max()
    double = simulate(experiment, dtype=torch.float64).numpy()
    single = simulate(experiment).double().numpy()
    # The reference is rounded to float32.
    unequal = np.abs(double - expected) > 1e-7 * peak
    _assert_explained(experiment, unequal)
    assert np.abs(single - expected)[~unequal].max() <= _float32_bound(experiment) * peak
    assert double[~unequal].sum() == pytest.approx(expected[~unequal].sum(), rel=1e-6)


_MOST_PATHS = 3e5


@given(COMMAND_LINES)
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_random_command_lines_agree(
    reference_binary: Path, tmp_path: Path, line: list[str]
) -> None:
    """Any flags in any order: both refuse, or both write the same image and header."""
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder, chdir(folder):
        write_inputs(Path(folder))
        try:
            experiment = Experiment.from_args(line)
            slow, fast = experiment.shape
            paths = slow * fast * experiment.steps * experiment.detector.sensor.layers
            assume(paths <= _MOST_PATHS and slow * fast <= 1e4)
            ours = simulate(experiment, dtype=torch.float64).float().numpy()
            # The command refuses an image that is not finite; the function returns it.
            refused = not np.isfinite(ours).all()
        except EngineError:
            refused = True
        done = subprocess.run(
            [reference_binary, *line], check=False, capture_output=True, text=True
        )
        assert refused == (done.returncode != 0), done.stderr or "only the engine refuses it"
        if refused:
            return
        theirs = np.fromfile("floatimage.bin", "<f4").reshape(experiment.shape)
        header = smv_header(experiment).encode()
        assert Path("intimage.img").read_bytes().startswith(header)
    unequal = np.abs(ours.astype(float) - theirs) > 2e-7 * float(np.abs(theirs).max())
    _assert_explained(experiment, unequal)
