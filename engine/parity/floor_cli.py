"""``nb-floor``: how far the C program moves when one of its inputs moves by a rounding."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from engine.parity import floor, runner, thresholds
from engine.parity.arguments import prepare, without_outputs
from engine.parity.entry import narrate, run_command
from engine.parity.errors import ExitCode, RunnerError, UsageError
from engine.parity.images import RawImage
from engine.parity.metrics import measure
from engine.parity.options import (
    c_bin_option,
    json_option,
    nanobragg_arguments,
    quiet_option,
    timeout_option,
)
from engine.parity.parameters import EffectiveParameters
from engine.parity.results import utc_now, write_json
from engine.parity.simulation import Say, say_nothing, simulate

_STRATEGY = Path("docs/development/testing_strategy.md")
_EPILOG = """\b
Exit codes: 0 measured; 1 usage; 2 the C program failed; 5 a file cannot be read or written.

\b
Example:
  nb-floor --output floor.json -- -lambda 1 -cell 70 80 90 85 95 105 -misset 10 20 30 -N 5 \\
    -default_F 100 -distance 100 -detpixels 256
"""


@click.command(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("floor.json"),
    show_default=True,
    help="Where the floor goes.",
)
@c_bin_option
@click.option(
    "--relative",
    type=click.FloatRange(min=0, max=1e-3, min_open=True),
    default=floor.RELATIVE,
    show_default=True,
    help="By how much of itself each input is moved.",
)
@click.option(
    "--strategy",
    type=click.Path(path_type=Path, dir_okay=False),
    default=_STRATEGY,
    show_default=True,
    help="Thresholds to hold against the floor, if the file is there.",
)
@timeout_option
@json_option
@quiet_option
@nanobragg_arguments
def command(
    *,
    args: tuple[str, ...],
    output: Path,
    c_bin: str | None,
    relative: float,
    strategy: Path,
    timeout: float,
    as_json: bool,
    quiet: bool,
) -> int:
    """Move wavelength, distance and cell of an experiment by a rounding, up and down.

    The C program runs once as it is and once per change; the floor of a measure is the
    largest distance between those images. Nothing is compared with the port.
    """
    if not args:
        raise UsageError("no nanoBragg arguments", fix="give them after --, see --help")
    rows = thresholds.load(strategy) if strategy.is_file() else ()
    changes = floor.perturbations(args, relative)
    program = runner.c_program(c_bin, os.environ)
    say = say_nothing if quiet else narrate
    rig = _Rig(program, output.absolute().parent, timeout, say)
    found = _measured(args, changes, rig)
    result = {
        "schema": 1,
        "tool": floor.TOOL,
        "args": without_outputs(args),
        "relative": relative,
        "started": utc_now(),
        **found,
        "thresholds": list(_ranked(rows, found["floor"])),
    }
    write_json(output, result)
    if as_json:
        click.echo(output.read_text(encoding="utf-8"), nl=False)
    elif not quiet:
        for line in report(result):
            click.echo(line)
    return int(ExitCode.OK)


@dataclass(frozen=True, slots=True)
class _Rig:
    """With what, where and how long to run."""

    program: runner.Program
    beside: Path
    timeout_s: float
    say: Say


def _measured(
    args: Sequence[str], changes: Sequence[floor.Perturbation], rig: _Rig
) -> dict[str, Any]:
    """Run the experiment and its changes, and measure them against each other."""
    runs: list[dict[str, Any]] = []
    with runner.scratch_folder(rig.beside) as folder:
        rig.say("running the C program as it is ...")
        image, known = _image(args, rig, folder / "base")
        for number, change in enumerate(changes, 1):
            rig.say(f"{number} of {len(changes)}: {change.name} ...")
            place = folder / "changed"
            moved, _ = _image(change.args, rig, place)
            found = measure(image, moved, beam=known.beam_px)
            runs.append({"change": change.name, "figures": floor.figures(found)})
            moved.path.unlink()
    if all(not run["figures"]["relative_l2"] for run in runs):
        raise RunnerError(
            "no change of an input changed the image",
            where=rig.program.argv[0],
            fix="give arguments whose image depends on wavelength, distance or cell",
        )
    return {
        "sha256_binary": rig.program.sha256,
        "parameters": {"hash": known.digest(), "c": dict(known.values)},
        "shape": known.shape,
        "runs": runs,
        "floor": floor.floor_of([run["figures"] for run in runs]),
    }


def _image(args: Sequence[str], rig: _Rig, folder: Path) -> tuple[RawImage, EffectiveParameters]:
    folder.mkdir(exist_ok=True)
    prepared = prepare(args, Path.cwd())
    done = simulate("c", rig.program, prepared, outdir=folder, timeout_s=rig.timeout_s)
    done.check_ended_well()
    known = done.effective_parameters()
    return RawImage(done.image, known.shape), known


def _ranked(
    rows: Sequence[thresholds.Threshold], found: Mapping[str, float | None]
) -> list[dict[str, object]]:
    """Return the thresholds of a comparison, each with its place above the floor."""
    out: list[dict[str, object]] = []
    for row in thresholds.select(rows, "compare"):
        bound = floor.allowance(row.metric, row.comparison, row.value)
        if bound is not None:
            name, allowed = bound
            rank, factor = floor.rank(allowed, found.get(name))
            out.append(
                {"id": row.id, "measure": name, "allowed": allowed, "factor": factor, "rank": rank}
            )
    return out


def report(result: Mapping[str, Any]) -> list[str]:
    """Return the floor and the thresholds above it as lines for people."""
    slow, fast = result["shape"]
    lines = [
        f"floor of {slow} x {fast} pixels over {len(result['runs'])} changes",
        *(f"{name:34} {_figure(value)}" for name, value in result["floor"].items()),
    ]
    for row in result["thresholds"]:
        factor = "" if row["factor"] is None else f", {row['factor']:.3g} times the floor"
        lines.append(
            f"threshold  {row['id']}: {row['measure']} up to {row['allowed']:.3g}{factor}: "
            f"{row['rank']}"
        )
    return lines


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3g}"


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``nb-floor``; returns the exit code."""
    return run_command(command, "nb-floor", argv)


if __name__ == "__main__":
    sys.exit(main())
