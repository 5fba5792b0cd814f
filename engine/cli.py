"""The ``nanobragg`` command line: options, help, exit codes.

Importing this module costs nothing to speak of; the simulator is imported when it is needed.
"""

import os
import sys
import traceback
from collections.abc import Sequence

from engine.errors import EngineError, FileError, MissingInputError
from engine.options import Options, take_options

HELP = """\
usage: nanobragg FLAGS [--device cpu|cuda] [--dtype float32|float64] [--threads N]
                 [--compile | --no-compile] [--timings FILE] [--show-config] [--strict-args]
                 [--exact-cell] [-corrected] [--debug] [--help] [--version]

Simulates the diffraction image of a small crystal, as nanoBragg does, and takes its flags:

  -cell a b c alpha beta gamma    unit cell, A and degrees; -mat FILE, orientation matrix
  -N n, -Na n -Nb n -Nc n         unit cells along each axis; -xtalsize mm
  -square_xtal -round_xtal -gauss_xtal -tophat_spots, -fudge x
  -hkl FILE, -default_F F         structure factors; without -hkl, a file Fdump.bin in the
                                  current folder is read if there is one
  -interpolate, -nointerpolate    tricubic between reflections, or the nearest
  -misset x y z | random          missetting angles in degrees; -misset_seed N
  -mosaic_spread d, -mosaic_domains n, -mosaic_seed N
  -phi d -osc d -phistep d -phisteps n
  -lambda A | -energy eV          -fluence photons/m^2 | -flux -exposure -beamsize
  -dispersion % -dispsteps n, -hdivrange mrad -hdivsteps n -vdivrange mrad -vdivsteps n
  -sourcefile FILE                sources: X Y Z weight wavelength
  -polar K | -nopolar             Kahn polarisation factor
  -dmin A, -water um              resolution cut-off, background
  -distance mm | -close_distance mm, -pixel mm
  -detpixels n, -detpixels_f n -detpixels_s n | -detsize mm, -detsize_f mm -detsize_s mm
  -mosflm -adxv -denzo -xds -dials, -Xbeam mm -Ybeam mm, -ORGX px -ORGY px
  -detector_rotx d -detector_roty d -detector_rotz d -twotheta d, -curved_det, -point_pixel
  -detector_abs um -detector_thick um -detector_thicksteps n
  -oversample n, -oversample_thick -oversample_polar -oversample_omega
  -roi fast_min fast_max slow_min slow_max, -mask FILE, -img FILE
  -floatfile FILE -intfile FILE -pgmfile FILE -noisefile FILE -nopgm -nonoise -noprogress
  -scale s -pgmscale s -adc n -seed n

docs/inputs.md lists every flag. -corrected mends nanoBragg's mistakes, --exact-cell the angles
of oblique cells; --strict-args refuses what nanoBragg ignores in silence.
Exit codes: 0 done, 2 command line, 5 a file, 9 no structure factors or no cell.
"""


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line and exit; `argv` defaults to the process's own."""
    sys.exit(run(sys.argv[1:] if argv is None else argv))


def run(argv: Sequence[str]) -> int:
    """Run a command line and return its exit code."""
    try:
        options, words = take_options(argv)
        if options.help:
            sys.stdout.write(HELP)
        elif options.version:
            sys.stdout.write(f"nanobragg {_version()}\n")
        else:
            _simulate(options, words)
    except MissingInputError as error:
        sys.stderr.write(f"nanobragg: {error}\n")
        sys.stdout.write(HELP)
        return error.exit_code
    except EngineError as error:
        if "--debug" in argv:
            traceback.print_exc()
        sys.stderr.write(f"nanobragg: {error}\n")
        return error.exit_code
    except BrokenPipeError:
        # The reader of the report went away. What follows would raise again at exit.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - lives until exit
        return FileError.exit_code
    return 0


def _simulate(options: Options, words: Sequence[str]) -> None:
    from engine.session import simulate_command  # noqa: PLC0415 - --help needs none of it

    simulate_command(options, words)


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - slow, and only --version needs it

    return version("nbtui")
