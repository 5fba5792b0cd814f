"""``nb-compare``: run the C program and the port with the same arguments, and compare."""

import math
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from engine.parity import runner
from engine.parity.compare import DEFAULT_THRESHOLD, SUMMARY, Request, compare
from engine.parity.entry import narrate, run_command
from engine.parity.errors import UsageError
from engine.parity.images import Roi
from engine.parity.options import (
    c_bin_option,
    json_option,
    nanobragg_arguments,
    quiet_option,
    timeout_option,
)
from engine.parity.report import report
from engine.parity.simulation import say_nothing

_EPILOG = """\b
Exit codes: 0 compared and above the threshold; 1 usage; 2 a program failed, read a
hidden input, or ran with other parameters than its peer; 3 below the threshold;
4 the images have different shapes; 5 a file cannot be read or written.

\b
Example:
  nb-compare --outdir out -- -lambda 0.5 -cell 100 100 100 90 90 90 -N 5 \\
    -default_F 100 -distance 500 -detpixels 4096 -pixel 0.05
"""


@click.command(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--outdir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for everything written [nb-compare-STAMP].",
)
@c_bin_option
@click.option("--py-bin", metavar="WORDS", help="The port [this interpreter's engine].")
@click.option(
    "--roi",
    type=int,
    nargs=4,
    metavar="SLOW0 SLOW1 FAST0 FAST1",
    help="Measure this region only: rows SLOW0 up to but without SLOW1, columns likewise.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(-1, 1),
    help=f"Least correlation for exit code 0 [{DEFAULT_THRESHOLD}].",
)
@click.option(
    "--resample", is_flag=True, help="Bring a port image of another shape onto the C grid, by area."
)
@timeout_option
@json_option
@quiet_option
@nanobragg_arguments
def command(
    *,
    args: tuple[str, ...],
    outdir: Path | None,
    c_bin: str | None,
    py_bin: str | None,
    roi: Roi | None,
    threshold: float | None,
    resample: bool,
    timeout: float,
    as_json: bool,
    quiet: bool,
) -> int:
    """Run the C program and the port with the same nanoBragg arguments, and compare.

    Each program runs in a fresh empty folder. Output files named in the arguments are
    replaced by files in --outdir. Different effective parameters are refused.
    """
    if not args:
        raise UsageError("no nanoBragg arguments", fix="give them after --, see --help")
    if threshold is not None and math.isnan(threshold):
        raise UsageError("is not a number", where="--threshold")
    request = Request(
        args=args,
        outdir=(outdir or Path(f"nb-compare-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")).absolute(),
        c=runner.c_program(c_bin, os.environ),
        py=runner.port_program(py_bin),
        folder=Path.cwd(),
        roi=roi,
        threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
        threshold_source="default" if threshold is None else "--threshold",
        resample=resample,
        timeout_s=timeout,
        say=say_nothing if quiet else narrate,
    )
    result = compare(request)
    if as_json:
        click.echo((request.outdir / SUMMARY).read_text(encoding="utf-8"), nl=False)
    elif not quiet:
        for line in report(result.summary, request.outdir):
            click.echo(line)
    if result.error:
        click.echo(f"nb-compare: {result.error}", err=True)
    return int(result.exit_code)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``nb-compare``; returns the exit code."""
    return run_command(command, "nb-compare", argv)


if __name__ == "__main__":
    sys.exit(main())
