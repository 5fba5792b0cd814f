"""One run of the command: read, resolve, report, simulate, write."""

import json
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine import memory, report
from engine.arguments import read_arguments
from engine.errors import PhysicsError, UsageError, one_line
from engine.experiment import Experiment
from engine.experiment import experiment as resolve
from engine.formats.atomic import demand_writable, write_atomically
from engine.formats.fdump import write_fdump
from engine.formats.table import ReflectionTable
from engine.options import Options
from engine.outputs import Looking, Outputs, outputs, write_outputs
from engine.startup import collector_at_rest
from engine.statistics import statistics
from engine.structure_factors import DEFAULT_CACHE

if TYPE_CHECKING:
    from types import ModuleType


class _Clock:
    """Wall times of the phases, in seconds."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self.phases: dict[str, float] = {}

    def lap(self, phase: str) -> None:
        now = time.perf_counter()
        self.phases[phase] = now - self._last
        self._last = now

    def to_json(self) -> str:
        total = {"total_s": time.perf_counter() - self._start}
        return json.dumps(self.phases | total, indent=1) + "\n"


def simulate_command(options: Options, words: Sequence[str]) -> None:
    """Simulate what a command line describes, print the report and write the files.

    Raises
    ------
    EngineError
        Any expected failure; its exit code is the command's.
    """
    clock = _Clock()
    arguments = read_arguments(words)
    experiment = resolve(arguments)
    wanted = outputs(arguments)
    for warning in (*experiment.warnings, *wanted.quirks(experiment)):
        _complain(f"warning: {warning}")
    if options.show_config:
        _say(json.dumps(experiment.to_dict(), indent=1) + "\n")
        return
    _render_and_write(options, experiment, wanted, clock)
    if options.timings is not None:
        write_atomically(options.timings, [clock.to_json().encode()])


def _render_and_write(
    options: Options, experiment: Experiment, wanted: Outputs, clock: _Clock
) -> None:
    # an image in float64 and its copy in float32 are held at once; files are made from strips
    memory.demand(experiment.shape, 12 if options.dtype == "float64" else 4)
    wanted.demand_writable()
    if options.timings is not None:
        demand_writable(options.timings)
    _say_lines(report.before(experiment))
    table = _structure_factors(experiment)
    _say_lines(report.summary(experiment, table, wanted.noise_seed))
    clock.lap("setup_s")
    with collector_at_rest():
        torch = _torch(options)
        from engine.simulator import render  # noqa: PLC0415 - it imports torch

    clock.lap("import_s")
    _look(wanted.looking, experiment, table)
    rendering = render(
        experiment,
        table,
        device=options.device,
        dtype=torch.float64 if options.dtype == "float64" else torch.float32,
        progress=_Progress() if wanted.progress else None,
        compile=options.compile,
    )
    for warning in rendering.warnings:
        _complain(f"warning: {warning}")
    image = rendering.image.to(device="cpu", dtype=torch.float32).numpy()
    clock.lap("simulate_s")
    if rendering.compile_s > 0.0:
        clock.phases["simulate_s"] -= rendering.compile_s
        clock.phases["compile_s"] = rendering.compile_s
    figures = statistics(experiment, image, experiment.mask())
    if not math.isfinite(figures.mean):
        raise PhysicsError(
            "pixels are not finite: these parameters have no image (X-NAN)",
            fix="nothing is written; look for overflowing factors, such as -oversample_omega "
            "with -point_pixel, or a sensor seen from behind",
        )
    _say_lines(report.after(figures, rendering.omega_sum_sr))
    _say_lines(write_outputs(wanted, experiment, image, figures))
    clock.lap("write_s")


def _look(looking: Looking, experiment: Experiment, table: ReflectionTable | None) -> None:
    if looking.trace is not None:
        from engine.trace import trace_pixel  # noqa: PLC0415 - it imports torch

        slow, fast = looking.trace
        _say_lines([line.to_json() for line in trace_pixel(experiment, table, slow, fast)])
    if looking.printout:
        from engine.printout import printout  # noqa: PLC0415 - it imports torch

        for line in printout(experiment, table, looking.printout_pixel):
            _say(f"{line}\n")


def _structure_factors(experiment: Experiment) -> ReflectionTable | None:
    """Load the reflections, and say loudly when nobody asked for them."""
    factors = experiment.structure_factors
    table = factors.load()
    if table is None:
        return None
    for warning in table.warnings:
        _complain(f"warning: {warning}")
    _say_lines([f"reading Fs from {table.source}"])
    if factors.cache_file == DEFAULT_CACHE:
        _complain(
            f"warning: {factors.cache_file} in the current folder is read because no -hkl was "
            "given; its structure factors take the place of -default_F (remove it if that is "
            "not intended)"
        )
    elif factors.hkl_file is not None and factors.dump_file is not None:
        write_fdump(Path(factors.dump_file), table)
        _complain(
            f"warning: {factors.dump_file} is written; later runs in this folder without -hkl "
            "will read it"
        )
    return table


def _torch(options: Options) -> "ModuleType":
    import torch  # noqa: PLC0415 - a second that --show-config and every error save

    if options.threads is not None:
        torch.set_num_threads(options.threads)
    try:
        torch.empty(0, device=options.device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(f"this device is not available: {reason}", where="--device") from error
    return torch


class _Progress:
    """nanoBragg's progress lines: every 5 %, and every 1 % in the first and last tenth."""

    def __init__(self) -> None:
        self._steps = [p for p in range(1, 101) if p % 5 == 0 or p <= 10 or p >= 90]

    def __call__(self, done: int, total: int) -> None:
        passed = [p for p in self._steps if p * total <= done * 100]
        if total >= 100:
            _say_lines([f"{p}% done" for p in passed])
        del self._steps[: len(passed)]


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _say_lines(lines: Sequence[str]) -> None:
    _say("".join(f"{line}\n" for line in lines))


def _complain(line: str) -> None:
    sys.stderr.write(f"{one_line(line)}\n")
