"""``nb-benchmark``: how long the C program and PyTorch take for the same image."""

import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from engine.benchmark import machine
from engine.benchmark.alone import alone
from engine.benchmark.experiment import DEFAULT_ARGS, at_size
from engine.benchmark.report import report
from engine.benchmark.rounds import Measurement, Setting
from engine.errors import EngineError
from engine.parity import runner
from engine.parity.arguments import without_outputs
from engine.parity.entry import narrate, run_command
from engine.parity.errors import ExitCode, ImageError, UsageError
from engine.parity.options import (
    c_bin_option,
    json_option,
    nanobragg_arguments,
    quiet_option,
    timeout_option,
)
from engine.parity.results import utc_now, write_json
from engine.parity.simulation import say_nothing

RESULTS = "benchmark_results.json"
TRACE = "trace.json"
DEFAULT_THRESHOLD = 0.99
ONE_ROUND = (
    "one round: the ratios have no confidence interval; it cannot show the spread of a time, "
    "whether a difference is more than chance (single pairs were seen to differ by 40 %), nor "
    "which of two similar programs is faster"
)

_EPILOG = """\b
Exit codes: 0 measured, images agree; 1 usage; 2 a program failed, read a hidden input,
or ran with other parameters than its peer; 3 the images disagree; 5 a file cannot be
read or written.

\b
Without arguments after -- the golden case high_resolution_4096 is measured.
A ratio is C time over PyTorch time: above 1 PyTorch is faster.
"""


class _Sizes(click.ParamType[tuple[int, ...]]):
    """Comma-separated numbers of pixels."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Return the numbers; anything but positive integers fails."""
        if isinstance(value, tuple):
            return value
        try:
            sizes = tuple(int(part) for part in str(value).split(","))
        except ValueError:
            sizes = ()
        if not sizes or min(sizes) < 1:
            self.fail(f"{value!r} is not a list of numbers of pixels like 1024,4096", param, ctx)
        return sizes


@click.command(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--sizes",
    type=_Sizes(),
    metavar="N[,N...]",
    help="Numbers of pixels along each side, over the same field of view [the experiment's own].",
)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option(
    "--dtype", type=click.Choice(["float32", "float64"]), default="float32", show_default=True
)
@click.option("--iterations", type=click.IntRange(1), default=5, show_default=True, help="Rounds.")
@click.option(
    "--precision",
    type=click.FloatRange(min=0, max=1, min_open=True),
    help="Go on until half of the warm ratio's interval is below this share of it (30 rounds).",
)
@click.option(
    "--compile",
    "compiled",
    is_flag=True,
    help="Let PyTorch compile its kernel; what that takes is told apart.",
)
@click.option("--profile", is_flag=True, help="Leave a Chrome trace of a further, untimed run.")
@click.option("--keep-artifacts", is_flag=True, help="Keep the images.")
@click.option(
    "--outdir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for everything written [nb-benchmark-STAMP].",
)
@click.option(
    "--threshold",
    type=click.FloatRange(-1, 1),
    help=f"Least correlation of the images [{DEFAULT_THRESHOLD}].",
)
@c_bin_option
@click.option("--threads", type=click.IntRange(1), help="Threads for both sides [all cores].")
@click.option("--seed", type=click.IntRange(0), help="Seed of the order of runs [random].")
@timeout_option
@json_option
@quiet_option
@nanobragg_arguments
def command(
    *,
    args: tuple[str, ...],
    sizes: tuple[int, ...] | None,
    outdir: Path | None,
    as_json: bool,
    quiet: bool,
    profile: bool,
    **options: Any,
) -> int:
    """Time the C program, a fresh PyTorch process and a live one on the same experiment."""
    folder = (outdir or Path(f"nb-benchmark-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")).absolute()
    setting = _setting({**options, "say": say_nothing if quiet else narrate})
    session = Session(setting, folder, profile=profile)
    base = args or DEFAULT_ARGS
    experiments = tuple(at_size(base, n) for n in sizes) if sizes else (tuple(base),)
    with alone(setting.say, patience_s=setting.timeout_s):
        code = session.run(experiments, base)
    if as_json:
        click.echo((folder / RESULTS).read_text(encoding="utf-8"), nl=False)
    elif not quiet:
        for line in report(session.results, folder):
            click.echo(line)
    if "error" in session.results:
        click.echo(f"nb-benchmark: {session.results['error']}", err=True)
    return int(code)


def _setting(options: Mapping[str, Any]) -> Setting:
    py = runner.port_program(None)
    threshold = options["threshold"]
    if threshold is not None and threshold != threshold:  # noqa: PLR0124  (NaN)
        raise UsageError("is not a number", where="--threshold")
    return Setting(
        c=runner.c_program(options["c_bin"], os.environ),
        py=py,
        worker=runner.Program(
            (py.argv[0], "-m", "engine.benchmark.worker"), py.sha256, py.environment
        ),
        folder=Path.cwd(),
        device=options["device"],
        dtype=options["dtype"],
        threads=options["threads"] or len(machine.available_cores()),
        iterations=options["iterations"],
        seed=secrets.randbits(32) if options["seed"] is None else options["seed"],
        threshold=DEFAULT_THRESHOLD if threshold is None else threshold,
        threshold_source="default" if threshold is None else "--threshold",
        timeout_s=options["timeout"],
        keep=options["keep_artifacts"],
        compiled=options["compiled"],
        precision=options["precision"],
        say=options["say"],
    )


@dataclass
class Session:
    """One call of the benchmark; ``results`` holds whatever is known so far."""

    setting: Setting
    outdir: Path
    profile: bool = False
    results: dict[str, Any] = field(default_factory=dict)

    def run(self, experiments: Sequence[tuple[str, ...]], base: Sequence[str]) -> ExitCode:
        """Measure every experiment; always leaves ``benchmark_results.json``.

        Raises
        ------
        FileError, ImageError
            The output folder cannot be written.
        """
        self._begin(base)
        before = machine.CpuTimes.now()
        code = ExitCode.OK
        try:
            for args in experiments:
                if not self._measure(args, last=args is experiments[-1]):
                    code = ExitCode.BELOW_THRESHOLD
        except EngineError as failure:
            self.results["error"] = str(failure)
            code = ExitCode(failure.exit_code)
        self._end(before, code)
        return code

    def _begin(self, base: Sequence[str]) -> None:
        try:
            self.outdir.mkdir(parents=True, exist_ok=True)
            for name in (RESULTS, TRACE):
                (self.outdir / name).unlink(missing_ok=True)
        except OSError as error:
            raise ImageError(
                f"cannot be used for results ({error.strerror})", where=str(self.outdir)
            ) from error
        setting = self.setting
        self.results |= {
            "schema": 1,
            "tool": "nb-benchmark",
            "args": without_outputs(base),
            "device": setting.device,
            "dtype": setting.dtype,
            "compiled": setting.compiled,
            "iterations": setting.iterations,
            "order_seed": setting.seed,
            "environment": machine.environment(setting.threads, setting.environment),
            "results": [],
            "profile": None,
            "warnings": [],
            "started": utc_now(),
        }

    def _measure(self, args: tuple[str, ...], *, last: bool) -> bool:
        trace = self.outdir / TRACE if self.profile and last else None
        number = len(self.results["results"])
        measurement = Measurement(self.setting, self.outdir / f"run{number + 1}", args)
        self.results["results"].append(measurement.entry)
        measurement.entry["folder"] = measurement.outdir.name
        try:
            passed = measurement.run(trace=trace)
        finally:
            self.results["warnings"] += measurement.warnings
        if trace is not None:
            self.results["profile"] = trace.name
        return passed

    def _end(self, before: machine.CpuTimes | None, code: ExitCode) -> None:
        stolen = before.stolen_until(machine.CpuTimes.now()) if before else None
        facts = self.results["environment"]
        facts["steal_fraction"] = stolen
        for entry in self.results["results"]:
            facts["torch"] = entry.get("py_warm_start", {}).get("torch", facts["torch"])
        self.results["warnings"] += machine.state_warnings(facts, stolen)
        if self.setting.iterations == 1:
            self.results["warnings"].append(ONE_ROUND)
        self.results["exit_code"] = int(code)
        write_json(self.outdir / RESULTS, self.results)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of ``nb-benchmark``; returns the exit code."""
    return run_command(command, "nb-benchmark", argv)


if __name__ == "__main__":
    sys.exit(main())
