"""Which files a run writes, and writing them."""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arguments import Arguments
from engine.experiment import Experiment
from engine.formats.atomic import demand_writable
from engine.formats.float_image import write_float_image
from engine.formats.integer_image import (
    Scaling,
    int_scale,
    pgm_scale,
    smv_header,
    write_noise,
    write_pgm,
    write_smv,
)  # fmt: skip
from engine.noise import noise_stream
from engine.statistics import Statistics

_DEFAULT_ADC = 40.0
_SMV_HEADER_BYTES = 512


@dataclass(frozen=True, slots=True)
class Looking:
    """Pixels to look into, as slow and fast index.

    Parameters
    ----------
    trace
        Whose quantities are printed as JSON lines (spec 13); None for no pixel.
    printout
        Whether pixels are reported (spec 12.4).
    printout_pixel
        The one that is; None for every rendered one.
    """

    trace: tuple[int, int] | None = None
    printout: bool = False
    printout_pixel: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Outputs:
    """Files to write, named as nanoBragg names them (spec 3.4, 10).

    Parameters
    ----------
    float_file, int_file, pgm_file, noise_file
        Paths; no PGM or noise image when None.
    requested_int_scale, requested_pgm_scale
        Counts and grey levels per photon; zero or less means automatic.
    adc_offset
        Counts of a dark pixel in the integer and noise images.
    noise_seed
        Stored seed: minus the number on the command line, or minus the time.
    progress
        Whether progress lines are printed.
    looking
        Pixels to look into.
    """

    float_file: Path
    int_file: Path
    pgm_file: Path | None
    noise_file: Path | None
    requested_int_scale: float
    requested_pgm_scale: float
    adc_offset: float
    noise_seed: int
    progress: bool
    looking: Looking

    @property
    def files(self) -> tuple[Path, ...]:
        """All files, in the order of writing."""
        wanted = (self.float_file, self.int_file, self.pgm_file, self.noise_file)
        return tuple(path for path in wanted if path is not None)

    def demand_writable(self) -> None:
        """Make sure that every file can be written, before anything is computed.

        Raises
        ------
        FileError
            When one cannot.
        """
        for path in self.files:
            demand_writable(path)

    def quirks(self, experiment: Experiment) -> list[str]:
        """Return one line for each peculiarity of the original that the files will show."""
        if experiment.corrected:
            return []
        lines = []
        size = len(smv_header(experiment))
        if size > _SMV_HEADER_BYTES:
            lines.append(f"the SMV headers are {size} bytes long but say 512 (Q-HEADER)")
        if self.noise_file is not None and self.adc_offset < 0.0:
            lines.append("negative counts of the noise image wrap around to 65535 (Q-ADCNEG)")
        return lines


def outputs(args: Arguments) -> Outputs:
    """Read the output flags."""
    return Outputs(
        float_file=Path(args.text("float_file", "floatimage.bin")),
        int_file=Path(args.text("int_file", "intimage.img")),
        pgm_file=Path(args.text("pgm_file", "image.pgm")) if args.flag("pgm", True) else None,
        noise_file=(
            Path(args.text("noise_file", "noiseimage.img")) if args.flag("noise", True) else None
        ),
        requested_int_scale=args.real("int_scale", 0.0),
        requested_pgm_scale=args.real("pgm_scale", 0.0),
        adc_offset=args.real("adc_offset", _DEFAULT_ADC),
        noise_seed=-args.integer("seed", int(time.time())),
        progress=args.flag("progress", True) and not args.flag("printout", False),
        looking=_looking(args),
    )


def _looking(args: Arguments) -> Looking:
    trace, report = args.values.get("trace_pixel"), args.values.get("printout_pixel")
    fast, slow = report if isinstance(report, tuple) else (-1, -1)
    pixel = (slow, fast) if min(slow, fast) >= 0 else None
    return Looking(
        trace=(trace[0], trace[1]) if isinstance(trace, tuple) else None,
        printout=args.flag("printout", False),
        printout_pixel=pixel,
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
    write_float_image(wanted.float_file, image)
    lines = [f"writing {wanted.float_file} as {image.size} 4-byte floats"]
    counts = int_scale(wanted.requested_int_scale, figures.max_I)
    write_smv(wanted.int_file, experiment, image, Scaling(counts, wanted.adc_offset))
    lines.append(f"writing {wanted.int_file} as 2-byte integers")
    lines.append(f"intfile_scale = {counts:g}")
    if wanted.pgm_file is not None:
        greys = pgm_scale(wanted.requested_pgm_scale, figures.rmsd, counts)
        write_pgm(wanted.pgm_file, experiment, image, Scaling(greys))
        lines.append(f"writing {wanted.pgm_file} as 1-byte integers")
        lines.append(f"pgm_scale = {greys:g}")
    if wanted.noise_file is not None:
        deviates = noise_stream(experiment.crystal, wanted.noise_seed)
        noise = write_noise(wanted.noise_file, experiment, image, deviates, wanted.adc_offset)
        total = f"{noise.photons:.0f} photons on noise image ({noise.overloads} overloads)"
        lines += [total, f"writing {wanted.noise_file} as 2-byte integers"]
    return lines
