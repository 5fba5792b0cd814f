"""Times the kernel against the C reference.

    python benchmarks/kernels.py [--compile] [--pairs N] [NAME ...]

For each experiment the C program (whole process, two threads) and the kernel in this process (two
threads, warm, the reflection list read before) take turns; printed are medians, the median of the
ratios of pairs, and the largest difference of the images over the maximum. Run it on a machine
with nothing else to do; NB_C_BIN names the C program.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from engine.experiment import Experiment
from engine.simulator import render

THREADS = 2
_TRICLINIC = (
    "-cell 62 71 83 78 97 104 -misset 12 -34 56 -lambda 1 -distance 100 -default_F 100 "
    "-detpixels 1024 -pixel 0.05 -N 10"
)
EXPERIMENTS = {
    "canonical": (
        "-lambda 0.5 -cell 100 100 100 90 90 90 -N 5 -default_F 100 -distance 500 "
        "-detpixels 4096 -pixel 0.05"
    ),
    "many-steps": (
        f"{_TRICLINIC} -N 20 -detpixels 512 -pixel 0.1 -oversample 1 -mosaic 0.5 -mosaic_dom 50 "
        "-hdivrange 0.3 -hdivsteps 3"
    ),
    "tricubic": f"{_TRICLINIC} -lambda 4 -N 5 -interpolate -hkl list.hkl",
    "round": f"{_TRICLINIC} -round_xtal",
    "gauss": f"{_TRICLINIC} -gauss_xtal",
    "tophat": f"{_TRICLINIC} -tophat_spots",
    "oversample": f"{_TRICLINIC} -oversample 3",
    "layers": (
        f"{_TRICLINIC} -oversample 1 -detector_thick 1000 -detector_thicksteps 10 "
        "-detector_abs 2000"
    ),
}
_BOX = range(-20, 21)


def write_list(path: Path) -> None:
    """Write a reflection list of 41 x 41 x 41 amplitudes between 1 and 300 electrons."""
    values = np.random.default_rng(1).uniform(1.0, 300.0, len(_BOX) ** 3)
    indices = ((h, k, l) for h in _BOX for k in _BOX for l in _BOX)  # noqa: E741 - Miller's
    rows = (f"{h} {k} {l} {F:.3f}\n" for (h, k, l), F in zip(indices, values, strict=True))  # noqa: E741
    path.write_text("".join(rows), encoding="ascii")


def time_c(arguments: list[str], folder: Path) -> tuple[float, np.ndarray]:
    """Run the C program; return its seconds and its image."""
    program = str(Path(os.environ.get("NB_C_BIN", "build/reference/nanoBragg")).resolve())
    words = [program, *arguments, "-floatfile", "c.bin", "-nopgm", "-nonoise", "-noprogress"]
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS)}
    begin = time.perf_counter()
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - begin, np.fromfile(folder / "c.bin", dtype="<f4")


def compare(name: str, pairs: int, *, compiled: bool) -> str:
    """Time an experiment; return a line for it."""
    with tempfile.TemporaryDirectory() as folder:
        write_list(Path(folder, "list.hkl"))
        os.chdir(folder)
        arguments = EXPERIMENTS[name].split()
        experiment = Experiment.from_args(arguments)
        table = experiment.structure_factors.load()
        render(experiment, table, compile=compiled, sum_solid_angles=False)
        c, port = [], []
        for _ in range(pairs):
            seconds, image = time_c(arguments, Path(folder))
            c.append(seconds)
            begin = time.perf_counter()
            done = render(experiment, table, compile=compiled, sum_solid_angles=False)
            port.append(time.perf_counter() - begin)
    ratio = statistics.median(a / b for a, b in zip(c, port, strict=True))
    difference = float(np.abs(done.image.numpy().ravel() - image).max() / image.max())
    steps_ns = statistics.median(port) / (done.image.numel() * experiment.steps) * 1e9
    return (
        f"{name:11s} C {statistics.median(c):7.3f} s   port {statistics.median(port):7.4f} s   "
        f"C / port {ratio:5.1f}   {steps_ns:5.1f} ns a pixel and step   "
        f"largest difference {difference:.1e}"
    )


def main() -> None:
    """Time the experiments named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(EXPERIMENTS))
    parser.add_argument("--compile", action="store_true", help="compile the kernel")
    parser.add_argument("--pairs", type=int, default=5, help="pairs of runs (5)")
    given = parser.parse_args()
    os.environ["NB_C_BIN"] = str(
        Path(os.environ.get("NB_C_BIN", "build/reference/nanoBragg")).resolve()
    )
    torch.set_num_threads(THREADS)
    for name in given.names or EXPERIMENTS:
        sys.stdout.write(f"{compare(name, given.pairs, compiled=given.compile)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
