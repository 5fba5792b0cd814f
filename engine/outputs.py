"""Which files a run writes, and writing them."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arguments import Arguments
from engine.errors import UnsupportedError
from engine.experiment import Experiment
from engine.formats.float_image import write_float_image
from engine.formats.integer_image import Scaling, int_scale, pgm_scale, write_pgm, write_smv
from engine.report import Statistics

_DEFAULT_ADC = 40.0


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files to write, named as nanoBragg names them (spec 3.4, 10).

    Parameters
    ----------
    float_file, int_file, pgm_file
        Paths; no PGM when None.
    requested_int_scale, requested_pgm_scale
        Counts and grey levels per photon; zero or less means automatic.
    adc_offset
        Counts of a dark pixel in the integer image.
    noise_wanted
        Whether nanoBragg would write a noise image here; this engine does not yet.
    noise_seed
        Stored (negative) seed, for the report.
    progress
        Whether progress lines are printed.
    """

    float_file: Path
    int_file: Path
    pgm_file: Path | None
    requested_int_scale: float
    requested_pgm_scale: float
    adc_offset: float
    noise_wanted: bool
    noise_seed: int
    progress: bool


def outputs(args: Arguments) -> Outputs:
    """Read the output flags.

    Raises
    ------
    UnsupportedError
        When a noise image is named.
    """
    noise = args.flag("noise", True)
    if noise and "noise_file" in args:
        raise UnsupportedError(
            "noise images are not supported yet", where="-noisefile",
            fix="leave it out, or add -nonoise after it",
        )  # fmt: skip
    if args.flag("printout", False):
        raise UnsupportedError("the per-pixel report is not supported yet", where="-printout")
    return Outputs(
        float_file=Path(args.text("float_file", "floatimage.bin")),
        int_file=Path(args.text("int_file", "intimage.img")),
        pgm_file=Path(args.text("pgm_file", "image.pgm")) if args.flag("pgm", True) else None,
        requested_int_scale=args.real("int_scale", 0.0),
        requested_pgm_scale=args.real("pgm_scale", 0.0),
        adc_offset=args.real("adc_offset", _DEFAULT_ADC),
        noise_wanted=noise,
        noise_seed=-args.integer("seed", int(time.time())),
        progress=args.flag("progress", True),
    )


def write_outputs(
    wanted: Outputs, experiment: Experiment, image: NDArray[np.float32], figures: Statistics
) -> list[str]:
    """Write every wanted file and return the console lines about them.

    Raises
    ------
    FileError
        When one cannot be written; the files before it are complete.
    """
    lines = [f"writing {wanted.float_file} as {image.size} 4-byte floats"]
    write_float_image(wanted.float_file, image)
    counts = int_scale(wanted.requested_int_scale, figures.max_I)
    lines.append(f"intfile_scale = {counts:g}")
    lines.append(f"writing {wanted.int_file} as {image.size} 2-byte integers with an SMV header")
    write_smv(wanted.int_file, experiment, image, Scaling(counts, wanted.adc_offset))
    if wanted.pgm_file is not None:
        greys = pgm_scale(wanted.requested_pgm_scale, figures.rmsd, counts)
        lines.append(f"pgm_scale = {greys:g}")
        lines.append(f"writing {wanted.pgm_file} as {image.size} 1-byte grey levels")
        write_pgm(wanted.pgm_file, experiment, image, Scaling(greys))
    return lines
